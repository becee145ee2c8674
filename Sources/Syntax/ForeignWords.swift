/// The way out for a name that other languages have as a function, a type or a module, and Twin has not.
public func foreignNameAdvice(_ name: String) -> String? {
  foreignNames[name] ?? foreignArrayNames[name] ?? foreignFigureNames[name] ?? foreignLibraryNames[name]
    ?? foreignNotebookNames[name]
    ?? foreignWords[name]?.help
    ?? numberedNameAdvice(name)
}

/// `np.linalg.solve` as it is called here: modules of other languages stand before no name.
public func withoutForeignModule(_ name: String) -> String {
  guard let dot = name.firstIndex(of: "."), foreignModules.contains(String(name[..<dot])),
    let last = name.split(separator: ".").last
  else { return name }
  return String(last)
}

private let foreignModules: Set<String> = [
  "np", "numpy", "jnp", "torch", "tf", "tensorflow", "keras", "nn", "F", "layers", "math", "random", "plt", "scipy",
  "sklearn", "Math",
]

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
  add("genfromtxt", "read_csv", help: "readcsv(path) gives rows, loadtxt(path) a tensor of numbers")
  add("to_csv", "write_csv", help: "write writecsv(path, rows)")
  add("println", "puts", "echo", "printf", "console", "log_print", help: "write print(x)")
  add("format", "sprintf", help: "write the value into the text: \"{x:.2f}\"")
  add("string", "toString", "to_s", "String", help: "str(x) gives the text of a value")
  add("length", "size", "count", help: "len(x) gives the length")
  add("range_", "xrange", help: "write 0..<n, or range(n)")
  add("exit", "quit", help: "a script ends at its end; %quit ends a session; error(\"…\") stops with a reason")
  add("self", "this", "super", help: "there are no classes: give the record to the function")
  add(
    "array", "asarray", "Array", "vector", "from_numpy", "as_tensor", "fromiter", "frombuffer",
    help: "write tensor([[1, 2], [3, 4]])")
  add("raw_input", help: "write input(\"name? \")")
  add("Infinity", "infinity", "Inf", "INFINITY", help: "write inf")
  add("NaN", "NAN", help: "write nan")
  add("π", help: "write pi")
  add(
    "Exception", "ValueError", "TypeError", "KeyError", "IndexError", "RuntimeError", "ZeroDivisionError",
    help: "write error(\"what went wrong\"); try { … } catch e { e.message } catches all errors")
  add("__name__", "__file__", help: "leave it out: a script runs from its first line")
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
  add("precision_recall_curve", help: "curve(distances(net, data)) shows right acceptance over false acceptance")
  add(
    "recall_at_k", "precision_at_k", "precision_score", "recall_score", "average_precision_score", "f1_score",
    help: "retrieval(net, data) gives precision@1, R-precision and MAP@R; its cmc(5) is also called recall@5")
  add(
    "silhouette_score", "adjusted_rand_score", "normalized_mutual_info_score", "adjusted_mutual_info_score",
    help: "clustering(net, data) gives NMI, AMI and purity")
  add("roc_auc_score", "auc", help: "distances(net, data).auc is the area under the ROC curve")
  add("eer", help: "distances(net, data).eer is the equal error rate")
  add("confusion_matrix", help: "write confusion(net, data)")
  add("accuracy_score", "accuracy", help: "episodes(net, data, ways=5).accuracy, or verification(net, pairs).accuracy")
  add("KMeans", "kmeans", help: "clustering(net, data) groups images without looking at their classes")
  add(
    "PCA", "UMAP", "umap",
    help: "scatter(net(data), labels=…) shows embeddings on their principal axes, tsne(…) in groups")
  add(
    "pairwise_distances", "euclidean_distances", "pdist", "squareform",
    help: "cdist(a, b) gives the distances of all rows")
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
  add("use_bias", parameter: "bias")
  add("p", parameter: "rate")
  add("negative_slope", "alpha", parameter: "slope")
  add("target_size", "image_size", "resize", parameter: "size")
  add("grayscale", "color_mode", "greyscale", parameter: "gray")
  add("rotation", "rotation_range", "degrees", parameter: "rotate")
  add("zoom", "zoom_range", parameter: "scale")
  add("horizontal_flip", "hflip", parameter: "flip")
  add("translate", "translation", "width_shift_range", "height_shift_range", parameter: "shift")
  add("num", parameter: "count")
  add("size", parameter: "shape")
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
  add("lambda", help: "write x -> x + 1, (a, b) -> a + b, or () -> 3")
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
  add(
    "del", "delete", help: "write x = none; r.pop(\"a\") takes a field out of a record, xs.pop(0) an item out of a list"
  )
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
