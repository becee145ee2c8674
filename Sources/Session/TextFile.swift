import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// Scripts and journals on the disk: read with a bound, written whole or not at all.
public enum TextFile {
  /// A script of more bytes than this is neither read nor written.
  public static let limit = 1 << 30

  public static func read(_ path: String, limit: Int = TextFile.limit) throws(SessionError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .cannotRead(file: path, reason: systemReason()) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .cannotRead(file: path, reason: systemReason()) }
    if status.st_mode & S_IFMT == S_IFDIR { throw .cannotRead(file: path, reason: "it is a folder") }
    return try readAll(descriptor, name: path, limit: limit)
  }

  public static func readAll(
    _ descriptor: Int32, name: String, limit: Int = TextFile.limit
  ) throws(SessionError) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw .cannotRead(file: name, reason: systemReason())
      }
      bytes += buffer[..<count]
      if bytes.count > limit { throw .tooLarge(file: name, bytes: bytes.count, limit: limit) }
    }
  }

  /// Line by line, without their ends, however long the file is.
  static func readLines(_ descriptor: Int32, name: String, _ take: (ArraySlice<UInt8>) -> Void) throws(SessionError) {
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    var open: [UInt8] = []
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw .cannotRead(file: name, reason: systemReason()) }
      if count == 0 { break }
      var rest = buffer[..<count]
      while let end = rest.firstIndex(of: 10) {
        open += rest[..<end]
        if !open.isEmpty { take(open[...]) }
        open.removeAll(keepingCapacity: true)
        rest = rest[(end + 1)...]
      }
      open += rest
    }
    if !open.isEmpty { take(open[...]) }
  }

  /// A reader sees the old file or the new one, never half of it.
  public static func write(_ text: String, to path: String) throws(SessionError) {
    try write(Array(text.utf8), to: path)
  }

  static func write(_ bytes: [UInt8], to path: String) throws(SessionError) {
    // Nothing is written that could not be read again.
    guard bytes.count <= limit else { throw .tooLarge(file: path, bytes: bytes.count, limit: limit) }
    let target = resolvingLink(path)
    let temporary = "\(target).\(getpid()).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .cannotWrite(file: path, reason: systemReason()) }
    var failure: String?
    do {
      try writeAll(bytes, to: descriptor, name: path)
      if fsync(descriptor) != 0 { failure = systemReason() }
    } catch {
      failure = if case .cannotWrite(_, let reason) = error { reason } else { "\(error)" }
    }
    // Keep who may read it, where it was there before.
    var old = stat()
    if stat(target, &old) == 0 { fchmod(descriptor, old.st_mode & 0o7777) }
    close(descriptor)
    if failure == nil, rename(temporary, target) != 0 { failure = systemReason() }
    if let failure {
      unlink(temporary)
      throw .cannotWrite(file: path, reason: failure)
    }
  }

  static func writeAll(_ bytes: [UInt8], to descriptor: Int32, name: String) throws(SessionError) {
    var start = 0
    while start < bytes.count {
      let count = bytes[start...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        throw .cannotWrite(file: name, reason: systemReason())
      }
      start += count
    }
  }

  private static func resolvingLink(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  static func systemReason() -> String { String(cString: strerror(errno)).lowercasedFirst }
}

extension String {
  var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}

extension TextFile {
  /// Adds to the end of a file that only this user reads. A history that cannot be written is no reason to stop.
  public static func append(_ text: String, to path: String) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    try? writeAll(Array(text.utf8), to: descriptor, name: path)
    close(descriptor)
  }
}
