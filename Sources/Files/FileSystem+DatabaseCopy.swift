import Glibc

/// Copying a database of SQLite, which another program may be writing meanwhile, or may have been killed over.
extension FileSystem {
  /// How often a copy is begun anew, after waits that become longer: four seconds in all.
  private static let copies = 30

  /// The database and, where one stands beside it, its log: what was written last is in the log alone.
  ///
  /// A program that writes adds to the log (`-wal`), and at times moves what is in it into the database. It begins the log
  /// anew only after all of it was moved, and under another head. So the database is copied first, and the log then: where
  /// the log has the same head before and after, it holds all that was moved meanwhile, and SQLite makes the database of that
  /// moment out of both. A last entry that is copied in part fails its checksum, and counts as not written. The index beside
  /// them (`-shm`) is made from the log.
  static func copyDatabase(_ path: String, to target: String) throws(FileError) {
    // Before the copy, which has the same name in a box.
    let place = placeToRead(path)
    do {
      for round in 0..<copies {
        if try copyDatabaseOnce(path, at: place, to: target) { return }
        usleep(UInt32(min(round, 20)) * 10_000)
      }
    } catch {
      // A database without its log would be taken for all there is.
      removeCopy(target)
      throw error
    }
    removeCopy(target)
    throw .system(path: path, action: "read", reason: "another program writes to it all the time")
  }

  private static func removeCopy(_ target: String) {
    for ending in ["", "-wal"] { try? remove(target + ending) }
  }

  /// - Returns: whether both are of one moment.
  private static func copyDatabaseOnce(
    _ path: String, at place: String, to target: String
  ) throws(FileError) -> Bool {
    let (file, before) = try openFile(at: place, name: path)
    defer { close(file) }
    // The log stands where the database is once all links are followed.
    guard let real = location(of: file) else { throw reading(path, ENOENT) }
    let (log, name) = (String(decoding: real, as: UTF8.self) + "-wal", path + "-wal")
    let head = try logHead(at: log, name: name)
    try copy(file, before, name: path, to: target)
    if head == nil {
      // Of the round before.
      try? remove(target + "-wal")
    } else {
      do {
        let (file, status) = try openFile(at: log, name: name)
        defer { close(file) }
        try copy(file, status, name: name, to: target + "-wal")
      } catch {
        // Whoever had it open last has moved all of it, and taken it away.
        guard case .missing = error else { throw error }
        return false
      }
    }
    guard let after = status(at: place), after.st_dev == before.st_dev, after.st_ino == before.st_ino else {
      return false
    }
    guard try logHead(at: log, name: name) == head else { return false }
    // Where no log stands beside it, nothing was moved and nothing written.
    return head != nil
      || (after.st_size == before.st_size && after.st_mtim.tv_sec == before.st_mtim.tv_sec
        && after.st_mtim.tv_nsec == before.st_mtim.tv_nsec)
  }

  private static let headLength = 32

  /// What a log begins with: of another life of it, other numbers. Nil: there is none, or nothing in it.
  private static func logHead(at place: String, name: String) throws(FileError) -> [UInt8]? {
    let file: Int32
    do { file = try openFile(at: place, name: name).file } catch {
      guard case .missing = error else { throw error }
      return nil
    }
    defer { close(file) }
    var head = [UInt8](repeating: 0, count: headLength)
    let count = pread(file, &head, headLength, 0)
    if count < 0 { throw reading(name, errno) }
    return count == headLength ? head : nil
  }
}
