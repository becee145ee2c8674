import KernelInterface
import Diagnostics
import Foundation

extension NotebookSession {
  /// Everything so far as a document. Cells that hold session commands alone are left out.
  /// - Parameter minimal: only the cells that the last result depends on.
  public func document(minimal: Bool = false) -> NotebookDocument {
    let kept = minimal ? minimalEntries() : entries
    let header = NotebookDocument.Header(
      version: Self.version, seed: seed, numerics: String(NumericsContract.version), tolerance: tolerance)
    return NotebookDocument(
      header: header, interpreterLine: interpreterLine,
      cells: kept.map(\.cell).filter { !$0.source.isEmpty || !$0.title.isEmpty })
  }

  /// The cells that the last one with a result needs: backwards, each that gives or changes a name still needed.
  func minimalEntries() -> [Entry] {
    let code = entries.filter { $0.cell.kind == .code }
    guard let last = code.lastIndex(where: { $0.cell.result != nil }) ?? code.indices.last else { return [] }
    var needed: Set<String> = []
    // Seeds are taken from one sequence: a cell that takes some needs all that took some before it.
    var needsSeeds = false
    var kept: [Entry] = []
    for index in (0...last).reversed() {
      let entry = code[index]
      let gives = entry.assigns.union(entry.changes)
      let givesSeeds = needsSeeds && entry.seedsDrawn > 0
      guard index == last || givesSeeds || !gives.isDisjoint(with: needed) else { continue }
      kept.append(entry)
      needsSeeds = needsSeeds || entry.seedsDrawn > 0
      // A name that is bound anew needs nothing older; one that is only changed does.
      needed.subtract(entry.overwrites)
      needed.formUnion(namesNeeded(by: entry, at: index, in: code))
    }
    return kept.reversed()
  }

  /// What a cell reads and changes, and what the functions read that it may call.
  private func namesNeeded(by entry: Entry, at index: Int, in code: [Entry]) -> Set<String> {
    var needed = entry.reads.union(entry.changes)
    var open = Array(needed)
    while let name = open.popLast() {
      guard engine.value(of: name)?.asFunction != nil,
        let definition = code[..<index].last(where: { $0.assigns.contains(name) })
      else { continue }
      open += definition.reads.subtracting(needed)
      needed.formUnion(definition.reads)
    }
    return needed
  }

  /// - Returns: how many cells were written.
  @discardableResult
  public func save(to path: String, minimal: Bool = false) throws(SessionError) -> Int {
    let document = document(minimal: minimal)
    guard document.cells.contains(where: { $0.kind == .code }) else { throw .nothingToSave }
    try TextFile.write(document.text, to: path)
    savedPath = path
    hasUnsavedCells = false
    return document.cells.count
  }

  /// The version that stands in saved headers.
  public static let version = "0.1.0"

  /// Starts journalling.
  public func startJournal() {
    guard journal == nil, let folder = options.stateFolder else { return }
    do {
      let begun = try Journal(folder: folder, seed: seed)
      journal = begun
      let states = TrainingStates(folder: TrainingStates.folder(ofJournal: begun.path))
      trainingStates = states
      engine.context.trainings = states
      for entry in entries { try journal?.append(Journal.Record(entry)) }
    } catch {
      journal = nil
      output?.warn(
        Explanation("no journal is kept: \(error.explanation.message)", help: "%save the session now and then"))
    }
  }

  /// The session ended as its user wished.
  public func close() {
    journal?.discard()
    journal = nil
  }

  /// The process is told to go (SIGTERM, a closed terminal): saves where the session was saved before, or else leaves
  /// the journal, which the next start offers.
  public func saveBeforeTermination() -> String? {
    guard hasUnsavedCells, let savedPath, (try? save(to: savedPath)) != nil else { return nil }
    // What was being made stands in the journal alone.
    if !hasUnfinishedCell { close() }
    return savedPath
  }
}
