import Memory

/// Whole numbers that float32 cannot hold.
///
/// A tensor holds 32-bit floats, which have every whole number up to 2²⁴ only. Places (`argmax`, `argsort`, `nonzero`),
/// counts and whole numbers that a person writes can lie beyond. Such a tensor carries its numbers a second time, in
/// double precision, exact up to 2⁵³; tensors whose numbers float32 holds, which are almost all, carry nothing. The exact
/// numbers stay through what moves numbers, through sums, differences, products, quotients and remainders of whole
/// numbers, rounding and comparisons; other functions see the nearest floats. A tensor on a tape has none.
extension Tensor {
  /// Whole numbers up to here are exact in double precision.
  public static let largestWhole = 9_007_199_254_740_992.0
  /// Whole numbers up to here are exact in float32.
  static let largestExact: Float = 16_777_216

  /// These numbers; where all of them are whole, those are kept exactly that float32 rounds and double precision does not.
  public init(numbers: [Double], shape: [Int]) throws {
    guard try Tensor.checkedCount(shape) == numbers.count else {
      throw TensorError.valueCount(shape: shape, values: numbers.count)
    }
    try self.init(shape: shape) { try Tensor.round(numbers, to: $0) }
    guard numbers.contains(where: { Tensor.isRounded($0) && Tensor.isWhole($0) }) else { return }
    // From 2⁵³ on every double is whole; what is infinite in float32 stays that.
    if numbers.allSatisfy({ Float($0).isFinite && $0 == $0.rounded(.towardZero) }) { wide = numbers }
  }

  /// A single number, exact if it is whole.
  public init(number: Double) {
    self.init(scalar: Float(number))
    if Tensor.isRounded(number), Tensor.isWhole(number) { wide = [number] }
  }

  /// Places of numbers, exact.
  public init(places: [Int], shape: [Int]) throws {
    try self.init(numbers: LongWork.map(places, Double.init), shape: shape)
  }

  /// The numbers as they are: exact where they are wide.
  public var exactValues: [Double] { wide ?? withUnsafeBuffer { $0.map(Double.init) } }

  /// The number of a tensor that holds exactly one.
  public var number: Double? { count == 1 ? wide?[0] ?? Double(storage.header.start.pointee) : nil }

  /// A whole number that double precision has exactly.
  @inline(__always)
  static func isWhole(_ number: Double) -> Bool {
    number == number.rounded(.towardZero) && number.magnitude <= largestWhole
  }

  @inline(__always)
  static func isRounded(_ number: Double) -> Bool {
    number.magnitude > Double(largestExact) && Double(Float(number)) != number
  }

  /// All numbers are whole, and so small that double precision counts on from them.
  var isWhole: Bool {
    if let wide { return wide.allSatisfy(Tensor.isWhole) }
    return withUnsafeBuffer { $0.allSatisfy { Tensor.isWhole(Double($0)) } }
  }

  /// Some number is so large that float32 may have rounded it to a whole one.
  public var mayBeRounded: Bool { withUnsafeBuffer(Tensor.mayBeRounded) }

  /// By the bits of the numbers without their signs, which rise with them: many at once.
  static func mayBeRounded(_ numbers: UnsafeBufferPointer<Float>) -> Bool {
    let (least, most) = (largestExact.bitPattern, Float(largestWhole).bitPattern)
    guard let start = numbers.baseAddress else { return false }
    var block = 0
    while block < numbers.count {
      let end = Swift.min(block + 4096, numbers.count)
      var found: UInt32 = 0
      var i = block
      // The compiler makes vectors of this loop, and not of one over a range.
      while i < end {
        found |= ((start[i].bitPattern & 0x7FFF_FFFF) &- least) <= (most &- least) ? 1 : 0
        i &+= 1
      }
      if found != 0 { return true }
      block = end
    }
    return false
  }

