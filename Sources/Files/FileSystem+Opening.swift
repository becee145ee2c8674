import Glibc
import Sandbox

/// The one place where files are opened, and asked about. For a script in a box a name is looked for first among what the
/// script wrote itself; one that leads elsewhere by its words is refused at once; then the file is taken hold of without being read, the system says where it is once all links are
/// followed, and only what the policy allows is opened, by that hold: a link that changes meanwhile changes nothing.
extension FileSystem {
  /// A descriptor to read from, which the caller closes.
  public static func openToRead(_ path: String, _ flags: Int32 = 0) throws(FileError) -> Int32 {
    try openToRead(at: placeToRead(path), name: path, flags)
  }

  static func openToRead(at place: String, name: String, _ flags: Int32) throws(FileError) -> Int32 {
    if place.contains("\0") { throw reading(name, ENOENT) }
    func failure(_ code: Int32) -> FileError {
      code == ENOTDIR && flags & O_DIRECTORY != 0 && isThere(place) ? .notFolder(path: name) : reading(name, code)
    }
    guard let files = AccessPolicy.current.files else {
      let file = withSystemPath(place) { open($0, O_RDONLY | O_CLOEXEC | flags) }
      if file < 0 { throw failure(errno) }
      return file
    }
    guard files.allowsLooking(place) else { throw refusedReading(name, files) }
    let held = withSystemPath(place) { open($0, OpenFlags.hold) }
    guard held >= 0 else {
      let code = errno
      // Whether something stands elsewhere is not told either.
      throw mayKnow(ofNothingAt: place, files) ? failure(code) : refusedReading(name, files)
    }
    defer { close(held) }
    guard let real = location(of: held), files.allowsReading(real) else { throw refusedReading(name, files) }
    let file = open("/proc/self/fd/\(held)", O_RDONLY | O_CLOEXEC | flags)
    if file < 0 { throw failure(errno) }
    return file
  }

  private static func refusedReading(_ name: String, _ files: FileAccess) -> FileError {
    besideScript(name, files) ?? .refused(path: name, writing: false)
  }

  /// A script that is played from another folder: what it calls by a relative name stands beside it, where nobody looks
  /// for it. Nil: nothing does that the script may read.
  public static func besideScript(_ name: String) -> FileError? {
    AccessPolicy.current.files.flatMap { besideScript(name, $0) }
  }

  private static func besideScript(_ name: String, _ files: FileAccess) -> FileError? {
    guard let folder = files.scriptFolder, !name.isEmpty, !expanded(name).hasPrefix("/"),
      files.absolute(folder) != files.base, status(at: files.absolute(folder + "/" + name)) != nil
    else { return nil }
    return .besideScript(path: name, folder: folder)
  }

  /// Whether a script in a box may be told why a file cannot be opened. It may where the way to it, as far as it goes,
  /// stays among what the script may read; a link beside the script leads elsewhere, and what is there or is not there
  /// stays untold.
  static func mayKnow(ofNothingAt place: String, _ files: FileAccess) -> Bool {
    guard files.allowsLooking(place) else { return false }
    var way = place
    var next: String?
    while true {
      let held = withSystemPath(way) { open($0, OpenFlags.hold) }
      if held >= 0 {
        defer { close(held) }
        guard let real = location(of: held), files.allowsReading(real) else { return false }
        guard let next else { return true }
        var status = stat()
        // A link that leads nowhere today would tell what is missing there.
        return fstatat(held, PathBelow.raw(next, in: held), &status, AT_SYMLINK_NOFOLLOW) != 0
          || status.st_mode & S_IFMT != S_IFLNK
      }
      if way == "/" { return true }
      (next, way) = (self.name(of: way), parent(of: way))
    }
  }

  /// Where a name leads that is read.
  static func placeToRead(_ path: String) -> String {
    let full = expanded(path)
    guard let files = AccessPolicy.current.files else { return full }
    if let own = files.own(full), isThere(own) { return own }
    return files.absolute(full)
  }

  /// Where a name leads that is written. Folders that stand beside the script stand in its own folder too.
  static func placeToWrite(_ path: String) throws(FileError) -> String {
    let full = expanded(path)
    guard let files = AccessPolicy.current.files else { return full }
    guard let own = files.own(full) else { throw .refused(path: path, writing: true) }
    let folder = parent(of: own)
    // Only of folders that the script may read: others would tell that they are there.
    if !isOwnFolder(folder), let status = status(at: parent(of: files.absolute(full))),
      status.st_mode & S_IFMT == S_IFDIR
    {
      try makeOwnFolder(folder, files, name: path)
    }
    return own
  }

  /// Where a library may open a file that opens files by their names itself (SQLite). For a script in a box that is a
  /// place of its own: what stands elsewhere is copied there first, as far as the script may read it, and stays as it is.
  public static func placeForLibrary(_ path: String, making: Bool) throws(FileError) -> String {
    let full = expanded(path)
    guard let files = AccessPolicy.current.files else { return full }
    if making || files.own(full).map({ isThere($0) }) ?? false { return try placeInBox(path) }
    let isBelow = files.own(full) != nil
    let copy = isBelow ? path : files.scratch + "/.copy-" + String(UInt64.random(in: .min ... .max), radix: 36)
    try copyDatabase(path, to: copy)
    return try placeInBox(copy)
  }

