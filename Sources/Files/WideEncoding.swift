/// The encodings that some editors write in place of UTF-8, told from a text's first bytes: by the mark that they put in
/// front of it (U+FEFF), or by the zeros that every character of ASCII has in them.
public enum WideEncoding: String, Sendable {
  case utf16 = "UTF-16"
  case utf32 = "UTF-32"

  /// nil: the bytes do not look like either. Looks at 256 bytes at most.
  public init?(of bytes: some Sequence<UInt8>) {
    let start = Array(bytes.prefix(256))
    // The mark of UTF-32 begins with that of UTF-16 where the lowest byte comes first.
    if start.starts(with: [0xFF, 0xFE, 0, 0]) || start.starts(with: [0, 0, 0xFE, 0xFF]) {
      self = .utf32
    } else if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) {
      self = .utf16
    } else {
      // Programs and pictures have as many zeros, but not all of them at these places.
      func isText(width: Int, letterAt place: Int) -> Bool {
        start.count >= width && start.indices.allSatisfy { ($0 % width == place) == (start[$0] != 0) }
      }
      if isText(width: 4, letterAt: 0) || isText(width: 4, letterAt: 3) {
        self = .utf32
      } else if isText(width: 2, letterAt: 0) || isText(width: 2, letterAt: 1) {
        self = .utf16
      } else {
        return nil
      }
    }
  }
}
