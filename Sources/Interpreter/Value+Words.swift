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
      return box.text.utf8.count <= 40 ? "the string \(quoted(box.text))" : "a string of \(box.count) characters"
    case .list(let box):
      if box.items.isEmpty { return "an empty list" }
      return "a list of \(box.items.count == 1 ? "1 item" : "\(box.items.count) items")"
    case .tensor(let box):
      return "a tensor of shape [\(box.tensor.shape.map(String.init).joined(separator: ", "))]"
    case .function(let function): return "the function \(function.name)"
    default: return article(typeName)
    }
  }

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
      guard range.count <= 100_000_000 else { return nil }
      return (0..<range.count).map { range.start + Double($0) }
    case .tensor(let box):
      return box.tensor.shape.count == 1 ? box.tensor.values.map(Double.init) : nil
    default: return nil
    }
  }

  /// Numbers and (nested) lists of numbers as a tensor; nil where they are not all numbers, or rows differ in length.
  public func convertedToTensor() throws -> Tensor? {
    var shape: [Int] = []
    var probe = self
    while case .list(let box) = probe, shape.count < 16 {
      shape.append(box.items.count)
      guard let first = box.items.first else { break }
      probe = first
    }
    switch self {
    case .number(let number): return Tensor(scalar: Float(number))
    case .tensor(let box): return box.tensor
    case .range:
      guard let numbers = asNumbers else { return nil }
      return try Tensor(numbers.map { Float($0) }, shape: [numbers.count])
    case .list:
      var values: [Float] = []
      guard collect(into: &values, shape: shape[...]) else { return nil }
      return try Tensor(values, shape: shape)
    default: return nil
    }
  }

  private func collect(into values: inout [Float], shape: ArraySlice<Int>) -> Bool {
    switch self {
    case .number(let number):
      guard shape.isEmpty else { return false }
      values.append(Float(number))
      return true
    case .bool(let bool):
      guard shape.isEmpty else { return false }
      values.append(bool ? 1 : 0)
      return true
    case .list(let box):
      guard let count = shape.first, box.items.count == count else { return false }
      return box.items.allSatisfy { $0.collect(into: &values, shape: shape.dropFirst()) }
    default: return false
    }
  }
}

/// A number as the language prints it: whole numbers without a point, others the shortest text that reads back the same.
public func formatNumber(_ number: Double) -> String {
  if number.isNaN { return "nan" }
  if number.isInfinite { return number < 0 ? "-inf" : "inf" }
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
