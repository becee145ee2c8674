import Diagnostics
import Interpreter

/// What can be wrong with a table of text.
enum DelimitedTextError: ExplainedError {
  case openQuote(file: String, line: Int)
  case afterQuote(file: String, line: Int)
  case columns(file: String, line: Int, got: Int, expected: Int)
  case notNumber(file: String, line: Int, cell: String)
  case repeatedName(file: String, name: String)

  var explanation: Explanation {
    switch self {
    case .openQuote(let file, let line):
      Explanation(
        "“\(file)”: a quote that begins in line \(line) does not end", help: "a quote inside is doubled: \"\"")
    case .afterQuote(let file, let line):
      Explanation("“\(file)”, line \(line): text follows a quote that ended", help: "a quote inside is doubled: \"\"")
    case .columns(let file, let line, let got, let expected):
      Explanation(
        "“\(file)”, line \(line): \(got == 1 ? "1 column" : "\(got) columns") where \(expected) are expected",
        help: "is it the right delimiter?")
    case .notNumber(let file, let line, let cell):
      Explanation(
        "“\(file)”, line \(line): \(quoted(String(cell.prefix(40)))) is no number",
        help: "skiprows= leaves lines out at the top, delimiter= says what stands between cells; readcsv reads text too"
      )
    case .repeatedName(let file, let name):
      Explanation("“\(file)” has two columns \(quoted(name))", help: "header=false gives lists")
    }
  }
}

/// Tables of text that a script writes (`DelimitedTable` reads them): RFC 4180 with any delimiter. `CSV` in `Files` is for the
/// program's own lists, guards them against formulas and takes what it can.
enum DelimitedText {
  static func line(_ cells: [String], _ delimiter: Character) -> String {
    cells.map { cell in
      let needsQuotes =
        cell.contains { $0 == delimiter || $0 == "\"" || $0.isNewline } || cell.first == " " || cell.last == " "
      return needsQuotes ? "\"" + cell.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\"" : cell
    }.joined(separator: String(delimiter)) + "\n"
  }
}
