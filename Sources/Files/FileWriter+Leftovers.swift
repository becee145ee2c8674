import Glibc

/// A process that was killed while it wrote leaves its temporary file behind. The next one to write in that folder clears
/// it away.
extension FileWriter {
  /// ".people.gallery.4711-9f2c….part": whose it is, and sixteen random digits. Locked by its writer for as long as it
  /// writes.
  static func temporaryName(_ stem: String) -> String {
    "\(stem).\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 16)).part"
  }

  /// Looked at in a folder, at most: in one that holds more, a write would take longer than it should.
  private static let entryLimit = 10_000

  /// - Parameter folder: held open, so that nothing is taken away elsewhere where its name is changed meanwhile.
  static func clearLeftovers(in folder: WritableFolder) {
    let opened = openat(folder.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard opened >= 0 else { return }
    guard let handle = fdopendir(opened) else {
      close(opened)
      return
    }
    defer { closedir(handle) }
    var seen = 0
    while seen < entryLimit, let item = readdir(handle) {
      seen += 1
      // Most names are told by their first letter.
      guard item.pointee.d_name.0 == 0x2E else { continue }
      let name = withUnsafeBytes(of: &item.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard let owner = owner(of: name), owner != getpid() else { continue }
      clear(name, in: folder.descriptor, owner: owner)
    }
  }

  private static func owner(of name: String) -> pid_t? {
    guard name.hasSuffix(".part"), let number = name.dropLast(5).split(separator: ".").last else { return nil }
    let parts = number.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].allSatisfy(\.isHexDigit), !parts[1].isEmpty, let owner = pid_t(parts[0]), owner > 0
    else { return nil }
    return owner
  }

  private static func clear(_ name: String, in folder: Int32, owner: pid_t) {
    let file = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
    guard file >= 0 else { return }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, flock(file, LOCK_EX | LOCK_NB) == 0 else {
      return
    }
    // Without a lock for a moment: it was made just now, or by a process in another container.
    let isGone = kill(owner, 0) != 0 && errno == ESRCH
    let age = time(nil) - status.st_mtim.tv_sec
    if isGone || age > 60 { unlinkat(folder, name, 0) }
  }
}
