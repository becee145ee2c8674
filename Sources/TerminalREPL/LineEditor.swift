import CLibEdit
import Session

import Glibc

/// Edits whole cells on libedit: Enter ends a cell when the parser says that it is complete, and opens a line when not.
final class LineEditor {
  enum Reading {
    case cell(String)
    case endOfFile
    /// The terminal was closed.
    case hungUp
    /// A signal waits in the pipe.
    case interrupted
  }

  var edit: OpaquePointer?
  let history: CellHistory
  private let completeness: (String) -> NotebookSession.Completeness
  let completion: (String) -> Completion
  let size: () -> (columns: Int, rows: Int)
  /// Code in colours while it is typed.
  let isColored: Bool
  var screen = CellScreen()
  /// While a cell is looked for, the search draws.
  var isSearching = false
  /// The cell on the screen is done.
  var isLeft = false
  private(set) var prompt = ""
  private(set) var promptColumns = 0

  /// Where Up and Down stand in the history; nil: in what was typed.
  var place: Int?
  var typed = ""
  var prefix = ""
  /// What Up put there last: while it stands unchanged, Up goes on.
  var recalled: String?
  var lastTab: String?

  init?(
    wake: Int32, history: CellHistory, completeness: @escaping (String) -> NotebookSession.Completeness,
    completion: @escaping (String) -> Completion, size: @escaping () -> (columns: Int, rows: Int),
    isColored: Bool = false
  ) {
    self.history = history
    self.completeness = completeness
    self.completion = completion
    self.size = size
    self.isColored = isColored
    let owner = Unmanaged.passUnretained(self).toOpaque()
    edit = twin_edit_new(
      "twinbook", wake,
      { context, key in
        guard let context else { return Int32(TwinAnswerNothing.rawValue) }
        let editor = Unmanaged<LineEditor>.fromOpaque(context).takeUnretainedValue()
        return Int32(editor.answer(to: TwinKey(rawValue: UInt32(key))).rawValue)
      }, owner)
    guard edit != nil else { return nil }
  }

  deinit { twin_edit_free(edit) }

  func remember(_ cell: String) {
    history.add(cell)
  }

  /// - Returns: whether it stands at the next prompt; a dumb terminal has nothing that could be edited.
  func prefill(_ cell: String) -> Bool {
    guard let edit, canEdit else { return false }
    twin_edit_prefill(edit, CellLayout.padded(cell))
    return true
  }

  /// - Parameter prompt: bytes 1 enclose escapes.
  func read(prompt: String) -> Reading {
    guard let edit else { return .endOfFile }
    self.prompt = prompt
    promptColumns = Self.columns(ofPrompt: prompt)
    screen.begin()
    isLeft = false
    place = nil
    recalled = nil
    lastTab = nil
    var gathered = ""
    // Without editing (a dumb terminal) lines come one by one.
    var shown = prompt
    while true {
      var status: Int32 = 0
      // Bracketed paste, on while a cell is edited alone: what runs gets plain text.
      if twin_edit_can_edit(edit) { Terminal.writeRaw("\u{1B}[?2004h") }
      let line = twin_edit_read(edit, shown, &status)
      if line == nil { leaveScreen() }
      if twin_edit_can_edit(edit) { Terminal.writeRaw("\u{1B}[?2004l") }
      guard let line else {
        switch status {
        case Int32(TwinReadInterrupted.rawValue): return .interrupted
        case Int32(TwinReadHangUp.rawValue): return .hungUp
        default: return .endOfFile
        }
      }
      defer { free(line) }
      var text = String(cString: line)
      if text.last?.isNewline == true { text.removeLast() }
      if twin_edit_can_edit(edit) { return .cell(CellLayout.unpadded(text)) }
      if !gathered.isEmpty, text.isEmpty { return .cell(gathered) }
      gathered += (gathered.isEmpty ? "" : "\n") + text
      if gathered.isEmpty || completeness(gathered) != .incomplete { return .cell(gathered) }
      shown = "   > "
    }
  }

  /// Byte 1 stands around escapes, which take none.
  private static func columns(ofPrompt prompt: String) -> Int {
    var isEscape = false
    var shown = ""
    for scalar in prompt.unicodeScalars {
      if scalar == "\u{1}" { isEscape.toggle() } else if !isEscape { shown.unicodeScalars.append(scalar) }
    }
    return Int(twin_text_columns(shown))
  }

  // MARK: Keys

  func text() -> (before: String, after: String) {
    guard let edit else { return ("", "") }
    var cursor = 0
    guard let pointer = twin_edit_text(edit, &cursor) else { return ("", "") }
    defer { free(pointer) }
    let bytes = UnsafeBufferPointer(
      start: UnsafeRawPointer(pointer).assumingMemoryBound(to: UInt8.self), count: strlen(pointer))
    let split = max(0, min(cursor, bytes.count))
    return (String(decoding: bytes[..<split], as: UTF8.self), String(decoding: bytes[split...], as: UTF8.self))
  }

  func replace(_ before: String, _ after: String = "") {
    guard let edit else { return }
    twin_edit_replace(edit, before + after, before.utf8.count)
  }

  func insert(_ text: String) {
    if let edit { twin_edit_insert(edit, text) }
  }

