/// The way out for a name that other languages have as a function, a type or a module, and Twin has not.
public func foreignNameAdvice(_ name: String) -> String? {
  foreignNames[name] ?? foreignArrayNames[name] ?? foreignLibraryNames[name] ?? foreignNotebookNames[name]
    ?? foreignWords[name]?.help
    ?? numberedNameAdvice(name)
}

/// The same for an argument given by name: `dense(10, activation="relu")`.
///
/// - Parameter signature: of the function that was called. A hint that names a parameter is only given where the function
///   has it.
public func foreignArgumentAdvice(_ name: String, of signature: String) -> String? {
  guard let advice = foreignArguments[name] else { return nil }
  guard let parameter = advice.parameter else { return advice.help }
  let hasIt = ["(", " "].contains { before in
    ["=", ",", ")"].contains { signature.contains(before + parameter + $0) }
  }
  return hasIt ? "write \(parameter)=" : advice.elsewhere
}

/// The same for a field that a record has not; what is said of any value is not meant for it.
public func foreignFieldAdvice(_ name: String) -> String? {
  foreignMembers[name]?.first { $0.types.contains("record") }?.help
}

/// The same for a method or property: `xs.length`.
public func foreignMemberAdvice(_ name: String, of type: String) -> String? {
  let known = foreignMembers[name] ?? []
  return (known.first { $0.types.contains(type) } ?? known.first { $0.types.isEmpty })?.help
}

/// The same for `x[i]` and `for a in x` of what has no items.
public func foreignItemAdvice(of type: String) -> String? {
  switch type {
  case "gallery":
    "people.labels lists who is in it: `for name in people.labels`; people.query(image) asks who somebody is"
  case "image": "x.tensor has its numbers: x.tensor[0, 2:5]"
  case "network": "its layers are a list: net.layers[0]"
  default: nil
  }
}

