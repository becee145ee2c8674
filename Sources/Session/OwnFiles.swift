import Diagnostics
import Files
import Glibc

/// The files that this session wrote, or ran from beginning to end: over these `%save` writes without asking, as long as
/// nobody else changed them.
struct OwnFiles {
  private struct Content: Equatable {
    var size: Int
    var hash: UInt64

    init(_ bytes: [UInt8]) {
      size = bytes.count
      hash = FNVHash(bytes).value
    }
  }

  enum Standing {
    case nothing, own, changed
    case foreign([UInt8])
  }

  private var contents: [String: Content] = [:]

  mutating func note(_ path: String, _ bytes: [UInt8]) { contents[Self.real(path)] = Content(bytes) }

  func standing(at path: String) throws(SessionError) -> Standing {
    var status = stat()
    guard stat(path, &status) == 0 else { return .nothing }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw .file(.isFolder(path: path))
    default:
      throw .file(
        .system(path: path, action: "write", reason: "it is a device or a pipe, not a file"))
    }
    let bytes = try ScriptFile.read(path)
    if bytes.isEmpty { return .nothing }
    guard let known = contents[Self.real(path)] else { return .foreign(bytes) }
    return known == Content(bytes) ? .own : .changed
  }

  /// Whether two names stand for one file.
  static func isSame(_ path: String, _ other: String) -> Bool { real(path) == real(other) }

  /// Without links on the way.
  private static func real(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
