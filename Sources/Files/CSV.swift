/// Comma-separated values as RFC 4180 has them, for lists that people open in spreadsheets.
public enum CSV {
  /// A record with its line end. A cell that a spreadsheet would take for a formula gets an apostrophe before it.
  public static func record(_ cells: [String]) -> String { cells.map(cell).joined(separator: ",") + "\r\n" }

  /// A cell's text as it stands in a record.
  public static func cell(_ text: String) -> String {
    var text = String(text.unicodeScalars.filter { $0 != "\0" })
    if isFormula(text) { text = "'" + text }
    guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  /// Without the apostrophe that `cell` put before it.
  public static func plain(_ cell: String) -> String {
    guard cell.unicodeScalars.first == "'" else { return cell }
    let rest = String(cell.unicodeScalars.dropFirst())
    return isFormula(rest) ? rest : cell
  }

  /// Behind apostrophes too, so that none is taken off that was there before.
  private static func isFormula(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first(where: { $0 != "'" }) else { return false }
    return "=+-@\t\r".unicodeScalars.contains(first)
  }

  public struct Record: Hashable {
    public var cells: [String]
    /// Where it begins, from 1.
    public var line: Int
    /// It ends with a line end: the last one may have been cut off.
    public var isWhole: Bool
  }

  /// All records; empty lines are left out. Line ends may be CRLF, LF or CR.
  public static func records(_ text: String) -> [Record] { pieces(text).map(\.record) }

  /// The same of a list whose cells something else stands between.
  public static func records(_ text: String, separator: Unicode.Scalar) -> [Record] {
    pieces(text, separator: separator).map(\.record)
  }

  /// All records, each with its own text as it stands there, line end included, for whoever writes some of them again.
  public static func pieces(
    _ text: String, separator: Unicode.Scalar = ","
  ) -> [(record: Record, text: String)] {
    var records: [(record: Record, text: String)] = []
    var cells: [String] = []
    var cell = String.UnicodeScalarView()
    var line = 1
    var begins = 1
    var isQuoted = false
    var wasQuoted = false
    let scalars = Array(text.unicodeScalars)
    var at = scalars.first == "\u{FEFF}" ? 1 : 0
    var from = at
    func finish(isWhole: Bool) {
      if !(cells.isEmpty && cell.isEmpty && !wasQuoted) {
        let own = String(String.UnicodeScalarView(scalars[from..<at]))
        records.append((Record(cells: cells + [String(cell)], line: begins, isWhole: isWhole), own))
      }
      from = at
      cells = []
      cell = .init()
      wasQuoted = false
      begins = line
    }
    while at < scalars.count {
      let scalar = scalars[at]
      at += 1
      if isQuoted {
        if scalar == "\"" {
          if at < scalars.count, scalars[at] == "\"" {
            cell.append(scalar)
            at += 1
          } else {
            isQuoted = false
          }
        } else {
          if scalar == "\n" { line += 1 }
          cell.append(scalar)
        }
        continue
      }
      switch scalar {
      case "\"" where cell.isEmpty && !wasQuoted:
        isQuoted = true
        wasQuoted = true
      case separator:
        cells.append(String(cell))
        cell = .init()
        wasQuoted = false
      case "\r", "\n":
        if scalar == "\r", at < scalars.count, scalars[at] == "\n" { at += 1 }
        line += 1
        finish(isWhole: true)
      default: cell.append(scalar)
      }
    }
    finish(isWhole: false)
    return records
  }
}
