import Collecting
import Files
import Foundation

/// A person's name as folders, lists and texts have it.
struct PersonName {
  let label: String
  /// As `collect` names a folder: where the label has signs that no folder's name may have.
  let folder: String
  private let spellings: [[UInt8]]

  init(_ label: String) {
    self.label = label
    folder = CollectItem.folderName(label)
    var spellings = [
      label.precomposedStringWithCanonicalMapping, label.decomposedStringWithCanonicalMapping,
      folder.precomposedStringWithCanonicalMapping,
    ]
    // As JSON writes it.
    if let json = try? JSONEncoder().encode(label) {
      spellings.append(String(decoding: json.dropFirst().dropLast(), as: UTF8.self))
    }
    self.spellings = Set(spellings.map { Array($0.utf8) }).filter { !$0.isEmpty }.sorted {
      $0.lexicographicallyPrecedes($1)
    }
  }

  /// Whether a folder of this name may be theirs. Accents may be written in either way.
  func isFolder(_ name: String) -> Bool { name == label || name == folder && folder != "unlabelled" }

  /// Whether a list's path leads into a folder of theirs: "ann/1.png".
  func owns(_ path: String) -> Bool {
    path.split(separator: "/").dropLast().contains { isFolder(String($0)) }
  }

  /// Whether a text has the name in it, as words of its own: "ann" is in "ann_1.jpg", not in "hannah".
  func isNamed(in bytes: [UInt8]) -> Bool {
    spellings.contains { spelling in
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
