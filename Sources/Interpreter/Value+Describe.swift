import Diagnostics
import Syntax
import Tensors

#if canImport(Glibc)
  import Glibc
#endif

extension Value {
  /// The text that stands under a cell. Long lists are cut, with their count, unless the style says `full`.
  public func described(_ style: DisplayStyle, _ context: ExecutionContext) throws -> String {
    switch self {
    case .tensor(let box): return TensorText.text(box.tensor, full: style.full)
    case .object(let object): return try object.describe(style)
    case .string(let box): return quoted(box.text)
    default:
      var writer = ValueWriter(style: style)
      try writer.write(self, depth: 0)
      return writer.text
    }
  }

  /// One line, for lists of values and `%who`: at most about 60 characters.
  public func summarized() -> String {
    switch self {
    case .tensor(let box): return "tensor [\(box.tensor.shape.map(String.init).joined(separator: ", "))]"
    case .object(let object): return object.summary
    default:
      var writer = ValueWriter(style: DisplayStyle(width: 60))
      writer.budget = 60
      do { try writer.write(self, depth: 0) } catch { return typeName }
      let line = writer.text.replacingLineBreaks()
      return line.count > 60 ? String(line.prefix(59)) + "…" : line
    }
  }
}

extension String {
  fileprivate func replacingLineBreaks() -> String {
    split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.joined(separator: " ")
  }
}

/// Writes lists and records as a script would, cut to a sane length.
private struct ValueWriter {
  let style: DisplayStyle
  var text = ""
  /// Items that may still be written.
  var budget: Int

  init(style: DisplayStyle) {
    self.style = style
    budget = style.full ? 10_000_000 : 400
  }

  mutating func write(_ value: Value, depth: Int) throws {
    switch value {
    case .number(let number): text += formatNumber(number)
    case .bool(let bool): text += bool ? "true" : "false"
    case .none: text += "none"
    case .unset: text += "nothing"
    case .string(let box):
      if !style.full, depth > 0, box.text.utf8.count > 400 {
        text += quoted(String(box.text.prefix(200))) + "… (\(box.count) characters)"
      } else {
        text += quoted(box.text)
      }
    case .range(let range):
      text += formatNumber(range.start) + (range.closed ? "..." : "..<") + formatNumber(range.stop)
    case .function(let function): text += "<function \(function.signature)>"
    case .tensor(let box):
      if box.tensor.count == 1, let item = box.tensor.item {
        text += TensorText.number(item)
      } else if box.tensor.shape.count == 1, box.tensor.count <= 20 {
        text += "tensor([\(box.tensor.values.map(TensorText.number).joined(separator: ", "))])"
      } else {
        text += "tensor[\(box.tensor.shape.map(String.init).joined(separator: ", "))]"
      }
    case .object(let object): text += object.summary
    case .list(let box):
      guard depth < 60 else { return text += "[…]" }
      text += "["
      try sequence(box.items.count) { try $0.write(box.items[$1], depth: depth + 1) }
      text += "]"
    case .record(let box):
      guard depth < 60 else { return text += "{…}" }
      text += "{"
      let names = box.names
      try sequence(box.count) {
        $0.text += ValueWriter.isPlainName(names[$1]) ? names[$1] : quoted(names[$1])
        $0.text += ": "
        try $0.write(box.values[$1], depth: depth + 1)
      }
      text += "}"
    }
  }

  /// The first and the last items, and how many were left out, where there are many.
  private mutating func sequence(_ count: Int, _ item: (inout ValueWriter, Int) throws -> Void) rethrows {
    let limit = style.full ? Int.max : 100
    var index = 0
    while index < count {
      if index > 0 { text += ", " }
      if budget <= 0 || (count > limit && index == 50) {
        let tail = budget <= 0 ? 0 : 3
        let left = count - index - tail
        text += "… \(left) more"
        if tail == 0 { return }
        index = count - tail
        text += ", "
      }
      budget -= 1
      try item(&self, index)
      index += 1
    }
  }

  private static func isPlainName(_ name: String) -> Bool {
    guard let first = name.unicodeScalars.first, first == "_" || first.properties.isAlphabetic else { return false }
    return name.unicodeScalars.allSatisfy {
      $0 == "_" || $0.properties.isAlphabetic || ($0.value >= 48 && $0.value < 58)
    }
  }
}

// MARK: Numbers through C

