import Glibc

/// A file that comes into being at `commit()`, piece by piece before that: a temporary file in the same folder, fsync,
/// rename, fsync of the folder. A reader sees the old file or the new one, also after a power cut; a full disk leaves the
/// old one unharmed. Dropped without `commit()`, it leaves nothing behind.
///
/// The temporary file has a name that nobody can guess, is made by this process (`O_EXCL`) and is no link
/// (`O_NOFOLLOW`), so that nobody can have another file written by planting one. A file that was there before keeps its
/// mode and its owner.
public final class FileWriter {
  public let path: String
  private let target: String
  private var temporary: String
  /// What stood there.
  private let old: stat?
  private var file: Int32
  private var buffer: [UInt8] = []

  /// - Parameter access: who may read it, where it was not there before.
  public init(_ path: String, access: FileSystem.Access = .usual) throws(FileError) {
    self.path = path
    var full = FileSystem.expanded(path)
    guard !full.isEmpty, !full.contains("\0"), !full.hasSuffix("/") else {
      throw .system(path: path, action: "write", reason: "this is not a file's name")
    }
    // A link is written through, not replaced.
    if let real = realpath(full, nil) {
      full = String(cString: real)
      free(real)
    }
    var status = stat()
    old = stat(full, &status) == 0 ? status : nil
    if let old {
      switch old.st_mode & S_IFMT {
      case S_IFREG: break
      case S_IFDIR: throw .isFolder(path: path)
      // The new file would take the place of the device itself.
      default: throw .system(path: path, action: "write", reason: "it is a device or a pipe, not a file")
      }
      if Glibc.access(full, W_OK) != 0 { throw .forbidden(path: path, writing: true) }
    }
    let folder = FileSystem.parent(of: full)
    let stem = (folder == "/" ? "/" : folder + "/") + "." + FileSystem.name(of: full).prefix(100)
    Self.clearLeftovers(in: folder)
    var opened: Int32 = -1
    var name = ""
    for _ in 0..<100 {
      name = Self.temporaryName(stem)
      // Until it has the old file's mode, nobody else reads it.
      opened = open(
        name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, old == nil ? access.mode : 0o600)
      if opened >= 0 || errno != EEXIST { break }
    }
    if opened < 0 { throw FileSystem.writing(path, errno) }
    // As long as it is held, nobody takes the file for a leftover.
    _ = flock(opened, LOCK_EX | LOCK_NB)
    target = full
    temporary = name
    file = opened
  }

  deinit { discard() }

  public func append(_ bytes: some Collection<UInt8>) throws(FileError) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= 1 << 20 { try flush() }
  }

  public func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    try flush()
    try put(bytes)
  }

  /// - Parameter replacing: false leaves a file alone that has come to stand there.
  /// - Returns: false where one did.
  @discardableResult
  public func commit(replacing: Bool = true) throws(FileError) -> Bool {
    try flush()
    guard file >= 0 else { return true }
    if let old {
      // Only the superuser may give a file away; the mode comes last, since that takes bits off it.
      if old.st_uid != geteuid() || old.st_gid != getegid() { _ = fchown(file, old.st_uid, old.st_gid) }
      if fchmod(file, old.st_mode & 0o7777) != 0 { try fail(errno) }
    }
    if fsync(file) != 0 { try fail(errno) }
    let closed = close(file) == 0 ? 0 : errno
    file = -1
    if closed != 0 { try fail(closed) }
    if replacing {
      if rename(temporary, target) != 0 { try fail(errno) }
    } else {
      // A second name for the same file: nothing that is there is written over, also not what came a moment ago.
      let linked = link(temporary, target)
      let reason = errno
      if linked != 0, reason != EEXIST, !FileSystem.exists(target) {
        // A file system without second names.
        if rename(temporary, target) != 0 { try fail(errno) }
      } else {
        unlink(temporary)
        if linked != 0 { return false }
      }
    }
    // The rename itself lasts once the folder is on disk; file systems that cannot do so have nothing to add.
    let folder = open(FileSystem.parent(of: target), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      _ = fsync(folder)
      close(folder)
    }
    return true
  }

  /// A file that a library has written elsewhere in the same folder takes its place, as what was appended would.
  public func commit(taking written: String) throws(FileError) {
    discard()
    file = open(written, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    if file < 0 { throw FileSystem.writing(path, errno) }
    temporary = written
    try commit()
  }

  private func flush() throws(FileError) {
    if buffer.isEmpty { return }
    let pending = buffer
    buffer.removeAll(keepingCapacity: true)
    let code = pending.withUnsafeBytes { FileSystem.putAll($0, file) }
    if code != 0 { try fail(code) }
  }

  private func put(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    let code = FileSystem.putAll(bytes, file)
    if code != 0 { try fail(code) }
  }

  private func fail(_ code: Int32) throws(FileError) {
    let error = FileSystem.writing(path, code)
    discard()
    unlink(temporary)
    throw error
  }

  private func discard() {
    guard file >= 0 else { return }
    close(file)
    file = -1
    unlink(temporary)
  }
}
