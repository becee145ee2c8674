import Downloads
import Files

/// Finds in a page what is not drawn: its session, and the bytes of its pictures.
enum PageReader {
  static let sessionStart = "<script type=\"application/json\" id=\"twinbook-session\">"
  static let sessionEnd = "</script>"
  private static let pictureStart = "src=\"data:image/"

  /// The text between the session's marks.
  static func session(in bytes: [UInt8]) -> [UInt8]? {
    let start = Array(sessionStart.utf8)
    let end = Array(sessionEnd.utf8)
    // At the page's end; what a cell printed cannot look like it, for there it is text.
    guard let from = last(start, in: bytes[...]), let to = first(end, in: bytes[(from + start.count)...]) else {
      return nil
    }
    return Array(bytes[(from + start.count)..<to])
  }

  /// The page with the hash of each picture in place of its bytes.
  static func stripped(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var rest = bytes[...]
    while let place = nextPicture(in: rest) {
      result += rest[..<place.lowerBound]
      result += SHA256.hex(Array(rest[place])).utf8
      rest = rest[place.upperBound...]
    }
    return result + rest
  }

  /// By their hashes.
  static func pictures(in bytes: [UInt8]) -> [String: String] {
    var result: [String: String] = [:]
    var rest = bytes[...]
    while let place = nextPicture(in: rest) {
      result[SHA256.hex(Array(rest[place]))] = String(decoding: rest[place], as: UTF8.self)
      rest = rest[place.upperBound...]
    }
    return result
  }

  static func isBase64(_ byte: UInt8) -> Bool {
    switch byte {
    case 65...90, 97...122, 48...57, UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): true
    default: false
    }
  }

  /// Where the next picture's base 64 stands.
  private static func nextPicture(in bytes: ArraySlice<UInt8>) -> Range<Int>? {
    guard let start = first(Array(pictureStart.utf8), in: bytes),
      let comma = bytes[start...].prefix(64).firstIndex(of: UInt8(ascii: ","))
    else { return nil }
    let end = bytes[(comma + 1)...].firstIndex { !isBase64($0) } ?? bytes.endIndex
    return (comma + 1)..<end
  }

  /// Where the needle begins first.
  static func first(_ needle: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
    guard let head = needle.first else { return nil }
    var place = bytes.startIndex
    while let next = bytes[place...].firstIndex(of: head) {
      if bytes[next...].starts(with: needle) { return next }
      place = next + 1
    }
    return nil
  }

  private static func last(_ needle: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
    guard let head = needle.first else { return nil }
    var rest = bytes
    while let next = rest.lastIndex(of: head) {
      if bytes[next...].starts(with: needle) { return next }
      rest = rest[..<next]
    }
    return nil
  }
}
