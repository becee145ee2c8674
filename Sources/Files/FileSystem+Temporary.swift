import Glibc

/// What the system answered to a call that failed.
public struct SystemFailure: Error, Hashable {
  /// errno's.
  public var code: Int32

  public init(code: Int32) { self.code = code }

  /// The system's own words for it.
  public var reason: String { String(cString: strerror(code)) }
}

/// Files and folders under names that nobody can guess, made by this process and for this user alone. Their places are
/// this program's own, so that no policy is asked.
extension FileSystem {
  /// The folder for them: TMPDIR's, or /tmp where that is empty or counts from wherever the program stands.
  public static var temporaryFolder: String { temporaryFolder(getenv("TMPDIR").map { String(cString: $0) }) }

  static func temporaryFolder(_ given: String?) -> String {
    guard let given, given.hasPrefix("/") else { return "/tmp" }
    return given
  }

  /// - Parameter stem: what the name begins with: "twinbook-figure".
  /// - Returns: an open descriptor, which the caller closes, and the file's path.
  public static func makeTemporaryFile(
    _ stem: String, in folder: String
  ) throws(SystemFailure) -> (descriptor: Int32, path: String) {
    var template = template(stem, folder)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw SystemFailure(code: errno) }
    return (descriptor, path(template))
  }

  /// - Returns: the folder's path.
  public static func makeTemporaryFolder(_ stem: String, in folder: String) throws(SystemFailure) -> String {
    var template = template(stem, folder)
    guard mkdtemp(&template) != nil else { throw SystemFailure(code: errno) }
    return path(template)
  }

  private static func template(_ stem: String, _ folder: String) -> [CChar] {
    Array((folder + (folder.hasSuffix("/") ? "" : "/") + stem + "-XXXXXX").utf8CString)
  }

  private static func path(_ template: [CChar]) -> String {
    String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