/// As C's `%.{digits}g`.
func general(_ number: Double, digits: Int) -> String {
  withCFormat("%.*g", digits, number)
}

func withCFormat(_ format: String, _ digits: Int, _ number: Double) -> String {
  let capacity = 420 + max(0, digits)
  return withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
    guard let base = buffer.baseAddress else { return "" }
    let written = withVaList([Int32(clamping: digits), number]) { vsnprintf(base, capacity, format, $0) }
    guard written >= 0 else { return "" }
    return String(
      decoding: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<min(Int(written), capacity - 1)]),
      as: UTF8.self)
  }
}

// MARK: Formats

extension Value {
  /// `{x:>8.3f}`: the rules of Python's format specifications.
  func formatted(_ format: FormatSpecification, _ context: ExecutionContext) throws -> String {
    switch self {
    case .number(let number): return pad(try body(of: number, format), format, isNumber: true)
    case .bool(let bool) where format.form != nil && format.form != .string:
      return pad(try body(of: bool ? 1 : 0, format), format, isNumber: true)
    case .tensor(let box) where box.tensor.count == 1:
      return pad(try body(of: Double(box.tensor.item ?? .nan), format), format, isNumber: true)
    default:
      if let form = format.form, form != .string {
        throw RuntimeError.badFormat(form.rawValue, "\(article(typeName)) is no number")
      }
      var text = asText ?? ""
      if asText == nil { text = try described(DisplayStyle(full: true), context) }
      if let precision = format.precision { text = String(text.prefix(precision)) }
      return pad(text, format, isNumber: false)
    }
  }

  private func body(of number: Double, _ format: FormatSpecification) throws -> String {
    var magnitude: String
    let absolute = abs(number)
    let isNegative = number.sign == .minus && !number.isNaN
    if !number.isFinite, format.form != .string {
      magnitude = number.isNaN ? "nan" : "inf"
    } else {
      switch format.form {
      case .decimal, .hexadecimal, .binary, .octal:
        guard let whole = Int(exactly: number) else {
          throw RuntimeError.badFormat(format.form?.rawValue ?? "d", "\(formatNumber(number)) is not a whole number")
        }
        let radix = format.form == .hexadecimal ? 16 : format.form == .binary ? 2 : format.form == .octal ? 8 : 10
        magnitude = String(whole.magnitude, radix: radix)
      case .fixed: magnitude = withCFormat("%.*f", format.precision ?? 6, absolute)
      case .exponent: magnitude = withCFormat("%.*e", format.precision ?? 6, absolute)
      case .general: magnitude = general(absolute, digits: max(1, format.precision ?? 6))
      case .percent: magnitude = withCFormat("%.*f", format.precision ?? 6, absolute * 100) + "%"
      case .string, nil:
        magnitude = format.precision.map { general(absolute, digits: max(1, $0)) } ?? formatNumber(absolute)
      }
    }
    let sign = isNegative ? "-" : format.sign == .always ? "+" : format.sign == .space ? " " : ""
    if let grouping = format.grouping {
      let fillsWithZeros = format.alignment == .afterSign && format.fill == "0"
      magnitude = grouped(magnitude, grouping, width: fillsWithZeros ? format.width - sign.count : 0)
    }
    return sign + magnitude
  }

  /// Zeros that fill to `width` are grouped, too.
  private func grouped(_ text: String, _ separator: Character, width: Int) -> String {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    var count = digits.count
    guard count > 0 else { return text }
    while text.count - digits.count + count + (count - 1) / 3 < width { count += 1 }
    let whole = String(repeating: "0", count: count - digits.count) + digits
    var result = ""
    for (index, digit) in whole.enumerated() {
      if index > 0, (whole.count - index) % 3 == 0 { result.append(separator) }
      result.append(digit)
    }
    return result + text.dropFirst(digits.count)
  }

  private func pad(_ text: String, _ format: FormatSpecification, isNumber: Bool) -> String {
    let missing = format.width - text.count
    guard missing > 0 else { return text }
    let fill = String(repeating: String(format.fill), count: missing)
    switch format.alignment ?? (isNumber ? .right : .left) {
    case .left: return text + fill
    case .right: return fill + text
    case .center:
      let half = missing / 2
      return String(repeating: String(format.fill), count: half) + text
        + String(repeating: String(format.fill), count: missing - half)
    case .afterSign:
      if let first = text.first, "+- ".contains(first) { return String(first) + fill + text.dropFirst() }
      return fill + text
    }
  }
}
