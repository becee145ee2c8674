import Tensors

/// Of two numbers, element by element.
enum ElementOperation: String, Hashable, Sendable, Codable, CaseIterable {
  case add, subtract, multiply, divide, maximum, minimum
  /// 1 where it holds, else 0; without a gradient.
  case greater, greaterOrEqual, less, lessOrEqual, equal

  /// Between both, in texts.
  var sign: String {
    switch self {
    case .add: "+"
    case .subtract: "−"
    case .multiply: "·"
    case .divide: "/"
    case .greater: ">"
    case .greaterOrEqual: "≥"
    case .less: "<"
    case .lessOrEqual: "≤"
    case .equal: "="
    case .maximum, .minimum: rawValue
    }
  }

  var isComparison: Bool {
    switch self {
    case .add, .subtract, .multiply, .divide, .maximum, .minimum: false
    case .greater, .greaterOrEqual, .less, .lessOrEqual, .equal: true
    }
  }

  /// Of two items' shapes, aligned at their ends, an axis of length 1 repeated; nil where they do not fit.
  static func shape(_ a: [Int], _ b: [Int]) -> [Int]? {
    let rank = max(a.count, b.count)
    var shape: [Int] = []
    for axis in 0..<rank {
      let x = axis - (rank - a.count) >= 0 ? a[axis - (rank - a.count)] : 1
      let y = axis - (rank - b.count) >= 0 ? b[axis - (rank - b.count)] : 1
      guard x == y || x == 1 || y == 1 else { return nil }
      shape.append(max(x, y))
    }
    return shape
  }

  /// Of several items' shapes; nil where they do not fit, or there are none.
  static func shape(of parts: [[Int]]) -> [Int]? {
    parts.dropFirst().reduce(parts.first) { whole, part in whole.flatMap { shape($0, part) } }
  }

  /// For each element of `shape`, where an array of shape `part` has it.
  static func places(_ part: [Int], in shape: [Int]) -> PlaneBuffer<Int32> {
    let count = shape.reduce(1, *)
    let table = PlaneBuffer<Int32>(count, repeating: 0)
    let full = [Int](repeating: 1, count: shape.count - part.count) + part
    var strides = [Int](repeating: 0, count: shape.count)
    var step = 1
    for axis in stride(from: shape.count - 1, through: 0, by: -1) {
      strides[axis] = full[axis] == 1 ? 0 : step
      step *= full[axis]
    }
    var index = [Int](repeating: 0, count: shape.count)
    var place = 0
    for element in 0..<count {
      table.base[element] = Int32(truncatingIfNeeded: place)
      var axis = shape.count - 1
      while axis >= 0 {
        index[axis] += 1
        place += strides[axis]
        if index[axis] < shape[axis] { break }
        place -= strides[axis] * shape[axis]
        index[axis] = 0
        axis -= 1
      }
    }
    return table
  }

  @inline(__always)
  func value(_ a: Float, _ b: Float) -> Float {
    switch self {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .maximum: Tensor.larger(a, b)
    case .minimum: Tensor.smaller(a, b)
    case .greater: a > b ? 1 : 0
    case .greaterOrEqual: a >= b ? 1 : 0
    case .less: a < b ? 1 : 0
    case .lessOrEqual: a <= b ? 1 : 0
    case .equal: a == b ? 1 : 0
    }
  }

  /// The slopes by both.
  @inline(__always)
  func slopes(_ a: Float, _ b: Float) -> (Float, Float) {
    switch self {
    case .add: (1, 1)
    case .subtract: (1, -1)
    case .multiply: (b, a)
    case .divide: (1 / b, -a / (b * b))
    case .maximum: a == b ? (0.5, 0.5) : a > b ? (1, 0) : (0, 1)
    case .minimum: a == b ? (0.5, 0.5) : a < b ? (1, 0) : (0, 1)
    case .greater, .greaterOrEqual, .less, .lessOrEqual, .equal: (0, 0)
    }
  }

  func traced(_ a: Tensor, _ b: Tensor) throws -> Tensor {
    let rank = max(a.rank, b.rank)
    let (one, other) = (try a.asItems(rank), try b.asItems(rank))
    switch self {
    case .add: return try one + other
    case .subtract: return try one - other
    case .multiply: return try one * other
    case .divide: return try one / other
    case .maximum: return try one.maximum(other)
    case .minimum: return try one.minimum(other)
    case .greater: return try one.compared(.greater, other)
    case .greaterOrEqual: return try one.compared(.greaterOrEqual, other)
    case .less: return try one.compared(.less, other)
    case .lessOrEqual: return try one.compared(.lessOrEqual, other)
    case .equal: return try one.compared(.equal, other)
    }
  }

  func plan(_ a: PlanNode, _ b: PlanNode, in builder: inout PlanBuilder) -> PlanNode {
    // Of one shape, wherever the numbers stand.
    if a.shape == b.shape, self == .add {
      return builder.added(a.layout == .planes ? builder.planes(b) : builder.channelsLast(b), to: a)
    }
    let (a, b) = (builder.planes(a), builder.planes(b))
    guard let shape = Self.shape(a.shape, b.shape) else { return a }
    let result = builder.node(shape, mayBeOverwritten: true)
    let (first, second) = (Self.places(a.shape, in: shape), Self.places(b.shape, in: shape))
    let (x, z, y) = (a.value, b.value, result.value)
    let (aCount, bCount, count) = (a.count, b.count, result.count)
    builder.forwardSlices { range, _ in
      for item in range {
        let (from, other, to) = (x.base + item * aCount, z.base + item * bCount, y.base + item * count)
        for index in 0..<count { to[index] = value(from[Int(first.base[index])], other[Int(second.base[index])]) }
      }
    }
    guard let dy = result.gradient else { return result }
    let (dx, dz) = (a.gradient, b.gradient)
    builder.backwardSlices { range, _ in
      for item in range {
        let (from, other, slope) = (x.base + item * aCount, z.base + item * bCount, dy.base + item * count)
        dx.map { ($0.base + item * aCount).update(repeating: 0, count: aCount) }
        dz.map { ($0.base + item * bCount).update(repeating: 0, count: bCount) }
        for index in 0..<count {
          let (at, place) = (Int(first.base[index]), Int(second.base[index]))
          let (one, two) = slopes(from[at], other[place])
          if let dx { dx.base[item * aCount + at] += slope[index] * one }
          if let dz { dz.base[item * bCount + place] += slope[index] * two }
        }
      }
    }
    return result
  }
}
