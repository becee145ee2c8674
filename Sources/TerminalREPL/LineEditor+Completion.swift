import CLibEdit
import Diagnostics
import Session

/// Tab: completes as far as is certain, then lists what is possible.
extension LineEditor {
  func tab() -> TwinAnswer {
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

  func showList(_ completion: Completion, limit: Int) {
    let shown = completion.candidates.prefix(limit).map { candidate in
      (name: candidate.text.asOneLine, kind: candidate.kind.asOneLine)
    }
    var cells = shown.map { item in item.kind.isEmpty ? item.name : "\(item.name) (\(item.kind))" }
    if completion.candidates.count > limit { cells.append("… \(completion.candidates.count - limit) more: Tab again") }
    let width = (cells.map { Int(twin_text_columns($0)) }.max() ?? 1) + 2
    let perLine = max(1, (size().columns - 1) / width)
    let rows = (cells.count + perLine - 1) / perLine
    // Below the last line of the cell, whose later lines the cursor may stand above.
    var text = screen.moveBelow()
    for row in 0..<rows {
      var line = ""
      for column in 0..<perLine where column * rows + row < cells.count {
        let cell = cells[column * rows + row]
        line += cell + String(repeating: " ", count: max(0, width - Int(twin_text_columns(cell))))
      }
      while line.last == " " { line.removeLast() }
      text += line + "\r\n"
    }
    Terminal.writeRaw(text)
  }
}
