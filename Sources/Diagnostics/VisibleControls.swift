/// Control characters made visible: what a name or a message holds must not play with a terminal, nor begin a line in a
/// file.
extension String {
  /// Newlines and tabs stay; other control characters, line separators of Unicode and marks that turn the direction of
  /// writing stand as the language writes them: `\r`, `\u{1b}`.
  public var withVisibleControls: String {
    guard utf8.contains(where: Self.mayBeControl) else { return self }
    var result = ""
    for scalar in unicodeScalars {
      if scalar != "\n", scalar != "\t", scalar.isControl {
        result += scalar.visible
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// The same for one line: newlines stand as `\n`, too.
  public var asOneLine: String {
    guard utf8.contains(where: { $0 == 10 || $0 == 9 || Self.mayBeControl($0) }) else { return self }
    var result = ""
    for scalar in unicodeScalars {
      if scalar.isControl { result += scalar.visible } else { result.unicodeScalars.append(scalar) }
    }
    return result
  }

  /// Bytes that control characters begin with, or other characters too.
  private static func mayBeControl(_ byte: UInt8) -> Bool {
    (byte < 32 && byte != 10 && byte != 9) || byte == 127 || byte == 0xC2 || byte == 0xE2
  }
}

extension Unicode.Scalar {
  /// Control characters, newline and tab among them; the line and paragraph separators; marks of writing direction.
  public var isControl: Bool {
    switch value {
    case 0..<32, 127..<160, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  /// As the language writes it.
  var visible: String {
    switch self {
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    case "\0": "\\0"
    default: "\\u{\(String(value, radix: 16))}"
    }
  }
}
