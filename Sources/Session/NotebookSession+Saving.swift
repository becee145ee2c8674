import Diagnostics
import Foundation

extension NotebookSession {
  /// Everything so far as a document. Cells that hold session commands alone are left out.
  /// - Parameter minimal: only the cells that the last result depends on.
  public func document(minimal: Bool = false) -> NotebookDocument {
    let kept = minimal ? minimalEntries() : entries
    let header = NotebookDocument.Header(
      version: Self.version, seed: seed, numerics: NumericsFingerprint.current, tolerance: tolerance)
    return NotebookDocument(
      header: header, interpreterLine: interpreterLine,
      cells: kept.map(\.cell).filter { !$0.source.isEmpty || !$0.title.isEmpty })
  }

  /// The cells that the last one with a result needs: backwards, each that gives or changes a name still needed.
  func minimalEntries() -> [Entry] {
    let finished = entries.filter { $0.status == .finished && $0.cell.kind == .code }
    guard let last = finished.last(where: { $0.cell.result != nil }) ?? finished.last else { return [] }
    var needed: Set<String> = []
    var kept: [Entry] = []
    for entry in finished.reversed() where entry.number <= last.number {
      let gives = entry.assigns.union(entry.changes)
      guard entry.number == last.number || !gives.isDisjoint(with: needed) else { continue }
      kept.append(entry)
      // A name that is bound anew needs nothing older; one that is only changed does.
      needed.subtract(entry.assigns)
      needed.formUnion(entry.reads)
      needed.formUnion(entry.changes)
    }
    return kept.reversed()
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
      journal = try Journal(folder: folder, seed: seed)
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
    close()
    return savedPath
  }
}
