import CLibEdit
import Session

#if canImport(Glibc)
  import Glibc
#endif

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

  private var edit: OpaquePointer?
  let history: CellHistory
  private let completeness: (String) -> NotebookSession.Completeness
  private let completion: (String) -> Completion
  private let columns: () -> Int

  /// Where Up and Down stand in the history; nil: in what was typed.
  private var place: Int?
  private var typed = ""
  private var prefix = ""
  /// What Up put there last: while it stands unchanged, Up goes on.
  private var recalled: String?
  private var lastTab: String?

  init?(
    wake: Int32, history: CellHistory, completeness: @escaping (String) -> NotebookSession.Completeness,
    completion: @escaping (String) -> Completion, columns: @escaping () -> Int
  ) {
    self.history = history
    self.completeness = completeness
    self.completion = completion
    self.columns = columns
    let owner = Unmanaged.passUnretained(self).toOpaque()
    edit = twin_edit_new(
      "twinbook", wake,
      { context, key in
        guard let context else { return Int32(TwinAnswerNothing.rawValue) }
        let editor = Unmanaged<LineEditor>.fromOpaque(context).takeUnretainedValue()
        return Int32(editor.answer(to: TwinKey(rawValue: UInt32(key))).rawValue)
      }, owner)
    guard let edit else { return nil }
    for cell in history.cells { twin_edit_add_history(edit, CellLayout.padded(cell)) }
  }

  deinit { twin_edit_free(edit) }

  func remember(_ cell: String) {
    history.add(cell)
    if let edit { twin_edit_add_history(edit, CellLayout.padded(cell)) }
  }

  func prefill(_ cell: String) {
    if let edit { twin_edit_prefill(edit, CellLayout.padded(cell)) }
  }

  func resize() {
    if let edit { twin_edit_resize(edit) }
  }

  /// - Parameter prompt: bytes 1 enclose escapes.
  func read(prompt: String) -> Reading {
    guard let edit else { return .endOfFile }
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

  // MARK: Keys

  private func text() -> (before: String, after: String) {
    guard let edit else { return ("", "") }
    var cursor = 0
    guard let pointer = twin_edit_text(edit, &cursor) else { return ("", "") }
    defer { free(pointer) }
    let bytes = UnsafeBufferPointer(
      start: UnsafeRawPointer(pointer).assumingMemoryBound(to: UInt8.self), count: strlen(pointer))
    let split = max(0, min(cursor, bytes.count))
    return (String(decoding: bytes[..<split], as: UTF8.self), String(decoding: bytes[split...], as: UTF8.self))
  }

  private func replace(_ before: String, _ after: String = "") {
    guard let edit else { return }
    twin_edit_replace(edit, before + after, before.utf8.count)
  }

  private func insert(_ text: String) {
    if let edit { twin_edit_insert(edit, text) }
  }

  private func answer(to key: TwinKey) -> TwinAnswer {
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
      return TwinAnswerRedisplay
    default: return TwinAnswerNothing
    }
  }

  private func move(_ scalars: Int) {
    if let edit, scalars != 0 { twin_edit_move(edit, Int32(clamping: scalars)) }
  }

  private func enter() -> TwinAnswer {
    let (before, after) = text()
    let cell = CellLayout.unpadded(before + after)
    if cell.allSatisfy(\.isWhitespace) { return TwinAnswerAccept }
    // In the middle of a cell of several lines, Enter opens a line.
    let atEnd = after.allSatisfy(\.isWhitespace)
    if !atEnd, after.contains("\n") { return openLine() }
    // An empty line forces: better an error than a prompt that never ends.
    if atEnd, before.contains("\n"), CellLayout.isBlankLine(CellLayout.unpadded(before)), !insideTripleQuotes(cell) {
      let kept = Array(before.reversed().drop { $0.isWhitespace }.reversed())
      replace(String(kept))
      return TwinAnswerAccept
    }
    switch completeness(cell) {
    case .incomplete: return openLine()
    case .complete, .invalid: return TwinAnswerAccept
    }
  }

  private func insideTripleQuotes(_ cell: String) -> Bool {
    cell.components(separatedBy: "\"\"\"").count % 2 == 0
  }

  private func openLine() -> TwinAnswer {
    let (before, after) = text()
    let code = CellLayout.unpadded(before)
    var indentation = CellLayout.indentation(after: code)
    if after.drop(while: { $0 == " " }).first == "}" { indentation = String(indentation.dropLast(2)) }
    insert("\n" + CellLayout.padding + (insideTripleQuotes(code) ? "" : indentation))
    return TwinAnswerRefresh
  }

  /// Within a line's padding there is nothing to go to.
  private func home() -> TwinAnswer {
    let line = CellLayout.lines(text().before).last ?? ""
    let isFirst = !text().before.contains("\n")
    let start = isFirst ? 0 : min(Transcript.promptWidth, line.prefix { $0 == " " }.count)
    move(-(line.unicodeScalars.count - start))
    return TwinAnswerRefresh
  }

  private func left() -> TwinAnswer {
    let before = text().before
    guard let last = before.last else { return TwinAnswerBeep }
    let line = CellLayout.lines(before).last ?? ""
    if before.contains("\n"), line.count <= Transcript.promptWidth, line.allSatisfy({ $0 == " " }) {
      move(-(line.count + 1))
    } else {
      move(-last.unicodeScalars.count)
    }
    return TwinAnswerRefresh
  }

  private func right() -> TwinAnswer {
    let after = text().after
    guard let next = after.first else { return TwinAnswerBeep }
    if next == "\n" {
      let padding = after.dropFirst().prefix(Transcript.promptWidth).prefix { $0 == " " }.count
      move(1 + padding)
    } else {
      move(next.unicodeScalars.count)
    }
    return TwinAnswerRefresh
  }

  private func backspace() -> TwinAnswer {
    guard let edit else { return TwinAnswerBeep }
    let before = text().before
    guard let last = before.last else { return TwinAnswerBeep }
    let line = CellLayout.lines(before).last ?? ""
    var count = last.unicodeScalars.count
    if before.contains("\n"), line.allSatisfy({ $0 == " " }) {
      if line.count <= Transcript.promptWidth {
        count = line.count + 1
      } else {
        // One step of indentation at once.
        count = (line.count - Transcript.promptWidth) % 2 == 0 ? 2 : 1
      }
    }
    twin_edit_delete_before(edit, Int32(clamping: count))
    return TwinAnswerRefresh
  }

  /// A closing bracket at a line's beginning stands under the line that opened it.
  private func close(_ bracket: String) -> TwinAnswer {
    let before = text().before
    let line = CellLayout.lines(before).last ?? ""
    if let edit, before.contains("\n"), line.count >= Transcript.promptWidth + 2, line.allSatisfy({ $0 == " " }) {
      twin_edit_delete_before(edit, 2)
    }
    insert(bracket)
    return TwinAnswerRefresh
  }

  private func up() -> TwinAnswer {
    let (before, _) = text()
    guard before.contains("\n"), recalled != before + text().after else { return recall(older: true) }
    moveLine(by: -1)
    return TwinAnswerRefresh
  }

  private func down() -> TwinAnswer {
    let (before, after) = text()
    guard after.contains("\n"), recalled != before + after else { return recall(older: false) }
    moveLine(by: 1)
    return TwinAnswerRefresh
  }

  private func moveLine(by step: Int) {
    let (before, after) = text()
    let lines = CellLayout.lines(before + after).map(String.init)
    let row = CellLayout.lines(before).count - 1
    let target = row + step
    guard lines.indices.contains(target) else { return }
    let column = CellLayout.lines(before).last?.count ?? 0
    // The first line has no padding in the buffer; the prompt stands there.
    let shown = row == 0 ? column + Transcript.promptWidth : column
    let wanted = max(0, target == 0 ? shown - Transcript.promptWidth : shown)
    let head = lines[..<target].map { $0 + "\n" }.joined() + lines[target].prefix(wanted)
    move(head.unicodeScalars.count - before.unicodeScalars.count)
  }

  private func recall(older: Bool) -> TwinAnswer {
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
    // Terminals send a newline as a carriage return.
    var pasted = ""
    var wasReturn = false
    for scalar in String(cString: pointer).unicodeScalars {
      switch scalar {
      case "\r": pasted += "\n"
      case "\n": if !wasReturn { pasted += "\n" }
      case "\t": pasted += "  "
      default: if scalar.value >= 32 && scalar.value != 127 { pasted.unicodeScalars.append(scalar) }
      }
      wasReturn = scalar == "\r"
    }
    var code = Transcript.code(of: pasted)
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

  private func tab() -> TwinAnswer {
    let (before, after) = text()
    let code = CellLayout.unpadded(before)
    if CellLayout.isBlankLine(code) {
      insert("  ")
      return TwinAnswerRefresh
    }
    let completion = completion(code)
    guard !completion.candidates.isEmpty else { return TwinAnswerBeep }
    let head = String(decoding: before.utf8.dropLast(completion.replacedBytes), as: UTF8.self)
    let partial = String(decoding: before.utf8.suffix(completion.replacedBytes), as: UTF8.self)
    let common = completion.commonPrefix
    if common.utf8.count > partial.utf8.count {
      replace(head + common, after)
      return TwinAnswerRefresh
    }
    guard completion.candidates.count > 1 else { return TwinAnswerRefresh }
    if lastTab != before + after, completion.candidates.count > 60 {
      lastTab = before + after
      showList(completion, limit: 60)
    } else {
      lastTab = before + after
      showList(completion, limit: 600)
    }
    return TwinAnswerRedisplay
  }

  private func showList(_ completion: Completion, limit: Int) {
    let shown = completion.candidates.prefix(limit).map { candidate in
      (name: candidate.text, kind: candidate.kind)
    }
    var cells = shown.map { item in item.kind.isEmpty ? item.name : "\(item.name) (\(item.kind))" }
    if completion.candidates.count > limit { cells.append("… \(completion.candidates.count - limit) more: Tab again") }
    let width = (cells.map { Int(twin_text_columns($0)) }.max() ?? 1) + 2
    let perLine = max(1, (columns() - 1) / width)
    let rows = (cells.count + perLine - 1) / perLine
    var text = "\r\n"
    for row in 0..<rows {
      var line = ""
      for column in 0..<perLine where column * rows + row < cells.count {
        let cell = cells[column * rows + row]
        line += cell + String(repeating: " ", count: max(0, width - Int(twin_text_columns(cell))))
      }
      while line.last == " " { line.removeLast() }
      text += line + "\r\n"
    }
    // Below the last line of the cell, whose later lines the cursor may stand above.
    let below = CellLayout.lines(self.text().after).count - 1
    Terminal.writeRaw(String(repeating: "\r\n", count: max(0, below)) + text)
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
