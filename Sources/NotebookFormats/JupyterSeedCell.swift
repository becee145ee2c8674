import JSON
import Session

/// The cell `%seed 42` that a notebook has before its first code. Jupyter's kernel sees the cells alone and not the
/// notebook's metadata, so without this cell a run in Jupyter would draw other numbers than the session did.
///
/// It has a mark in its metadata: whoever reads the notebook takes the seed into the header and leaves the cell out.
enum JupyterSeedCell {
  private static let mark = "seed"

  /// Nil where the kernel's own seed is meant, or nothing runs.
  static func json(of document: NotebookDocument) -> JSONValue? {
    guard let seed = document.header.seed, seed != 0, document.cells.contains(where: { $0.kind == .code }) else {
      return nil
    }
    // The kernel's answer to the command: who compares the outputs of two runs (nbval) finds the same.
    let answer = ResultPiece.printed("seed \(seed)\n")
    let hasResults = document.cells.contains { $0.kind == .code && $0.result != nil }
    return .object([
      "cell_type": .string("code"), "execution_count": .null, "id": .string("seed"),
      "metadata": .object([JupyterNotebook.key: .object([mark: .bool(true)])]),
      "outputs": .array(hasResults ? [JupyterNotebookWriter.output(answer, number: 0)] : []),
      "source": JupyterNotebookWriter.lines("%seed \(seed)"),
    ])
  }

  /// The seed that the cell sets, which somebody may have changed in Jupyter; nil: it is a cell like any other, and so is
  /// one in which somebody has written more.
  /// - Parameter source: the cell's text.
  static func seed(_ json: JSONValue, source: String) -> UInt64? {
    guard json["cell_type"]?.string == "code", json["metadata"]?[JupyterNotebook.key]?[mark]?.bool == true else {
      return nil
    }
    let words = source.split(whereSeparator: \.isWhitespace)
    guard words.count == 2, words[0] == "%seed" else { return nil }
    return UInt64(words[1])
  }
}
