import Diagnostics
import Syntax

/// What a cell's code says of its result before it has run.
enum CellCode {
  /// The parser refuses it whatever it holds: nothing else needs to go through its text.
  static func isTooLarge(_ code: String) -> Bool { code.utf8.count > Parser.sizeLimit }

  /// Anything in it is more than a remark.
  static func runs(_ code: String) -> Bool {
    code.split(whereSeparator: \.isNewline).contains { !($0.trimmed.isEmpty || $0.trimmed.begins("#")) }
  }

  /// The last statement has a value that is shown, and nothing prints before it as far as the text shows.
  static func showsItsValueAlone(_ code: String) -> Bool {
    guard case .success(let program) = Parser.parse(SourceText(name: "cell", text: code)), !program.hidesValue,
      case .expression? = program.statements.last
    else { return false }
    let words = code.split { !($0.isLetter || $0.isNumber || $0 == "_") }
    return !words.contains { ["print", "plot", "show", "hist", "help"].contains($0) }
  }
}
