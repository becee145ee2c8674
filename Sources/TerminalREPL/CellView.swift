import CLibEdit

/// A cell as it stands on a screen of so many columns: its rows, and where the cursor is.
struct CellView: Equatable {
  struct Row: Equatable {
    var text = ""
    var columns = 0
  }

  var rows: [Row] = [Row()]
  private(set) var cursorRow = 0
  private(set) var cursorColumn = 0

  /// - Parameters:
  ///   - prompt: may hold escapes; it takes `promptColumns`.
  ///   - before: the text before the cursor.
  ///   - remark: what stands below the cell, cut to one row.
  ///   - isColored: code in its colours.
  init(
    prompt: String, promptColumns: Int, before: String, after: String, remark: String = "", columns: Int,
    isColored: Bool = false
  ) {
    let columns = max(1, columns)
    var pen = CodePen(isColored ? before + after : "")
    rows[0] = Row(text: prompt, columns: promptColumns)
    add(before, columns, &pen)
    // The cursor never stands behind the last column.
    if rows[rows.count - 1].columns >= columns { rows.append(Row()) }
    cursorRow = rows.count - 1
    cursorColumn = rows[cursorRow].columns
    if !after.isEmpty {
      // A row that was opened for the cursor alone is the one that goes on.
      add(after, columns, &pen)
    }
    guard !remark.isEmpty else { return }
    rows.append(Row())
    for character in remark {
      let width = Self.columns(character)
      if rows[rows.count - 1].columns + width >= columns { break }
      rows[rows.count - 1].text += Self.visible(character)
      rows[rows.count - 1].columns += width
    }
  }

  private mutating func add(_ text: String, _ columns: Int, _ pen: inout CodePen) {
    var row = rows.removeLast()
    // Each row stands for itself: it may be drawn anew without its neighbours.
    func endRow() {
      row.text += pen.lift()
      rows.append(row)
      row = Row()
    }
    for character in text {
      if character == "\n" || character == "\r\n" {
        pen.move(by: character.utf8.count)
        endRow()
        continue
      }
      let width = Self.columns(character)
      if row.columns + width > columns, row.columns > 0 { endRow() }
      row.text += pen.escape() + Self.visible(character)
      pen.move(by: character.utf8.count)
      row.columns += width
    }
    row.text += pen.lift()
    rows.append(row)
  }

  /// Control characters as `^A`; what turns the direction of writing around shows nothing of it.
  private static func visible(_ character: Character) -> String {
    if let ascii = character.asciiValue {
      return ascii < 32 || ascii == 127 ? "^" + String(UnicodeScalar(ascii ^ 64)) : String(character)
    }
    guard character.unicodeScalars.contains(where: isHidden) else { return String(character) }
    return String(String.UnicodeScalarView(character.unicodeScalars.map { isHidden($0) ? "\u{FFFD}" : $0 }))
  }

  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<32, 127..<160, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  static func columns(_ character: Character) -> Int {
    if let ascii = character.asciiValue { return ascii < 32 || ascii == 127 ? 2 : 1 }
    return Int(twin_text_columns(visible(character)))
  }
}

/// What part of a cell stands on the screen, and how it gets there: only rows that changed are written again. A cell that
/// is taller than the window scrolls with its cursor.
struct CellScreen {
  private var shown: [CellView.Row] = []
  /// The row of the cell that is shown first.
  private(set) var top = 0
  /// Where the cursor is, in rows of the screen from the first one that is shown.
  private var cursorRow = 0
  private var cursorColumn = 0

  /// The next drawing begins at the cursor's line.
  mutating func begin() { self = CellScreen() }

  /// - Returns: what to write.
  mutating func draw(_ view: CellView, rows height: Int) -> String {
    let height = max(1, height)
    if view.cursorRow < top { top = view.cursorRow }
    if view.cursorRow >= top + height { top = view.cursorRow - height + 1 }
    top = max(0, min(top, view.rows.count - height))
    return show(Array(view.rows[top..<min(view.rows.count, top + height)]), view.cursorRow - top, view.cursorColumn)
  }

  /// All of the cell, for good; what follows stands below it.
  mutating func leave(_ view: CellView) -> String {
    var text = ""
    if top > 0 {
      // Its first rows have not been seen, or have scrolled away.
      text = up(cursorRow) + "\r\u{1B}[J"
      shown = []
      cursorRow = 0
    }
    top = 0
    text += show(view.rows, view.rows.count - 1, 0) + "\r\n"
    begin()
    return text
  }

  private mutating func show(_ rows: [CellView.Row], _ row: Int, _ column: Int) -> String {
    var text = up(cursorRow) + "\r"
    for (index, line) in rows.enumerated() {
      if index > 0 { text += "\r\n" }
      if index < shown.count, shown[index] == line { continue }
      // Cleared first: behind a row's last column a terminal waits where clearing would take the last character away.
      if index < shown.count, shown[index].columns > 0 { text += "\u{1B}[K" }
      text += line.text
    }
    // Rows that are gone.
    if shown.count > rows.count { text += "\r\n\u{1B}[J\u{1B}[A" }
    text += up(rows.count - 1 - row) + "\r"
    if column > 0 { text += "\u{1B}[\(column)C" }
    shown = rows
    cursorRow = row
    cursorColumn = column
    return text
  }

  /// To the line below the last row, which is left as it is.
  mutating func moveBelow() -> String {
    let down = max(0, shown.count - 1 - cursorRow)
    begin()
    return String(repeating: "\r\n", count: down + 1)
  }

  /// The window has another size: the terminal has broken the rows anew. Goes to where the first one is now.
  mutating func resize(columns: Int) -> String {
    let columns = max(1, columns)
    let above = shown.prefix(cursorRow).reduce(0) { $0 + max(1, ($1.columns + columns - 1) / columns) }
    let text = up(above + cursorColumn / columns) + "\r\u{1B}[J"
    let first = top
    begin()
    top = first
    return text
  }

  private func up(_ count: Int) -> String { count > 0 ? "\u{1B}[\(count)A" : "" }
}
