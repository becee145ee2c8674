import Glibc
import Sandbox

/// A file that comes into being at `commit()`, piece by piece before that: a temporary file in the same folder, fsync,
/// rename, fsync of the folder. A reader sees the old file or the new one, also after a power cut; a full disk leaves the
/// old one unharmed. Dropped without `commit()`, it leaves nothing behind.
///
/// The temporary file has a name that nobody can guess, is made by this process (`O_EXCL`) and is no link
/// (`O_NOFOLLOW`), so that nobody can have another file written by planting one. A file that was there before keeps its
/// mode and its owner.
public final class FileWriter {
  public let path: String
  private let folder: WritableFolder
  private var temporary: String
  /// What stood there.
  private let old: stat?
  /// What it gets in the end instead of the old file's mode.
  private var newMode: mode_t?
  private var file: Int32
  private var buffer: [UInt8] = []

  /// - Parameters:
  ///   - access: who may read it, where it was not there before.
  ///   - model: the file of which it is a copy: nobody may read it who may not read that one.
  ///   - keepsMode: false gives `access` to it also where a file was there before.
  public convenience init(
    _ path: String, access: FileSystem.Access = .usual, model: stat? = nil, keepsMode: Bool = true
  ) throws(FileError) {
    var place = try FileSystem.placeToWrite(path)
    try FileSystem.refuseOutputs(place, path: path)
    // A link is written through, not replaced.
    if !place.contains("\0"), !place.hasSuffix("/") { place = Self.linksFollowed(place) }
    try self.init(path, in: try WritableFolder(at: place, path: path), access: access, model: model)
    if !keepsMode { newMode = access.mode }
  }

  /// Where a link leads in the end, though nothing be there yet. A script in a box meets no such link: the folder that it
  /// writes into is its own.
  private static func linksFollowed(_ path: String) -> String {
    var place = path
    // As many as the system follows.
    for _ in 0..<40 {
      if let real = realpath(place, nil) {
        defer { free(real) }
        return String(cString: real)
      }
      guard AccessPolicy.current.files == nil, let next = FileSystem.linkTarget(of: place) else { return place }
      place = next
    }
    return path
  }

  /// - Parameter path: for words.
  init(
    _ path: String, in folder: WritableFolder, access: FileSystem.Access, model: stat? = nil
  ) throws(FileError) {
    self.path = path
    self.folder = folder
    var status = stat()
    old = fstatat(folder.descriptor, folder.name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status : nil
    if let old {
      switch old.st_mode & S_IFMT {
      case S_IFREG, S_IFLNK: break
      case S_IFDIR: throw .isFolder(path: path)
      // The new file would take the place of the device itself.
      default: throw .system(path: path, action: "write", reason: "it is a device or a pipe, not a file")
      }
      if old.st_mode & S_IFMT == S_IFREG, faccessat(folder.descriptor, folder.name, W_OK, 0) != 0 {
        throw .forbidden(path: path, writing: true)
      }
    }
    // A script in a box writes a file of its own in place of one that stands beside it.
    let model = model ?? (old == nil && AccessPolicy.current.files != nil ? FileSystem.status(of: path) : nil)
    let mode = model.map { $0.st_mode & access.mode } ?? access.mode
    Self.clearLeftovers(in: folder)
    var opened: Int32 = -1
    var name = ""
    for _ in 0..<100 {
      name = Self.temporaryName("." + folder.name.prefix(100))
      // Until it has the old file's mode, nobody else reads it.
      opened = openat(
        folder.descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
        old.map { $0.st_mode & S_IFMT == S_IFREG } ?? false ? 0o600 : mode)
      if opened >= 0 || errno != EEXIST { break }
    }
    if opened < 0 { throw FileSystem.writing(path, errno) }
    // As long as it is held, nobody takes the file for a leftover.
    _ = flock(opened, LOCK_EX | LOCK_NB)
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
    if let old, old.st_mode & S_IFMT == S_IFREG {
      // Only the superuser may give a file away; the mode comes last, since that takes bits off it.
      if old.st_uid != geteuid() || old.st_gid != getegid() { _ = fchown(file, old.st_uid, old.st_gid) }
      if fchmod(file, newMode ?? old.st_mode & 0o7777) != 0 { try fail(errno) }
    }
    if fsync(file) != 0 { try fail(errno) }
    let closed = close(file) == 0 ? 0 : errno
    file = -1
    if closed != 0 { try fail(closed) }
    let holder = folder.descriptor
    if replacing {
      if renameat(holder, temporary, holder, folder.name) != 0 { try fail(errno) }
    } else {
      // A second name for the same file: nothing that is there is written over, also not what came a moment ago.
      let linked = linkat(holder, temporary, holder, folder.name, 0)
      let reason = errno
      var status = stat()
      if linked != 0, reason != EEXIST, fstatat(holder, folder.name, &status, AT_SYMLINK_NOFOLLOW) != 0 {
        // A file system without second names.
        if renameat(holder, temporary, holder, folder.name) != 0 { try fail(errno) }
      } else {
        unlinkat(holder, temporary, 0)
        if linked != 0 { return false }
      }
    }
    // The rename itself lasts once the folder is on disk; file systems that cannot do so have nothing to add.
    let opened = openat(holder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if opened >= 0 {
      _ = fsync(opened)
      close(opened)
    }
    return true
  }

  /// A file that a library has written elsewhere in the same folder takes its place, as what was appended would.
  public func commit(taking written: String) throws(FileError) {
    var made = stat()
    let mode = file >= 0 && fstat(file, &made) == 0 ? made.st_mode & 0o777 : 0o600
    discard()
    file = open(written, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    if file < 0 { throw FileSystem.writing(path, errno) }
    // The library knows nothing of who may read it.
    if fchmod(file, mode) != 0 { try fail(errno) }
    // Within the folder that is held: a relative path would be looked for below it once more.
    temporary = FileSystem.name(of: written)
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
    unlinkat(folder.descriptor, temporary, 0)
    throw error
  }

  private func discard() {
    guard file >= 0 else { return }
    close(file)
    file = -1
    unlinkat(folder.descriptor, temporary, 0)
  }
}
