import Syntax
import Tensors

/// `{x:>8.3f}`: the rules of Python's format specifications.
extension Value {
  func formatted(_ format: FormatSpecification, _ context: ExecutionContext) throws -> String {
    let isForNumbers = format.isForNumbers || format.precision != nil
    switch self {
    case .number(let number): return try NumberText(number, format).padded(format)
    case .bool(let bool) where isForNumbers && format.form != .string:
      return try NumberText(bool ? 1 : 0, format).padded(format)
    case .tensor(let box) where box.tensor.count == 1:
      return try NumberText(
        box.tensor.wide?.first ?? TensorOperators.number(box.tensor.item ?? .nan), format
      ).padded(format)
    case .tensor(let box) where isForNumbers:
      return pad(try TensorText.text(box.tensor) { try NumberText($0, format).text }, format)
    case .list where isForNumbers:
      // Precision and type are those of each number; the width is that of the whole.
      var writer = ValueWriter(style: DisplayStyle(full: true))
      writer.number = { try NumberText($0, format).text }
      try writer.write(self, depth: 0)
      return pad(writer.text, format)
    case .string(let box):
      if format.isForNumbers { throw RuntimeError.badFormat(format.text, "\(inWords) is no number") }
      return pad(format.precision.map { String(box.allCharacters.prefix($0)) } ?? box.text, format)
    default:
      if isForNumbers { throw RuntimeError.badFormat(format.text, "\(article(typeName)) is no number") }
      return pad(try described(DisplayStyle(full: true), context), format)
    }
  }

  private func pad(_ text: String, _ format: FormatSpecification) -> String {
    let missing = format.width - text.count
    guard missing > 0 else { return text }
    let fill = String(repeating: String(format.fill), count: missing)
    switch format.alignment ?? .left {
    case .left: return text + fill
    case .right, .afterSign: return fill + text
    case .center: return fill.prefix(missing / 2) + text + fill.suffix(missing - missing / 2)
    }
  }
}

/// A number under a format, before it is brought to its width.
private struct NumberText {
  /// The sign, and the 0x of `#x`.
  var prefix: String
  var digits: String

  var text: String { prefix + digits }

  init(_ number: Double, _ format: FormatSpecification) throws {
    let absolute = abs(number)
    let precision = format.precision
    let alternate = format.isAlternate ? "#" : ""
    var base = ""
    if !number.isFinite, format.form != .string {
      digits = (number.isNaN ? "nan" : "inf") + (format.form == .percent ? "%" : "")
    } else {
      switch format.form {
      case .decimal, .hexadecimal, .binary, .octal:
        guard number == number.rounded() else {
          throw RuntimeError.badFormat(format.text, "\(formatNumber(number)) is not a whole number")
        }
        let form = format.form ?? .decimal
        digits = Self.wholeDigits(absolute, form)
        if format.isAlternate, form != .decimal { base = "0" + form.rawValue }
      case .fixed: digits = withCFormat("%\(alternate).*f", precision ?? 6, absolute)
      case .exponent: digits = withCFormat("%\(alternate).*e", precision ?? 6, absolute)
      case .general:
        let count = max(1, precision ?? 6)
        digits = format.isAlternate ? Self.allDigits(absolute, count) : general(absolute, digits: count)
      case .percent:
        // The product may be beyond all numbers.
        let product = absolute * 100
        digits = (product.isFinite ? withCFormat("%\(alternate).*f", precision ?? 6, product) : "inf") + "%"
      case .string, nil:
        digits =
          precision.map { count in
            format.isAlternate ? Self.allDigits(absolute, max(1, count)) : general(absolute, digits: max(1, count))
          } ?? formatNumber(absolute)
      }
    }
    if format.hasCapitals { (base, digits) = (base.uppercased(), digits.uppercased()) }
    let isNegative = number.sign == .minus && !number.isNaN
    prefix = (isNegative ? "-" : format.sign == .always ? "+" : format.sign == .space ? " " : "") + base
    if let grouping = format.grouping {
      let size = format.form == nil || format.form == .decimal || format.form?.isWhole != true ? 3 : 4
      let fillsWithZeros = format.fillsWithZeros || (format.alignment == .afterSign && format.fill == "0")
      digits = Self.grouped(digits, grouping, size, width: fillsWithZeros ? format.width - prefix.count : 0)
    }
  }

  func padded(_ format: FormatSpecification) -> String {
    let missing = format.width - prefix.count - digits.count
    guard missing > 0 else { return text }
    let fill = String(repeating: String(format.fill), count: missing)
    if format.fillsWithZeros { return prefix + fill + digits }
    switch format.alignment ?? .right {
    case .left: return text + fill
    case .right: return fill + text
    case .center: return fill.prefix(missing / 2) + text + fill.suffix(missing - missing / 2)
    case .afterSign: return prefix + fill + digits
    }
  }

  /// `%#.*g`, which keeps its zeros, by C's definition: glibc drops them where rounding gives a power of ten (99999.5 of
  /// five digits).
  private static func allDigits(_ absolute: Double, _ count: Int) -> String {
    let scientific = withCFormat("%#.*e", count - 1, absolute)
    guard let mark = scientific.lastIndex(of: "e"), let exponent = Int(scientific[scientific.index(after: mark)...]),
      (-4..<count).contains(exponent)
    else { return scientific }
    return withCFormat("%#.*f", count - 1 - exponent, absolute)
  }

  /// All digits of a whole number, however large.
  private static func wholeDigits(_ absolute: Double, _ form: FormatSpecification.Form) -> String {
    let bits = form == .hexadecimal ? 4 : form == .octal ? 3 : 1
    if absolute < 0x1p63 { return String(UInt64(absolute), radix: form == .decimal ? 10 : 1 << bits) }
    if form == .decimal { return withCFormat("%.*f", 0, absolute) }
    // The 53 bits that it has, and zeros behind them.
    let zeros = Int(absolute.exponent) - 52
    let significand = (absolute.significandBitPattern | 1 << 52) << UInt64(zeros % bits)
    return String(significand, radix: 1 << bits) + String(repeating: "0", count: zeros / bits)
  }

  /// Zeros that fill to `width` are grouped, too.
  private static func grouped(_ text: String, _ separator: Character, _ size: Int, width: Int) -> String {
    let digits = text.prefix { $0.isASCII && (size == 4 ? $0.isHexDigit : $0.isNumber) }
    var count = digits.count
    guard count > 0 else { return text }
    while text.count - digits.count + count + (count - 1) / size < width { count += 1 }
    let whole = String(repeating: "0", count: count - digits.count) + digits
    var result = ""
    for (index, digit) in whole.enumerated() {
      if index > 0, (whole.count - index) % size == 0 { result.append(separator) }
      result.append(digit)
    }
    return result + text.dropFirst(digits.count)
  }
}

extension FormatSpecification {
  /// What it asks of a number, for messages: ".2f".
  fileprivate var text: String {
    let type = form.map { hasCapitals ? $0.rawValue.uppercased() : $0.rawValue } ?? ""
    let sign = sign == .onlyNegative ? "" : sign.rawValue
    return sign + (grouping.map(String.init) ?? "") + (precision.map { ".\($0)" } ?? "") + type
  }
}
