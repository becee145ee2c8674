import Glibc

/// Reading, with bounds: of a file that grows while it is read no more comes in than was asked for.
extension FileSystem {
  /// What is read at once when no other limit is given: 4 GiB.
  public static let defaultLimit = 4 << 30

  /// The whole file.
  /// - Parameters:
  ///   - limit: in bytes; more is an error before anything is read.
  ///   - takesPipes: a pipe or a device is read to its end; without, it is an error.
  public static func read(
    _ path: String, limit: Int = defaultLimit, takesPipes: Bool = false
  ) throws(FileError) -> [UInt8] {
    // A pipe nobody writes to would hold the program up where none is wanted.
    let file = try openToRead(path, takesPipes ? 0 : O_NONBLOCK)
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw reading(path, errno) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw .isFolder(path: path)
    default:
      guard takesPipes else {
        throw .system(path: path, action: "read", reason: "it is a device or a pipe, not a file")
      }
      return try readToEnd(file, name: path, limit: limit)
    }
    let size = Int(status.st_size)
    // What the system makes up while it is read (/proc) has no size.
    if size == 0 { return try readToEnd(file, name: path, limit: limit) }
    guard size <= limit else { throw .tooLarge(path: path, size: size, limit: limit) }
    var failure: FileError?
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size, let base = buffer.baseAddress {
        let got = Glibc.read(file, base + count, size - count)
        if got < 0 {
          if errno == EINTR { continue }
          failure = reading(path, errno)
          return
        }
        if got == 0 { return }
        count += got
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Everything that comes from an open descriptor.
  /// - Parameter name: for the words of errors.
  public static func readToEnd(_ descriptor: Int32, name: String, limit: Int) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    try pieces(of: descriptor, name: name) { (piece) throws(FileError) in
      bytes += piece
      if bytes.count > limit { throw .tooLarge(path: name, size: bytes.count, limit: limit) }
    }
    return bytes
  }

  /// A file to be read, no folder, device or pipe, which the caller closes.
  static func openFile(at place: String, name: String) throws(FileError) -> (file: Int32, status: stat) {
    let file = try openToRead(at: place, name: name, O_NONBLOCK)
    var status = stat()
    guard fstat(file, &status) == 0 else {
      let code = errno
      close(file)
      throw reading(name, code)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(file)
      throw status.st_mode & S_IFMT == S_IFDIR
        ? .isFolder(path: name)
        : .system(path: name, action: "read", reason: "it is a device or a pipe, not a file")
    }
    return (file, status)
  }

  /// The whole of an open file to another place, a piece at a time, however large it is. Who may not read the file may not
  /// read the copy.
  static func copy(_ file: Int32, _ status: stat, name: String, to target: String) throws(FileError) {
    let writer = try FileWriter(target, model: status)
    try pieces(of: file, name: name) { (piece) throws(FileError) in try writer.append(piece) }
    try writer.commit()
  }

  /// Line by line, without their ends, however long the file is; empty lines are left out.
  /// - Parameter name: for the words of errors.
  public static func readLines(
    _ descriptor: Int32, name: String, _ take: (ArraySlice<UInt8>) -> Void
  ) throws(FileError) {
    var open: [UInt8] = []
    try pieces(of: descriptor, name: name) { piece in
      var rest = piece
      while let end = rest.firstIndex(of: 10) {
        open += rest[..<end]
        if !open.isEmpty { take(open[...]) }
        open.removeAll(keepingCapacity: true)
        rest = rest[(end + 1)...]
      }
      open += rest
    }
    if !open.isEmpty { take(open[...]) }
  }

  private static func pieces(
    of descriptor: Int32, name: String, _ take: (ArraySlice<UInt8>) throws(FileError) -> Void
  ) throws(FileError) {
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw reading(name, errno) }
      if count == 0 { return }
      try take(buffer[..<count])
    }
  }

  /// The first `count` bytes, or fewer if the file is shorter: enough to tell what kind of file it is.
  public static func readStart(_ path: String, count: Int) throws(FileError) -> [UInt8] {
    let file = try openToRead(path, O_NONBLOCK)
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: max(0, count))
    let got = Glibc.read(file, &bytes, bytes.count)
    if got < 0 { throw reading(path, errno) }
    return Array(bytes.prefix(got))
  }

  public static func readText(_ path: String, limit: Int = 64 << 20) throws(FileError) -> String {
    let bytes = try read(path, limit: limit)
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .notText(path: path) }
    return text
  }
}
