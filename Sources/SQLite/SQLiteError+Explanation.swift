import Diagnostics

extension SQLiteError {
  public var explanation: Explanation {
    switch self {
    case .noLibrary(let reason):
      Explanation(
        "galleries in files need SQLite's library, and \(reason)",
        help: "apt-get install libsqlite3-0 (Scripts/setup.sh does), or keep the gallery in memory: gallery(net)")
    case .missing(let path): Explanation("there is no file “\(path)”")
    case .cannotOpen(let path, let reason):
      Explanation("“\(path)” cannot be opened: \(reason)", help: "is its folder there, and may you write in it?")
    case .notADatabase(let path): Explanation("“\(path)” is no database, or an encrypted one")
    case .damaged(let path, let reason, let logs):
      Explanation(
        "“\(path)” is damaged: \(reason)",
        help: logs.isEmpty
          ? "take a copy of it from before; sqlite3 FILE .recover reads what is left"
          : "if a backup was copied here, remove \(logs.map { "“\($0)”" }.joined(separator: " and ")), which are of the "
            + "file before it, and copy it again; else take a copy from before, or let sqlite3 FILE .recover read what is left"
      )
    case .readOnly(let path):
      Explanation("“\(path)” can only be read", help: "change its mode, or work on a copy of it")
    case .journalOfAnother(let path):
      Explanation(
        "“\(path)” is not opened: the journal beside it names another file, which would be deleted",
        help: "Twinbook leaves no such journal; remove “\(path)-journal”, and ask whoever made it")
    case .locked(let path):
      Explanation(
        "“\(path)” is being written to by another program, which did not finish in time", help: "try again")
    case .diskFull(let path):
      Explanation(
        "“\(path)” cannot be written: the disk is full", help: "make room, and try again: what was acknowledged is kept"
      )
    case .failed(let path, let reason): Explanation("“\(path)”: \(reason)")
    }
  }
}
