import ElementaryFunctions

/// From this many numbers on, work goes over the threads in pieces of `piece`.
private let worthThreads = 1 << 17
private let piece = 1 << 15

/// Calls `body` for ranges that cover 0..<count; cut by size alone.
/// - Throws: `TensorError.interrupted`.
@inline(__always)
func inPieces(_ count: Int, threshold: Int = worthThreads, _ body: (Range<Int>) -> Void) throws {
  if count < threshold {
    body(0..<count)
  } else {
    try LongWork.parallel(slices: (count + piece - 1) / piece) { slice in
      body(slice * piece..<min(count, (slice + 1) * piece))
    }
  }
}

extension Tensor {
  /// A new tensor of the same shape, number by number, off the tape.
  @inline(__always)
  func mapped(costly: Bool = false, _ operation: (Float) -> Float) throws -> Tensor {
    let count = count
    let made = try TensorStorage.make(count)
    let (source, out) = (storage.header.start, made.header.start)
    try withExtendedLifetime(storage) {
      try inPieces(count, threshold: costly ? worthThreads / 8 : worthThreads) { range in
        for i in range { out[i] = operation(source[i]) }
      }
    }
    return Tensor(shape: shape, storage: made)
  }

  /// As `mapped`, by a function of pieces of an array.
  func mappedWhole(
    _ operation: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, _ count: Int) -> Void
  ) throws -> Tensor {
    let made = try TensorStorage.make(count)
    let (source, out) = (storage.header.start, made.header.start)
    try withExtendedLifetime(storage) {
      try inPieces(count, threshold: worthThreads / 8) { range in
        operation(source + range.lowerBound, out + range.lowerBound, range.count)
      }
    }
    return Tensor(shape: shape, storage: made)
  }

  /// Number by number with another tensor, broadcast as NumPy does, off the tape.
  /// - Parameter looking: sees each piece of the result as soon as it is there; from any thread.
  @inline(__always)
  func combined(
    _ other: Tensor, _ verb: @autoclosure () -> String, costly: Bool = false,
    looking: (UnsafeBufferPointer<Float>) -> Void = { _ in }, _ operation: (Float, Float) -> Float
  ) throws -> Tensor {
    let (a, b) = (storage.header.start, other.storage.header.start)
    let (countA, countB) = (count, other.count)
    let threshold = costly ? worthThreads / 8 : worthThreads
    return try withExtendedLifetime((storage, other.storage)) {
      if countA == countB, shape == other.shape {
        let made = try TensorStorage.make(countA)
        let out = made.header.start
        try inPieces(countA, threshold: threshold) { range in
          for i in range { out[i] = operation(a[i], b[i]) }
          looking(UnsafeBufferPointer(start: out + range.lowerBound, count: range.count))
        }
        return Tensor(shape: shape, storage: made)
      }
      if countB == 1, other.rank <= rank {
        let made = try TensorStorage.make(countA)
        let out = made.header.start
        let y = b.pointee
        try inPieces(countA, threshold: threshold) { range in
          for i in range { out[i] = operation(a[i], y) }
          looking(UnsafeBufferPointer(start: out + range.lowerBound, count: range.count))
        }
        return Tensor(shape: shape, storage: made)
      }
      if countA == 1, rank <= other.rank {
        let made = try TensorStorage.make(countB)
        let out = made.header.start
        let x = a.pointee
        try inPieces(countB, threshold: threshold) { range in
          for i in range { out[i] = operation(x, b[i]) }
          looking(UnsafeBufferPointer(start: out + range.lowerBound, count: range.count))
        }
        return Tensor(shape: other.shape, storage: made)
      }
      guard let plan = BroadcastPlan(shape, other.shape) else {
        throw TensorError.shapes(verb: verb(), shape, other.shape)
      }
      let total = try Tensor.checkedCount(plan.shape)
      let made = try TensorStorage.make(total)
      let out = made.header.start
      guard total > 0 else { return Tensor(shape: plan.shape, storage: made) }
      let rowsEach = Swift.max(1, piece / plan.inner)
      let slices = total < threshold ? 1 : (plan.rows + rowsEach - 1) / rowsEach
      try LongWork.parallel(slices: slices) { slice in
        let first = slices == 1 ? 0 : slice * rowsEach
        let last = slices == 1 ? plan.rows : Swift.min(plan.rows, first + rowsEach)
        plan.walk(first..<last) { row, x, y in
          let (to, from, and) = (out + row * plan.inner, a + x, b + y)
          switch (plan.innerA, plan.innerB) {
          case (1, 1): for i in 0..<plan.inner { to[i] = operation(from[i], and[i]) }
          case (1, 0):
            let right = and.pointee
            for i in 0..<plan.inner { to[i] = operation(from[i], right) }
          case (0, 1):
            let left = from.pointee
            for i in 0..<plan.inner { to[i] = operation(left, and[i]) }
          default: for i in 0..<plan.inner { to[i] = operation(from[i * plan.innerA], and[i * plan.innerB]) }
          }
        }
        if first < last {
          looking(UnsafeBufferPointer(start: out + first * plan.inner, count: (last - first) * plan.inner))
        }
      }
      return Tensor(shape: plan.shape, storage: made)
    }
  }

  // MARK: Arithmetic

  /// Number by number, broadcast as NumPy does.
  /// - Throws: `TensorError.shapes` where the shapes do not fit; `interrupted`. So do the others.
  public static func + (a: Tensor, b: Tensor) throws -> Tensor {
    if let exact = try a.exactly(b, "add", { $0 + $1 }) { return exact }
    return try a.combined(b, "add") { $0 + $1 }.recorded(.add, a, b)
  }
  public static func - (a: Tensor, b: Tensor) throws -> Tensor {
    if let exact = try a.exactly(b, "subtract", { $0 - $1 }) { return exact }
    return try a.combined(b, "subtract") { $0 - $1 }.recorded(.subtract, a, b)
  }
  public static func * (a: Tensor, b: Tensor) throws -> Tensor {
    if let exact = try a.exactly(b, "multiply", { $0 * $1 }) { return exact }
    return try a.combined(b, "multiply") { $0 * $1 }.asMask(a.isMask && b.isMask).recorded(.multiply, a, b)
  }
  /// By zero as IEEE 754 has it: infinities, and no number for 0/0.
  public static func / (a: Tensor, b: Tensor) throws -> Tensor {
    if let exact = try a.exactly(b, "divide", { $0 / $1 }) { return exact }
    return try a.combined(b, "divide") { $0 / $1 }.recorded(.divide, a, b)
  }
  public static prefix func - (a: Tensor) throws -> Tensor {
    if let exact = try a.exactly({ -$0 }) { return exact }
    return try a.mapped { -$0 }.recorded(.negate, a)
  }
  public static func + (a: Tensor, b: Float) throws -> Tensor { try a + Tensor(scalar: b) }
  public static func - (a: Tensor, b: Float) throws -> Tensor { try a - Tensor(scalar: b) }
  public static func * (a: Tensor, b: Float) throws -> Tensor { try a * Tensor(scalar: b) }
  public static func / (a: Tensor, b: Float) throws -> Tensor { try a / Tensor(scalar: b) }

  /// self to the power of other; squares, roots and reciprocals have fast paths.
  public func power(_ other: Tensor) throws -> Tensor {
    if other.count == 1, other.rank <= rank {
      switch other.item {
      case 2: return try mapped { $0 * $0 }.recorded(.power, self, other)
      case 1: return try mapped { $0 }.recorded(.power, self, other)
      case 3: return try mapped { $0 * $0 * $0 }.recorded(.power, self, other)
      case 0.5: return try mapped { $0.squareRoot() }.recorded(.power, self, other)
      case -1: return try mapped { 1 / $0 }.recorded(.power, self, other)
      default: break
      }
    }
    return try combined(other, "raise", costly: true) { Elementary.pow($0, $1) }.recorded(.power, self, other)
  }

  /// The larger of two numbers; NaN where either is.
  @inlinable @inline(__always)
  public static func larger<Number: BinaryFloatingPoint>(_ a: Number, _ b: Number) -> Number {
    a > b || a.isNaN ? a : b
  }
  /// The smaller of two numbers; NaN where either is.
  @inlinable @inline(__always)
  public static func smaller<Number: BinaryFloatingPoint>(_ a: Number, _ b: Number) -> Number {
    a < b || a.isNaN ? a : b
  }

  /// The larger of each pair; NaN where either is. Where both are equal each has half of the gradient.
  public func maximum(_ other: Tensor) throws -> Tensor {
    if let exact = try exactly(other, "compare", { Swift.max($0, $1) }) { return exact }
    return try combined(other, "compare", Tensor.larger).asMask(isMask && other.isMask)
      .recorded(.maximum, self, other)
  }
  /// The smaller of each pair; NaN where either is. Where both are equal each has half of the gradient.
  public func minimum(_ other: Tensor) throws -> Tensor {
    if let exact = try exactly(other, "compare", { Swift.min($0, $1) }) { return exact }
    return try combined(other, "compare", Tensor.smaller).asMask(isMask && other.isMask)
      .recorded(.minimum, self, other)
  }

  /// As IEEE 754 has it: beside NaN only `notEqual` holds.
  public enum Comparison: String, Sendable, CaseIterable {
    case less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">=", equal = "==", notEqual = "!="
  }

  /// A mask: 1 where the comparison holds, else 0; has no gradient.
  public func compared(_ comparison: Comparison, _ other: Tensor) throws -> Tensor {
    if let exact = try comparedExactly(comparison, other) { return exact }
    return try comparedNumbers(comparison, other).asMask()
  }

  private func comparedNumbers(_ comparison: Comparison, _ other: Tensor) throws -> Tensor {
    switch comparison {
    case .less: try combined(other, "compare") { $0 < $1 ? 1 : 0 }
    case .lessOrEqual: try combined(other, "compare") { $0 <= $1 ? 1 : 0 }
    case .greater: try combined(other, "compare") { $0 > $1 ? 1 : 0 }
    case .greaterOrEqual: try combined(other, "compare") { $0 >= $1 ? 1 : 0 }
    case .equal: try combined(other, "compare") { $0 == $1 ? 1 : 0 }
    case .notEqual: try combined(other, "compare") { $0 != $1 ? 1 : 0 }
    }
  }

  // MARK: Functions of each number

  /// eˣ; inf where float32 ends.
  public func exp() throws -> Tensor {
    try mappedWhole { kernels.exp($0, $1, $2) }.recorded(.exp, self)
  }
  /// Natural logarithm: -inf at 0, NaN below.
  public func log() throws -> Tensor {
    try mappedWhole { kernels.log($0, $1, $2) }.recorded(.log, self)
  }
  /// NaN below 0. Its gradient at 0, where it has none, is taken as 0, so that distances of 0 train.
  public func sqrt() throws -> Tensor { try mapped { $0.squareRoot() }.recorded(.sqrt, self) }
  /// Its gradient at 0 is taken as 0.
  public func abs() throws -> Tensor {
    if let exact = try exactly({ $0.magnitude }) { return exact }
    return try mapped { Swift.abs($0) }.asMask(isMask).recorded(.abs, self)
  }
  public func tanh() throws -> Tensor {
    try mappedWhole { kernels.tanh($0, $1, $2) }.recorded(.tanh, self)
  }
  /// 1 / (1 + e⁻ˣ).
  public func sigmoid() throws -> Tensor {
    try mappedWhole { kernels.sigmoid($0, $1, $2) }.recorded(.sigmoid, self)
  }
  /// max(x, 0); its gradient at 0 is taken as 0.
  public func relu() throws -> Tensor { try mapped { $0 > 0 || $0.isNaN ? $0 : 0 }.recorded(.relu, self) }
  /// Of an angle in radians; NaN of infinities.
  public func sin() throws -> Tensor { try mapped(costly: true) { Elementary.sin($0) }.recorded(.sin, self) }
  /// Of an angle in radians; NaN of infinities.
  public func cos() throws -> Tensor { try mapped(costly: true) { Elementary.cos($0) }.recorded(.cos, self) }
  /// Brought between the bounds; NaN stays. The gradient is 1 from low to high, both included, else 0.
  public func clip(_ low: Float, _ high: Float) throws -> Tensor {
    if let exact = try exactly({ Swift.min(Swift.max($0, Double(low)), Double(high)) }) { return exact }
    return try mapped { $0.isNaN ? $0 : Swift.min(Swift.max($0, low), high) }.recorded(
      .clip(low: low, high: high), self)
  }
  /// To the nearest whole number, halves to the even one; with decimals, at that place. The gradient is 0.
  public func round(decimals: Int = 0) throws -> Tensor {
    let scale = Elementary.pow(10, Double(decimals))
    if let exact = try exactly({ ($0 * scale).rounded(.toNearestOrEven) / scale }) { return exact }
    if decimals == 0 { return try mapped { $0.rounded(.toNearestOrEven) } }
    return try mapped { Float((Double($0) * scale).rounded(.toNearestOrEven) / scale) }
  }
  /// The greatest whole number that is not above it. The gradient is 0, as that of the following.
  public func floor() throws -> Tensor { try exactly { $0.rounded(.down) } ?? mapped { $0.rounded(.down) } }
  /// The least whole number that is not below it.
  public func ceil() throws -> Tensor { try exactly { $0.rounded(.up) } ?? mapped { $0.rounded(.up) } }
  /// A mask of the numbers that are none.
  public func isNaN() throws -> Tensor { try mapped { $0.isNaN ? 1 : 0 }.asMask() }
  /// A mask of the numbers that are neither infinite nor NaN.
  public func isFinite() throws -> Tensor { try mapped { $0.isFinite ? 1 : 0 }.asMask() }
  /// 1, -1, or the number itself where it is zero or NaN.
  public func sign() throws -> Tensor { try mapped { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 } }

  /// `self` where mask is not 0, `other` elsewhere; all three broadcast.
  public func selected(where mask: Tensor, else other: Tensor) throws -> Tensor {
    if let exact = try Tensor.inParts([self, other], { try $0[0].selected(where: mask, else: $0[1]) }) { return exact }
    guard let pair = broadcastShape(shape, other.shape) else {
      throw TensorError.shapes(verb: "choose between", shape, other.shape)
    }
    guard let whole = broadcastShape(pair, mask.shape) else { throw TensorError.condition(mask.shape, of: pair) }
    let (a, b, m) = (try broadcast(to: whole), try other.broadcast(to: whole), try mask.detached.broadcast(to: whole))
    return try Tensor(shape: whole) { out in
      let (x, y, z) = (a.storage.header.start, b.storage.header.start, m.storage.header.start)
      for i in out.indices { out[i] = z[i] != 0 ? x[i] : y[i] }
    }.asMask(isMask && other.isMask).recorded(.select, [m, a, b])
  }
}

