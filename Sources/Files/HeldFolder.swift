import Glibc
import Sandbox

/// A folder that is held open, and what stands below it. Whatever links stand in it, and whatever becomes of its name
/// meanwhile, nothing outside of it is read, written or taken away.
public final class HeldFolder {
  public enum Kind: Sendable, Hashable {
    case file, folder
    /// It is not followed.
    case link
    /// A device, a pipe.
    case other
    /// A folder that this user may not look into.
    case closed
  }

  public struct Entry: Sendable, Hashable {
    /// From the folder: "ann/1.png".
    public var path: String
    public var kind: Kind
    /// In bytes; 0 for all but files.
    public var size: Int
    /// Of a file: by how many names it is known, here or elsewhere.
    public var names: Int
  }

  /// As it was given, for words.
  public let path: String
  private let descriptor: Int32

  /// - Parameters:
  ///   - path: links on the way to the folder are followed.
  ///   - writing: files in it are to be written or taken away: a script in a box may do that in its own folder alone.
  public init(_ path: String, writing: Bool) throws(FileError) {
    self.path = path
    let place = Self.place(path)
    if place.contains("\0") { throw FileSystem.reading(path, ENOENT) }
    if let files = AccessPolicy.current.files, !files.allowsLooking(place) {
      throw .refused(path: path, writing: writing)
    }
    let held = FileSystem.withSystemPath(place) { open($0, OpenFlags.hold | O_DIRECTORY) }
    guard held >= 0 else {
      let code = errno
      if let refusal = FileSystem.refusal(ofReading: path) { throw refusal }
      throw code == ENOTDIR && FileSystem.isThere(place) ? .notFolder(path: path) : FileSystem.reading(path, code)
    }
    if let files = AccessPolicy.current.files {
      guard let real = FileSystem.location(of: held), files.allowsReading(real), !writing || files.allowsWriting(real)
      else {
        close(held)
        throw .refused(path: path, writing: writing)
      }
    }
    descriptor = held
  }

  deinit { close(descriptor) }

  /// What stands beside a script goes before what the script wrote: the two are not looked at together here.
  private static func place(_ path: String) -> String {
    guard let files = AccessPolicy.current.files else { return FileSystem.placeToRead(path) }
    let beside = files.absolute(FileSystem.expanded(path))
    return files.allowsLooking(beside) && FileSystem.isOwnFolder(beside) ? beside : FileSystem.placeToRead(path)
  }

  /// Folders that lie deeper than that are an error: nobody makes such, but by accident.
  private static let deepest = 128

  /// All that stands below it, by names, a folder before what is in it.
  ///
  /// - Parameter isGivenUp: asked at each folder; true ends it early.
  public func walk(isGivenUp: () -> Bool = { false }) throws(FileError) -> [Entry] {
    var found: [Entry] = []
    try walk(descriptor, below: "", depth: 0, into: &found, isGivenUp)
    return found
  }

  private func walk(
    _ folder: Int32, below: String, depth: Int, into found: inout [Entry], _ isGivenUp: () -> Bool
  ) throws(FileError) {
    if isGivenUp() { return }
    let place = below.isEmpty ? path : path + "/" + below
    guard depth < Self.deepest else { throw .system(path: place, action: "read", reason: "folders lie too deep") }
    let opened = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard opened >= 0 else { throw FileSystem.reading(place, errno) }
    guard let handle = fdopendir(opened) else {
      let code = errno
      close(opened)
      throw FileSystem.reading(place, code)
    }
    var names: [[UInt8]] = []
    while let item = readdir(handle) {
      let name = withUnsafeBytes(of: &item.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name != [0x2E], name != [0x2E, 0x2E] { names.append(name) }
    }
    closedir(handle)
    for name in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      let text = FileSystem.name(ofBytes: name)
      let own = below.isEmpty ? text : below + "/" + text
      // For a script in a box it is as if it were not there.
      guard allowsReading(own) else { continue }
      let raw = name.map { CChar(bitPattern: $0) } + [0]
      var status = stat()
      // It may have gone meanwhile.
      guard fstatat(folder, raw, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFREG:
        found.append(Entry(path: own, kind: .file, size: Int(status.st_size), names: Int(status.st_nlink)))
      case S_IFLNK: found.append(Entry(path: own, kind: .link, size: 0, names: 1))
      case S_IFDIR:
        let next = openat(folder, raw, OpenFlags.hold | O_DIRECTORY | O_NOFOLLOW)
        guard next >= 0, faccessat(folder, raw, R_OK | X_OK, 0) == 0 else {
          if next >= 0 { close(next) }
          found.append(Entry(path: own, kind: .closed, size: 0, names: 1))
          continue
        }
        defer { close(next) }
        found.append(Entry(path: own, kind: .folder, size: 0, names: 1))
        try walk(next, below: own, depth: depth + 1, into: &found, isGivenUp)
      default: found.append(Entry(path: own, kind: .other, size: 0, names: 1))
      }
    }
  }

