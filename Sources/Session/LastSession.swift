import Files
import Foundation

import Glibc

/// Sessions that their users left unsaved: the last one is `last.twin`, those before it have their date in their names.
enum LastSession {
  /// So many stay.
  static let limit = 50

  /// - Returns: where it is kept.
  static func keep(_ text: String, in folder: String) throws(SessionError) -> String {
    // Whole before anything else is touched.
    let new = folder + "/last-\(getpid())-\(UUID().uuidString).new"
    // Like the history and the journals, which hold the same cells.
    try ScriptFile.write(text, to: new, access: .owner)
    // Two sessions may end at once.
    let lock = open(folder + "/last.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    if lock >= 0 { flock(lock, LOCK_EX) }
    defer { if lock >= 0 { close(lock) } }
    var path = folder + "/last.twin"
    var old = stat()
    if stat(path, &old) == 0 {
      if old.st_mode & S_IFMT == S_IFREG {
        closeToOthers(path)
        guard rename(path, free(in: folder, old.st_mtim.tv_sec)) == 0 else { throw failure(path, new) }
      } else {
        // Something else has the name.
        path = free(in: folder, time(nil))
      }
    }
    guard rename(new, path) == 0 else { throw failure(path, new) }
    removeOldest(in: folder)
    return path
  }

  /// Versions before left it readable for everybody. No link is followed.
  private static func closeToOthers(_ path: String) {
    let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { return }
    _ = fchmod(file, 0o600)
    close(file)
  }

  private static func failure(_ path: String, _ new: String) -> SessionError {
    let error = FileSystem.writingError(path, errno)
    unlink(new)
    return .file(error)
  }

  /// A name that nothing has yet: "last-2026-11-28-201501.twin".
  private static func free(in folder: String, _ seconds: time_t) -> String {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.dateFormat = "yyyy-MM-dd-HHmmss"
    let stem = folder + "/last-" + format.string(from: Date(timeIntervalSince1970: Double(seconds)))
    var path = stem + ".twin"
    var count = 1
    var status = stat()
    while lstat(path, &status) == 0 {
      count += 1
      path = "\(stem)-\(count).twin"
    }
    return path
  }

  private static func removeOldest(in folder: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let dated = names.filter { $0.hasPrefix("last-") && $0.hasSuffix(".twin") }.sorted()
    for name in dated.dropLast(limit) { unlink(folder + "/" + name) }
  }
}
