import Glibc
import Sandbox

/// Folders: what stands in them, making them, taking files out of them.
extension FileSystem {
  /// Sorted by name, without `.` and `..`; entries that vanish meanwhile are left out.
  ///
  /// - Parameter lost: whether links that lead nowhere are in it, too, as neither file nor folder.
  public static func list(_ folder: String, lost: Bool = false) throws(FileError) -> [Entry] {
    guard let files = AccessPolicy.current.files else {
      return try list(at: expanded(folder), name: folder, lost: lost)
    }
    let place = files.absolute(expanded(folder))
    guard let own = files.own(place), own != place, isOwnFolder(own) else {
      return try list(at: place, name: folder, lost: lost)
    }
    // What the script wrote stands over what was there.
    var entries = try list(at: own, name: folder, lost: lost)
    let names = Set(entries.map(\.name))
    entries += ((try? list(at: place, name: folder, lost: lost)) ?? []).filter { !names.contains($0.name) }
    return entries.sorted { $0.name < $1.name }
  }

  private static func list(at place: String, name: String, lost: Bool) throws(FileError) -> [Entry] {
    let file = try openToRead(at: place, name: name, O_DIRECTORY | O_NONBLOCK)
    guard let handle = fdopendir(file) else {
      let error = reading(name, errno)
      close(file)
      throw error
    }
    defer { closedir(handle) }
    var entries: [Entry] = []
    while let item = readdir(handle) {
      let name = Self.name(ofBytes: withUnsafeBytes(of: &item.pointee.d_name) { Array($0.prefix { $0 != 0 }) })
      if name == "." || name == ".." { continue }
      if let status = status(at: place + "/" + name) {
        entries.append(entry(name, status))
      } else if lost, kindOfEntry(name, in: dirfd(handle)) == S_IFLNK {
        entries.append(Entry(name: name, kind: .other, size: 0))
      }
    }
    return entries.sorted { $0.name < $1.name }
  }

  /// Makes the folder and those above it; one that stands already is well.
  ///
  /// - Parameter path: "" is no folder: what is joined to it by a slash would stand in `/`.
  public static func makeFolder(_ path: String) throws(FileError) {
    let full = expanded(path)
    guard !full.isEmpty else {
      throw .system(path: path, action: "write into", reason: "this is not a folder's name; “.” is the current folder")
    }
    guard full != "~", !full.hasPrefix("~/") else {
      throw .system(path: path, action: "write into", reason: "HOME is not set, and ~ stands for it")
    }
    if isFolder(full) { return }
    guard let files = AccessPolicy.current.files else { return try makeFolder(at: full, name: path) }
    guard let own = files.own(full) else { throw .refused(path: path, writing: true) }
    try makeOwnFolder(own, files, name: path)
  }

  private static func makeFolder(at place: String, name: String) throws(FileError) {
    var status = stat()
    func isFolder() -> Bool { withSystemPath(place) { stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR }
    if place.isEmpty || isFolder() { return }
    let above = parent(of: place)
    // The words are of the folder that cannot be made, which may be one above.
    if above != place { try makeFolder(at: above, name: parent(of: name)) }
    if mkdir(place, 0o777) != 0 {
      let code = errno
      if code == EEXIST, isFolder() { return }
      throw code == EEXIST ? .notFolder(path: name) : writing(name, code)
    }
  }

  /// A folder below the one that a script in a box writes to. It is gone down to name by name, through no link: one that
  /// was planted there would lead out.
  ///
  /// - Parameters:
  ///   - place: as `FileAccess.own` gives it.
  ///   - name: for words.
  static func makeOwnFolder(_ place: String, _ files: FileAccess, name: String) throws(FileError) {
    guard place != files.scratch else { return }
    guard place.hasPrefix(files.scratch + "/"), !place.contains("\0") else { throw .refused(path: name, writing: true) }
    var folder = open(files.scratch, OpenFlags.hold | O_DIRECTORY | O_NOFOLLOW)
    for part in place.dropFirst(files.scratch.count).split(separator: "/") where folder >= 0 {
      let part = String(part)
      mkdirat(folder, part, 0o777)
      let next = openat(folder, part, OpenFlags.hold | O_DIRECTORY | O_NOFOLLOW)
      let code = errno
      let kind = next < 0 ? kindOfEntry(part, in: folder) : S_IFDIR
      close(folder)
      switch kind {
      case S_IFDIR: folder = next
      case S_IFLNK: throw .refused(path: name, writing: true)
      case .some: throw .notFolder(path: name)
      case nil: throw writing(name, code)
      }
    }
    if folder < 0 { throw writing(name, errno) }
    close(folder)
  }

  /// What an entry of an open folder is, a link not followed: S_IFDIR, S_IFREG, S_IFLNK and so on; nil: there is none.
  static func kindOfEntry(_ name: String, in folder: Int32) -> mode_t? {
    var status = stat()
    return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status.st_mode & S_IFMT : nil
  }

  /// Takes a file away. A link is taken away itself, not what it leads to.
  public static func remove(_ path: String) throws(FileError) {
    let folder = try WritableFolder(of: path)
    let failed =
      AccessPolicy.current.files == nil
      ? withSystemPath(folder.place) { unlink($0) } : unlinkat(folder.descriptor, folder.name, 0)
    if failed != 0 { throw writing(path, errno) }
  }

  /// The same below a folder; no link below it is followed.
  public static func remove(_ rest: String, beneath root: String) throws(FileError) {
    let folder = try WritableFolder(beneath: root, rest)
    if unlinkat(folder.descriptor, folder.name, 0) != 0 { throw writing(root + "/" + rest, errno) }
  }
}
