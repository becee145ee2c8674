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
struct ValueWriter {
  let style: DisplayStyle
  /// How numbers are written, where a format says so; then there must be nothing but numbers.
  var number: ((Double) throws -> String)?
  var text = ""
  /// Items that may still be written.
  var budget: Int
  /// Whether the text so far says less than the value holds.
  private(set) var leavesOut = false

  /// Lists within lists to be written; one that holds itself has no end.
  static let deepest = 60

  init(style: DisplayStyle) {
    self.style = style
    budget = style.full ? 10_000_000 : 400
  }

  mutating func write(_ value: Value, depth: Int) throws {
    if number != nil {
      switch value {
      case .number, .bool, .list, .tensor: break
      default: throw RuntimeError.strangerAmongFormatted(value.inWords)
      }
    }
    switch value {
    case .number(let number): text += try self.number?(number) ?? formatNumber(number)
    case .bool(let bool): text += try number?(bool ? 1 : 0) ?? (bool ? "true" : "false")
    case .none: text += "none"
    case .unset: text += "nothing"
    case .string(let box):
      if !style.full, depth > 0, box.byteCount > 400 {
        leavesOut = true
        text += quoted(String(box.text.prefix(200))) + "… (\(box.count) characters)"
      } else {
        text += quoted(box.text)
      }
    case .range(let range):
      text += formatNumber(range.start) + (range.closed ? "..." : "..<") + formatNumber(range.stop)
    case .function(let function): text += "<function \(function.signature)>"
    case .tensor(let box):
      // With axes it shows that it is a tensor: [3] is no list of a number.
      if box.tensor.shape.isEmpty, let item = box.tensor.number {
        text +=
          try number?(box.tensor.wide == nil ? TensorOperators.number(Float(item)) : item)
          ?? TensorText.text(box.tensor)
      } else if box.tensor.shape.count == 1, box.tensor.count <= 20 {
        text +=
          number == nil
          ? "tensor([\(TensorText.numbers(box.tensor).joined(separator: ", "))])"
          : try TensorText.text(box.tensor, number)
      } else {
        leavesOut = leavesOut || box.tensor.count > 0
        text += "tensor[\(box.tensor.shape.map(String.init).joined(separator: ", "))]"
      }
    case .object(let object): text += object.summary
    case .list(let box):
      guard depth < Self.deepest else { return leaveOut("[…]") }
      text += "["
      try sequence(box.items.count) { try $0.write(box.items[$1], depth: depth + 1) }
      text += "]"
    case .record(let box):
      guard depth < Self.deepest else { return leaveOut("{…}") }
      text += "{"
      // The names first: asking for them closes the record's holes.
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
  private mutating func sequence(_ count: Int, _ item: (inout ValueWriter, Int) throws -> Void) throws {
    let limit = style.full ? Int.max : 100
    var index = 0
    while index < count {
      if index > 0 { text += ", " }
      if budget <= 0 || (count > limit && index == 50) {
        let tail = budget <= 0 ? 0 : 3
        let left = count - index - tail
        leaveOut("… \(left) more")
        if tail == 0 { return }
        index = count - tail
        text += ", "
      }
      budget -= 1
      if budget & 0xFFFF == 0 { try LongWork.check() }
      try item(&self, index)
      index += 1
    }
  }

  private mutating func leaveOut(_ sign: String) {
    leavesOut = true
    text += sign
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