private let foreignNames: [String: String] = {
  var names: [String: String] = [:]
  func add(_ words: String..., help: String) { for word in words { names[word] = help } }
  add(
    "np", "numpy", "torch", "tf", "jnp", help: "what it has is built in: zeros((2, 3)), exp(x), x @ y; help() lists it")
  add(
    "plt", "matplotlib", "seaborn", "sns", help: "plot(x), histogram(x), scatter(x), montage(x) draw; help() lists them"
  )
  add("subplot", "figure", "gridplot", help: "subplots(plot(a), plot(b)) shows figures side by side")
  add(
    "hist", "histplot", "bincount",
    help: "histogram(x, bins=10) shows counts, and histogram(x, bins=[0, 1, 2]).counts gives them")
  add("imshow", "matshow", help: "heatmap(matrix) shows numbers as colours, montage(images) shows images")
  add("Sequential", "Model", "Module", help: "join layers with >>: conv(6, 3) >> relu >> flatten >> dense(50)")
  add("Linear", "Dense", help: "write dense(50)")
  add("Conv2D", "Conv2d", "conv2d", help: "write conv(6, 3)")
  add(
    "MaxPooling2D", "MaxPool2d", "maxpooling2d", "maxpool2d", "MaxPooling", help: "write maxpool(2)")
  add("BatchNormalization", "BatchNorm2d", "BatchNorm", help: "write batchnorm")
  add("Activation", "ReLU", help: "an activation is a layer: dense(50) >> relu")
  add("Input", "InputLayer", help: "leave it out: sizes are inferred from what comes in")
  add("keras", "nn", "layers", help: "layers are built in: conv(6, 3) >> relu >> flatten >> dense(50)")
  add("math", help: "its functions have no prefix: sqrt(x), exp(x), pi")
  add("random", help: "rand(3), randn(3), randint(0, 10) and permutation(5) draw; each takes seed=")
  add("json", help: "readjson(path) and parsejson(text) read JSON, writejson and tojson write it")
  add("os", "sys", "re", "time", "PIL", "cv2", help: "everything is built in; help() lists it")
  add("dict", "Dict", "HashMap", "map_of", help: "write a record: {name: \"iu\", age: 31}")
  add("set", "Set", "frozenset", help: "unique(xs) leaves repeats out; x in xs asks for an item")
  add("tuple", help: "write (a, b), or list(x)")
  add("isinstance", "typeof", "instanceof", help: "write type(x) == \"number\"")
  add(
    "open", "read", "write",
    help: "readtext(path), readcsv(path), images(\"folder\"), image(\"a.png\") and load(\"x.npy\") read files")
  add("arctan2", help: "write atan2(y, x)")
  add("arctan", "arcsin", "arccos", help: "write atan(x), asin(x) or acos(x)")
  add("acosh", "arccosh", help: "write log(x + sqrt(x ^ 2 - 1))")
  add("asinh", "arcsinh", help: "write log(x + sqrt(x ^ 2 + 1))")
  add("atanh", "arctanh", help: "write log((1 + x) / (1 - x)) / 2")
  add("gcd", help: "while b != 0 { a, b = (b, a % b) } leaves it in a")
  add("factorial", help: "prod(1...n) is the factorial of n")
  add("product", help: "write prod(xs)")
  add("clamp", help: "write clip(x, 0, 1)")
  add("concatenate", "vstack", help: "write concat([a, b], axis=0)")
  add("genfromtxt", "read_csv", help: "readcsv(path) gives rows, loadtxt(path) a tensor of numbers")
  add("to_csv", "write_csv", help: "write writecsv(path, rows)")
  add("nanmean", "nansum", "nanmax", "nanmin", help: "leave what is none out first: x[isfinite(x)].mean()")
  add("put", "putmask", "place", "copyto", "masked_fill", help: "setitem(x, x < 0, 0) gives a new tensor")
  add("gather", help: "write take_along_axis(x, places, axis)")
  add("println", "puts", "echo", "printf", "console", "log_print", help: "write print(x)")
  add("format", "sprintf", help: "write the value into the text: \"{x:.2f}\"")
  add("string", "toString", "to_s", "String", help: "str(x) gives the text of a value")
  add("length", "size", "count", help: "len(x) gives the length")
  add("range_", "xrange", help: "write 0..<n, or range(n)")
  add("exit", "quit", help: "a script ends at its end; %quit ends a session; error(\"…\") stops with a reason")
  add("self", "this", "super", help: "there are no classes: give the record to the function")
  add("array", "asarray", "Array", "vector", help: "write tensor([[1, 2], [3, 4]])")
  add("hex", "bin", "oct", help: "write \"{n:x}\", \"{n:b}\" or \"{n:o}\"")
  add("reduce", "fold", help: "write a loop, or sum(xs)")
  add("mod", "rem", help: "write a % b")
  add("inv", help: "write inverse(a)")
  add("linalg", help: "its functions have no prefix: solve(a, b), det(a), svd(a); help(\"solve\") tells of them")
  add("eig", "eigvalsh", "eigvals", help: "eigh(a) gives the eigenvalues and vectors of a symmetric matrix")
  add("svdvals", help: "write svd(a, compute_uv=false)")
  add("matrix_rank", help: "write lstsq(a, b)[2], or count the large numbers of svd(a, compute_uv=false)")
  add(
    "roc", "roc_curve", "det_curve", "RocCurveDisplay",
    help: "curve(distances(net, data)) draws it, distances(net, data).roc() gives its points")
  add("roc_auc_score", "auc", help: "distances(net, data).auc is the area under the ROC curve")
  add("eer", help: "distances(net, data).eer is the equal error rate")
  add("confusion_matrix", help: "write confusion(net, data)")
  add("accuracy_score", "accuracy", help: "episodes(net, data, ways=5).accuracy, or verification(net, pairs).accuracy")
  add("KMeans", "kmeans", help: "clustering(net, data) groups images without looking at their classes")
  add(
    "PCA", "UMAP", "umap",
    help: "scatter(net(data), labels=…) shows embeddings on their principal axes, tsne(…) in groups")
  add("pairwise_distances", "pdist", "squareform", help: "cdist(a, b) gives the distances of all rows")
  add("cosine_similarity", help: "x @ y.T of rows of length 1; distance=\"cosine\" measures by it")
  add("train_test_split", help: "learn, strangers = data.split(classes=20) keeps whole classes apart")
  add("KFold", "StratifiedKFold", "cross_val_score", help: "verification(net, pairs, folds=10) judges in folds")
  add("DataLoader", help: "data.batches(64) gives batches; a trainer draws its own")
  add("TRUE", help: "write true")
  add("FALSE", help: "write false")
  add("c", help: "a list is written [1, 2, 3]")
  add("library", help: "everything is built in; include(\"other.twin\") runs a file")
  add("paste", "paste0", help: "write the values into a text: \"{a} {b}\"; xs.join(\" \") joins a list")
  add("sapply", "lapply", help: "write [f(x) for x in xs], or map(f, xs)")
  add("seq", "seq_along", "eachindex", "stride", help: "range(0, 10, 2), 0..<n and enumerate(xs) count")
  add("nrow", "ncol", help: "x.shape gives the lengths of the axes")
  add("parseInt", "as_integer", "Int", help: "write int(x)")
  add("parseFloat", "Float", "Double", "as_numeric", help: "write number(x)")
  add("Math", help: "its functions have no prefix: floor(x), sqrt(x)")
  return names
}()

