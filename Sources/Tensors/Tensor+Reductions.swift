/// How a reduction walks: for each of the kept places, all of the places it reduces.
struct ReductionPlan {
  var kept: [Int]
  /// With the reduced axes at length 1.
  var keptDims: [Int]
  var reducedCount: Int
  private var transposition: [Int]?

  init(_ shape: [Int], _ axes: [Int]) {
    kept = shape.indices.filter { !axes.contains($0) }.map { shape[$0] }
    keptDims = shape.indices.map { axes.contains($0) ? 1 : shape[$0] }
    reducedCount = axes.reduce(1) { $0 &* shape[$1] }
    let order = shape.indices.filter { !axes.contains($0) } + axes
    transposition = order == Array(shape.indices) ? nil : order
  }

  /// The numbers with the reduced axes last, and so contiguous.
  func arranged(_ tensor: Tensor) throws -> Tensor {
    guard let transposition else { return tensor.detached }
    return try tensor.detached.transposed(transposition)
  }
}

extension Tensor {
  /// One number for each place that is kept, from the numbers that it reduces.
  func reduced(
    _ axes: [Int], keepDims: Bool, _ body: (UnsafeBufferPointer<Float>) -> Float
  ) throws -> Tensor {
    let plan = ReductionPlan(shape, axes)
    let source = try plan.arranged(self)
    let length = plan.reducedCount
    return try Tensor(shape: keepDims ? plan.keptDims : plan.kept) { out in
      let from = source.storage.header.start
      try withExtendedLifetime(source) {
        let each = Swift.max(1, (1 << 15) / Swift.max(1, length))
        let slices = source.count < 1 << 17 ? 1 : (out.count + each - 1) / each
        try LongWork.parallel(slices: slices) { slice in
          let range = slices == 1 ? 0..<out.count : slice * each..<Swift.min(out.count, (slice + 1) * each)
          for i in range { out[i] = body(UnsafeBufferPointer(start: from + i * length, count: length)) }
        }
      }
    }
  }

  /// Over the axes (all where nil), in double precision; 0 for no numbers.
  public func sum(_ axes: [Int]? = nil, keepDims: Bool = false) throws -> Tensor {
    let axes = try Tensor.checkedAxes(axes, shape, "sum")
    if axes.isEmpty { return self }
    if let exact = try reducedExactly(axes, keepDims: keepDims, { $0.reduce(0, +) }) { return exact }
    return try sumUnrecorded(axes, keepDims).recorded(.sum(axes: axes, keepDims: keepDims), self)
  }

  /// As `sum`, but whole numbers beyond 2²⁴, which float32 would round, are exact: counts.
  public func total(_ axes: [Int]? = nil, keepDims: Bool = false) throws -> Tensor {
    let checked = try Tensor.checkedAxes(axes, shape, "sum")
    let rounded = try sum(checked, keepDims: keepDims)
    // A wide tensor's sum is exact already, be it wide itself or not.
    guard trace == nil, wide == nil, !checked.isEmpty, rounded.mayBeRounded else { return rounded }
    let exact = try reducedToNumbers(checked, keepDims: keepDims, doubleSum)
    return exact.wide == nil ? rounded : exact
  }

  private func sumUnrecorded(_ axes: [Int], _ keepDims: Bool) throws -> Tensor {
    // Leading axes: rows are added up as they lie, without a transposition.
    if axes.count < rank, axes == Array(0..<axes.count) {
      let plan = ReductionPlan(shape, axes)
      let width = plan.kept.reduce(1, &*)
      return try Tensor(shape: keepDims ? plan.keptDims : plan.kept) { out in
        let sums = UnsafeMutablePointer<Double>.allocate(capacity: Swift.max(1, width))
        defer { sums.deallocate() }
        sums.update(repeating: 0, count: width)
        let from = storage.header.start
        for row in 0..<plan.reducedCount {
          let line = from + row * width
          for i in 0..<width { sums[i] += Double(line[i]) }
        }
        for i in 0..<width { out[i] = Float(sums[i]) }
      }
    }
    return try reduced(axes, keepDims: keepDims) { Float(doubleSum($0)) }
  }

  /// The mean over the axes (all where nil); NaN for no numbers.
  public func mean(_ axes: [Int]? = nil, keepDims: Bool = false) throws -> Tensor {
    let checked = try Tensor.checkedAxes(axes, shape, "mean")
    let count = checked.reduce(1.0) { $0 * Double(shape[$1]) }
    return try sum(checked, keepDims: keepDims) / Tensor(scalar: Float(count))
  }

  /// The mean of squared distances to the mean; divided by n − `correction`.
  public func variance(_ axes: [Int]? = nil, keepDims: Bool = false, correction: Double = 0) throws -> Tensor {
    let checked = try Tensor.checkedAxes(axes, shape, "var")
    let count = checked.reduce(1.0) { $0 * Double(shape[$1]) }
    let centred = try self - mean(checked, keepDims: true)
    return try (centred * centred).sum(checked, keepDims: keepDims)
      / Tensor(scalar: Float(Swift.max(0, count - correction)))
  }

  /// The square root of the variance.
  public func deviation(_ axes: [Int]? = nil, keepDims: Bool = false, correction: Double = 0) throws -> Tensor {
    try variance(axes, keepDims: keepDims, correction: correction).sqrt()
  }