  /// A library follows links where this program would not: none may stand there. The folder is named as the system names
  /// it once it was judged.
  private static func placeInBox(_ path: String) throws(FileError) -> String {
    let folder = try WritableFolder(of: path)
    guard kindOfEntry(folder.name, in: folder.descriptor) != S_IFLNK, let real = location(of: folder.descriptor) else {
      throw .refused(path: path, writing: true)
    }
    return String(decoding: real, as: UTF8.self) + "/" + folder.name
  }

  /// What the system says of a file, links followed; nil where none is, or none may be read.
  static func status(of path: String) -> stat? { status(at: placeToRead(path)) }

  static func status(at place: String) -> stat? {
    var status = stat()
    if place.contains("\0") { return nil }
    guard let files = AccessPolicy.current.files else {
      return withSystemPath(place) { stat($0, &status) } == 0 ? status : nil
    }
    guard files.allowsLooking(place) else { return nil }
    let held = withSystemPath(place) { open($0, OpenFlags.hold) }
    guard held >= 0 else { return nil }
    defer { close(held) }
    guard let real = location(of: held), files.allowsReading(real), fstat(held, &status) == 0 else { return nil }
    return status
  }

  /// Why nothing may be looked for at a path; nil where it may.
  public static func refusal(ofReading path: String) -> FileError? {
    guard let files = AccessPolicy.current.files, !mayKnow(ofNothingAt: files.absolute(expanded(path)), files)
    else { return nil }
    return refusedReading(path, files)
  }

  /// A file of this program's own that is read and written in place, which the caller closes. Never through a link.
  public static func openToUpdate(_ path: String, access: Access = .usual) throws(FileError) -> Int32 {
    let folder = try WritableFolder(of: path)
    let file = openat(folder.descriptor, folder.name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, access.mode)
    guard file >= 0 else { throw writing(path, errno) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(file)
      throw .system(path: path, action: "write", reason: "it is a device or a pipe, not a file")
    }
    return file
  }

  static func isThere(_ place: String) -> Bool {
    var status = stat()
    return !place.contains("\0") && withSystemPath(place) { lstat($0, &status) } == 0
  }

  static func isOwnFolder(_ place: String) -> Bool {
    var status = stat()
    return !place.contains("\0") && withSystemPath(place) { stat($0, &status) } == 0
      && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Where an open file is, without links; nil where the system does not say.
  static func location(of descriptor: Int32) -> [UInt8]? {
    var buffer = [CChar](repeating: 0, count: 4097)
    let count = readlink("/proc/self/fd/\(descriptor)", &buffer, buffer.count)
    guard count > 0, count < buffer.count else { return nil }
    return buffer[..<count].map { UInt8(bitPattern: $0) }
  }
}

enum OpenFlags {
  /// O_PATH, which Glibc hides from Swift: takes hold of a file without opening it.
  static let hold: Int32 = 0o10000000 | O_CLOEXEC
}

/// The folder that holds a file which is written, made or taken away, held open: what happens to the folder's name
/// meanwhile changes nothing.
final class WritableFolder {
  let descriptor: Int32
  /// Of the file in it.
  let name: String
  /// Where the file is, for words and locks.
  let place: String

  convenience init(of path: String) throws(FileError) {
    try self.init(at: try FileSystem.placeToWrite(path), path: path)
  }

  /// Goes down from a folder name by name, through no link, and makes folders that are not there.
  /// - Parameters:
  ///   - root: links on the way to it are followed.
  ///   - rest: "ann/1.png"; neither from the top nor back up.
  init(beneath root: String, _ rest: String) throws(FileError) {
    let below = try PathBelow(rest, of: root, isWritten: true)
    let start = try WritableFolder(of: root + "/" + (below.folders.first ?? below.name))
    descriptor = try below.hold(from: start.descriptor, making: true)
    name = below.name
    place = FileSystem.parent(of: start.place) + "/" + rest
  }

  /// - Parameter place: as `placeToWrite` gives it.
  init(at place: String, path: String) throws(FileError) {
    guard !place.isEmpty, !place.contains("\0"), !place.hasSuffix("/") else {
      throw .system(path: path, action: "write", reason: "this is not a file's name")
    }
    let folder = FileSystem.parent(of: place)
    let opened = FileSystem.withSystemPath(folder) { open($0, OpenFlags.hold | O_DIRECTORY) }
    if opened < 0 { throw FileSystem.writing(path, errno) }
    if let files = AccessPolicy.current.files {
      guard let real = FileSystem.location(of: opened), files.allowsWriting(real) else {
        close(opened)
        throw .refused(path: path, writing: true)
      }
    }
    descriptor = opened
    name = FileSystem.name(of: place)
    self.place = place
  }

  /// A folder that is open already, which from now on is this one's to close.
  init(holding descriptor: Int32, name: String, place: String) {
    self.descriptor = descriptor
    self.name = name
    self.place = place
  }

  deinit { close(descriptor) }
}