  private func answer(to key: TwinKey) -> TwinAnswer {
    if key.rawValue >= TwinScreenDraw.rawValue {
      show(key)
      return TwinAnswerNothing
    }
    let isTab = key == TwinKeyTab
    defer { if !isTab { lastTab = nil } }
    switch key {
    case TwinKeyEnter: return enter()
    case TwinKeyForceNewline: return openLine()
    case TwinKeyTab: return tab()
    case TwinKeyUp: return up()
    case TwinKeyDown: return down()
    case TwinKeyPreviousCell: return recall(older: true)
    case TwinKeyNextCell: return recall(older: false)
    case TwinKeyHome: return home()
    case TwinKeyEnd:
      goInside()
      move(text().after.prefix { $0 != "\n" }.unicodeScalars.count)
      return TwinAnswerRefresh
    case TwinKeyLeft: return left()
    case TwinKeyRight: return right()
    case TwinKeyBackspace: return backspace()
    case TwinKeyPaste: return paste()
    case TwinKeyEndOfFile: return endOfFile()
    case TwinKeyCloseBrace: return close("}")
    case TwinKeyCloseBracket: return close("]")
    case TwinKeyCloseParenthesis: return close(")")
    case TwinKeyRedraw:
      Terminal.writeRaw("\u{1B}[H\u{1B}[2J")
      screen.begin()
      return TwinAnswerRefresh
    case TwinKeySearch: return search()
    default: return TwinAnswerNothing
    }
  }

  func move(_ scalars: Int) {
    if let edit, scalars != 0 { twin_edit_move(edit, Int32(clamping: scalars)) }
  }

  func enter() -> TwinAnswer {
    let (before, after) = text()
    let cell = CellLayout.unpadded(before + after)
    if cell.allSatisfy(\.isWhitespace) { return TwinAnswerAccept }
    let atEnd = after.allSatisfy(\.isWhitespace)
    // An empty line forces: better an error than a prompt that never ends.
    if atEnd, before.contains("\n"), CellLayout.isBlankLine(CellLayout.unpadded(before)), !insideTripleQuotes(cell) {
      let kept = Array(before.reversed().drop { $0.isWhitespace }.reversed())
      replace(String(kept))
      return TwinAnswerAccept
    }
    switch completeness(cell) {
    case .incomplete: return openLine()
    // Wherever the cursor is in it: Alt-Enter opens a line.
    case .complete: return TwinAnswerAccept
    // In the middle of several lines it is being written.
    case .invalid: return !atEnd && after.contains("\n") ? openLine() : TwinAnswerAccept
    }
  }

  private func insideTripleQuotes(_ cell: String) -> Bool {
    cell.components(separatedBy: "\"\"\"").count % 2 == 0
  }

  private func openLine() -> TwinAnswer {
    let (before, after) = text()
    let code = CellLayout.unpadded(before)
    var indentation = CellIndentation.after(code)
    if after.drop(while: { $0 == " " }).first == "}" { indentation = String(indentation.dropLast(2)) }
    insert("\n" + CellLayout.padding + (insideTripleQuotes(code) ? "" : indentation))
    return TwinAnswerRefresh
  }

  func recall(older: Bool) -> TwinAnswer {
    let (before, after) = text()
    let shown = CellLayout.unpadded(before + after)
    if recalled != before + after {
      // A new search: what stands there is the beginning that cells are looked for by.
      typed = shown
      prefix = shown
      place = nil
    }
    let from = place ?? history.cells.count
    let next =
      older
      ? history.index(before: from, prefix: prefix, not: shown) : history.index(after: from, prefix: prefix, not: shown)
    let cell: String
    if let next {
      place = next
      cell = history.cells[next]
    } else if !older, place != nil {
      place = nil
      cell = typed
    } else {
      return TwinAnswerBeep
    }
    let padded = CellLayout.padded(cell)
    replace(padded)
    recalled = place == nil ? nil : padded
    return TwinAnswerRefresh
  }

  private func paste() -> TwinAnswer {
    guard let edit, let pointer = twin_edit_read_paste(edit) else { return TwinAnswerNothing }
    defer { free(pointer) }
    let pasted = PastedLines.text(of: String(cString: pointer))
    // The cells of a transcript stay apart.
    var code = PastedTabs.replaced(in: Transcript.cells(of: pasted).joined(separator: "\n# %%\n"))
    while code.last?.isNewline == true { code.removeLast() }
    insert(CellLayout.padded(code))
    return TwinAnswerRefresh
  }

  /// Ctrl-D: leaves on an empty cell, and else deletes, as in a shell.
  private func endOfFile() -> TwinAnswer {
    let (before, after) = text()
    if before.isEmpty, after.isEmpty { return TwinAnswerEndOfFile }
    guard let edit, let next = after.first else { return TwinAnswerBeep }
    if next == "\n" {
      let count = 1 + after.dropFirst().prefix(Transcript.promptWidth).prefix { $0 == " " }.count
      move(count)
      twin_edit_delete_before(edit, Int32(count))
    } else {
      move(next.unicodeScalars.count)
      twin_edit_delete_before(edit, Int32(clamping: next.unicodeScalars.count))
    }
    return TwinAnswerRefresh
  }

}

extension String {
  fileprivate func components(separatedBy separator: String) -> [Substring] {
    var parts: [Substring] = []
    var start = startIndex
    var index = startIndex
    while index < endIndex {
      if self[index...].hasPrefix(separator) {
        parts.append(self[start..<index])
        index = self.index(index, offsetBy: separator.count)
        start = index
      } else {
        index = self.index(after: index)
      }
    }
    parts.append(self[start...])
    return parts
  }
}
