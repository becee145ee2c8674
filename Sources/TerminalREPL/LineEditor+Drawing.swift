import CLibEdit
import Session

/// The cell on the screen. libedit keeps the text and reads the keys; what it would draw goes nowhere.
extension LineEditor {
  var canEdit: Bool { edit.map { twin_edit_can_edit($0) } ?? false }

  /// - Parameter remark: below the cell, while something is looked for.
  func view(_ before: String, _ after: String, remark: String = "") -> CellView {
    CellView(
      prompt: prompt.filter { $0 != "\u{1}" }, promptColumns: promptColumns, before: before, after: after,
      remark: remark, columns: size().columns, isColored: isColored)
  }

  func draw() {
    guard canEdit, !isSearching else { return }
    let (before, after) = text()
    Terminal.writeRaw(screen.draw(view(before, after), rows: size().rows))
  }

  /// What the screen needs, as libedit reads.
  func show(_ event: TwinKey) {
    guard canEdit else { return }
    let (before, after) = text()
    switch event {
    case TwinScreenDraw: draw()
    case TwinScreenResize:
      Terminal.writeRaw(screen.resize(columns: size().columns))
      draw()
    case TwinScreenLeave:
      Terminal.writeRaw(screen.leave(view(before + after, "")))
      isLeft = true
    case TwinScreenReturn:
      Terminal.writeRaw("\u{1B}[?2004h")
      screen.begin()
      isLeft = false
      draw()
    default: break
    }
  }

  /// A cell that is given up stays on the screen; what follows stands below it.
  func leaveScreen() {
    guard canEdit, !isLeft else { return }
    let (before, after) = text()
    Terminal.writeRaw(screen.leave(view(before + after, "")))
    isLeft = true
  }

  // MARK: Looking for a cell

  /// Ctrl-R: shows the newest cell that holds what is typed; again goes back to an older one. Enter evaluates it, Ctrl-G
  /// gives up, any other key goes on with the cell as it was found.
  func search() -> TwinAnswer {
    guard let edit else { return TwinAnswerBeep }
    let (before, after) = text()
    isSearching = true
    defer { isSearching = false }
    var pattern = ""
    var place = history.cells.count
    var found: String?

    func look(from start: Int, older: Bool) -> Bool {
      guard !pattern.isEmpty else { return false }
      var index = start
      while history.cells.indices.contains(index) {
        if history.cells[index].contains(pattern), history.cells[index] != found {
          place = index
          found = history.cells[index]
          return true
        }
        index += older ? -1 : 1
      }
      return false
    }
    func take() {
      guard let found else { return }
      let padded = CellLayout.padded(found)
      replace(padded)
      recalled = padded
      self.place = place
      prefix = ""
      typed = ""
    }

    var fails = false
    func remark() -> String { (fails ? "not found: " : "search: ") + pattern }
    while true {
      let (head, tail) = found.map { Self.upTo(pattern, in: $0) } ?? (before, after)
      Terminal.writeRaw(screen.draw(view(head, tail, remark: remark()), rows: size().rows))
      let next = twin_edit_next(edit)
      switch next {
      case -1: return TwinAnswerRefresh
      case 0x07: return TwinAnswerRefresh
      case 0x12: fails = !look(from: place - 1, older: true)
      case 0x13: fails = !look(from: place + 1, older: false)
      case 0x7F, 0x08:
        if !pattern.isEmpty { pattern.removeLast() }
        found = nil
        place = history.cells.count
        fails = !pattern.isEmpty && !look(from: place - 1, older: true)
      case 0x0A, 0x0D:
        take()
        return enter()
      case 0..<0x20:
        take()
        twin_edit_push(edit, next)
        return TwinAnswerRefresh
      default:
        guard let scalar = Unicode.Scalar(UInt32(next)) else { continue }
        pattern.unicodeScalars.append(scalar)
        // What is shown stays as long as it fits.
        if let found, found.contains(pattern) {
          fails = false
        } else {
          found = nil
          fails = !look(from: min(place, history.cells.count - 1), older: true)
        }
      }
    }
  }

  /// The cell as it is shown, with the cursor behind what was looked for.
  private static func upTo(_ pattern: String, in cell: String) -> (before: String, after: String) {
    var start = cell.startIndex
    while start < cell.endIndex {
      if cell[start...].hasPrefix(pattern) {
        let end = cell.index(start, offsetBy: pattern.count, limitedBy: cell.endIndex) ?? cell.endIndex
        let head = CellLayout.padded(String(cell[..<end]))
        return (head, String(CellLayout.padded(cell).dropFirst(head.count)))
      }
      start = cell.index(after: start)
    }
    return (CellLayout.padded(cell), "")
  }
}
