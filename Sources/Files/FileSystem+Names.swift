import Glibc

/// Names that are not UTF-8: old disks and archives have them in Latin-1 and others. Each byte that cannot be read is
/// written `\xE9`, so that the name can be shown, typed, and led back to its file.
extension FileSystem {
  static func name(ofBytes bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var text = ""
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var at = 0
    while true {
      switch parser.parseScalar(from: &iterator) {
      case .valid(let scalar):
        text.unicodeScalars.append(Unicode.UTF8.decode(scalar))
        at += scalar.count
      case .error(let length):
        for byte in bytes[at..<min(bytes.count, at + length)] {
          text += "\\x" + String(byte, radix: 16, uppercase: true)
        }
        at += length
      case .emptyInput: return text
      }
    }
  }

  /// The bytes that a text with `\xE9` in it stands for; nil where it has none.
  static func bytes(ofName text: String) -> [UInt8]? {
    let letters = Array(text.utf8)
    func digit(_ at: Int) -> UInt8? {
      guard at < letters.count else { return nil }
      switch letters[at] {
      case 0x30...0x39: return letters[at] - 0x30
      case 0x41...0x46: return letters[at] - 0x37
      case 0x61...0x66: return letters[at] - 0x57
      default: return nil
      }
    }
    var bytes: [UInt8] = []
    var isOther = false
    var at = 0
    while at < letters.count {
      if letters[at] == 0x5C, at + 1 < letters.count, letters[at + 1] == 0x78, let high = digit(at + 2), high >= 8,
        let low = digit(at + 3)
      {
        bytes.append(high << 4 | low)
        isOther = true
        at += 4
      } else {
        bytes.append(letters[at])
        at += 1
      }
    }
    return isOther ? bytes : nil
  }

  /// Hands over the name as the system has it. A file whose name really is `\xE9` goes before one that it stands for.
  public static func withSystemPath<Result>(_ path: String, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
    let full = expanded(path)
    guard let bytes = bytes(ofName: full), !bytes.contains(0) else { return full.withCString(body) }
    var status = stat()
    if lstat(full, &status) == 0 { return full.withCString(body) }
    let raw = bytes.map { CChar(bitPattern: $0) } + [0]
    return raw.withUnsafeBufferPointer { raw in
      guard let base = raw.baseAddress, lstat(base, &status) == 0 else { return full.withCString(body) }
      return body(base)
    }
  }
}
