import Diagnostics
import Foundation
import Interpreter

extension NotebookSession {
  func evaluateCommand(
    _ name: String, _ rest: String, at source: SourceText, into outcome: inout Evaluation
  ) {
    do {
      if name == "!" { return try runShell(rest, into: &outcome) }
      if name == "%" { throw SessionError.commandWithoutName }
      if name == "% " {
        throw SessionError.blankInCommand("%" + rest.trimmingCharacters(in: .whitespaces))
      }
      let command = try SessionCommand.find(name)
      guard options.access.allowsCommands || !command.needsTrust else { throw SessionError.commandNeedsTrust(name) }
      try command.body(self, CommandCall(command: command, rest: rest, source: source), &outcome)
    } catch {
      outcome.status = .failed
      let explanation = (error as? any ExplainedError)?.explanation ?? Explanation(describe(error))
      outcome.diagnostics.append(Diagnostic(explanation, at: nil))
    }
  }

  /// What a command says; it is no result, and never recorded.
  func say(_ text: String) {
    let text = text.withVisibleControls
    output?.write(text.hasSuffix("\n") ? text : text + "\n")
  }

  /// The same of a page of help.
  func explain(_ page: String) { output?.tell(page.withVisibleControls + "\n") }

  /// Words split at blanks; quotes keep blanks.
  static func words(_ text: String) -> [String] {
    var words: [String] = []
    var word = ""
    var quote: Character?
    var isOpen = false
    for character in text {
      if let open = quote {
        if character == open { quote = nil } else { word.append(character) }
      } else if character == "\"" || character == "'" {
        quote = character
        isOpen = true
      } else if character.isWhitespace {
        if isOpen || !word.isEmpty { words.append(word) }
        word = ""
        isOpen = false
      } else {
        word.append(character)
      }
    }
    if isOpen || !word.isEmpty { words.append(word) }
    return words
  }

  /// "1.24 s", "310 ms", "2.1 µs".
  public static func duration(_ seconds: Double) -> String {
    func three(_ value: Double) -> String {
      String(format: value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value)
    }
    if seconds >= 120 {
      let whole = Int(min(seconds.rounded(), 1e9))
      return whole >= 3600 ? "\(whole / 3600) h \(whole % 3600 / 60) min" : "\(whole / 60) min \(whole % 60) s"
    }
    if seconds >= 1 { return three(seconds) + " s" }
    if seconds >= 1e-3 { return three(seconds * 1e3) + " ms" }
    if seconds >= 1e-6 { return three(seconds * 1e6) + " µs" }
    return three(seconds * 1e9) + " ns"
  }
}
