import Memory
import Tensors
#if canImport(Glibc)
  import Glibc
#endif

extension Value {
  /// How an error message names a value that it did not expect: short values whole, others by their type.
  public var inWords: String {
    switch self {
    case .number(let number): return formatNumber(number)
    case .bool(let bool): return bool ? "true" : "false"
    case .none: return "none"
    case .unset: return "nothing"
    case .string(let box):
      return box.byteCount <= 40 ? "the string \(quoted(box.text))" : "a string of \(box.count) characters"
    case .list(let box):
      if box.items.isEmpty { return "an empty list" }
      return "a list of \(box.items.count == 1 ? "1 item" : "\(box.items.count) items")"
    case .tensor(let box):
      return "a tensor of shape [\(box.tensor.shape.map(String.init).joined(separator: ", "))]"
    case .function(let function): return "the function \(function.name)"
    case .range(let range) where range.count > Self.longestRange:
      return "a range of \(formatNumber(range.stop - range.start)) numbers, more than can be listed"
    default: return article(typeName)
    }
  }

  /// A longer range's numbers are not put side by side.
  private static let longestRange = 100_000_000

  /// The numbers of a list, range or tensor of one axis; nil where something else stands among them.
  public var asNumbers: [Double]? {
    switch self {
    case .list(let box):
      var numbers: [Double] = []
      numbers.reserveCapacity(box.items.count)
      for item in box.items {
        guard case .number(let number) = item else { return nil }
        numbers.append(number)
      }
      return numbers
    case .range(let range):
      guard range.count <= Self.longestRange else { return nil }
      return (0..<range.count).map { range.start + Double($0) }
    case .tensor(let box):
      return box.tensor.shape.count == 1 ? box.tensor.exactValues : nil
    default: return nil
    }
  }

  /// Numbers and (nested) lists of numbers and tensors as a tensor, bools as a mask; nil where there is something else
  /// among them, or rows differ in length.
  public func convertedToTensor() throws -> Tensor? {
    var shape: [Int] = []
    var probe = self
    while case .list(let box) = probe, shape.count < 16 {
      shape.append(box.items.count)
      guard let first = box.items.first else { break }
      probe = first
    }
    switch self {
    case .number(let number): return Tensor(number: number)
    case .bool(let bool): return Tensor(scalar: bool ? 1 : 0).asMask()
    case .tensor(let box): return box.tensor
    case .range:
      guard let numbers = asNumbers else { return nil }
      return try Tensor(numbers: numbers, shape: [numbers.count])
    case .list:
      try MemoryBudget.charge(shape.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue } * 4)
      var values: [Float] = []
      var isExact = true
      if try collect(into: &values, shape: shape[...], isExact: &isExact, { Float($0) }) {
        if !isExact {
          var numbers: [Double] = []
          _ = try collect(into: &numbers, shape: shape[...], isExact: &isExact) { $0 }
          return try Tensor(numbers: numbers, shape: shape)
        }
        return try Tensor(values, shape: shape).asMask(!values.isEmpty && holdsBoolsOnly)
      }
      return try stacked(depth: 0)
    default: return nil
    }
  }

  /// Lists that hold tensors, stacked: gradients go through.
  private func stacked(depth: Int) throws -> Tensor? {
    guard case .list(let box) = self else { return try convertedToTensor() }
    guard depth < 16 else { return nil }
    var parts: [Tensor] = []
    for item in box.items {
      guard let part = try item.stacked(depth: depth + 1), part.shape == parts.first?.shape ?? part.shape else {
        return nil
      }
      parts.append(part)
    }
    return parts.isEmpty ? try Tensor([], shape: [0]) : try Tensor.stack(parts)
  }

  private var holdsBoolsOnly: Bool {
    switch self {
    case .bool: true
    case .list(let box): box.items.allSatisfy(\.holdsBoolsOnly)
    default: false
    }
  }

  /// Why a list is no tensor, where rows of other lengths are the reason.
  func raggedRows(depth: Int = 0) -> TensorError? {
    guard case .list(let box) = self, depth < 16 else { return nil }
    for item in box.items { if let found = item.raggedRows(depth: depth + 1) { return found } }
    let shapes: [[Int]] = box.items.compactMap { item in
      if case .number = item { return [] }
      let tensor = try? item.convertedToTensor()
      return tensor?.shape
    }
    guard shapes.count == box.items.count, let first = shapes.first, let other = shapes.first(where: { $0 != first })
    else { return nil }
    return .ragged(first, other)
  }

  /// Something among nested lists that is no number, in words.
  func strangerAmongNumbers(depth: Int = 0) -> String? {
    switch self {
    case .number, .bool, .tensor, .range: return nil
    case .list(let box):
      return depth < 16 ? box.items.lazy.compactMap { $0.strangerAmongNumbers(depth: depth + 1) }.first : inWords
    default: return inWords
    }
  }

  /// - Parameter isExact: becomes false at a whole number that float32 would round.
  private func collect<Number: BinaryFloatingPoint>(
    into values: inout [Number], shape: ArraySlice<Int>, isExact: inout Bool, _ make: (Double) -> Number
  ) throws -> Bool {
    switch self {
    case .number(let number):
      guard shape.isEmpty else { return false }
      if number.magnitude > 16_777_216, number == number.rounded() { isExact = false }
      values.append(make(number))
      return true
    case .bool(let bool):
      guard shape.isEmpty else { return false }
      values.append(bool ? 1 : 0)
      return true
    case .list(let box):
      guard let count = shape.first, box.items.count == count else { return false }
      for (index, item) in box.items.enumerated() {
        if index & 0xFFFF == 0 { try LongWork.check() }
        if !(try item.collect(into: &values, shape: shape.dropFirst(), isExact: &isExact, make)) { return false }
      }
      return true
    default: return false
    }
  }
}

/// A number as the language prints it: whole numbers without a point, others the shortest text that reads back the same.
public func formatNumber(_ number: Double) -> String {
  if number.isNaN { return "nan" }
  if number.isInfinite { return number < 0 ? "-inf" : "inf" }
  if number == 0, number.sign == .minus { return "-0" }
  if number == number.rounded(), abs(number) < 1e16 { return String(Int(number)) }
  let text = number.description
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text.replacingTail(".0e", with: "e")
}

extension String {
  /// "1.0e+20" → "1e+20".
  fileprivate func replacingTail(_ part: String, with other: String) -> String {
    guard let start = firstIndex(of: "."), self[start...].hasPrefix(part) else { return self }
    return self[..<start] + other + self[index(start, offsetBy: part.count)...]
  }
}

/// A string as it would be written in a script.
public func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "\t": result += "\\t"
    case "\r": result += "\\r"
    case "{": result += "\\{"
    case "}": result += "\\}"
    default:
      if scalar.value < 32 || scalar.value == 127 {
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
  }
  return result + "\""
}