/// How two shapes are walked together: their last axis (several, where they join) in an inner loop, the rest by counting.
struct BroadcastPlan {
  var shape: [Int]
  private var outer: [Int] = []
  private var outerA: [Int] = []
  private var outerB: [Int] = []
  var inner = 1
  var innerA = 0
  var innerB = 0
  var rows = 1

  init?(_ a: [Int], _ b: [Int]) {
    guard let whole = broadcastShape(a, b) else { return nil }
    shape = whole
    func steps(_ own: [Int]) -> [Int] {
      let each = strides(of: own)
      let lead = whole.count - own.count
      return whole.indices.map { $0 < lead || own[$0 - lead] == 1 ? 0 : each[$0 - lead] }
    }
    // Axes that both walk alike are joined: [n, c, h, w] with [c, 1, 1] becomes [n, c, h·w].
    var lengths: [Int] = []
    var (joinedA, joinedB): ([Int], [Int]) = ([], [])
    for (length, (x, y)) in zip(whole, zip(steps(a), steps(b))) where length != 1 {
      if let last = lengths.last, let p = joinedA.last, let q = joinedB.last, p == x * length, q == y * length {
        lengths[lengths.count - 1] = last &* length
        joinedA[joinedA.count - 1] = x
        joinedB[joinedB.count - 1] = y
      } else {
        lengths.append(length)
        joinedA.append(x)
        joinedB.append(y)
      }
    }
    if let last = lengths.popLast() {
      inner = last
      innerA = joinedA.removeLast()
      innerB = joinedB.removeLast()
    }
    outer = lengths
    outerA = joinedA
    outerB = joinedB
    rows = lengths.reduce(1, &*)
  }

  /// Calls `body` with the row's number and the two offsets.
  @inline(__always)
  func walk(_ range: Range<Int>, _ body: (Int, Int, Int) -> Void) {
    guard !outer.isEmpty else { return body(0, 0, 0) }
    if outer.count == 1 {
      for row in range { body(row, row * outerA[0], row * outerB[0]) }
      return
    }
    for row in range {
      var (rest, x, y) = (row, 0, 0)
      for axis in stride(from: outer.count - 1, through: 0, by: -1) {
        let place = rest % outer[axis]
        rest /= outer[axis]
        x += place * outerA[axis]
        y += place * outerB[axis]
      }
      body(row, x, y)
    }
  }
}