/// With the types that the advice is for; none: any.
private let foreignMembers: [String: [(types: [String], help: String)]] = {
  var names: [String: [(types: [String], help: String)]] = [:]
  func add(_ words: String..., of types: [String] = [], help: String) {
    for word in words { names[word, default: []].append((types, help)) }
  }
  add("length", "len", "size", "count", of: ["record"], help: "len(x) gives the length")
  add(
    "includes", "contains", "has_key", "hasOwnProperty", "containsKey", of: ["record"], help: "write \"name\" in r")
  add("length", "len", "size", "len_", help: "len(x) gives the length")
  add(
    "shape", "ndim", "T", "reshape", "flatten", "mean", "std", of: ["list", "range"], help: "tensors have it: tensor(x)"
  )
  add(
    "dtype", "astype", "float", "int", "double", "half", of: ["tensor"],
    help: "a tensor has no type to choose: it holds 32-bit floats, and whole numbers exactly up to 2^53; floor(x) and "
      + "round(x) make numbers whole")
  add("clamp", "clamp_", of: ["tensor"], help: "write x.clip(0, 1)")
  add(
    "add", "sub", "subtract", "mul", "multiply", "div", "divide", of: ["tensor"],
    help: "write x + y, x - y, x * y or x / y")
  add(
    "numpy", "cpu", "cuda", "to", of: ["tensor"],
    help: "leave it out: a tensor is an array already; x.tolist() gives lists")
  add("pow", "power", of: ["tensor"], help: "write x ^ 2")
  add("split", "chunk", of: ["tensor"], help: "x[:k] and x[k:] are two parts, x[:, :k] of the columns")
  add("view", of: ["tensor"], help: "x.reshape(2, 3) gives another shape")
  add("copy", "clone", of: ["tensor"], help: "a tensor never changes: b = a is enough")
  add("ravel", of: ["tensor"], help: "x.flatten() gives one axis")
  add("numel", "nelement", of: ["tensor"], help: "x.size is the count of its numbers")
  add("dim", of: ["tensor"], help: "x.ndim is the count of its axes")
  add("permute", "swapaxes", of: ["tensor"], help: "x.transpose(1, 0) gives another order of axes")
  add("unsqueeze", "expand_dims", of: ["tensor"], help: "x[none] and x[:, none] add an axis of length 1")
  add("append", "extend", of: ["tensor"], help: "concat([a, b]) joins tensors; a list grows by xs.append(x)")
  add("show", "imshow", "display", help: "its name alone on a line shows it; montage(images) and plot(x) draw")
  add(
    "fit", "train", "compile", of: ["network", "layer"],
    help: "trainer(net, pairs(data, 4000), loss=contrastive(), optimizer=adam()).run(epochs=10)")
  add("fit", "train", of: ["trainer"], help: "loop.run(epochs=10) trains")
  add("predict", "evaluate", of: ["trainer"], help: "ask its network: net = loop.network; net(x), distances(net, data)")
  add("predict", "forward", of: ["network", "layer"], help: "call it: net(x)")
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
  add("delete", "discard", of: ["dataset"], help: "data.filter((image, name) -> name != \"ann\") leaves some out")
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
  add("indexOf", "firstIndex", "findIndex", of: ["list"], help: "xs.index(x) gives the place; x in xs asks first")
  add("replaceAll", "replacingOccurrences", "gsub", of: ["string"], help: "write x.replace(old, new)")
  add("rpartition", of: ["string"], help: "x.rsplit(\"=\", 1) parts it at the last place")
  add("padStart", "padLeft", of: ["string"], help: "write x.rjust(8), or \"{x:>8}\"")
  add("padEnd", "padRight", of: ["string"], help: "write x.ljust(8), or \"{x:<8}\"")
  add("isnumeric", "isdecimal", "isNumber", of: ["string"], help: "write x.isdigit()")
  add("components", of: ["string"], help: "write x.split(\",\")")
  add("charAt", "at", "nth", help: "write x[0]")
  add(
    "concat", "concatenate", "append_all", "addAll", of: ["list"],
    help: "xs + ys joins lists; xs.extend(ys) adds at the end")
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
    "save", of: ["distances", "confusion", "trainer", "explanation"],
    help: "plot(x).save(\"x.svg\") writes its figure")
  add(
    "save", of: ["list", "record"], help: "save(tensor(x), \"x.npy\") writes numbers, writecsv(\"x.csv\", x) a table")
  add("trainable", of: ["network", "layer"], help: "freeze(base) >> dense(10) keeps a network's weights as they are")
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
  add("encode", "decode", help: "a text is Unicode; it needs no encoding")
  add(
    "sum", "min", "max", "any", "all", "sorted", "reversed", "enumerate", "zip",
    help: "it is a function: write it before the value, as in sum(xs)")
  return names
}()

private struct ForeignArgument: Sendable {
  var help: String?
  /// The parameter that it is called here.
  var parameter: String?
  /// Where it belongs, for a function without that parameter.
  var elsewhere: String?
}

