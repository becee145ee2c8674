import KernelInterface
import Diagnostics
import Foundation

extension NotebookSession {
  /// Everything so far as a document. Cells that hold session commands alone are left out.
  /// - Parameters:
  ///   - minimal: only the cells that the last result depends on.
  ///   - withPictures: figures and what is at hand of values are drawn. Warns of those that cannot be.
  public func document(minimal: Bool = false, withPictures: Bool = false) -> NotebookDocument {
    let kept = minimal ? renumbered(minimalEntries()) : entries
    let header = NotebookDocument.Header(
      version: Self.version, seed: seed, numerics: String(NumericsContract.version), tolerance: tolerance,
      others: headerLines)
    return NotebookDocument(
      header: header, interpreterLine: interpreterLine,
      cells: kept.map { withPictures ? illustrated($0) : $0.cell }
        .filter { !$0.source.isEmpty || !$0.title.isEmpty }
    ).asRead
  }

  /// The cell with the pictures of its parts.
  private func illustrated(_ entry: EvaluatedCell) -> NotebookDocument.Cell {
    var cell = entry.cell
    var figures = entry.figures[...]
    let lines = (cell.result ?? "").split(separator: "\n", omittingEmptySubsequences: false)
    for index in cell.parts.indices {
      switch cell.parts[index].kind {
      case .figure:
        guard let figure = figures.popFirst() else { continue }
        do {
          cell.parts[index].media = try figure.media()
        } catch {
          recorder.warn(Explanation("figure \(figure.number) cannot be drawn: \(describe(error))"))
        }
      case .value:
        guard cell.parts[index].lines.upperBound <= lines.count else { continue }
        let text = lines[cell.parts[index].lines].joined(separator: "\n")
        cell.parts[index].media = entry.rich?.value?.media(text: text) ?? [:]
      case .failure: break
      }
    }
    return cell
  }

  /// The cells that the last one with a result needs: backwards, each that gives or changes a name still needed, and
  /// where one reads files, those that write some.
  func minimalEntries() -> [EvaluatedCell] {
    let code = entries.filter { $0.cell.kind == .code }
    guard let last = code.lastIndex(where: { $0.cell.result != nil }) ?? code.indices.last else { return [] }
    var needed: Set<String> = []
    // Seeds are taken from one sequence: a cell that takes some needs all that took some before it.
    var needsSeeds = false
    var needsFiles = false
    var kept: [EvaluatedCell] = []
    for index in (0...last).reversed() {
      let entry = code[index]
      let gives = entry.names.assigns.union(entry.names.changes)
      let givesSeeds = needsSeeds && entry.seedsDrawn > 0
      let calls = fileCalls(of: entry, at: index, in: code)
      let writesFiles = needsFiles && calls.writes
      guard index == last || givesSeeds || writesFiles || !gives.isDisjoint(with: needed) else { continue }
      kept.append(entry)
      needsFiles = needsFiles || calls.reads
      needsSeeds = needsSeeds || entry.seedsDrawn > 0
      // A name that is bound anew needs nothing older; one that is only changed does.
      needed.subtract(entry.names.overwrites)
      needed.formUnion(namesNeeded(by: entry, at: index, in: code))
    }
    return kept.reversed()
  }

  /// What a cell and the functions that it may call do with files.
  private func fileCalls(of entry: EvaluatedCell, at index: Int, in code: [EvaluatedCell]) -> FileCalls {
    var calls = FileCalls(in: entry.cell.source, engine.registry)
    for name in namesNeeded(by: entry, at: index, in: code) where engine.value(of: name)?.asFunction != nil {
      guard let definition = code[..<index].last(where: { $0.names.assigns.contains(name) }) else { continue }
      let more = FileCalls(in: definition.cell.source, engine.registry)
      calls.writes = calls.writes || more.writes
      calls.reads = calls.reads || more.reads
    }
    return calls
  }

  /// What a cell reads and changes, and what the functions read that it may call.
  func namesNeeded(by entry: EvaluatedCell, at index: Int, in code: [EvaluatedCell]) -> Set<String> {
    withFunctions(entry.names.reads.union(entry.names.changes), upTo: index, in: code)
  }

  /// With what the functions among the names read, as the cells before `index` defined them.
  func withFunctions(_ names: Set<String>, upTo index: Int, in code: [EvaluatedCell]) -> Set<String> {
    var needed = names
    var open = Array(needed)
    while let name = open.popLast() {
      guard engine.value(of: name)?.asFunction != nil,
        let definition = code[..<index].last(where: { $0.names.assigns.contains(name) })
      else { continue }
      let reads = definition.names.madeFrom[name] ?? definition.names.reads
      open += reads.subtracting(needed)
      needed.formUnion(reads)
    }
    return needed
  }

  /// - Parameter replaces: writes over whatever stands there.
  /// - Returns: how many cells were written.
  @discardableResult
  public func save(to path: String, minimal: Bool = false, replaces: Bool = false) throws -> Int {
    let format = try options.formats.formatToWrite(path)
    let document = document(minimal: minimal, withPictures: format.holdsPictures)
    guard document.cells.contains(where: { $0.kind == .code }) else { throw SessionError.nothingToSave }
    if !replaces { try checkReplacing(path) }
    let bytes = try format.bytes(of: document, name: path)
    try ScriptFile.write(bytes, to: path)
    ownFiles.note(path, bytes)
    if !minimal {
      savedPath = path
      hasUnsavedCells = false
    } else if let savedPath, OwnFiles.isSame(savedPath, path) {
      // All of it stood there before.
      self.savedPath = nil
      hasUnsavedCells = true
    }
    return document.cells.count
  }

  private func checkReplacing(_ path: String) throws(SessionError) {
    switch try ownFiles.standing(at: path) {
    case .nothing, .own: return
    case .changed: throw .wouldReplace(file: path, what: .changed)
    case .foreign(let bytes):
      let read = try? options.formats.format(of: path).document(reading: bytes, name: path)
      let isSession = read?.header.version != nil
      throw .wouldReplace(file: path, what: isSession ? .anotherSession : .noSession)
    }
  }

  /// The version that stands in saved headers.
  public static let version = "0.1.0"

  /// What was not saved, kept where its user finds it. Nil: there is nothing to keep, or no place for it.
  public func keepUnsaved() throws(SessionError) -> String? {
    guard hasUnsavedCells, let folder = options.stateFolder else { return nil }
    let document = document()
    guard document.cells.contains(where: { $0.kind == .code }) else { return nil }
    return try LastSession.keep(document.text, in: folder)
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
