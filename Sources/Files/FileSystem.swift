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
  public static func kind(of path: String) -> Kind? { status(of: path).map { entry("", $0).kind } }

  public static func exists(_ path: String) -> Bool { kind(of: path) != nil }

  /// What two names of one file or folder have in common: device and inode. Links are followed.
  public struct Identity: Hashable, Sendable {
    var device: UInt64
    var inode: UInt64

    init(_ status: stat) {
      device = UInt64(truncatingIfNeeded: status.st_dev)
      inode = UInt64(truncatingIfNeeded: status.st_ino)
    }
  }

  public static func identity(of path: String) -> Identity? {
    status(of: path).map(Identity.init)
  }

  /// What changes when a file is written.
  public struct State: Hashable, Sendable {
    var identity: Identity
    var size: Int
    var seconds: Int
    var nanoseconds: Int
  }

  public static func state(of path: String) -> State? {
    guard let status = status(of: path) else { return nil }
    return State(
      identity: Identity(status), size: Int(status.st_size), seconds: Int(status.st_mtim.tv_sec),
      nanoseconds: Int(status.st_mtim.tv_nsec))
  }

  public static func isFolder(_ path: String) -> Bool { kind(of: path) == .folder }

  public static func size(of path: String) -> Int? { status(of: path).map { entry("", $0).size } }

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

  static func entry(_ name: String, _ status: stat) -> Entry {
    switch status.st_mode & S_IFMT {
    case S_IFDIR: Entry(name: name, kind: .folder, size: 0)
    case S_IFREG: Entry(name: name, kind: .file, size: Int(status.st_size))
    default: Entry(name: name, kind: .other, size: 0)
    }
  }
}