  /// The largest; NaN if one is. Equal ones share the gradient.
  public func max(_ axes: [Int]? = nil, keepDims: Bool = false) throws -> Tensor {
    try extreme(axes, keepDims, "max") { $0 > $1 }
  }
  /// The smallest; NaN if one is. Equal ones share the gradient.
  public func min(_ axes: [Int]? = nil, keepDims: Bool = false) throws -> Tensor {
    try extreme(axes, keepDims, "min") { $0 < $1 }
  }

  private func extreme(
    _ axes: [Int]?, _ keepDims: Bool, _ function: String, _ beats: (Float, Float) -> Bool
  ) throws -> Tensor {
    let axes = try Tensor.checkedAxes(axes, shape, function)
    if axes.isEmpty { return self }
    if ReductionPlan(shape, axes).reducedCount == 0 { throw TensorError.empty(function: function) }
    if let exact = try reducedExactly(axes, keepDims: keepDims, { $0[winner($0, { beats(Float($0 - $1), 0) })] }) {
      return exact
    }
    return try reduced(axes, keepDims: keepDims) { numbers in numbers[winner(numbers, beats)] }.asMask(isMask)
      .recorded(.extreme(axes: axes, keepDims: keepDims), self)
  }

  /// Place of the largest along an axis (of all numbers, flattened, where nil); the first of equal ones, or of NaN.
  public func argmax(_ axis: Int? = nil, keepDims: Bool = false) throws -> Tensor {
    try place(axis, keepDims, "argmax") { $0 > $1 }
  }
  /// Place of the smallest, by the same rules.
  public func argmin(_ axis: Int? = nil, keepDims: Bool = false) throws -> Tensor {
    try place(axis, keepDims, "argmin") { $0 < $1 }
  }

  private func place(
    _ axis: Int?, _ keepDims: Bool, _ function: String, _ beats: (Float, Float) -> Bool
  ) throws -> Tensor {
    let axes = try Tensor.checkedAxes(axis.map { [$0] }, shape, function)
    if ReductionPlan(shape, axes).reducedCount == 0 { throw TensorError.empty(function: function) }
    if wide != nil, trace == nil {
      return try reducedToNumbers(axes, keepDims: keepDims) { (numbers: UnsafeBufferPointer<Double>) in
        Double(winner(numbers) { beats(Float($0 - $1), 0) })
      }
    }
    return try reducedToNumbers(axes, keepDims: keepDims) { Double(winner($0, beats)) }
  }

  /// Running sums along an axis.
  public func cumsum(_ axis: Int? = nil, reversed: Bool = false) throws -> Tensor {
    guard let axis else { return try flattened().cumsum(0, reversed: reversed) }
    let checked = try Tensor.checkedAxis(axis, shape, "cumsum")
    let rounded = try cumsumRounded(checked, reversed: reversed)
    guard trace == nil, wide != nil || rounded.mayBeRounded && isWhole else { return rounded }
    // Whole numbers, some of the sums beyond 2²⁴.
    return try runningNumbers(checked, reversed: reversed, first: 0, +)
  }

  private func cumsumRounded(_ checked: Int, reversed: Bool) throws -> Tensor {
    try alongAxis(checked) { line, out, length, step in
      var sum = 0.0
      for i in 0..<length {
        let at = (reversed ? length - 1 - i : i) * step
        sum += Double(line[at])
        out[at] = Float(sum)
      }
    }.recorded(.cumsum(axis: checked, reversed: reversed), self)
  }

  /// Calls `body` for each line along an axis: source, destination, length, step.
  func alongAxis(
    _ axis: Int, _ body: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int, Int) -> Void
  ) throws -> Tensor {
    let length = shape[axis]
    let inner = shape[(axis + 1)...].reduce(1, &*)
    return try Tensor(shape: shape) { out in
      guard let to = out.baseAddress, out.count > 0 else { return }
      for o in 0..<out.count / (length * inner) {
        for i in 0..<inner {
          let offset = o * length * inner + i
          body(storage.header.start + offset, to + offset, length, inner)
        }
      }
    }
  }
}

/// Eight partial sums in double precision, added in a fixed order.
private func doubleSum(_ numbers: UnsafeBufferPointer<Float>) -> Double {
  guard let start = numbers.baseAddress else { return 0 }
  var partial = SIMD8<Double>()
  var i = 0
  while i + 8 <= numbers.count {
    partial += SIMD8<Double>(
      Double(start[i]), Double(start[i + 1]), Double(start[i + 2]), Double(start[i + 3]), Double(start[i + 4]),
      Double(start[i + 5]), Double(start[i + 6]), Double(start[i + 7]))
    i += 8
  }
  var sum = partial.sum()
  while i < numbers.count {
    sum += Double(start[i])
    i += 1
  }
  return sum
}

/// Place of the number that beats all others: the first of equal ones; the first NaN beats everything.
@inline(__always)
private func winner<Number: BinaryFloatingPoint>(
  _ numbers: UnsafeBufferPointer<Number>, _ beats: (Number, Number) -> Bool
) -> Int {
  var best = 0
  for i in numbers.indices {
    if numbers[i].isNaN { return i }
    if beats(numbers[i], numbers[best]) { best = i }
  }
  return best
}
