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

/// Tables of text that a script reads and writes: RFC 4180 with any delimiter, lines ended by LF or CR LF. What is broken is
/// an error with its line. `CSV` in `Files` is for the program's own lists, guards them against formulas and takes what it can.
enum DelimitedText {
  /// Rows of equally many cells; lines with nothing in them are left out.
  static func rows(
    of text: String, delimiter: Character, name: String, _ context: ExecutionContext
  ) throws -> [[String]] {
    var rows: [[String]] = []
    var row: [String] = []
    var cell = ""
    var (line, quoteLine) = (1, 0)
    var (isQuoted, wasQuoted) = (false, false)
    var cells = 0
    func endCell() {
      row.append(cell)
      cell = ""
      wasQuoted = false
    }
    func endRow() throws {
      defer { row = [] }
      if row.isEmpty, cell.isEmpty, !wasQuoted { return }
      endCell()
      if let first = rows.first, first.count != row.count {
        throw DelimitedTextError.columns(file: name, line: line, got: row.count, expected: first.count)
      }
      cells += row.count
      if rows.count & 0xFFF == 0 {
        try context.checkInterruption()
        try context.checkSize(cells, "a list")
      }
      rows.append(row)
    }
    var index = text.startIndex
    while index < text.endIndex {
      let character = text[index]
      index = text.index(after: index)
      if isQuoted {
        if character == "\"" {
          if index < text.endIndex, text[index] == "\"" {
            cell.append("\"")
            index = text.index(after: index)
          } else {
            isQuoted = false
            wasQuoted = true
          }
        } else {
          if character.isNewline { line += 1 }
          cell.append(character)
        }
      } else if character == delimiter {
        endCell()
      } else if character.isNewline {
        try endRow()
        line += 1
      } else if character == "\"", cell.isEmpty, !wasQuoted {
        isQuoted = true
        quoteLine = line
      } else {
        if wasQuoted { throw DelimitedTextError.afterQuote(file: name, line: line) }
        cell.append(character)
      }
    }
    if isQuoted { throw DelimitedTextError.openQuote(file: name, line: quoteLine) }
    try endRow()
    return rows
  }

  static func line(_ cells: [String], _ delimiter: Character) -> String {
    cells.map { cell in
      let needsQuotes =
        cell.contains { $0 == delimiter || $0 == "\"" || $0.isNewline } || cell.first == " " || cell.last == " "
      return needsQuotes ? "\"" + cell.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\"" : cell
    }.joined(separator: String(delimiter)) + "\n"
  }
}
