import Diagnostics

/// `cd ..`, `run first.twin`, `who`: a command of the session as IPython takes it, without its percent sign. The line is
/// code, and fails as such; what was meant is told where it is no code that anybody writes.
struct CommandWithoutSign {
  /// As it has to be written: "%cd ..".
  let written: String

  /// - Parameter isBound: whether the session has a value of this name, so that the line may be about it.
  init?(_ source: String, isBound: (String) -> Bool) {
    let line = source.trimmed
    guard !line.isEmpty, !line.contains("\n"), line.utf8.count <= 200 else { return nil }
    let word = String(line.prefix { $0.isLetter || $0 == "_" })
    guard SessionCommand.named(word) != nil, !isBound(word) else { return nil }
    let rest = line.dropFirst(word.count)
    guard rest.isEmpty || rest.first?.isWhitespace == true else { return nil }
    let argument = String(rest).trimmed
    if argument.isEmpty, !Self.alone.contains(word) { return nil }
    let isOption = argument.hasPrefix("--") || argument.first == "-" && argument.dropFirst().first?.isLetter == true
    let isPath = argument.hasPrefix("..") || argument.hasPrefix("./") || argument.hasPrefix("/") && argument.count > 1
    if let first = argument.first, Self.operators.contains(first), !isOption, !isPath { return nil }
    // `run and walk`
    if ["and", "or", "in", "not"].contains(argument.prefix { $0.isLetter }) { return nil }
    // Only a builtin's page is asked for in this way.
    let sign = word == "help" && !argument.isEmpty && !argument.hasPrefix("%") ? "?" : "%\(word)"
    written = argument.isEmpty ? sign : sign == "?" ? "?\(argument)" : "\(sign) \(argument)"
  }

  /// The first error's line of help leads to the command.
  func leading(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
    var led = diagnostics
    guard !led.isEmpty else { return led }
    led[0].explanation.help =
      written.hasPrefix("?")
      ? "write \(written), or help(\"\(written.dropFirst())\")" : "a command of the session begins with %: \(written)"
    return led
  }

  /// Commands that need no more than their name; the others' names alone are rather those of values: `seed`, `code`.
  private static let alone: Set<String> = ["who", "undo", "reset", "clear", "ls", "cd", "history", "timeit"]

  /// Signs behind a name that make an expression of the line.
  private static let operators: Set<Character> = [
    "=", "+", "-", "*", "/", "%", "@", "^", "<", ">", "|", "!", "(", "[", ".", ",", ";", ":", "?", "&",
  ]
}

extension String {
  fileprivate var trimmed: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
