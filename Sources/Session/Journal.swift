import Files
import Foundation

import Glibc

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
    var metadata: String?
    var depth: Int?
    var isQuoted: Bool?
    var isRaw: Bool?
    var seed: UInt64?
    var varies: Bool?
    var answers: [String]?
    /// Where the session was. Journals of the version before do not say it.
    var folder: String?
    /// Where its random numbers were when the cell began; likewise.
    var random: RandomPlace?

    init(_ entry: EvaluatedCell) {
      number = entry.number
      title = entry.cell.title
      source = entry.cell.source
      result = entry.cell.result
      kind = entry.cell.kind == .failed ? "failed" : entry.cell.kind == .markdown ? "markdown" : "code"
      allowsFailure = entry.cell.allowsFailure
      pauseAfter = entry.cell.pauseAfter
      metadata = entry.cell.metadata.isEmpty ? nil : entry.cell.metadata
      depth = entry.cell.depth == 0 ? nil : entry.cell.depth
      isQuoted = entry.cell.isQuoted ? true : nil
      isRaw = entry.cell.isRaw ? true : nil
      varies = entry.cell.varies ? true : nil
      answers = entry.cell.answers.isEmpty ? nil : entry.cell.answers
      folder = entry.folder
      random = entry.randomPlace
    }

    private init(kind: String, number: Int = 0, source: String = "") {
      self.number = number
      title = ""
      self.source = source
      self.kind = kind
      allowsFailure = false
    }

    /// The journal's first line, and wherever one of them is set anew: the session's seed and its folder.
    init(seed: UInt64, folder: String? = WorkingFolder.path) {
      self.init(kind: "seed")
      self.seed = seed
      self.folder = folder
    }

    /// A cell that has not finished.
    init(begun source: String) { self.init(kind: "begun", source: source) }

    /// The last cells were taken back, so many.
    init(undone count: Int) { self.init(kind: "undone", number: count) }

    var cell: NotebookDocument.Cell {
      var cell = NotebookDocument.Cell(
        kind: kind == "failed" ? .failed : kind == "markdown" ? .markdown : .code, title: title,
        allowsFailure: allowsFailure, pauseAfter: pauseAfter, source: source, result: result)
      cell.metadata = metadata ?? ""
      cell.depth = depth ?? 0
      cell.isQuoted = isQuoted ?? false
      cell.isRaw = isRaw ?? false
      cell.varies = varies ?? false
      cell.answers = answers ?? []
      return cell
    }
  }

  let path: String
  private let descriptor: Int32
  /// Bytes of whole records.
  private var size: off_t = 0
  /// Behind them stands a part of one.
  private var isTorn = false
  /// What could not be written yet: the disk was full. It is tried again with the next record.
  private var waiting: [UInt8] = []
  var isWhole: Bool { waiting.isEmpty }
  /// A finished cell could not be written, and nobody has been told yet that all of them are.
  var hasFailed = false
  /// While a lost session is brought back its own journal still stands, and one sync at the end will do.
  var isSyncedAtOnce = true

  /// Begins a journal in `folder`/journals.
  init(folder: String, seed: UInt64) throws(SessionError) {
    let journals = Journal.folder(in: folder)
    do {
      try FileManager.default.createDirectory(
        atPath: journals, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw .file(.system(path: journals, action: "write", reason: "the folder cannot be made"))
    }
    let name = "\(Int(Date().timeIntervalSince1970 * 1000))-\(getpid()).journal"
    path = journals + "/" + name
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .file(FileSystem.writingError(path, errno)) }
    _ = flock(descriptor, LOCK_EX | LOCK_NB)
    do {
      try append(Record(seed: seed))
    } catch {
      unlink(path)
      throw error
    }
  }

  deinit { close(descriptor) }

  func append(_ record: Record) throws(SessionError) {
    guard let bytes = try? JSONEncoder().encode(record) else {
      throw .file(.system(path: path, action: "write", reason: "the cell cannot be encoded"))
    }
    waiting += bytes
    waiting.append(10)
    do {
      try write()
    } catch {
      hasFailed = true
      throw error
    }
    if isSyncedAtOnce { try sync() }
  }

  func sync() throws(SessionError) {
    guard fdatasync(descriptor) == 0 else { throw failure() }
  }

  private func write() throws(SessionError) {
    if isTorn {
      guard ftruncate(descriptor, size) == 0 else { throw failure() }
      isTorn = false
    }
    do {
      try FileSystem.write(waiting, to: descriptor, name: path)
    } catch {
      isTorn = ftruncate(descriptor, size) != 0
      throw .file(error)
    }
    size += off_t(waiting.count)
    waiting = []
  }

  /// Why the last call of the system failed.
  private func failure() -> SessionError { .file(FileSystem.writingError(path, errno)) }

  /// A cell begins: should the process end in its middle, its text is not lost.
  func begin(_ source: String) {
    // Not synced: the next finished cell is, and a crash of the process alone loses no bytes.
    guard let bytes = try? JSONEncoder().encode(Record(begun: source)) else { return }
    let before = waiting
    waiting += bytes
    waiting.append(10)
    // What has no room now is of no use later: by then the cell has finished.
    do { try write() } catch { waiting = before }
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
  /// Where each of the cells ran; nil in journals of the version before.
  public let folders: [String?]
  /// Where random numbers were as each of them began; likewise.
  let random: [RandomPlace?]
  /// Where the session was at its end.
  public let folder: String?
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
      var seed: UInt64?
      var cells: [NotebookDocument.Cell] = []
      var folders: [String?] = []
      var random: [RandomPlace?] = []
      var folder: String?
      var unfinished: String?
      let isRead: Void? = try? FileSystem.readLines(descriptor, name: path) { line in
        guard let record = try? JSONDecoder().decode(Journal.Record.self, from: Data(line)) else { return }
        folder = record.folder ?? folder
        switch record.kind {
        case "seed": seed = record.seed
        // An empty one stands for a cell that was given up.
        case "begun": unfinished = record.source.isEmpty ? nil : record.source
        case "undone":
          unfinished = nil
          cells.removeLast(max(0, min(record.number, cells.count)))
          folders.removeLast(folders.count - cells.count)
          random.removeLast(random.count - cells.count)
        default:
          unfinished = nil
          cells.append(record.cell)
          folders.append(record.folder)
          random.append(record.random)
        }
      }
      guard isRead != nil else { continue }
      if cells.isEmpty, unfinished == nil {
        unlink(path)
        continue
      }
      let milliseconds = name.split(separator: "-").first.flatMap { Double($0) } ?? 0
      found.append(
        LostSession(
          path: path, seed: seed, cells: cells, folders: folders, random: random, folder: folder,
          unfinished: unfinished, date: Date(timeIntervalSince1970: milliseconds / 1000)))
    }
    return found
  }

  public func discard() {
    unlink(path)
    TrainingStates.discard(statesFolder)
  }

  var statesFolder: String { TrainingStates.folder(ofJournal: path) }

  /// Those of its folders that are no longer there, each once.
  public var missingFolders: [String] {
    var seen: Set<String> = []
    return (folders + [folder]).compactMap(\.self).filter { seen.insert($0).inserted && !FileSystem.isFolder($0) }
  }
}

/// Where the journal and the history stand: `$XDG_STATE_HOME/twinbook`, else `~/.local/state/twinbook`.
public enum StateFolder {
  public static func path(environment: [String: String] = ProcessInfo.processInfo.environment) -> String? {
    if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return state + "/twinbook" }
    guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
    return home + "/.local/state/twinbook"
  }
}
