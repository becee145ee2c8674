/// Fields of comma-separated lines (RFC 4180).
enum CSV {
  static func field(_ text: String) -> String {
    // A leading = or + would be a formula to a spreadsheet.
    let guarded = text.first.map { "=+@\t".contains($0) } == true ? "'" + text : text
    guard guarded.contains(where: { ",\"\n\r".contains($0) }) else { return guarded }
    return "\"" + guarded.replacing("\"", with: "\"\"") + "\""
  }
}