  /// The same numbers, carried exactly where that is due: what came of exact ones.
  func carrying(_ numbers: [Double]) -> Tensor {
    guard numbers.contains(where: { Double(Float($0)) != $0 && $0.magnitude <= Tensor.largestWhole }) else {
      return self
    }
    var tensor = self
    tensor.wide = numbers
    return tensor
  }

  // MARK: What moves numbers

  /// Calls `move`, which puts numbers to other places, with tensors of parts that float32 holds, and joins what it gives;
  /// nil where no tensor is wide, or one is on a tape.
  static func inParts(_ tensors: [Tensor], _ move: ([Tensor]) throws -> Tensor) throws -> Tensor? {
    guard tensors.contains(where: { $0.wide != nil }), tensors.allSatisfy({ $0.trace == nil }) else { return nil }
    // A double has 53 significant bits, a float 24: three floats that add up to it.
    for tensor in tensors { try MemoryBudget.charge(7 * tensor.count * MemoryLayout<Double>.stride) }
    var rest = tensors.map(\.exactValues)
    var sum: [Double] = []
    for _ in 0..<3 {
      let parts = try tensors.indices.map { slot in
        try Tensor(shape: tensors[slot].shape) { out in
          for i in out.indices {
            out[i] = Float(rest[slot][i])
            rest[slot][i] = out[i].isFinite ? rest[slot][i] - Double(out[i]) : 0
          }
        }
      }
      let moved = try move(parts).exactValues
      if sum.isEmpty { sum = moved } else { for i in sum.indices { sum[i] += moved[i] } }
    }
    let rounded = try move(tensors.map(\.withoutWide))
    return rounded.carrying(sum)
  }

  /// As `inParts`, of one tensor: `move` puts its numbers to their places in a tensor of `target` itself, so that one of a
  /// million costs one.
  func movedExactly(
    to target: [Int], _ move: (UnsafePointer<Double>, UnsafeMutablePointer<Double>) throws -> Void
  ) throws -> Tensor? {
    guard trace == nil, let wide else { return nil }
    let count = try Tensor.checkedCount(target)
    try MemoryBudget.charge(count * MemoryLayout<Double>.stride)
    var numbers = [Double](repeating: 0, count: count)
    try numbers.withUnsafeMutableBufferPointer { out in
      try wide.withUnsafeBufferPointer { source in
        guard let from = source.baseAddress, let to = out.baseAddress, !out.isEmpty else { return }
        try move(from, to)
      }
    }
    return try Tensor(shape: target) { try Tensor.round(numbers, to: $0) }.carrying(numbers)
  }

  /// The nearest floats.
  static func round(_ numbers: [Double], to out: UnsafeMutableBufferPointer<Float>) throws {
    try numbers.withUnsafeBufferPointer { numbers in
      try inPieces(numbers.count) { range in for i in range { out[i] = Float(numbers[i]) } }
    }
  }

  private var withoutWide: Tensor {
    var tensor = self
    tensor.wide = nil
    return tensor
  }

  // MARK: Arithmetic

  /// Number by number; nil where the numbers are not wide.
  func exactly(_ operation: (Double) -> Double) throws -> Tensor? {
    guard trace == nil, let wide else { return nil }
    let numbers = wide.map(operation)
    return try Tensor(shape: shape) { out in for i in out.indices { out[i] = Float(numbers[i]) } }.carrying(numbers)
  }

  /// With another tensor, broadcast; nil where neither is wide, or something is not whole.
  func exactly(_ other: Tensor, _ verb: String, _ operation: (Double, Double) -> Double) throws -> Tensor? {
    guard wide != nil || other.wide != nil, trace == nil, other.trace == nil else { return nil }
    guard isWhole, other.isWhole else { return nil }
    return try counted(with: other, verb, operation)
  }

