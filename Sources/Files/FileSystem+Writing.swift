#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writing whole or not at all: a temporary file in the same folder, fsync, rename, fsync of the folder. A reader sees
/// the old file or the new one, also after a power cut; a full disk leaves the old one unharmed.
extension FileSystem {
  public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    let writer = try FileWriter(path)
    try writer.append(bytes)
    try writer.commit()
  }

  /// Writes a file where none is; false where there is one, which stays as it is.
  public static func writeNew(_ bytes: [UInt8], to path: String) throws(FileError) -> Bool {
    if exists(expanded(path)) { return false }
    let writer = try FileWriter(path)
    try writer.append(bytes)
    return try writer.commit(replacing: false)
  }

  public static func write(_ text: String, to path: String) throws(FileError) {
    try write(Array(text.utf8), to: path)
  }
}

/// A file that comes into being at `commit()`, piece by piece before that. Dropped without `commit()`, it leaves
/// nothing behind.
public final class FileWriter {
  public let path: String
  private let target: String
  private let temporary: String
  private var file: Int32
  private var buffer: [UInt8] = []

  public init(_ path: String) throws(FileError) {
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
    switch FileSystem.kind(of: full) {
    case .folder: throw .isFolder(path: path)
    // The new file would take the place of the device itself.
    case .other: throw .system(path: path, action: "write", reason: "it is a device or a pipe, not a file")
    case .file, nil: break
    }
    if FileSystem.exists(full), access(full, W_OK) != 0 { throw .forbidden(path: path, writing: true) }
    let folder = FileSystem.parent(of: full)
    let stem = (folder == "/" ? "/" : folder + "/") + "." + FileSystem.name(of: full).prefix(100)
    var opened: Int32 = -1
    var name = ""
    Self.clearLeftovers(in: folder)
    for attempt in 0..<100 {
      name = Self.temporaryName(stem, attempt)
      opened = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
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
    if fsync(file) != 0 { try fail() }
    if close(file) != 0 {
      file = -1
      try fail()
    }
    file = -1
    if replacing {
      if rename(temporary, target) != 0 { try fail() }
    } else {
      // A second name for the same file: nothing that is there is written over, also not what came a moment ago.
      let linked = link(temporary, target)
      let reason = errno
      if linked != 0, reason != EEXIST, !FileSystem.exists(target) {
        // A file system without second names.
        if rename(temporary, target) != 0 { try fail() }
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

  private func flush() throws(FileError) {
    if buffer.isEmpty { return }
    let pending = buffer
    buffer.removeAll(keepingCapacity: true)
    var failure: FileError?
    pending.withUnsafeBytes { bytes in
      do throws(FileError) { try put(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private func put(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    guard let base = bytes.baseAddress else { return }
    var done = 0
    while done < bytes.count {
      let wrote = Glibc.write(file, base + done, bytes.count - done)
      if wrote < 0 {
        if errno == EINTR { continue }
        try fail()
      }
      done += max(0, wrote)
    }
  }

  private func fail() throws(FileError) {
    let error = FileSystem.writing(path, errno)
    discard()
    throw error
  }

  private func discard() {
    if file >= 0 {
      close(file)
      file = -1
      unlink(temporary)
    }
  }
}

extension FileSystem {
  /// Adds to a file's end, or makes it. One write: after a kill there is all of it, or a part at the very end.
  public static func append(_ text: String, to path: String) throws(FileError) {
    let full = expanded(path)
    let file = open(full, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw writing(path, errno) }
    defer { close(file) }
    let bytes = Array(text.utf8)
    var done = 0
    while done < bytes.count {
      let wrote = bytes[done...].withUnsafeBytes { unistdWrite(file, $0.baseAddress, $0.count) }
      if wrote < 0 {
        if errno == EINTR { continue }
        throw writing(path, errno)
      }
      done += wrote
    }
  }

  // `write` here is the function that writes a whole file.
  private static func unistdWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    #if canImport(Glibc)
      Glibc.write(file, bytes, count)
    #else
      Darwin.write(file, bytes, count)
    #endif
  }
}
