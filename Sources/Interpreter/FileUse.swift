/// What a builtin does with files, as its declaration says it (`files: .reads`). What a cell reads from a file may have
/// been written by any cell before it, and the session's names say nothing of that: so the session asks this when it
/// leaves out the cells of a script that nothing needs.
public struct FileUse: OptionSet, Sendable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let reads = FileUse(rawValue: 1)
  /// It writes files, or changes what a gallery keeps in one.
  public static let writes = FileUse(rawValue: 2)
  /// It reads where its first argument is a text: that is then the name of a file.
  public static let readsNamed = FileUse(rawValue: 4)
  /// It writes where its first argument is a text.
  public static let writesNamed = FileUse(rawValue: 8)
}