  /// A mask; nil where neither is wide.
  func comparedExactly(_ comparison: Comparison, _ other: Tensor) throws -> Tensor? {
    guard wide != nil || other.wide != nil, trace == nil, other.trace == nil else { return nil }
    guard let whole = broadcastShape(shape, other.shape) else {
      throw TensorError.shapes(verb: "compare", shape, other.shape)
    }
    let (a, b) = (try broadcast(to: whole).exactValues, try other.broadcast(to: whole).exactValues)
    return try Tensor(shape: whole) { out in
      for i in out.indices {
        let holds =
          switch comparison {
          case .less: a[i] < b[i]
          case .lessOrEqual: a[i] <= b[i]
          case .greater: a[i] > b[i]
          case .greaterOrEqual: a[i] >= b[i]
          case .equal: a[i] == b[i]
          case .notEqual: a[i] != b[i]
          }
        out[i] = holds ? 1 : 0
      }
    }.asMask()
  }

  // MARK: Along axes

  /// One number for each place that is kept, in double precision, off the tape.
  func reducedToNumbers(
    _ axes: [Int], keepDims: Bool, _ body: (UnsafeBufferPointer<Float>) -> Double
  ) throws -> Tensor {
    let plan = ReductionPlan(shape, axes)
    let source = try plan.arranged(self)
    return try source.withUnsafeBuffer { try Tensor.reduced($0, plan, keepDims, body) }
  }

  /// The same of wide numbers.
  func reducedToNumbers(
    _ axes: [Int], keepDims: Bool, _ body: (UnsafeBufferPointer<Double>) -> Double
  ) throws -> Tensor {
    let plan = ReductionPlan(shape, axes)
    let source = try plan.arranged(self).exactValues
    return try source.withUnsafeBufferPointer { try Tensor.reduced($0, plan, keepDims, body) }
  }

  /// Nil where the numbers are not wide.
  func reducedExactly(
    _ axes: [Int], keepDims: Bool, _ body: (UnsafeBufferPointer<Double>) -> Double
  ) throws -> Tensor? {
    guard wide != nil, trace == nil else { return nil }
    return try reducedToNumbers(axes, keepDims: keepDims, body)
  }

  private static func reduced<Number>(
    _ source: UnsafeBufferPointer<Number>, _ plan: ReductionPlan, _ keepDims: Bool,
    _ body: (UnsafeBufferPointer<Number>) -> Double
  ) throws -> Tensor {
    let target = keepDims ? plan.keptDims : plan.kept
    let count = try checkedCount(target)
    let length = plan.reducedCount
    var numbers = [Double](repeating: 0, count: count)
    try numbers.withUnsafeMutableBufferPointer { out in
      guard let to = out.baseAddress else { return }
      // Lines are cut by size alone.
      let each = Swift.max(1, (1 << 15) / Swift.max(1, length))
      let slices = source.count < 1 << 17 ? 1 : (count + each - 1) / each
      try LongWork.parallel(slices: slices) { slice in
        let range = slices == 1 ? 0..<count : slice * each..<Swift.min(count, (slice + 1) * each)
        for i in range { to[i] = body(UnsafeBufferPointer(rebasing: source[i * length..<(i + 1) * length])) }
      }
    }
    return try Tensor(numbers: numbers, shape: target)
  }

  /// Running results along an axis, in double precision: each joins the one before it.
  func runningNumbers(
    _ axis: Int, reversed: Bool = false, first: Double, _ join: (Double, Double) -> Double
  ) throws -> Tensor {
    var numbers = exactValues
    let length = shape[axis]
    let inner = shape[(axis + 1)...].reduce(1, &*)
    guard !numbers.isEmpty else { return self }
    try LongWork.stretches(numbers.count / length) { lines in
      for line in lines {
        let start = line / inner * length * inner + line % inner
        var result = first
        try LongWork.stretches(length) { steps in
          for step in steps {
            let at = start + (reversed ? length - 1 - step : step) * inner
            result = join(result, numbers[at])
            numbers[at] = result
          }
        }
      }
    }
    return try Tensor(numbers: numbers, shape: shape)
  }
}
