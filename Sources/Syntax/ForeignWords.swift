/// What to write instead of a word that other languages have: a sentence for a person who typed `def`, `elif`, `None`.
/// Nil for all other names.
public func foreignWordAdvice(_ word: String) -> (message: String, help: String)? {
  foreignWords[word].map { ($0.message, $0.help) }
}

/// The way out for a name that other languages have as a function, a type or a module, and Twin has not.
public func foreignNameAdvice(_ name: String) -> String? { foreignNames[name] ?? foreignWords[name]?.help }

/// The same for a method or property: `xs.length`.
public func foreignMemberAdvice(_ name: String) -> String? { foreignMembers[name] }

private let foreignNames: [String: String] = {
  var names: [String: String] = [:]
  func add(_ words: String..., help: String) { for word in words { names[word] = help } }
  add(
    "np", "numpy", "torch", "tf", "jnp", help: "what it has is built in: zeros((2, 3)), exp(x), x @ y; help() lists it")
  add(
    "plt", "matplotlib", "seaborn", "sns", help: "plot(x), histogram(x), scatter(x), montage(x) draw; help() lists them"
  )
  add("keras", "nn", "layers", help: "layers are built in: conv(6, 3) >> relu >> flatten >> dense(50)")
  add("math", "random", "os", "sys", "re", "json", "time", "PIL", help: "everything is built in; help() lists it")
  add("dict", "Dict", "HashMap", "map_of", help: "write a record: {name: \"iu\", age: 31}")
  add("set", "Set", "frozenset", help: "unique(xs) leaves repeats out; x in xs asks for an item")
  add("tuple", help: "write (a, b), or list(x)")
  add("isinstance", "typeof", "instanceof", help: "write type(x) == \"number\"")
  add(
    "open", "read", "write",
    help: "images(\"folder\"), image(\"a.png\"), load(\"x.npy\") and save(t, \"x.npy\") read and write files")
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
  add("Math", help: "its functions have no prefix: floor(x), sqrt(x)")
  return names
}()

private let foreignMembers: [String: String] = {
  var names: [String: String] = [:]
  func add(_ words: String..., help: String) { for word in words { names[word] = help } }
  add("length", "len", "size", "len_", help: "len(x) gives the length")
  add("add", "push_back", "append_item", help: "xs.append(x) adds at the end; xs + [x] makes a new list")
  add("format", help: "write the value into the text: \"{x:.2f}\"")
  add("toString", "to_string", "to_s", help: "str(x) gives the text of a value")
  add("forEach", "each", help: "write for x in xs { … }")
  add("reduce", "fold", help: "write a loop, or sum(xs)")
  add(
    "includes", "contains", "has_key", "hasOwnProperty", "containsKey",
    help: "x in xs asks for an item, a key or a part")
  add("slice", "substring", "substr", help: "write x[2:5]")
  add("first", "head", help: "write x[0]")
  add("last", "tail", help: "write x[-1]; x[1:] leaves the first out")
  add("delete", "discard", "removeAt", help: "xs.pop(i) takes an item out by its place, xs.remove(x) by its value")
  add("isEmpty", "empty", "is_empty", help: "write len(x) == 0, or not x")
  add("encode", "decode", help: "a text is Unicode; it needs no encoding")
  add(
    "sum", "min", "max", "any", "all", "sorted", "reversed", "enumerate", "zip",
    help: "it is a function: write it before the value, as in sum(xs)")
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
  add("is", help: "write a == b")
  add("then", "do", "begin", "end", help: "a block stands in braces: if c { … } else { … }")
  add("switch", "match", "case", "select", help: "write if … { … } else if … { … } else { … }")
  add("until", "unless", help: "write while not c { … } or if not c { … }")
  add("repeat", "loop", "foreach", help: "write for i in 0..<n { … } or while true { … }")
  return words
}()
