import Glibc

/// "ann/1.png" below a folder: the folders on the way, and the name at its end. It begins neither at the top nor goes back
/// up, and its folders are walked one by one, through no link.
struct PathBelow {
  let folders: [String]
  let name: String
  /// With the folder that it is below, for words.
  private let root: String
  private let rest: String
  private let isWritten: Bool

  var place: String { root + "/" + rest }

  /// - Parameter isWritten: for words.
  init(_ rest: String, of root: String, isWritten: Bool) throws(FileError) {
    (self.root, self.rest, self.isWritten) = (root, rest, isWritten)
    let parts = rest.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard let last = parts.last, !parts.contains(where: { ["", ".", ".."].contains($0) || $0.contains("\0") }) else {
      throw .system(
        path: root + "/" + rest, action: isWritten ? "write" : "read", reason: "this is not a file's name")
    }
    folders = parts.dropLast()
    name = last
  }

  /// Takes hold of the folder in which the name stands.
  /// - Parameters:
  ///   - start: the folder that it is below, held; it stays the caller's.
  ///   - making: folders that are not there are made. Then a name is taken to the letter: `\xE9` in it is no byte.
  /// - Returns: a descriptor that the caller closes.
  func hold(from start: Int32, making: Bool) throws(FileError) -> Int32 {
    var folder = openat(start, ".", OpenFlags.hold | O_DIRECTORY)
    if folder < 0 { throw failure(errno) }
    var walked = root
    for part in folders {
      walked += "/" + part
      let raw = making ? Array(part.utf8CString) : Self.raw(part, in: folder)
      if making { mkdirat(folder, raw, 0o777) }
      let next = openat(folder, raw, OpenFlags.hold | O_DIRECTORY | O_NOFOLLOW)
      let code = errno
      let isLink = next < 0 && FileSystem.kindOfEntry(part, in: folder) == S_IFLNK
      close(folder)
      if isLink { throw .linked(path: walked) }
      if next < 0 { throw failure(code) }
      folder = next
    }
    return folder
  }

  private func failure(_ code: Int32) -> FileError {
    isWritten ? FileSystem.writing(place, code) : FileSystem.reading(place, code)
  }

  /// A name as the system has it: one that is not UTF-8 is written with `\xE9` in it.
  static func raw(_ name: String, in folder: Int32) -> [CChar] {
    if let bytes = FileSystem.bytes(ofName: name), FileSystem.kindOfEntry(name, in: folder) == nil {
      return bytes.map { CChar(bitPattern: $0) } + [0]
    }
    return Array(name.utf8CString)
  }
}
