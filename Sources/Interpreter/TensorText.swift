import Diagnostics
import Tensors

/// How a tensor shows itself: small ones whole, large ones by shape, range and corners. The same text for the same
/// bits, since it is recorded as a cell's result.
public enum TensorText {
  /// Up to this many numbers are shown whole.
  private static let wholeCount = 200
  /// Items shown at either end of an axis of a large one.
  private static let edge = 3

  public static func text(_ tensor: Tensor, full: Bool = false) -> String {
    let isWide = tensor.wide != nil
    return text(tensor, full: full) { number($0, isWide: isWide) }
  }

  /// Each number as it shows itself.
  static func numbers(_ tensor: Tensor) -> [String] {
    let isWide = tensor.wide != nil
    return tensor.exactValues.map { number($0, isWide: isWide) }
  }

  /// With each number as a format writes it (or as ever, where there is none).
  static func text(_ tensor: Tensor, _ write: ((Double) throws -> String)?) throws -> String {
    guard let write else { return text(tensor, full: true) }
    return try text(tensor, full: true) { try write(tensor.wide == nil ? TensorOperators.number(Float($0)) : $0) }
  }

  /// Whether its text says less than all of its numbers.
  static func leavesOut(_ tensor: Tensor, full: Bool) -> Bool { !full && tensor.rank > 0 && tensor.count > wholeCount }

  private static func text(_ tensor: Tensor, full: Bool, write: (Double) throws -> String) rethrows -> String {
    let values = tensor.exactValues
    if tensor.rank == 0 { return try write(tensor.number ?? 0) }
    if tensor.count == 0 { return "tensor of shape \(tensor.shape), empty" }
    let summarised = leavesOut(tensor, full: full)
    // Columns stand under each other, as in NumPy.
    let width =
      tensor.rank < 2
      ? 0 : try widest(values, tensor.shape[...], offset: 0, summarised: summarised, write)
    let body = try rows(values, tensor.shape[...], offset: 0, indent: 8, width: width, summarised: summarised, write)
    if !summarised { return "tensor(\(body))" }
    var (low, high) = (Double.infinity, -Double.infinity)
    var hasNaN = false
    for value in values {
      if value.isNaN { hasNaN = true }
      if value < low { low = value }
      if value > high { high = value }
    }
    let isWide = tensor.wide != nil
    let range = low > high ? "no numbers" : "\(number(low, isWide: isWide)) … \(number(high, isWide: isWide))"
    return "tensor of shape \(tensor.shape), \(range)\(hasNaN ? ", with nan" : "")\n"
      + (try rows(values, tensor.shape[...], offset: 0, indent: 1, width: width, summarised: true, write))
  }

  /// Six significant digits; whole numbers without a point.
  public static func number(_ value: Float) -> String { number(Double(value), isWide: false) }

  /// - Parameter isWide: the tensor has whole numbers that float32 has not: every digit of them says something.
  private static func number(_ value: Double, isWide: Bool) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    if value == 0 { return value.sign == .minus ? "-0" : "0" }
    let exact = value
    if exact == exact.rounded(), abs(exact) < (isWide ? 1e16 : 1e9) { return "\(Int(exact))" }
    var exponent = 0
    var size = abs(exact)
    while size >= 10 { (size, exponent) = (size / 10, exponent + 1) }
    while size < 1 { (size, exponent) = (size * 10, exponent - 1) }
    // Powers of ten up to 10²² are exact, so that the quotient is the nearest double to the decimal. Beyond, the decimal
    // is read.
    let places = 5 - exponent
    let scale = power(abs(places))
    let digits = (places >= 0 ? exact * scale : exact / scale).rounded()
    let rounded =
      abs(places) <= 22
      ? (places >= 0 ? digits / scale : digits * scale) : Double("\(Int(digits))e\(-places)") ?? exact
    let text = rounded.description
    // Zeros in place of digits that were rounded away would look like digits.
    let isTen = digits.magnitude >= 1_000_000
    if exponent >= (isTen ? 5 : 6), rounded != exact, !text.contains("e") {
      let leading = (digits / (isTen ? 1_000_000 : 100_000)).description
      if isTen { exponent += 1 }
      return (leading.hasSuffix(".0") ? String(leading.dropLast(2)) : leading)
        + "e+\(exponent < 10 ? "0" : "")\(exponent)"
    }
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// Columns that a line may take; longer rows go on under their first number.
  private static let lineWidth = 96

  /// A row of numbers, in as many lines as it needs; columns stand under each other where they are several.
  private static func line(_ parts: [String], indent: Int) -> String {
    let whole = "[" + parts.joined(separator: ", ") + "]"
    guard indent + whole.count > lineWidth else { return whole }
    let width = parts.reduce(0) { max($0, $1.count) }
    let each = max(1, (lineWidth - indent) / (width + 2))
    let lines = stride(from: 0, to: parts.count, by: each).map { start in
      parts[start..<min(parts.count, start + each)]
        .map { $0.paddedLeft(to: width) }.joined(separator: ", ")
    }
    return "[" + lines.joined(separator: ",\n" + String(repeating: " ", count: indent)) + "]"
  }

  /// Items of an axis that are shown; -1 stands for those left out.
  private static func shown(_ length: Int, _ summarised: Bool) -> [Int] {
    summarised && length > 2 * edge + 1
      ? Array(0..<edge) + [-1] + Array(length - edge..<length) : Array(0..<length)
  }

  private static func widest(
    _ values: [Double], _ shape: ArraySlice<Int>, offset: Int, summarised: Bool, _ write: (Double) throws -> String
  ) rethrows -> Int {
    guard let length = shape.first else { return try write(values[offset]).utf8.count }
    let inner = shape.dropFirst()
    let step = inner.reduce(1, *)
    return try shown(length, summarised).reduce(0) { width, item in
      if item < 0 { return width }
      return max(width, try widest(values, inner, offset: offset + item * step, summarised: summarised, write))
    }
  }

  private static func power(_ exponent: Int) -> Double { (0..<exponent).reduce(1.0) { product, _ in product * 10 } }

  private static func rows(
    _ values: [Double], _ shape: ArraySlice<Int>, offset: Int, indent: Int, width: Int, summarised: Bool,
    _ write: (Double) throws -> String
  ) rethrows -> String {
    guard let length = shape.first else {
      let text = try write(values[offset])
      return String(repeating: " ", count: max(0, width - text.utf8.count)) + text
    }
    let inner = shape.dropFirst()
    let step = inner.reduce(1, *)
    let parts = try shown(length, summarised).map { item in
      if item < 0 { return "…" }
      return try rows(
        values, inner, offset: offset + item * step, indent: indent + 1, width: width, summarised: summarised, write)
    }
    if inner.isEmpty { return line(parts, indent: indent) }
    let gap = ",\n" + (inner.count > 1 ? "\n" : "") + String(repeating: " ", count: indent)
    return "[" + parts.joined(separator: gap) + "]"
  }
}
