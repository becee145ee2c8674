/// The part after the colon in `"{loss:>8.3f}"`, as Python has it:
/// `[[fill]align][sign][#][0][width][,|_][.precision][type]`.
public struct FormatSpecification: Hashable, Sendable {
  public enum Alignment: String, Sendable {
    case left = "<"
    case right = ">"
    case center = "^"
    /// The fill stands between the sign and the digits.
    case afterSign = "="
  }

  public enum Sign: String, Sendable {
    case always = "+"
    case onlyNegative = "-"
    case space = " "
  }

  public enum Form: String, Sendable, CaseIterable {
    /// Whole number; an error for others.
    case decimal = "d"
    case fixed = "f"
    case exponent = "e"
    case general = "g"
    case percent = "%"
    case string = "s"
    case hexadecimal = "x"
    case binary = "b"
    case octal = "o"

    /// Of whole numbers alone.
    public var isWhole: Bool {
      switch self {
      case .decimal, .hexadecimal, .binary, .octal: true
      default: false
      }
    }
  }

  public var fill: Character = " "
  /// Left out: numbers stand right, all else left.
  public var alignment: Alignment?
  public var sign: Sign = .onlyNegative
  /// `#`: 0x, 0b and 0o in front; `g` keeps its zeros, a point stays without digits behind it.
  public var isAlternate = false
  /// `0` in front of the width: zeros behind the sign of a number, behind a text.
  public var fillsWithZeros = false
  public var width = 0
  /// "," or "_" between groups of digits: three, or four of x, b and o.
  public var grouping: Character?
  public var precision: Int?
  /// Left out: a number as it prints, or with `precision` significant digits; a string cut to `precision`.
  public var form: Form?
  /// `X`, `E`, `F`, `G`: letters as capitals.
  public var hasCapitals = false

  /// Of width and precision.
  public static let limit = 1000

  public init() {}

  /// Says something that only numbers have.
  public var isForNumbers: Bool {
    sign != .onlyNegative || grouping != nil || isAlternate || (form != nil && form != .string)
  }

  /// Nil where the text is no format, or asks for a width or precision beyond the limit.
  public init?(_ text: String) {
    var rest = Substring(text)
    let characters = Array(text)
    var hasFill = false
    if characters.count > 1, let alignment = Alignment(rawValue: String(characters[1])) {
      self.fill = characters[0]
      hasFill = true
      self.alignment = alignment
      rest = rest.dropFirst(2)
    } else if let first = characters.first, let alignment = Alignment(rawValue: String(first)) {
      self.alignment = alignment
      rest = rest.dropFirst()
    }
    if let first = rest.first, let sign = Sign(rawValue: String(first)) {
      self.sign = sign
      rest = rest.dropFirst()
    }
    if rest.first == "#" {
      isAlternate = true
      rest = rest.dropFirst()
    }
    if rest.first == "0" {
      if !hasFill { fill = "0" }
      fillsWithZeros = alignment == nil
      rest = rest.dropFirst()
    }
    func digits() -> Int?? {
      let found = rest.prefix { $0.isASCII && $0.isNumber }
      guard !found.isEmpty else { return .some(nil) }
      rest = rest.dropFirst(found.count)
      guard let number = Int(found), number <= Self.limit else { return nil }
      return .some(number)
    }
    guard let width = digits() else { return nil }
    self.width = width ?? 0
    if let first = rest.first, first == "," || first == "_" {
      grouping = first
      rest = rest.dropFirst()
    }
    if rest.first == "." {
      rest = rest.dropFirst()
      guard let precision = digits(), let precision else { return nil }
      self.precision = precision
    }
    if !rest.isEmpty {
      let small = ["F", "E", "G", "X"].contains(rest) ? rest.lowercased() : String(rest)
      guard let form = Form(rawValue: small) else { return nil }
      hasCapitals = small != rest
      self.form = form
    }
    if let form, form.isWhole, precision != nil || (grouping == "," && form != .decimal) { return nil }
    if form == .string, grouping != nil || sign != .onlyNegative || isAlternate { return nil }
  }

  /// Whether a text is no format only because it asks for a width or precision beyond the limit.
  static func isBeyondLimit(_ text: String) -> Bool {
    var brought = ""
    var digits = ""
    func isTooLarge() -> Bool { !digits.isEmpty && (Int(digits) ?? .max) > limit }
    for character in text + " " {
      if character.isASCII, character.isNumber {
        digits.append(character)
        continue
      }
      brought += isTooLarge() ? "\(limit)" : digits
      digits = ""
      brought.append(character)
    }
    brought.removeLast()
    return FormatSpecification(text) == nil && FormatSpecification(brought) != nil
  }
}
