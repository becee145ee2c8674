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
    // A line with nothing in it is no row.
    if cells == [""] { return "\"\"\n" }
    // By scalars, as it is read: a quote and a combining accent are one character.
    let special: [Unicode.Scalar?] = ["\"", "\n", "\r", delimiter.unicodeScalars.first]
    return cells.map { cell in
      let scalars = cell.unicodeScalars
      guard scalars.contains(where: special.contains) || cell.first == " " || cell.last == " " else { return cell }
      return "\"" + scalars.reduce(into: "") { $0 += $1 == "\"" ? "\"\"" : String($1) } + "\""
    }.joined(separator: String(delimiter)) + "\n"
  }
}
