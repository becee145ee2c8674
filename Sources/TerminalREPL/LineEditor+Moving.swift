import CLibEdit
import Session

/// Keys that move in a cell of several lines, or take a character away.
extension LineEditor {
  /// Who moves in a cell that Up brought stays in it: Up and Down go over its lines from now on.
  func goInside() { recalled = nil }

  /// Within a line's padding there is nothing to go to.
  func home() -> TwinAnswer {
    goInside()
    let line = CellLayout.lines(text().before).last ?? ""
    let isFirst = !text().before.contains("\n")
    let start = isFirst ? 0 : min(Transcript.promptWidth, line.prefix { $0 == " " }.count)
    move(-(line.unicodeScalars.count - start))
    return TwinAnswerRefresh
  }

  func left() -> TwinAnswer {
    goInside()
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

  func right() -> TwinAnswer {
    goInside()
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

  func backspace() -> TwinAnswer {
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
  func close(_ bracket: String) -> TwinAnswer {
    let before = text().before
    let line = CellLayout.lines(before).last ?? ""
    if let edit, before.contains("\n"), line.count >= Transcript.promptWidth + 2, line.allSatisfy({ $0 == " " }) {
      twin_edit_delete_before(edit, 2)
    }
    insert(bracket)
    return TwinAnswerRefresh
  }

  func up() -> TwinAnswer {
    let (before, _) = text()
    guard before.contains("\n"), recalled != before + text().after else { return recall(older: true) }
    moveLine(by: -1)
    return TwinAnswerRefresh
  }

  func down() -> TwinAnswer {
    let (before, after) = text()
    guard after.contains("\n"), recalled != before + after else { return recall(older: false) }
    moveLine(by: 1)
    return TwinAnswerRefresh
  }

  func moveLine(by step: Int) {
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
}
