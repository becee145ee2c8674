import Interpreter
import JSON
import Tensors

/// Between the language's values and JSON's.
struct JSONValues {
  /// What is read, or written, for words.
  let source: String
  let context: ExecutionContext

  // MARK: Reading

  func value(of text: String) throws -> Value {
    let bytes = Array(text.utf8)
    // Every value but the first stands behind one of these; an array may have room for twice its items.
    let signs = Set(",:[{".utf8)
    let values = bytes.lazy.filter { signs.contains($0) }.count
    try context.checkRoom(for: values, each: 2 * MemoryLayout<JSONValue.Member>.stride)
    let json: JSONValue
    do { json = try JSONValue(reading: bytes) } catch { throw JSONTextError.malformed(source: source, error) }
    return try value(of: json)
  }

  private func value(of json: JSONValue) throws -> Value {
    switch json.content {
    case .null: return .none
    case .bool(let flag): return .bool(flag)
    case .string(let text): return Value(text)
    case .number(let digits):
      guard let number = Double(digits), number.isFinite else {
        throw JSONTextError.tooLargeNumber(source: source, line: json.line, digits: String(digits.prefix(40)))
      }
      return CoreLibrary.isRounded(digits, number) ? Value(digits) : .number(number)
    case .array(let items):
      try context.checkSize(items.count, "a list")
      if let records = try records(items) { return Value(records) }
      return Value(try items.map(value(of:)))
    case .object(let members):
      let names = try names(of: json, members)
      return Value.records(names: names, [try members.map { try value(of: $0.value) }])[0]
    }
  }

  /// Objects with the same names, as rows of a table are, share their names' memory; nil where they differ.
  private func records(_ items: [JSONValue]) throws -> [Value]? {
    guard items.count > 1, let first = items[0].members else { return nil }
    guard
      items.allSatisfy({
        guard let members = $0.members, members.count == first.count else { return false }
        return zip(members, first).allSatisfy { $0.name == $1.name }
      })
    else { return nil }
    let names = try names(of: items[0], first)
    let rows = try items.map { item in
      try context.checkInterruption()
      return try (item.members ?? []).map { try value(of: $0.value) }
    }
    return Value.records(names: names, rows)
  }

  private func names(of json: JSONValue, _ members: [JSONValue.Member]) throws -> [String] {
    try context.checkInterruption()
    var known: Set<String> = []
    for member in members where !known.insert(member.name).inserted {
      throw JSONTextError.repeatedName(source: source, line: member.value.line, name: member.name)
    }
    return members.map(\.name)
  }

  // MARK: Writing

  /// - Parameters:
  ///   - parameter: is told of in errors, with the builtin's `name`.
  ///   - indent: blanks a level; 0 is all on one line.
  func text(of value: Value, _ parameter: TypedParameter<Value>, _ name: String, _ indent: Int) throws -> String {
    let writer = Writer(parameter: parameter, name: name, context: context)
    let json = try writer.json(value, at: source, depth: 0)
    let bytes = indent == 0 ? json.compact : json.indented(by: indent)
    try context.checkSize(bytes.count, "a string")
    return String(decoding: indent == 0 ? bytes[...] : bytes.dropLast(), as: UTF8.self)
  }

  private struct Writer {
    let parameter: TypedParameter<Value>
    let name: String
    let context: ExecutionContext

    /// - Parameter path: where the value stands, as the language would ask for it.
    func json(_ value: Value, at path: @autoclosure () -> String, depth: Int) throws -> JSONValue {
      if depth > JSONValue.deepest {
        throw ArgumentError(parameter, "\(name): it nests deeper than \(JSONValue.deepest) lists and records")
      }
      switch value {
      case .none, .unset: return .null
      case .bool(let flag): return .bool(flag)
      case .string(let box): return .string(box.text)
      case .number(let number): return try json(number, at: path())
      case .list(let box):
        return try array(box.items.count) { try json(box.items[$0], at: path() + "[\($0)]", depth: depth + 1) }
      case .range(let range):
        return try array(range.count) { try json(range.start + Double($0), at: path() + "[\($0)]") }
      case .record(let record):
        try context.checkInterruption()
        return JSONValue(
          .object(
            try record.fields.map { field in
              .init(field.name, try json(field.value, at: path() + "[\(quoted(field.name))]", depth: depth + 1))
            }))
      case .tensor(let box): return try json(box.tensor, at: path)
      case .function, .object:
        throw ArgumentError(
          parameter, "\(name): \(path()) is \(value.inWords), which JSON cannot say",
          help: "write its parts as numbers and texts; str(x) makes text of anything")
      }
    }

    private func json(_ number: Double, at path: @autoclosure () -> String) throws -> JSONValue {
      guard number.isFinite else {
        throw ArgumentError(
          parameter, "\(name): \(path()) is \(number), which JSON cannot say",
          help: "where(isfinite(x), x, 0) replaces such numbers; none is written as null")
      }
      // Whole numbers without a point, but for −0, whose sign would be lost.
      if let whole = Int(exactly: number), number.magnitude < 0x1p53, whole != 0 || number.sign == .plus {
        return .int(whole)
      }
      return JSONValue(.number("\(number)"))
    }

    private func json(_ tensor: Tensor, at path: () -> String) throws -> JSONValue {
      let numbers = CoreLibrary.numbers(of: tensor)
      try context.checkRoom(for: numbers.count, each: 2 * MemoryLayout<JSONValue>.stride)
      func part(_ axis: Int, _ range: Range<Int>, _ place: String) throws -> JSONValue {
        guard axis < tensor.rank else {
          guard case .number(let number) = numbers[range.lowerBound] else { return .null }
          return try json(number, at: path() + (place.isEmpty ? "" : "[\(place)]"))
        }
        let count = tensor.shape[axis]
        let step = count == 0 ? 0 : range.count / count
        return try array(count) { index in
          let start = range.lowerBound + index * step
          return try part(axis + 1, start..<(start + step), place.isEmpty ? "\(index)" : "\(place), \(index)")
        }
      }
      return try part(0, 0..<numbers.count, "")
    }

    private func array(_ count: Int, _ item: (Int) throws -> JSONValue) throws -> JSONValue {
      try context.checkSize(count, "a list")
      return .array(
        try (0..<count).map { index in
          try context.checkInterruption()
          return try item(index)
        })
    }
  }
}
