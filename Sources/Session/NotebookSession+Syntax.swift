import Diagnostics
import Syntax

extension NotebookSession {
  /// A piece of a cell, with its place for errors.
  /// - Parameter file: the script that the cell stands in.
  func source(of segment: CellSegment, in cell: NotebookDocument.Cell, _ number: Int, file: String?) -> SourceText {
    let isOfSession = file == nil || cell.isMarked
    return SourceText(
      name: file ?? "cell \(number)", text: segment.text,
      firstLine: (file == nil ? 1 : cell.firstLine) + segment.lineOffset,
      cell: isOfSession ? ("cell \(number)", 1 + segment.lineOffset) : nil)
  }

  /// The cells of a script that cannot be read, with their errors: they are known before anything of it runs. Cells that
  /// may fail do so in their turn.
  /// - Parameter number: that of its first cell.
  /// - Returns: their places in the document.
  func syntaxErrors(
    in document: NotebookDocument, file: String, from number: Int
  ) -> [(place: Int, number: Int, diagnostics: [Diagnostic])] {
    let isOneCell = document.cells.count == 1
    var found: [(place: Int, number: Int, diagnostics: [Diagnostic])] = []
    var number = number - 1
    for (place, cell) in document.cells.enumerated() {
      if cell.kind.isNumbered { number += 1 }
      guard cell.kind == .code, !cell.allowsFailure, !CellCode.isTooLarge(cell.source) else { continue }
      let segments = segments(of: cell.source)
      // Code alone is read as a whole before it runs.
      if isOneCell, segments.count == 1 { continue }
      for segment in segments {
        guard case .code = segment.kind,
          case .failure(let errors) = Parser.parse(source(of: segment, in: cell, number, file: file))
        else { continue }
        found.append((place, number, errors.diagnostics))
        break
      }
    }
    return found
  }
}
