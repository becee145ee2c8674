import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What can go wrong with a database in a file. The words stand in `SQLiteError+Explanation.swift`.
public enum SQLiteError: ExplainedError, Hashable {
  /// The library cannot be opened; `reason` says why.
  case noLibrary(reason: String)
  case missing(path: String)
  case cannotOpen(path: String, reason: String)
  /// It is something else, or its pages are damaged.
  case notADatabase(path: String)
  /// `logs`: files beside it that may be another's, if this one was put into its place.
  case damaged(path: String, reason: String, logs: [String])
  case readOnly(path: String)
  /// The journal beside it would have SQLite delete another file.
  case journalOfAnother(path: String)
  /// Another program has it locked for writing, and did not let go.
  case locked(path: String)
  case diskFull(path: String)
  case failed(path: String, reason: String)

  /// The same of a file that is known by another name.
  public func called(_ path: String) -> SQLiteError {
    switch self {
    case .noLibrary: self
    case .missing: .missing(path: path)
    case .cannotOpen(_, let reason): .cannotOpen(path: path, reason: reason)
    case .notADatabase: .notADatabase(path: path)
    case .damaged(let old, let reason, let logs):
      .damaged(path: path, reason: reason, logs: logs.map { path + $0.dropFirst(old.count) })
    case .readOnly: .readOnly(path: path)
    case .journalOfAnother: .journalOfAnother(path: path)
    case .locked: .locked(path: path)
    case .diskFull: .diskFull(path: path)
    case .failed(_, let reason): .failed(path: path, reason: reason)
    }
  }

  /// - Parameters:
  ///   - code: SQLite's extended number.
  ///   - file: where it is.
  init(code: Int, path: String, file: String, reason: String) {
    switch code & 0xff {
    case 5, 6: self = .locked(path: path)
    case 8: self = .readOnly(path: path)
    case 11:
      var log = stat()
      // An open database has an empty log.
      let isLogged = stat(file + "-wal", &log) == 0 && log.st_size > 0
      self = .damaged(path: path, reason: reason, logs: isLogged ? ["-wal", "-shm"].map { path + $0 } : [])
    case 13: self = .diskFull(path: path)
    case 14: self = .cannotOpen(path: path, reason: reason)
    case 26: self = .notADatabase(path: path)
    default: self = .failed(path: path, reason: reason)
    }
  }
}
