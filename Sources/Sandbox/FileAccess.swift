import Glibc

/// Which files a script may read and write. Paths are compared byte by byte, as the system does: two ways to write é are
/// two names.
public struct FileAccess: Sendable {
  private struct Root: Sendable {
    /// Without links on the way.
    var path: [UInt8]
    /// The same, and as it was named.
    var names: [[UInt8]]
    /// What begins with a dot below it is left alone: keys and settings stand there.
    var hidesDotted: Bool
  }

  private var roots: [Root] = []
  /// Where what the script writes goes; what it wrote there it can read.
  public let scratch: String
  private let scratchBytes: [UInt8]
  /// Where relative paths begin.
  public let base: String
  /// The script's folder as its user names it, for words; nil: there is none.
  public let scriptFolder: String?
  /// What is written stays with this process, which does the same as another.
  public let isMirror: Bool
  /// Below it everything has a copy in the script's own folder, once the script writes it.
  private let copied: [UInt8]

  /// - Parameters:
  ///   - scriptFolder: read without what begins with a dot.
  ///   - scriptName: how the script's user names that folder, where that may be by a link.
  ///   - folders: read wholly. Those that are not there are left out.
  ///   - scratch: a folder of the script's own; it has to be there.
  ///   - base: where relative paths begin; nil: the process's working directory.
  /// - Throws: where `scratch` is no folder.
  public init(
    scriptFolder: String?, named scriptName: String? = nil, folders: [String], scratch: String, base: String? = nil
  ) throws(AccessSetupError) {
    guard let real = Self.real(scratch) else { throw .noScratch(scratch) }
    self.scratch = String(decoding: real, as: UTF8.self)
    scratchBytes = real
    self.base = Self.normal(base ?? Self.workingDirectory)
    copied = Array(self.base.utf8)
    isMirror = false
    self.scriptFolder = scriptName ?? scriptFolder
    if let scriptFolder { addRoot([scriptFolder] + [scriptName].compactMap { $0 }, hidesDotted: true) }
    for folder in folders { addRoot([folder], hidesDotted: false) }
  }

  /// - Parameter given: a folder, and other names that it may have.
  private mutating func addRoot(_ given: [String], hidesDotted: Bool) {
    guard let first = given.first, let real = Self.real(first) else { return }
    let names = given.filter { Self.real($0) == real }.map { Array(absolute($0).utf8) }
    roots.append(Root(path: real, names: [real] + names, hidesDotted: hidesDotted))
  }

  /// Everything may be read, and what is written goes into `scratch`, wherever it would have gone: for a process that does
  /// the same as another, whose files stay.
  public init(mirroredIn scratch: String) throws(AccessSetupError) {
    guard let real = Self.real(scratch) else { throw .noScratch(scratch) }
    self.scratch = String(decoding: real, as: UTF8.self)
    scratchBytes = real
    base = Self.normal(Self.workingDirectory)
    copied = [0x2F]
    isMirror = true
    scriptFolder = nil
    roots = [Root(path: [0x2F], names: [[0x2F]], hidesDotted: false)]
  }

  /// All folders that may be read, for words and for the kernel's wall.
  public var readableFolders: [String] { roots.map { String(decoding: $0.path, as: UTF8.self) } }

  /// - Parameter path: without links, as the system names an open file.
  public func allowsReading(_ path: [UInt8]) -> Bool { allows(path) { [$0.path] } }

  /// Whether the system may be asked for what stands at a path at all, by its words alone: how long the system takes would
  /// tell what is there and what is not. What is there is judged again by where it is, links followed.
  /// - Parameter path: as `absolute` gives it.
  public func allowsLooking(_ path: String) -> Bool { allows(Array(path.utf8)) { $0.names } }

  private func allows(_ path: [UInt8], below places: (Root) -> [[UInt8]]) -> Bool {
    if Self.isBelow(path, scratchBytes) != nil { return true }
    return roots.contains { root in
      places(root).contains { place in
        guard let rest = Self.isBelow(path, place) else { return false }
        return !root.hidesDotted || !rest.split(separator: 0x2F).contains { $0.first == 0x2E }
      }
    }
  }

  public func allowsWriting(_ path: [UInt8]) -> Bool { Self.isBelow(path, scratchBytes) != nil }

  /// What stands behind the root; nil where the path lies elsewhere.
  private static func isBelow(_ path: [UInt8], _ root: [UInt8]) -> ArraySlice<UInt8>? {
    let folder = root == [0x2F] ? [] : root
    guard path.starts(with: folder) else { return nil }
    if path.count == folder.count { return [] }
    return path[folder.count] == 0x2F ? path[(folder.count + 1)...] : nil
  }

  /// Where a path leads as the script means it, from the root of the file system: without `.`, `..` and double slashes.
  /// Links are not looked at: what is opened is judged again by where it is.
  public func absolute(_ path: String) -> String {
    // A box's script stays in its folder; one that is free may go to another.
    Self.normal(path.utf8.first == 0x2F ? path : (isMirror ? Self.workingDirectory : base) + "/" + path)
  }

  /// The script's own copy of a path below `base`; nil for one elsewhere.
  public func own(_ path: String) -> String? {
    let full = Array(absolute(path).utf8)
    if Self.isBelow(full, scratchBytes) != nil { return String(decoding: full, as: UTF8.self) }
    guard let rest = Self.isBelow(full, copied) else { return nil }
    return rest.isEmpty ? scratch : scratch + "/" + String(decoding: rest, as: UTF8.self)
  }

  static func normal(_ path: String) -> String {
    var parts: [Substring.UTF8View] = []
    for part in path.utf8.split(separator: 0x2F) where !part.elementsEqual(".".utf8) {
      if part.elementsEqual("..".utf8) { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.map { String(Substring($0)) }.joined(separator: "/")
  }

  private static func real(_ path: String) -> [UInt8]? {
    guard !path.utf8.contains(0), let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return Array(UnsafeBufferPointer(start: resolved, count: strlen(resolved))).map { UInt8(bitPattern: $0) }
  }

  private static var workingDirectory: String {
    guard let folder = getcwd(nil, 0) else { return "/" }
    defer { free(folder) }
    return String(cString: folder)
  }
}
