import Glibc

/// Names, folders and what stands in them, with errors in words. Paths may begin with `~/`.
public enum FileSystem {
  public enum Kind: Sendable, Hashable { case file, folder, other }

  public struct Entry: Sendable, Hashable {
    public var name: String
    public var kind: Kind
    /// In bytes; 0 for a folder.
    public var size: Int
  }

  /// Nil if there is nothing by that name. Links are followed.
  public static func kind(of path: String) -> Kind? { entry(expanded(path), name: "")?.kind }

  public static func exists(_ path: String) -> Bool { kind(of: path) != nil }

  /// What two names of one file or folder have in common: device and inode. Links are followed.
  public struct Identity: Hashable, Sendable {
    var device: UInt64
    var inode: UInt64
  }

  public static func identity(of path: String) -> Identity? {
    var status = stat()
    let full = expanded(path)
    guard !full.contains("\0"), withSystemPath(full, { stat($0, &status) }) == 0 else { return nil }
    return Identity(device: UInt64(truncatingIfNeeded: status.st_dev), inode: UInt64(truncatingIfNeeded: status.st_ino))
  }

  /// What changes when a file is written.
  public struct State: Hashable, Sendable {
    var identity: Identity
    var size: Int
    var seconds: Int
    var nanoseconds: Int
  }

  public static func state(of path: String) -> State? {
    var status = stat()
    guard let identity = identity(of: path), stat(expanded(path), &status) == 0 else { return nil }
    return State(
      identity: identity, size: Int(status.st_size), seconds: Int(status.st_mtim.tv_sec),
      nanoseconds: Int(status.st_mtim.tv_nsec))
  }

  public static func isFolder(_ path: String) -> Bool { kind(of: path) == .folder }

  public static func size(of path: String) -> Int? { entry(expanded(path), name: "")?.size }

  /// Sorted by name, without `.` and `..`; entries that vanish meanwhile, or links that lead nowhere, are left out.
  public static func list(_ folder: String) throws(FileError) -> [Entry] {
    let full = expanded(folder)
    guard let handle = withSystemPath(full, { opendir($0) }) else {
      if errno == ENOTDIR { throw .notFolder(path: folder) }
      throw reading(folder, errno)
    }
    defer { closedir(handle) }
    var entries: [Entry] = []
    while let item = readdir(handle) {
      let name = name(ofBytes: withUnsafeBytes(of: &item.pointee.d_name) { Array($0.prefix { $0 != 0 }) })
      if name == "." || name == ".." { continue }
      if let entry = entry(full + "/" + name, name: name) { entries.append(entry) }
    }
    return entries.sorted { $0.name < $1.name }
  }

  /// Makes the folder and those above it; one that stands already is well.
  public static func makeFolder(_ path: String) throws(FileError) {
    let full = expanded(path)
    if full.isEmpty || isFolder(full) { return }
    let above = parent(of: full)
    if above != full { try makeFolder(above) }
    if mkdir(full, 0o777) != 0, errno != EEXIST || !isFolder(full) {
      throw errno == EEXIST ? .notFolder(path: path) : writing(path, errno)
    }
  }

  public static func remove(_ path: String) throws(FileError) {
    if withSystemPath(path, { unlink($0) }) != 0 { throw writing(path, errno) }
  }

  /// "a/b" of "a/b/c"; "." of "c"; "/" of "/c".
  public static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// "c" of "a/b/c".
  public static func name(of path: String) -> String {
    String(path.split(separator: "/", omittingEmptySubsequences: true).last ?? Substring(path))
  }

  public static func expanded(_ path: String) -> String {
    guard path == "~" || path.hasPrefix("~/"), let home = environment("HOME") else { return path }
    return home + path.dropFirst()
  }

  public static func environment(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
  }

  private static func entry(_ path: String, name: String) -> Entry? {
    var status = stat()
    guard !path.contains("\0"), withSystemPath(path, { stat($0, &status) }) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: return Entry(name: name, kind: .folder, size: 0)
    case S_IFREG: return Entry(name: name, kind: .file, size: Int(status.st_size))
    default: return Entry(name: name, kind: .other, size: 0)
    }
  }
}
