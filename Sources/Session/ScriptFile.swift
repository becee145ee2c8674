import Files
import Glibc

/// Where a command of the shell reads a script: a file, or standard input for `-`, as other interpreters have it.
public struct ScriptSource: Sendable {
  /// For errors and for what stands beside the script: standard input has the current folder.
  public let name: String
  public let isStandardInput: Bool

  public init(_ argument: String) {
    isStandardInput = ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].contains(argument)
    name = isStandardInput ? "standard input" : argument
  }

  func read() throws(SessionError) -> [UInt8] {
    try isStandardInput ? ScriptFile.readStandardInput() : ScriptFile.read(name)
  }
}

/// Scripts on the disk. One of more bytes than `limit` is neither read nor written.
public enum ScriptFile {
  public static let limit = 1 << 30

  /// The whole file, or all that comes from a pipe.
  public static func read(_ path: String) throws(SessionError) -> [UInt8] {
    do { return try FileSystem.read(path, limit: limit, takesPipes: true) } catch { throw .file(error) }
  }

  static func readStandardInput() throws(SessionError) -> [UInt8] {
    do { return try FileSystem.readToEnd(STDIN_FILENO, name: "standard input", limit: limit) } catch {
      throw .file(error)
    }
  }

  /// Whole or not at all.
  static func write(_ text: String, to path: String, access: FileSystem.Access = .usual) throws(SessionError) {
    try write(Array(text.utf8), to: path, access: access)
  }

  public static func write(
    _ bytes: [UInt8], to path: String, access: FileSystem.Access = .usual
  ) throws(SessionError) {
    // Nothing is written that could not be read again.
    guard bytes.count <= limit else { throw .file(.tooLarge(path: path, size: bytes.count, limit: limit)) }
    do { try FileSystem.write(bytes, to: path, access: access) } catch { throw .file(error) }
  }
}
