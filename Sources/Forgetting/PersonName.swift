import Collecting
import Files
import Foundation

/// A person's name as folders, lists and texts have it.
struct PersonName {
  let label: String
  /// As `collect` names a folder: where the label has signs that no folder's name may have.
  let folder: String
  /// Of a label that is a path, as `images` gives them of folders within folders: "team" and "ann" of "team/ann".
  private let parts: [String]
  /// In lower case.
  private let spellings: [[UInt8]]

  init(_ label: String) {
    self.label = label
    folder = CollectItem.folderName(label)
    let parts = label.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    // What leads elsewhere, or nowhere, is no path of folders.
    let isPath = parts.count > 1 && !parts.contains { ["", ".", ".."].contains($0) || $0.allSatisfy(\.isWhitespace) }
    self.parts = isPath ? parts : []
    var spellings: Set<[UInt8]> = []
    // In a folder of the path, or by somebody who writes it down, they are called by its last part.
    for name in [label, folder] + (isPath ? parts.suffix(1) : []) {
      for word in [name, name.lowercased(), name.uppercased(), name.capitalized] {
        spellings.insert(Self.lower(Array(word.precomposedStringWithCanonicalMapping.utf8)))
        spellings.insert(Self.lower(Array(word.decomposedStringWithCanonicalMapping.utf8)))
        // As JSON writes it.
        if let json = try? JSONEncoder().encode(word) {
          spellings.insert(Self.lower(Array(json.dropFirst().dropLast())))
        }
      }
    }
    self.spellings = spellings.filter { !$0.isEmpty }.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// Whether a folder of this name may be theirs. Accents may be written in either way.
  private func isFolder(_ name: String) -> Bool { name == label || name == folder && folder != "unlabelled" }

  /// Whether the folder at a path is theirs: it is called so, or of a label that is a path, the path ends so.
  func isFolder(at path: String) -> Bool { isFolder(path.split(separator: "/")) }

  private func isFolder(_ path: some RandomAccessCollection<Substring>) -> Bool {
    if let last = path.last, isFolder(String(last)) { return true }
    return !parts.isEmpty && path.count >= parts.count && zip(path.suffix(parts.count), parts).allSatisfy { $0 == $1 }
  }

  /// Whether a list's path leads into a folder of theirs: "ann/1.png".
  ///
  /// - Parameter top: the folder that the list stands in, from which its paths go on. The folder of theirs is below it, and
  ///   may begin in it: "ann/1.png" in a list of "team" is of "team/ann".
  func owns(_ path: some StringProtocol, below top: String = "") -> Bool {
    let (above, folders) = (top.split(separator: "/"), path.split(separator: "/").dropLast())
    return folders.indices.contains { isFolder(above + folders[...$0].map { Substring($0) }) }
  }

  /// All names that weights may have learnt them by from a folder: of "raw/team/ann" for "ann" also "team/ann".
  func labels(ofFolder path: String) -> [String] {
    let folders = path.split(separator: "/")
    return folders.indices.map { folders[$0...].joined(separator: "/") }
  }

  /// Whether a text has the name in it, as words of its own and in whatever case: "ann" is in "Ann_1.jpg", not in "hannah".
  func isNamed(in text: some StringProtocol) -> Bool { isNamed(in: Array(text.utf8)) }

  func isNamed(in text: [UInt8]) -> Bool {
    let bytes = Self.lower(text)
    return spellings.contains { spelling in
      var at = 0
      while let start = Self.firstIndex(of: spelling, in: bytes, from: at) {
        let end = start + spelling.count
        let isAlone =
          !(start > 0 && Self.isLetter(bytes[start - 1])) && !(end < bytes.count && Self.isLetter(bytes[end]))
        if isAlone { return true }
        at = start + 1
      }
      return false
    }
  }

  /// The letters of ASCII in lower case; the spellings have the others in each case.
  private static func lower(_ bytes: [UInt8]) -> [UInt8] {
    bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...0xFF: true
    default: false
    }
  }

  private static func firstIndex(of part: [UInt8], in bytes: [UInt8], from: Int) -> Int? {
    guard let first = part.first, from <= bytes.count - part.count else { return nil }
    return bytes.withUnsafeBytes { all in
      guard let base = all.baseAddress else { return nil }
      var at = from
      let end = bytes.count - part.count
      while at <= end, let found = memchr(base + at, Int32(first), end - at + 1) {
        at = UnsafeRawPointer(found) - base
        if all[at..<at + part.count].elementsEqual(part) { return at }
        at += 1
      }
      return nil
    }
  }
}
