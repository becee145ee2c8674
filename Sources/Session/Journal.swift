import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// Every finished cell of a session, on the disk before the next prompt shows: what a killed process leaves behind.
///
/// One JSON object a line, each synced. A line that a power cut tore is the last one, and is left out. The process that
/// writes holds a lock on the file, so that another one can tell a session that lives from one that died.
final class Journal {
  struct Record: Codable, Equatable {
    var number: Int
    var title: String
    var source: String
    var result: String?
    var kind: String
    var allowsFailure: Bool
    var pauseAfter: Int?
    var seed: UInt64?

    init(_ entry: NotebookSession.Entry) {
      number = entry.number
      title = entry.cell.title
      source = entry.cell.source
      result = entry.cell.result
      kind = entry.cell.kind == .failed ? "failed" : entry.cell.kind == .markdown ? "markdown" : "code"
      allowsFailure = entry.cell.allowsFailure
      pauseAfter = entry.cell.pauseAfter
    }

    /// The journal's first line: the session's seed.
    init(seed: UInt64) {
      number = 0
      title = ""
      source = ""
      kind = "seed"
      allowsFailure = false
      self.seed = seed
    }

    /// A cell that has not finished.
    init(begun source: String) {
      number = 0
      title = ""
      self.source = source
      kind = "begun"
      allowsFailure = false
    }

    var cell: NotebookDocument.Cell {
      NotebookDocument.Cell(
        kind: kind == "failed" ? .failed : kind == "markdown" ? .markdown : .code, title: title,
        allowsFailure: allowsFailure, pauseAfter: pauseAfter, source: source, result: result)
    }
  }

  let path: String
  private let descriptor: Int32

  /// Begins a journal in `folder`/journals.
  init(folder: String, seed: UInt64) throws(SessionError) {
    let journals = Journal.folder(in: folder)
    do {
      try FileManager.default.createDirectory(
        atPath: journals, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw .cannotWrite(file: journals, reason: "the folder cannot be made")
    }
    let name = "\(Int(Date().timeIntervalSince1970 * 1000))-\(getpid()).journal"
    path = journals + "/" + name
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .cannotWrite(file: path, reason: TextFile.systemReason()) }
    _ = flock(descriptor, LOCK_EX | LOCK_NB)
    try append(Record(seed: seed))
  }

  deinit { close(descriptor) }

  func append(_ record: Record) throws(SessionError) {
    guard var bytes = (try? JSONEncoder().encode(record)).map({ Array($0) }) else {
      throw .cannotWrite(file: path, reason: "the cell cannot be encoded")
    }
    bytes.append(10)
    try TextFile.writeAll(bytes, to: descriptor, name: path)
    guard fdatasync(descriptor) == 0 else { throw .cannotWrite(file: path, reason: TextFile.systemReason()) }
  }

  /// A cell begins: should the process end in its middle, its text is not lost.
  func begin(_ source: String) {
    // Not synced: the next finished cell is, and a crash of the process alone loses no bytes.
    guard let bytes = try? JSONEncoder().encode(Record(begun: source)) else { return }
    try? TextFile.writeAll(Array(bytes) + [10], to: descriptor, name: path)
  }

  /// The session ended as its user wished: nothing to bring back.
  func discard() {
    unlink(path)
    TrainingStates.discard(TrainingStates.folder(ofJournal: path))
  }

  static func folder(in state: String) -> String { state + "/journals" }
}

/// A session that ended without a goodbye.
public struct LostSession: Sendable {
  public let path: String
  public let seed: UInt64?
  public let cells: [NotebookDocument.Cell]
  /// The cell in whose middle the process ended.
  public let unfinished: String?
  public let date: Date

  /// Those whose process is gone, the newest first. Journals without a cell are removed on the way.
  public static func all(in stateFolder: String) -> [LostSession] {
    let folder = Journal.folder(in: stateFolder)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    var found: [LostSession] = []
    for name in names.sorted(by: >) where name.hasSuffix(".journal") {
      let path = folder + "/" + name
      let descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { continue }
      guard let bytes = try? TextFile.readAll(descriptor, name: path) else { continue }
      var seed: UInt64?
      var cells: [NotebookDocument.Cell] = []
      var unfinished: String?
      for line in bytes.split(separator: 10) {
        guard let record = try? JSONDecoder().decode(Journal.Record.self, from: Data(line)) else { continue }
        switch record.kind {
        case "seed": seed = record.seed
        // An empty one stands for a cell that was given up.
        case "begun": unfinished = record.source.isEmpty ? nil : record.source
        default:
          unfinished = nil
          cells.append(record.cell)
        }
      }
      if cells.isEmpty, unfinished == nil {
        unlink(path)
        continue
      }
      let milliseconds = name.split(separator: "-").first.flatMap { Double($0) } ?? 0
      found.append(
        LostSession(
          path: path, seed: seed, cells: cells, unfinished: unfinished,
          date: Date(timeIntervalSince1970: milliseconds / 1000)))
    }
    return found
  }

  public func discard() {
    unlink(path)
    TrainingStates.discard(statesFolder)
  }

  var statesFolder: String { TrainingStates.folder(ofJournal: path) }
}

/// Where the journal and the history stand: `$XDG_STATE_HOME/twinbook`, else `~/.local/state/twinbook`.
public enum StateFolder {
  public static func path(environment: [String: String] = ProcessInfo.processInfo.environment) -> String? {
    if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return state + "/twinbook" }
    guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
    return home + "/.local/state/twinbook"
  }
}
