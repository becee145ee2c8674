import Glibc
import Sandbox

/// Writing whole or not at all (`FileWriter`), and adding to a file's end.
extension FileSystem {
  /// Who may read a file that was not there before. One that is written again keeps its own mode.
  public enum Access: Sendable {
    /// As the user's umask says.
    case usual
    /// This user alone: faces, histories, what is being edited.
    case owner

    var mode: mode_t { self == .owner ? 0o600 : 0o666 }
  }

  public static func write(_ bytes: [UInt8], to path: String, access: Access = .usual) throws(FileError) {
    let writer = try FileWriter(path, access: access)
    try writer.append(bytes)
    try writer.commit()
  }

  public static func write(_ text: String, to path: String, access: Access = .usual) throws(FileError) {
    try write(Array(text.utf8), to: path, access: access)
  }

  /// Writes a file somewhere below a folder; what is missing between is made, and no link below it is followed.
  public static func write(
    _ bytes: [UInt8], to rest: String, beneath root: String, access: Access = .usual
  ) throws(FileError) {
    let folder = try WritableFolder(beneath: root, rest)
    let writer = try FileWriter(root + "/" + rest, in: folder, access: access)
    try writer.append(bytes)
    try writer.commit()
  }

  /// Writes a file where none is; false where there is one, which stays as it is.
  public static func writeNew(
    _ bytes: [UInt8], to path: String, access: Access = .usual
  ) throws(FileError) -> Bool {
    if exists(path) { return false }
    let writer = try FileWriter(path, access: access)
    try writer.append(bytes)
    return try writer.commit(replacing: false)
  }

  /// Adds to a file's end, or makes it. One write: after a kill there is all of it, or a part at the very end.
  public static func append(_ text: String, to path: String, access: Access = .usual) throws(FileError) {
    var place = try placeToWrite(path)
    try refuseOutputs(place, path: path)
    if AccessPolicy.current.files != nil {
      // What stands beside the script stays as it is: its copy grows.
      if !isThere(place), kind(of: path) == .file { try write(try read(path), to: path, access: access) }
    } else if let real = realpath(place, nil) {
      // A link is written through.
      place = String(cString: real)
      free(real)
    }
    let folder = try WritableFolder(at: place, path: path)
    let file = openat(
      folder.descriptor, folder.name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, access.mode)
    guard file >= 0 else { throw writing(path, errno) }
    defer { close(file) }
    try write(Array(text.utf8), to: file, name: path)
  }

  /// `/dev/stdout`, and other names for what this process has open. Where that is a file, a new one would take its place,
  /// and what is printed afterwards would go to the old one, which has no name any more.
  /// - Parameter path: for words.
  static func refuseOutputs(_ place: String, path: String) throws(FileError) {
    guard AccessPolicy.current.files == nil, !place.utf8.contains(0) else { return }
    var place = place
    // As many links as the system follows.
    for _ in 0..<40 {
      if let folder = realpath(parent(of: place), nil) {
        defer { free(folder) }
        let name = String(cString: folder)
        if name.hasPrefix("/proc/"), name.hasSuffix("/fd") {
          throw .system(path: path, action: "write", reason: "it is an output that is open already, not a file")
        }
      }
      guard let next = linkTarget(of: place) else { return }
      place = next
    }
  }

  /// Where a link leads to, one step; nil for what is no link.
  static func linkTarget(of place: String) -> String? {
    var target = [CChar](repeating: 0, count: Int(PATH_MAX))
    guard readlink(place, &target, target.count - 1) > 0 else { return nil }
    let next = String(decoding: target.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return next.hasPrefix("/") ? next : parent(of: place) + "/" + next
  }

  /// To an open descriptor, wherever it stands.
  /// - Parameter name: for the words of errors.
  public static func write(_ bytes: [UInt8], to descriptor: Int32, name: String) throws(FileError) {
    let code = bytes.withUnsafeBytes { putAll($0, descriptor) }
    if code != 0 { throw writing(name, code) }
  }

  /// - Returns: errno's, or 0.
  static func putAll(_ bytes: UnsafeRawBufferPointer, _ descriptor: Int32) -> Int32 {
    guard let base = bytes.baseAddress else { return 0 }
    var done = 0
    while done < bytes.count {
      let wrote = Glibc.write(descriptor, base + done, bytes.count - done)
      if wrote < 0 {
        if errno == EINTR { continue }
        return errno
      }
      done += wrote
    }
    return 0
  }
}
