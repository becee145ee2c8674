import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reading and listing, with errors in words. Paths may begin with `~/`.
public enum FileSystem {
  /// What is read at once when no other limit is given: 4 GiB.
  public static let defaultLimit = 4 << 30

  public enum Kind: Sendable, Hashable { case file, folder, other }

  public struct Entry: Sendable, Hashable {
    public var name: String
    public var kind: Kind
    /// In bytes; 0 for a folder.
    public var size: Int
  }

  /// The whole file. `limit` in bytes; a file that grows while it is read is cut off by an error, not by memory.
  public static func read(_ path: String, limit: Int = defaultLimit) throws(FileError) -> [UInt8] {
    let full = expanded(path)
    let file = full.contains("\0") ? -1 : open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if file < 0 { throw reading(path, full.contains("\0") ? ENOENT : errno) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw reading(path, errno) }
    if status.st_mode & S_IFMT == S_IFDIR { throw .isFolder(path: path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .system(path: path, action: "read", reason: "it is a device or a pipe, not a file")
    }
    let size = Int(status.st_size)
    guard size <= limit else { throw .tooLarge(path: path, size: size, limit: limit) }
    var failure: FileError?
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size, let base = buffer.baseAddress {
        let got = Glibc.read(file, base + count, size - count)
        if got < 0 {
          if errno == EINTR { continue }
          failure = reading(path, errno)
          return
        }
        if got == 0 { return }
        count += got
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// The first `count` bytes, or fewer if the file is shorter: enough to tell what kind of file it is.
  public static func readStart(_ path: String, count: Int) throws(FileError) -> [UInt8] {
    let full = expanded(path)
    let file = open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if file < 0 { throw reading(path, errno) }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: max(0, count))
    let got = Glibc.read(file, &bytes, bytes.count)
    if got < 0 { throw reading(path, errno) }
    return Array(bytes.prefix(got))
  }

  public static func readText(_ path: String, limit: Int = 64 << 20) throws(FileError) -> String {
    let bytes = try read(path, limit: limit)
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .notText(path: path) }
    return text
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
    guard !full.contains("\0"), stat(full, &status) == 0 else { return nil }
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
    #if canImport(Glibc)
      let time = status.st_mtim
    #else
      let time = status.st_mtimespec
    #endif
    return State(
      identity: identity, size: Int(status.st_size), seconds: Int(time.tv_sec), nanoseconds: Int(time.tv_nsec))
  }

  public static func isFolder(_ path: String) -> Bool { kind(of: path) == .folder }

  public static func size(of path: String) -> Int? { entry(expanded(path), name: "")?.size }

  /// Sorted by name, without `.` and `..`; entries that vanish meanwhile, or links that lead nowhere, are left out.
  public static func list(_ folder: String) throws(FileError) -> [Entry] {
    let full = expanded(folder)
    guard let handle = opendir(full) else {
      if errno == ENOTDIR { throw .notFolder(path: folder) }
      throw reading(folder, errno)
    }
    defer { closedir(handle) }
    var entries: [Entry] = []
    while let item = readdir(handle) {
      let name = withUnsafePointer(to: &item.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
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
    if unlink(expanded(path)) != 0 { throw writing(path, errno) }
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
    guard !path.contains("\0"), stat(path, &status) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: return Entry(name: name, kind: .folder, size: 0)
    case S_IFREG: return Entry(name: name, kind: .file, size: Int(status.st_size))
    default: return Entry(name: name, kind: .other, size: 0)
    }
  }

  private static func reading(_ path: String, _ code: Int32) -> FileError {
    switch code {
    case ENOENT, ENOTDIR: return .missing(path: path, near: near(path))
    case EACCES, EPERM: return .forbidden(path: path, writing: false)
    case EISDIR: return .isFolder(path: path)
    default: return .system(path: path, action: "read", reason: String(cString: strerror(code)))
    }
  }

  /// What a failed call that should write to `path` means; `code` is errno's.
  public static func writingError(_ path: String, _ code: Int32) -> FileError { writing(path, code) }

  static func writing(_ path: String, _ code: Int32) -> FileError {
    switch code {
    case ENOENT, ENOTDIR: return .missingFolder(path: path, folder: parent(of: path))
    case EACCES, EPERM, EROFS: return .forbidden(path: path, writing: true)
    case EISDIR: return .isFolder(path: path)
    case ENOSPC, EDQUOT: return .diskFull(path: path)
    default: return .system(path: path, action: "write", reason: String(cString: strerror(code)))
    }
  }

  /// The name in the same folder that was probably meant.
  private static func near(_ path: String) -> String? {
    let folder = parent(of: path)
    guard let entries = try? list(folder), let found = nearName(name(of: path), among: entries.map(\.name)) else {
      return nil
    }
    return path.contains("/") ? (folder == "/" ? "/" + found : folder + "/" + found) : found
  }
}
