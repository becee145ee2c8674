/// The same for a field that a record has not; what is said of any value is not meant for it.
public func foreignFieldAdvice(_ name: String) -> String? {
  foreignMembers[name]?.first { $0.types.contains("record") }?.help
}

/// The same for a method or property: `xs.length`.
public func foreignMemberAdvice(_ name: String, of type: String) -> String? {
  let known = foreignMembers[name] ?? []
  if let own = known.first(where: { $0.types.contains(type) }) { return own.help }
  // What NumPy and PyTorch have as a function they have behind a dot as well: `x.gather(…)`.
  if type == "tensor", let array = foreignArrayNames[name] { return array }
  return known.first { $0.types.isEmpty }?.help
}

/// With the types that the advice is for; none: any.
private let foreignMembers: [String: [(types: [String], help: String)]] = {
  var names: [String: [(types: [String], help: String)]] = [:]
  func add(_ words: String..., of types: [String] = [], help: String) {
    for word in words { names[word, default: []].append((types, help)) }
  }
  add("length", "len", "size", "count", of: ["record"], help: "len(x) gives the length")
  add(
    "includes", "contains", "has_key", "hasOwnProperty", "containsKey", of: ["record"], help: "write \"name\" in r")
  add("size", "len", "length", of: ["image"], help: "x.shape is [channels, height, width]")
  add("length", "len", "size", "len_", help: "len(x) gives the length")
  add(
    "shape", "ndim", "T", "reshape", "flatten", "mean", "std", of: ["list", "range"], help: "tensors have it: tensor(x)"
  )
  add(
    "dtype", "astype", "float", "int", "long", "short", "double", "half", of: ["tensor"],
    help: "a tensor has no type to choose: it holds 32-bit floats, and whole numbers exactly up to 2^53; floor(x) and "
      + "round(x) make numbers whole")
  add("clamp", "clamp_", of: ["tensor"], help: "write x.clip(0, 1)")
  add("bool", of: ["tensor"], help: "x != 0 is a mask")
  add("type", of: ["tensor"], help: "type(x) says what a value is")
  add(
    "grad", "requires_grad", "requires_grad_", of: ["tensor"],
    help: "a tensor keeps no gradient: gradient(f, x) and grad(f)(x) give it")
  add(
    "eq", "ne", "gt", "lt", "ge", "le", "greater", "less", "equal", of: ["tensor"],
    help: "write x == y, x != y, x > y or x < y")
  add("where", of: ["tensor"], help: "it is a function: where(x > 0, x, 0)")
  add("expand", "expand_as", of: ["tensor"], help: "arithmetic stretches by itself; x + zeros(2, 3) has that shape")
  add("fill", "fill_", "zero_", of: ["tensor"], help: "a tensor never changes: full_like(x, 3), zeros_like(x)")
  add("add_", "sub_", "mul_", "div_", of: ["tensor"], help: "a tensor never changes: x = x + y, or x += y")
  add("tofile", "tobytes", "dump", of: ["tensor"], help: "save(x, \"x.npy\") writes a file")
  add("resize", "resize_", of: ["tensor"], help: "x.reshape(2, 3) gives another shape")
  add("flat", of: ["tensor"], help: "x.flatten() gives one axis")
  add(
    "add", "sub", "subtract", "mul", "multiply", "div", "divide", of: ["tensor"],
    help: "write x + y, x - y, x * y or x / y")
  add(
    "numpy", "cpu", "cuda", "to", "device", "is_cuda", "type_as", of: ["tensor"],
    help: "leave it out: a tensor is an array already; x.tolist() gives lists")
  add("pow", "power", of: ["tensor"], help: "write x ^ 2")
  add("split", of: ["tensor"], help: "x[:k] and x[k:] are two parts, x[:, :k] of the columns")
  add("copy", "clone", of: ["tensor"], help: "a tensor never changes: b = a is enough")
  add("numel", "nelement", of: ["tensor"], help: "x.size is the count of its numbers")
  add("dim", of: ["tensor"], help: "x.ndim is the count of its axes")
  add("append", "extend", of: ["tensor"], help: "concat([a, b]) joins tensors; a list grows by xs.append(x)")
  add("show", "imshow", "display", help: "its name alone on a line shows it; montage(images) and plot(x) draw")
  add(
    "fit", "train", "compile", of: ["network", "layer"],
    help: "trainer(net, pairs(data, 4000), loss=contrastive(), optimizer=adam()).run(epochs=10)")
  add("fit", "train", of: ["trainer"], help: "loop.run(epochs=10) trains")
  add(
    "loss", "losses", "metrics", of: ["trainer"], help: "loop.history.loss has one for each epoch, loop.best the best")
  add("net", "model", of: ["trainer"], help: "write loop.network")
  add("plot", of: ["trainer"], help: "plot(loop) draws its history")
  add("load", of: ["trainer"], help: "loop.resume(\"loop.safetensors\") goes on from a file")
  add("stop", "pause", of: ["trainer"], help: "Ctrl-C pauses it; run(epochs=40, patience=5) stops early")
  add(
    "optimizer", "lr", "rate", "learning_rate", of: ["trainer"],
    help: "the optimizer is given with the rest: trainer(…, optimizer=adam(0.001))")
  add("predict", "evaluate", of: ["trainer"], help: "ask its network: net = loop.network; net(x), distances(net, data)")
  add(
    "predict", "forward", "call", "embed", "encode", "transform", of: ["network", "layer"], help: "call it: net(x)")
  add(
    "eval", of: ["network", "layer"],
    help: "leave it out: dropout and the statistics of a batch are for training alone")
  add(
    "to", "cuda", "cpu", "device", "half", "float", of: ["network", "layer"],
    help: "leave it out: networks run on the processor, with 32-bit floats")
  add(
    "load", "load_weights", "load_state_dict", "set_weights", of: ["network", "layer"],
    help: "load(\"net.safetensors\") opens a network; net.adopt(\"weights.pt\") takes weights alone")
  add("export", of: ["network", "layer"], help: "net.save(\"net.onnx\") writes it for other programs")
  add("clone", "deepcopy", of: ["network", "layer"], help: "net.copy() learns on its own")
  add("add", "append", of: ["network", "layer"], help: "net >> dense(10) is the network with a layer more")
  add("unfreeze", of: ["network", "layer"], help: "unfreeze(net) lets all of it learn again")
  add(
    "build", "input_shape", "output_shape", "input", "output", "shape", "count_params", "children", "modules",
    "named_parameters", of: ["network", "layer"],
    help: "net.summary() shows layers, shapes and arrays, net.layers has the layers, net.parameters counts the weights")
  add(
    "evaluate", "score", of: ["network", "layer"],
    help: "distances(net, data) and episodes(net, data, ways=5) judge a network")
  add(
    "backward", "zero_grad", of: ["tensor", "number", "optimizer", "network"],
    help: "step(optimizer, () -> loss) does the whole step")
  add(
    "state_dict", "weights", "get_weights", of: ["network", "layer"],
    help: "net.summary() shows a network's arrays; net.save(\"net.safetensors\") keeps them")
  add(
    "add", "append", "insert", "put", "set", "register", "push", of: ["gallery"],
    help: "people.enroll(\"ann\", image) adds a reference")
  add(
    "delete", "discard", "pop", "removeAt", "drop", "clear", "del", of: ["gallery"],
    help: "people.remove(\"ann\") takes somebody out, people.forget(\"ann\") for good")
  add(
    "names", "people", "classes", "keys", "items", "values", "entries", "members", "first", "head", "last", "tail",
    "forEach", "each", "map", "list", of: ["gallery"], help: "people.labels lists who is in it")
  add(
    "search", "find", "predict", "recognize", "recognise", "match", "ask", of: ["gallery"],
    help: "people.query(image) gives the nearest, people.identify(image) who it is")
  add(
    "fit", "train", of: ["gallery"],
    help: "a trainer trains its network; people.calibrate(others) sets the threshold")
  add(
    "count", "references", of: ["gallery"],
    help: "len(people) counts people, people.health().references their references")
  add(
    "close", "commit", "flush", of: ["gallery"],
    help: "one in a file has each change when its call returns; people.save(\"people.gallery\") keeps one in memory")
  add(
    "folds", "kfold", "fold", of: ["dataset"],
    help: "data.split(fraction=0.2, seed=1) makes two parts; verification(net, pairs, folds=10) judges in folds")
  add(
    "delete", "discard", "remove", "drop", of: ["dataset"],
    help: "data.filter((image, name) -> name != \"ann\") leaves some out")
  add("batch", of: ["dataset"], help: "data.batches(64) gives batches; a trainer draws its own")
  add("cache", "prefetch", "repeat", of: ["dataset"], help: "leave it out: a trainer reads and repeats by itself")
  add(
    "train_test_split", "train", "test", "random_split", of: ["dataset"],
    help: "learn, strangers = data.split(classes=20) keeps whole classes apart")
  add(
    "subset", "select", "skip", of: ["dataset"],
    help: "data[2:5] and data[[0, 7]] are some images, data[\"ann\"] those of a class")
  add("sample", of: ["dataset"], help: "data.shuffle(seed=1).take(10) draws ten images")
  add(
    "images", "data", "X", "x", "numpy", "mean", "std", of: ["dataset"],
    help: "data.tensor has all pixels: data.tensor.mean(); data[0] is an image")
  add(
    "transform", "transforms", "flip", "rotate", of: ["dataset"],
    help: "data.augment(flip=true, rotate=10, shift=2) changes images at random while a network trains")
  add("grayscale", "convert", of: ["dataset", "image"], help: "x.gray() makes it gray")
  add(
    "concat", "concatenate", "merge", "add", "append", "extend", of: ["dataset"], help: "a + b has the images of both")
  add("plot", of: ["dataset", "image"], help: "montage([x]) of an image, or montage(data[:9]), draws")
  add("names", "unique", of: ["dataset"], help: "data.classes are the names")
  add(
    "numpy", "pixels", "array", "data", "getpixel", of: ["image"],
    help: "x.tensor has its numbers, from 0 to 1: x.tensor[0, 2:5]")
  add("thumbnail", of: ["image"], help: "x.resize(32) gives another size")
  add("faces", "detect_faces", of: ["image"], help: "faces(x) finds faces")
  add("add", "push_back", "append_item", of: ["list"], help: "xs.append(x) adds at the end; xs + [x] makes a new list")
  add("format", help: "write the value into the text: \"{x:.2f}\"")
  add("toString", "to_string", "to_s", help: "str(x) gives the text of a value")
  add("forEach", "each", help: "write for x in xs { … }")
  add("reduce", "fold", help: "write a loop, or sum(xs)")
  add(
    "includes", "contains", "has_key", "hasOwnProperty", "containsKey",
    help: "x in xs asks for an item, a key or a part")
  add("toUpperCase", "uppercased", "uppercase", "upcase", "to_upper", of: ["string"], help: "write x.upper()")
  add(
    "toLowerCase", "lowercased", "lowercase", "downcase", "to_lower", "casefold", of: ["string"],
    help: "write x.lower()")
  add("indexOf", "firstIndex", "search", of: ["string"], help: "x.find(part) gives the place, or -1")
  add(
    "indexOf", "firstIndex", "findIndex", "find", of: ["list"], help: "xs.index(x) gives the place; x in xs asks first")
  add("replaceAll", "replacingOccurrences", "gsub", of: ["string"], help: "write x.replace(old, new)")
  add("rpartition", of: ["string"], help: "x.rsplit(\"=\", 1) parts it at the last place")
  add("padStart", "padLeft", of: ["string"], help: "write x.rjust(8), or \"{x:>8}\"")
  add("padEnd", "padRight", of: ["string"], help: "write x.ljust(8), or \"{x:<8}\"")
  add("isnumeric", "isdecimal", "isNumber", of: ["string"], help: "write x.isdigit()")
  add("components", of: ["string"], help: "write x.split(\",\")")
  add("charAt", "at", "nth", of: ["string", "list", "range", "tensor", "dataset", "pairs"], help: "write x[0]")
  add(
    "concat", "concatenate", "append_all", "addAll", of: ["list"],
    help: "xs + ys joins lists; xs.extend(ys) adds at the end")
  add("unshift", "appendleft", of: ["list"], help: "xs.insert(0, x) puts an item first")
  add("shift", "popleft", of: ["list"], help: "xs.pop(0) takes the first item out")
  add("unique", of: ["list", "range"], help: "unique(xs) leaves repeats out")
  add("tolist", of: ["list"], help: "leave it out: it is a list")
  add("tolist", of: ["range"], help: "write list(x)")
  add("keys", "items", "entries", of: ["list"], help: "`for i, x in enumerate(xs)` goes over places and items")
  add("flatMap", "flat_map", of: ["list"], help: "write [y for x in xs for y in f(x)]")
  add("sortBy", "sort_by", "sortedBy", "sorted_by", help: "write sorted(xs, key=f)")
  add("put", "set", of: ["record"], help: "write r[key] = value")
  add("entries", "iteritems", of: ["record"], help: "write r.items()")
  add("map", "forEach", "apply", of: ["dataset"], help: "write [f(x) for x in data]")
  add(
    "label", "labels", "target", "classname", "class_name", "name", of: ["image"],
    help: "x.class is the name of its class")
  add(
    "width", "height", "shape", "tensor", "class", "gray", "crop", "resize", of: ["string"],
    help: "it is a text, not an image: image(path) reads one, and data.filter((image, name) -> …) asks for each image")
  add(
    "plot", "hist", "histogram", of: ["distances"], help: "plot(d) draws both histograms, curve(d) the ROC curve")
  add(
    "far", "frr", "fpr", "fnr", "tpr", "at", "tar_at", of: ["distances"],
    help: "d.tar(0.1) is the TAR at a FAR of 0.1, d.roc() has threshold, far and tar of every point")
  add("accuracy", of: ["distances"], help: "verification(net, pairs).accuracy, or episodes(net, data, ways=5).accuracy")
  add("savefig", "write", "export", of: ["figure"], help: "x.save(\"x.svg\") writes it")
  add(
    "xlabel", "ylabel", "set_title", "set_xlabel", "set_ylabel", "legend", of: ["figure"],
    help: "say it where it is drawn: plot(x, title=\"a\", xlabel=\"b\", ylabel=\"c\", names=[…])")
  add(
    "save", of: ["distances", "confusion", "trainer", "explanation"],
    help: "plot(x).save(\"x.svg\") writes its figure")
  add(
    "save", of: ["list", "record"], help: "save(tensor(x), \"x.npy\") writes numbers, writecsv(\"x.csv\", x) a table")
  add(
    "trainable", "freeze", "requires_grad_", of: ["network", "layer"],
    help: "freeze(base) >> dense(10) keeps a network's weights as they are")
  add(
    "targets", "y", "class_names", of: ["dataset"],
    help: "data.classes are the names, data.labels the class of each image")
  add(
    "summary", "describe", "info", of: ["dataset"],
    help: "its name alone on a line shows it; data.classes are the names, len(data) the count of images")
  add("summary", "describe", "info", help: "its name alone on a line shows it; help(x) lists what it has")
  add("slice", "substring", "substr", help: "write x[2:5]")
  add("first", "head", help: "write x[0]")
  add("last", "tail", help: "write x[-1]; x[1:] leaves the first out")
  add(
    "delete", "discard", "removeAt", of: ["list"],
    help: "xs.pop(i) takes an item out by its place, xs.remove(x) by its value")
  add("isEmpty", "empty", "is_empty", help: "write len(x) == 0, or not x")
  add("encode", "decode", of: ["string"], help: "a text is Unicode; it needs no encoding")
  add("chars", "characters", of: ["string"], help: "list(x) gives the characters, as `for` does")
  add("repeat", of: ["string", "list"], help: "write x * 3")
  add("concat", of: ["string"], help: "write a + b, or \"{a} {b}\"")
  add("reverse", of: ["string"], help: "write x[::-1]")
  add(
    "match", "sub", "findall", "test", of: ["string"],
    help: "there are no regular expressions: find, replace, split, startswith and `in` look into a text")
  add(
    "sum", "min", "max", "any", "all", "sorted", "reversed", "enumerate", "zip",
    help: "it is a function: write it before the value, as in sum(xs)")
  return names
}()
