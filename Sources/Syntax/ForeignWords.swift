/// What to write instead of a word that other languages have: a sentence for a person who typed `def`, `elif`, `None`.
/// Nil for all other names.
public func foreignWordAdvice(_ word: String) -> (message: String, help: String)? {
  foreignWords[word].map { ($0.message, $0.help) }
}

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
