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
      let zeros = start.count { $0 == 0 }
      guard start.count >= 2, zeros < start.count, 2 * zeros >= start.count else { return nil }
      self = 4 * zeros >= 3 * start.count ? .utf32 : .utf16
    }
  }
}
