import Diagnostics

/// Where a link leads.
enum MarkdownAddress {
  /// Addresses of the web and places on the page; nothing that runs.
  static func isSafe(_ address: String) -> Bool {
    let address = address.lowercased()
    return ["https://", "http://", "mailto:", "#"].contains { address.hasPrefix($0) }
  }

  /// Blanks and control characters as an address may have them.
  static func encoded(_ address: String) -> String {
    guard address.unicodeScalars.contains(where: { $0.value <= 32 || $0.value == 127 }) else { return address }
    return address.unicodeScalars.map { scalar in
      guard scalar.value <= 32 || scalar.value == 127 else { return String(scalar) }
      let digits = String(scalar.value, radix: 16, uppercase: true)
      return "%" + (digits.count < 2 ? "0" : "") + digits
    }.joined()
  }

  /// What stands behind a link's label: `(address)`, `(<address with blanks>)`, `(address "title")`.
  struct Target {
    private(set) var address = ""
    private(set) var title: String?
    /// Behind the closing bracket.
    private(set) var end: Int
    private let text: ArraySlice<Unicode.Scalar>

    /// Brackets in an address that stand one in another; a bound on what is looked at in vain.
    private static let depthLimit = 8

    init?(_ text: ArraySlice<Unicode.Scalar>) {
      guard text.first == "(" else { return nil }
      self.text = text
      end = text.startIndex + 1
      skipBlanks()
      guard readAddress() else { return nil }
      let blanks = end
      skipBlanks()
      if end > blanks, scalar == "\"" || scalar == "'" {
        guard readTitle() else { return nil }
        skipBlanks()
      }
      guard scalar == ")" else { return nil }
      end += 1
    }

    private var scalar: Unicode.Scalar? { end < text.endIndex ? text[end] : nil }

    private mutating func skipBlanks() { while scalar == " " || scalar == "\n" || scalar == "\t" { end += 1 } }

    /// A character, or what a backslash or an entity stands for.
    private mutating func character() -> String {
      if scalar == "&", let (entity, after) = HTMLEntity.read(text[end...]) {
        end = after
        return entity
      }
      if scalar == "\\", end + 1 < text.endIndex, text[end + 1].isMarkdownPunctuation { end += 1 }
      defer { end += 1 }
      return scalar.map { String($0) } ?? ""
    }

    private mutating func readAddress() -> Bool {
      if scalar == "<" {
        end += 1
        while let next = scalar, next != ">" {
          if next == "<" || next == "\n" { return false }
          address += character()
        }
        guard scalar == ">" else { return false }
        end += 1
        return true
      }
      var depth = 0
      while let next = scalar, !next.properties.isWhitespace {
        if next == "(" { depth += 1 }
        if next == ")" {
          if depth == 0 { break }
          depth -= 1
        }
        if depth > Self.depthLimit { return false }
        address += character()
      }
      return depth == 0
    }

    private mutating func readTitle() -> Bool {
      let quote = scalar
      var words = ""
      end += 1
      while let next = scalar, next != quote { words += character() }
      guard scalar == quote else { return false }
      end += 1
      title = words
      return true
    }
  }
}

/// Characters that have names in HTML: `&amp;`, `&#233;`, `&#xE9;`.
enum HTMLEntity {
  private static let names: [String: String] = [
    "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}", "copy": "©", "reg": "®",
    "trade": "™", "deg": "°", "plusmn": "±", "times": "×", "divide": "÷", "middot": "·", "sect": "§", "para": "¶",
    "ndash": "–", "mdash": "—", "hellip": "…", "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”", "laquo": "«",
    "raquo": "»", "bull": "•", "euro": "€", "larr": "←", "uarr": "↑", "rarr": "→", "darr": "↓", "harr": "↔",
    "le": "≤", "ge": "≥", "ne": "≠", "asymp": "≈", "infin": "∞", "sum": "∑", "radic": "√", "alpha": "α",
    "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "lambda": "λ", "mu": "μ", "pi": "π", "sigma": "σ",
    "auml": "ä", "ouml": "ö", "uuml": "ü", "Auml": "Ä", "Ouml": "Ö", "Uuml": "Ü", "szlig": "ß", "eacute": "é",
  ]
  /// Of the longest name, with its signs.
  private static let lengthLimit = 12

  /// - Parameter text: begins with `&`.
  /// - Returns: the character, made visible where it is one that acts on others, and where the entity ends; nil: it is none.
  static func read(_ text: ArraySlice<Unicode.Scalar>) -> (words: String, end: Int)? {
    guard let end = text.prefix(lengthLimit).firstIndex(of: ";") else { return nil }
    let name = text[(text.startIndex + 1)..<end].map { String($0) }.joined()
    let words: String?
    if name.hasPrefix("#") {
      let isHexadecimal = name.dropFirst().first.map { $0 == "x" || $0 == "X" } ?? false
      let digits = name.dropFirst(isHexadecimal ? 2 : 1)
      // `+1` is a number to Swift.
      guard digits.first.map({ $0 != "+" && $0 != "-" }) ?? false else { return nil }
      words = UInt32(digits, radix: isHexadecimal ? 16 : 10).flatMap(Unicode.Scalar.init).map {
        $0.value == 0 ? "\u{FFFD}" : String($0)
      }
    } else {
      words = names[name]
    }
    return words.map { ($0.withVisibleControls, end + 1) }
  }
}
