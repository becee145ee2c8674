import Diagnostics

extension NotebookSession {
  /// Starts the sequence of random numbers again.
  public func setSeed(_ seed: UInt64) {
    let isNew = seed != self.seed
    self.seed = seed
    engine.setSeed(seed)
    hasSetSeed = true
    if isNew { recovering { $0.record(seed: seed) } }
  }

  /// Where random numbers are.
  var randomPlace: RandomPlace { RandomPlace(seed: seed, drawn: engine.seedsDrawn) }

  /// Before a cell of a lost session: where a person had set the seed behind the cells before it, it is set again.
  ///
  /// Elsewhere the sequence goes on as the cells leave it, as it does in a replay of what is saved afterwards.
  func begin(at place: RandomPlace) {
    if place.seed != seed || (place.drawn == 0 && engine.seedsDrawn > 0) { setSeed(place.seed) }
  }

  /// The cells in a text that was typed or pasted: more than one where it has `# %%` lines. A saved session that is
  /// pasted brings its seed.
  public func cells(in text: String) -> [NotebookDocument.Cell] {
    guard text.utf8.contains(UInt8(ascii: "%")), text.contains("%%"),
      let document = try? NotebookDocument(reading: text, name: "cell")
    else {
      return [NotebookDocument.Cell(source: text)]
    }
    takeSeed(of: document, "what was pasted", again: "paste it")
    return document.cells.isEmpty ? [NotebookDocument.Cell(source: text)] : document.cells
  }

  /// A script's seed counts for its cells. Where random numbers were drawn from this session's own it cannot, and one
  /// that a person has set stays.
  /// - Parameters:
  ///   - name: of the script.
  ///   - again: what does it once more.
  func takeSeed(of document: NotebookDocument, _ name: String, again: String) {
    guard let wanted = document.header.seed, wanted != seed else { return }
    if engine.seedsDrawn == 0, !isSeedOfUser {
      setSeed(wanted)
      output?.note("seed \(wanted), as \(name) has it")
      return
    }
    let reason =
      engine.seedsDrawn == 0
      ? "this session's seed was set to \(seed)" : "this session has drawn random numbers with seed \(seed)"
    output?.warn(
      Explanation(
        "\(name) was made with seed \(wanted), and \(reason), which stays",
        help: "for the same results: %reset, then %seed \(wanted), then \(again)"))
  }
}
