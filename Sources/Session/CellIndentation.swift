/// How far the next line of a cell is indented while it is typed.
public enum CellIndentation {
  /// The indentation of the line that follows `before`: that of its last line, two more after an opening
  /// bracket.
  public static func after(_ before: String) -> String {
    guard let line = before.split(separator: "\n", omittingEmptySubsequences: false).last else { return "" }
    let blanks = line.prefix { $0 == " " || $0 == "\t" }
    var depth = 0
    var inString = false
    for character in line {
      if character == "\"" { inString.toggle() }
      if inString { continue }
      if character == "#" { break }
      if "([{".contains(character) { depth += 1 }
      if ")]}".contains(character) { depth = max(0, depth - 1) }
    }
    let text = line.reversed().drop { $0 == " " }
    let goesOn = depth == 0 && (text.first == ">" || text.first == "=") && text.count > 1 && blanks.isEmpty
    return String(blanks) + (depth > 0 || goesOn ? "  " : "")
  }
}
