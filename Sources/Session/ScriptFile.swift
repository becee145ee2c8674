import Files
import Glibc

/// Scripts on the disk. One of more bytes than `limit` is neither read nor written.
public enum ScriptFile {
  public static let limit = 1 << 30

  /// The whole file, or all that comes from a pipe.
  public static func read(_ path: String) throws(SessionError) -> [UInt8] {
    do { return try FileSystem.read(path, limit: limit, takesPipes: true) } catch { throw .file(error) }
  }

  public static func readStandardInput() throws(SessionError) -> [UInt8] {
    do { return try FileSystem.readToEnd(STDIN_FILENO, name: "standard input", limit: limit) } catch {
      throw .file(error)
    }
  }

  /// Whole or not at all.
  static func write(_ text: String, to path: String) throws(SessionError) { try write(Array(text.utf8), to: path) }

  public static func write(_ bytes: [UInt8], to path: String) throws(SessionError) {
    // Nothing is written that could not be read again.
    guard bytes.count <= limit else { throw .file(.tooLarge(path: path, size: bytes.count, limit: limit)) }
    do { try FileSystem.write(bytes, to: path) } catch { throw .file(error) }
  }
}
