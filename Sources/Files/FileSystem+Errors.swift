import Diagnostics
import Glibc

/// What the system's numbers of errors mean.
extension FileSystem {
  /// What a failed call that should read `path` means; `code` is errno's.
  static func reading(_ path: String, _ code: Int32) -> FileError {
    switch code {
    case ENOENT, ENOTDIR: return .missing(path: path, near: near(path))
    case EACCES, EPERM: return .forbidden(path: path, writing: false)
    case EISDIR: return .isFolder(path: path)
    case ELOOP: return .circle(path: path, writing: false)
    default: return .system(path: path, action: "read", reason: String(cString: strerror(code)))
    }
  }

  /// What a failed call that should write to `path` means; `code` is errno's.
  public static func writingError(_ path: String, _ code: Int32) -> FileError { writing(path, code) }

  /// What a failed call that should read `path` means; `code` is errno's.
  public static func readingError(_ path: String, _ code: Int32) -> FileError { reading(path, code) }

  static func writing(_ path: String, _ code: Int32) -> FileError {
    switch code {
    case ENOENT where kind(of: parent(of: path)) == .folder:
      // A folder such as /proc, or a link into nothing.
      return .system(path: path, action: "write", reason: "its folder takes no such file")
    case ENOENT, ENOTDIR: return .missingFolder(path: path, folder: parent(of: path))
    case EACCES, EPERM, EROFS: return .forbidden(path: path, writing: true)
    case EISDIR: return .isFolder(path: path)
    case ENOSPC, EDQUOT: return .diskFull(path: path)
    case ELOOP: return .circle(path: path, writing: true)
    default: return .system(path: path, action: "write", reason: String(cString: strerror(code)))
    }
  }

  /// Nothing stands at `path`, which its user wrote as `shown`: with the name beside it that was probably meant.
  public static func missing(_ shown: String, at path: String) -> FileError {
    guard let found = near(path).map(name(of:)) else { return .missing(path: shown, near: nil) }
    let folder = shown.contains("/") ? parent(of: shown) : nil
    return .missing(path: shown, near: folder.map { $0 == "/" ? "/" + found : $0 + "/" + found } ?? found)
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
