/// The part after the colon in `"{loss:>8.3f}"`, as Python has it:
/// `[[fill]align][sign][0][width][,|_][.precision][type]`.
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
  }

  public var fill: Character = " "
  /// Left out: numbers stand right, all else left.
  public var alignment: Alignment?
  public var sign: Sign = .onlyNegative
  public var width = 0
  /// "," or "_" between groups of three digits.
  public var grouping: Character?
  public var precision: Int?
  /// Left out: a number as it prints, or with `precision` significant digits; a string cut to `precision`.
  public var form: Form?

  public init() {}

  /// Nil where the text is no format, or asks for a width or precision beyond 1,000.
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
    if rest.first == "0" {
      if !hasFill { fill = "0" }
      if alignment == nil { alignment = .afterSign }
      rest = rest.dropFirst()
    }
    func digits() -> Int?? {
      let found = rest.prefix { $0.isASCII && $0.isNumber }
      guard !found.isEmpty else { return .some(nil) }
      rest = rest.dropFirst(found.count)
      guard let number = Int(found), number <= 1000 else { return nil }
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
      guard let form = Form(rawValue: rest == "F" ? "f" : rest == "E" ? "e" : rest == "G" ? "g" : String(rest)) else {
        return nil
      }
      self.form = form
    }
  }
}