  /// Whether a script in a box may see what stands there: beside it lies what it may not, whose names begin with a dot.
  /// No link is followed on the way, so that the words say where it is.
  private func allowsReading(_ rest: String) -> Bool {
    guard let files = AccessPolicy.current.files else { return true }
    guard let real = FileSystem.location(of: descriptor) else { return false }
    return files.allowsReading(real + [0x2F] + Array(rest.utf8))
  }

  // MARK: What stands in it

  /// The whole file; no link is followed.
  /// - Parameter limit: in bytes; more is an error before anything is read.
  public func read(_ rest: String, limit: Int = FileSystem.defaultLimit) throws(FileError) -> [UInt8] {
    try opened(rest) { (file, place) throws(FileError) in
      var status = stat()
      guard fstat(file, &status) == 0 else { throw FileSystem.reading(place, errno) }
      guard status.st_size <= limit else { throw .tooLarge(path: place, size: Int(status.st_size), limit: limit) }
      return try FileSystem.readToEnd(file, name: place, limit: limit)
    }
  }

  /// The first bytes, or fewer where it is shorter.
  public func readStart(_ rest: String, count: Int) throws(FileError) -> [UInt8] {
    try opened(rest) { (file, place) throws(FileError) in
      var bytes = [UInt8](repeating: 0, count: max(0, count))
      let got = Glibc.read(file, &bytes, bytes.count)
      if got < 0 { throw FileSystem.reading(place, errno) }
      return Array(bytes.prefix(got))
    }
  }

  private func opened<Value>(
    _ rest: String, _ body: (Int32, String) throws(FileError) -> Value
  ) throws(FileError) -> Value {
    let place = path + "/" + rest
    // Before the system is asked: an error must not tell whether it is there.
    guard allowsReading(rest) else { throw .refused(path: place, writing: false) }
    return try below(rest) { (folder, name) throws(FileError) in
      let file = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      if file < 0 { throw errno == ELOOP ? .linked(path: place) : FileSystem.reading(place, errno) }
      defer { close(file) }
      var status = stat()
      guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        throw .system(path: place, action: "read", reason: "it is no file")
      }
      // By where it is, too: bytes of a name may be written in another way than they stand there.
      if let files = AccessPolicy.current.files {
        guard let real = FileSystem.location(of: file), files.allowsReading(real) else {
          throw .refused(path: place, writing: false)
        }
      }
      return try body(file, place)
    }
  }

  /// Takes a file away, or a link itself. One that has gone already is well.
  public func remove(_ rest: String) throws(FileError) {
    try below(rest) { (folder, name) throws(FileError) in
      if unlinkat(folder, name, 0) != 0, errno != ENOENT { throw FileSystem.writing(path + "/" + rest, errno) }
    }
  }

  /// Takes a folder away that has nothing in it.
  /// - Returns: false where something is in it.
  @discardableResult
  public func removeFolder(_ rest: String) throws(FileError) -> Bool {
    try below(rest) { (folder, name) throws(FileError) in
      // AT_REMOVEDIR, which Glibc's numbers give Swift as another type.
      if unlinkat(folder, name, Int32(0x200)) == 0 || errno == ENOENT { return true }
      if errno == ENOTEMPTY || errno == EEXIST { return false }
      throw FileSystem.writing(path + "/" + rest, errno)
    }
  }

  /// Writes a file anew, whole or not at all; it keeps its mode.
  public func write(_ bytes: [UInt8], to rest: String) throws(FileError) {
    let place = path + "/" + rest
    let held = try below(rest) { (folder, _) throws(FileError) in
      let held = openat(folder, ".", OpenFlags.hold | O_DIRECTORY)
      if held < 0 { throw FileSystem.writing(place, errno) }
      return held
    }
    let writer = try FileWriter(
      place, in: WritableFolder(holding: held, name: FileSystem.name(of: rest), place: place), access: .owner)
    try writer.append(bytes)
    try writer.commit()
  }

  /// Goes down to where a name stands, through no link.
  private func below<Value>(
    _ rest: String, _ body: (Int32, [CChar]) throws(FileError) -> Value
  ) throws(FileError) -> Value {
    let below = try PathBelow(rest, of: path, isWritten: false)
    let folder = try below.hold(from: descriptor, making: false)
    defer { close(folder) }
    return try body(folder, PathBelow.raw(below.name, in: folder))
  }
}
