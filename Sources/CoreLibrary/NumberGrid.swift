import Interpreter
import Tensors

/// Nested lists of numbers: what statistics of lists are computed from, in the 64 bits that the language's numbers have.
package struct NumberGrid {
  package let values: [Double]
  package let shape: [Int]

  /// Nil for a tensor, and for lists that hold something else than numbers and bools, or rows of different lengths.
  package init?(_ value: Value) {
    var shape: [Int] = []
    switch value {
    case .list: break
    case .range:
      guard let numbers = value.asNumbers else { return nil }
      (values, self.shape) = (numbers, [numbers.count])
      return
    default: return nil
    }
    var probe = value
    while case .list(let box) = probe, shape.count < 16 {
      shape.append(box.items.count)
      guard let first = box.items.first else { break }
      probe = first
    }
    var values: [Double] = []
    values.reserveCapacity(shape.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue & 0xFF_FFFF })
    guard Self.collect(value, shape[...], into: &values) else { return nil }
    (self.values, self.shape) = (values, shape)
  }

  private static func collect(_ value: Value, _ shape: ArraySlice<Int>, into values: inout [Double]) -> Bool {
    switch value {
    case .number(let number) where shape.isEmpty: values.append(number)
    case .bool(let bool) where shape.isEmpty: values.append(bool ? 1 : 0)
    case .list(let box):
      guard box.items.count == shape.first else { return false }
      for item in box.items where !collect(item, shape.dropFirst(), into: &values) { return false }
    default: return false
    }
    return true
  }

  /// One number for each place that is kept; a number where none is, else a tensor.
  /// - Parameter isMask: the numbers are 0 and 1 and say no and yes.
  package func reduced(
    _ axes: [Int]?, keepDims: Bool, isMask: Bool = false, _ function: String, _ body: ([Double]) throws -> Double
  ) throws -> Value {
    let axes = try Tensor.checkedAxes(axes, shape, function)
    let kept = keepDims ? shape.indices.map { axes.contains($0) ? 1 : shape[$0] } : outer(axes).map { shape[$0] }
    let results = try lanes(axes).map(body)
    if kept.isEmpty { return isMask ? .bool(results[0] == 1) : .number(results[0]) }
    return Value(try Tensor(numbers: results, shape: kept).asMask(isMask))
  }

  private func outer(_ axes: [Int]) -> [Int] { shape.indices.filter { !axes.contains($0) } }

  /// The numbers that are taken together, for each place that is kept.
  private func lanes(_ axes: [Int]) -> [[Double]] {
    if axes.count == shape.count { return [values] }
    let order = outer(axes) + axes
    let strides = shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
    let length = axes.reduce(1) { $0 * shape[$1] }
    let count = outer(axes).reduce(1) { $0 * shape[$1] }
    func place(_ number: Int) -> Int {
      var (rest, place) = (number, 0)
      for axis in order.reversed() {
        place += rest % shape[axis] * strides[axis]
        rest /= shape[axis]
      }
      return place
    }
    return (0..<count).map { lane in (0..<length).map { values[place(lane * length + $0)] } }
  }
}

/// Statistics of numbers in double precision, added up as NumPy does.
package enum Statistics {
  /// By halves, so that rounding does not grow with the count: NumPy's order, and so its last bits.
  package static func sum(_ numbers: ArraySlice<Double>) -> Double {
    let (start, count) = (numbers.startIndex, numbers.count)
    if count < 8 { return numbers.reduce(0, +) }
    if count <= 128 {
      var parts = Array(numbers[start..<(start + 8)])
      for block in stride(from: start + 8, to: start + count - count % 8, by: 8) {
        for lane in 0..<8 { parts[lane] += numbers[block + lane] }
      }
      let whole = ((parts[0] + parts[1]) + (parts[2] + parts[3])) + ((parts[4] + parts[5]) + (parts[6] + parts[7]))
      return numbers[(start + count - count % 8)...].reduce(whole, +)
    }
    let half = count / 2 - count / 2 % 8
    return sum(numbers[..<(start + half)]) + sum(numbers[(start + half)...])
  }

  package static func mean(_ numbers: [Double]) -> Double {
    let total = sum(numbers[...])
    if total.isInfinite, numbers.allSatisfy(\.isFinite) {
      // Only the sum is beyond all numbers.
      let count = Double(numbers.count)
      return sum(numbers.map { $0 / count }[...])
    }
    return total / Double(numbers.count)
  }

  /// Divided by n.
  package static func variance(_ numbers: [Double]) -> Double {
    let mean = mean(numbers)
    return sum(numbers.map { ($0 - mean) * ($0 - mean) }[...]) / Double(numbers.count)
  }

  /// The Euclidean length; where squares are beyond all numbers or below, of what is brought to size.
  package static func length(_ numbers: [Double]) -> Double {
    let squares = sum(numbers.map { $0 * $0 }[...])
    guard squares.isInfinite || squares < 1e-280 else { return squares.squareRoot() }
    let largest = numbers.reduce(0) { max($0, abs($1)) }
    guard largest > 0, largest.isFinite, !squares.isNaN else { return squares.squareRoot() }
    // By a power of two, which costs no digit.
    let scale = Double(sign: .plus, exponent: largest.exponent, significand: 1)
    return sum(numbers.map { $0 / scale * ($0 / scale) }[...]).squareRoot() * scale
  }

  package static func median(_ numbers: [Double]) throws -> Double {
    guard !numbers.isEmpty, !numbers.contains(where: \.isNaN) else { return .nan }
    let sorted = try numbers.sortedInParts(by: <)
    let (low, high) = (sorted[(sorted.count - 1) / 2], sorted[sorted.count / 2])
    return low == high ? low : (low + high) / 2
  }

  /// Place of the greatest (or, with sign -1, the least); the first of equal ones, and the first that is no number before
  /// all others. Nil of none.
  package static func place(ofExtreme numbers: [Double], sign: Double) -> Int? {
    guard !numbers.isEmpty else { return nil }
    var best = 0
    for index in numbers.indices {
      if numbers[index].isNaN { return index }
      if numbers[index] * sign > numbers[best] * sign { best = index }
    }
    return best
  }

  /// Places in rising order: nothing that is no number before a number, equal ones in their order.
  package static func order(_ numbers: [Double], descending: Bool) throws -> [Int] {
    try numbers.indices.sortedInParts { a, b in
      let (x, y) = (numbers[a], numbers[b])
      if x.isNaN || y.isNaN { return x.isNaN == y.isNaN ? a < b : y.isNaN }
      return x == y ? a < b : (x < y) != descending
    }
  }

  package static func extreme(_ numbers: [Double], sign: Double, _ function: String) throws -> Double {
    guard let place = place(ofExtreme: numbers, sign: sign) else { throw TensorError.empty(function: function) }
    return numbers[place]
  }

  /// What a reduction gives for numbers of lists, in double precision.
  package static func statistic(_ name: String, _ numbers: [Double]) throws -> Double {
    switch name {
    case "sum": return sum(numbers[...])
    case "mean": return mean(numbers)
    case "var": return variance(numbers)
    case "norm": return length(numbers)
    case "prod": return numbers.reduce(1, *)
    case "median": return try median(numbers)
    case "any": return numbers.contains { $0 != 0 } ? 1 : 0
    case "all": return numbers.allSatisfy { $0 != 0 } ? 1 : 0
    default:
      let sign: Double = name.hasSuffix("max") ? 1 : -1
      if name.hasPrefix("arg"), let place = place(ofExtreme: numbers, sign: sign) { return Double(place) }
      return try extreme(numbers, sign: sign, name)
    }
  }
}