private let foreignArguments: [String: ForeignArgument] = {
  var names: [String: ForeignArgument] = [:]
  func add(_ words: String..., help: String) { for word in words { names[word] = ForeignArgument(help: help) } }
  func add(_ words: String..., parameter: String, elsewhere: String? = nil) {
    for word in words { names[word] = ForeignArgument(parameter: parameter, elsewhere: elsewhere) }
  }
  add("activation", help: "an activation is a layer of its own: dense(10) >> relu")
  add("input_shape", "input_dim", "in_features", "in_channels", help: "leave it out: sizes are inferred")
  add("dim", parameter: "axis")
  add("keepdim", parameter: "keepdims")
  add(
    "ord",
    help: "it is the Euclidean length alone: abs(x).sum() is that of order 1, abs(x).max() that of infinite order")
  add("dilation", "groups", help: "groupconv(6, 3, groups=1, dilation=2) has it")
  add("dtype", "device", "requires_grad", help: "leave it out: tensors hold 32-bit floats, and whole numbers exactly")
  add(
    "lr", "learning_rate", parameter: "rate", elsewhere: "the optimizer has it: trainer(…, optimizer=adam(0.001))")
  add("rate", parameter: "rate", elsewhere: "the optimizer has it: trainer(…, optimizer=adam(0.001))")
  add("weight_decay", parameter: "decay", elsewhere: "the optimizer has it: trainer(…, optimizer=adamw(decay=0.01))")
  add("eps", parameter: "epsilon")
  add("betas", help: "write beta1=0.9, beta2=0.999")
  add("batch_size", parameter: "batch", elsewhere: "trainer(…, batch=64) has it, and data.batches(64)")
  add("epochs", "num_epochs", "n_epochs", parameter: "epochs", elsewhere: "run has it: trainer(…).run(epochs=10)")
  add("patience", parameter: "patience", elsewhere: "run has it: trainer(…).run(epochs=40, patience=5)")
  add("shuffle", help: "leave it out: each epoch draws the images in an order of its own")
  add("kernel_size", parameter: "kernel")
  add("strides", parameter: "stride")
  add("pool_size", parameter: "size")
  add("random_state", "rng", parameter: "seed")
  add("validation_split", "validation_data", parameter: "validation", elsewhere: "trainer(…, validation=) has it")
  add("test_size", "train_size", help: "write fraction=, the share of the first part")
  add("callbacks", "verbose", help: "leave it out: run(epochs=20, patience=5) shows its progress and stops early")
  return names
}()

struct ForeignWord: Sendable {
  var message: String
  var help: String
  /// Never a name that somebody means, so that it is refused wherever it is read.
  var isAlwaysWrong = false
}

let foreignWords: [String: ForeignWord] = {
  var words: [String: ForeignWord] = [:]
  func add(_ names: String..., help: String, isAlwaysWrong: Bool = false) {
    for name in names {
      words[name] = ForeignWord(message: "Twin has no `\(name)`", help: help, isAlwaysWrong: isAlwaysWrong)
    }
  }
  add("def", "func", "function", "fun", "defun", "sub", "proc", help: "write fn area(w, h) { w * h }")
  add("lambda", help: "write x -> x + 1, or (a, b) -> a + b")
  add("elif", "elsif", "elseif", help: "write } else if condition { … }")
  add("True", help: "write true", isAlwaysWrong: true)
  add("False", help: "write false", isAlwaysWrong: true)
  add("None", help: "write none", isAlwaysWrong: true)
  add("null", "nil", "undefined", "NULL", help: "write none")
  add("let", "var", "const", "val", "auto", "local", "my", help: "write the name alone: x = 1")
  add("import", "from", "using", "require", "use", help: "everything is built in; include(\"other.twin\") runs a file")
  add("class", "struct", "type", "enum", help: "write a record {name: \"iu\", age: 31} and functions on it")
  add("raise", "throw", help: "write error(\"what went wrong\")")
  add("except", "rescue", help: "write try { … } catch e { … }")
  add("finally", help: "write what must happen in both blocks of try { … } catch e { … }")
  add("with", help: "files are opened and closed by the functions that read them")
  add("pass", help: "write { } for a block that does nothing")
  add("del", "delete", help: "write x = none; for a record, build one without the field")
  add(
    "global", "nonlocal",
    help: "a function returns what it found; only the session's own lines bind the session's names")
  add("yield", help: "write a comprehension, or a function that is called for each value")
  add("async", "await", help: "functions return when they are done")
  add("is", help: "write a == b, or a != b for `is not`")
  add("then", "do", "begin", "end", help: "a block stands in braces: if c { … } else { … }")
  add("switch", "match", "case", "select", help: "write if … { … } else if … { … } else { … }")
  add("until", "unless", help: "write while not c { … } or if not c { … }")
  add("repeat", "loop", "foreach", help: "write for i in 0..<n { … } or while true { … }")
  return words
}()
