import Diagnostics

/// Where a quantile lies between two numbers of the order, as NumPy names the ways.
public enum QuantileMethod: String, CaseIterable, Sendable {
  case linear, lower, higher, midpoint, nearest, hazen, weibull
  case medianUnbiased = "median_unbiased"
  case normalUnbiased = "normal_unbiased"
  case interpolatedInvertedCDF = "interpolated_inverted_cdf"

  /// The two places in the order of `count` numbers, and how far from the first to the second (Hyndman and Fan 1996).
  func places(_ q: Double, _ count: Int) -> (Int, Int, Float) {
    let n = Double(count)
    func between(_ alpha: Double, _ beta: Double) -> (Int, Int, Float) {
      let at = Swift.min(Swift.max(n * q + alpha + q * (1 - alpha - beta) - 1, 0), n - 1)
      let low = Int(at.rounded(.down))
      return (low, Swift.min(low + 1, count - 1), Float(at - Double(low)))
    }
    let at = q * (n - 1)
    switch self {
    case .linear: return between(1, 1)
    case .lower: return (Int(at.rounded(.down)), Int(at.rounded(.down)), 0)
    case .higher: return (Int(at.rounded(.up)), Int(at.rounded(.up)), 0)
    case .midpoint: return (Int(at.rounded(.down)), Int(at.rounded(.up)), 0.5)
    case .nearest: return (Int(at.rounded(.toNearestOrEven)), Int(at.rounded(.toNearestOrEven)), 0)
    case .hazen: return between(0.5, 0.5)
    case .weibull: return between(0, 0)
    case .medianUnbiased: return between(1 / 3, 1 / 3)
    case .normalUnbiased: return between(0.375, 0.375)
    case .interpolatedInvertedCDF: return between(0, 1)
    }
  }
}

extension Tensor {
  /// The numbers below which the shares `q` of the numbers lie, over the axes (all where nil): one for each share, along a
  /// first axis. NaN where a number is none. The gradient goes to the numbers that it comes from.
  public func quantiles(
    _ q: [Double], _ axes: [Int]? = nil, keepDims: Bool = false, method: QuantileMethod = .linear
  ) throws -> Tensor {
    for share in q where !(share >= 0 && share <= 1) {
      throw TensorError.argument(
        function: "quantile", name: "q", expected: "from 0 to 1", got: NumberText.written(share))
    }
    let axes = try Tensor.checkedAxes(axes, shape, "quantile")
    let plan = ReductionPlan(shape, axes)
    let target = [q.count] + (keepDims ? plan.keptDims : plan.kept)
    let length = plan.reducedCount
    guard length > 0 else { return try Tensor.full(target, .nan) }
    let rows = try transposed(shape.indices.filter { !axes.contains($0) } + axes).reshaped([-1, length])
    let order = try rows.detached.sortedPlaces(axis: 1, descending: false)
    var (lower, upper): ([Int], [Int]) = ([], [])
    var shares: [Float] = []
    rows.withUnsafeBuffer { numbers in
      for share in q {
        let (low, high, part) = method.places(share, length)
        shares.append(part)
        for start in stride(from: 0, to: numbers.count, by: length) {
          // NaN is last in the order: it is then what every quantile comes from.
          let last = start + order[start + length - 1]
          let isNaN = numbers[last].isNaN
          lower.append(isNaN ? last : start + order[start + low])
          upper.append(isNaN ? last : start + order[start + high])
        }
      }
    }
    let flat = try rows.reshaped([count])
    let low = try flat.taken(lower).reshaped([q.count, -1])
    if lower == upper { return try low.reshaped(target) }
    let high = try flat.taken(upper).reshaped([q.count, -1])
    let share = try Tensor(shares, shape: [q.count, 1])
    // Between infinities of one sign there is no difference to take.
    let difference = try high - low
    var mixed = try low + difference * share
    let isFinite = try difference.detached.isFinite()
    if isFinite.withUnsafeBuffer({ $0.contains(0) }) {
      // From the nearer of the two, as NumPy does it: half way between -inf and a number is -inf.
      let near: [Float] = shares.map { $0 >= 0.5 ? 1 : 0 }
      let isFromHigh = try Tensor(near, shape: [q.count, 1]) * (Tensor(scalar: 1) - isFinite)
      mixed = try (high - difference * (Tensor(scalar: 1) - share)).selected(where: isFromHigh, else: mixed)
      // Two numbers of which only the difference is infinite have numbers between them.
      let isOverflow = try low.detached.isFinite() * high.detached.isFinite() * (Tensor(scalar: 1) - isFinite)
      mixed = try (low * (Tensor(scalar: 1) - share) + high * share).selected(where: isOverflow, else: mixed)
      // A place that falls on a number is that number, whatever stands behind it.
      let isOnPlace = try Tensor(shares.map { $0 == 0 ? 1 : 0 }, shape: [q.count, 1]) * (Tensor(scalar: 1) - isFinite)
      mixed = try low.selected(where: isOnPlace, else: mixed)
    }
    return try low.selected(where: low.detached.compared(.equal, high.detached), else: mixed).reshaped(target)
  }

  /// log Σ exp over the axes (all where nil), without overflow; -inf of no numbers.
  public func logSumExp(_ axes: [Int]?, keepDims: Bool = false) throws -> Tensor {
    let axes = try Tensor.checkedAxes(axes, shape, "logsumexp")
    let plan = ReductionPlan(shape, axes)
    if plan.reducedCount == 0 { return try Tensor.full(keepDims ? plan.keptDims : plan.kept, -.infinity) }
    if axes.isEmpty { return self }
    let top = try detached.max(axes, keepDims: true)
    // Subtracting an infinite number would leave none.
    let base = try top.selected(where: top.isFinite(), else: Tensor(scalar: 0))
    let sum = try (self - base).exp().sum(axes, keepDims: true).log() + base
    return keepDims ? sum : try sum.reshaped(plan.kept)
  }

  /// Running products along an axis, multiplied in double precision.
  public func cumprod(_ axis: Int? = nil) throws -> Tensor {
    guard let axis else { return try flattened().cumprod(0) }
    let checked = try Tensor.checkedAxis(axis, shape, "cumprod")
    return try runningNumbers(checked, first: 1, *).recorded(.cumprod(axis: checked), self)
  }

  /// The gradient of running products `y` of these numbers: Σ over the products that a number is in, without dividing by
  /// it. For each place the product of those before it, times what the products behind it add up to.
  func cumprodGradient(_ y: Tensor, _ g: Tensor, axis: Int) throws -> Tensor {
    let length = shape[axis]
    guard length > 1 else { return g }
    func part(_ tensor: Tensor, _ start: Int?, _ stop: Int?) throws -> Tensor {
      try tensor.subscripted(shape.indices.map { $0 == axis ? .slice(start: start, stop: stop, step: 1) : .all })
    }
    func filling(_ value: Float, _ count: Int) throws -> Tensor {
      var lengths = shape
      lengths[axis] = count
      return try Tensor.full(lengths, value)
    }
    // r[i] = g[i] + x[i + 1] · r[i + 1], in doubling steps.
    var sum = g
    var factor = try Tensor.concat([part(self, 1, nil), filling(0, 1)], axis: axis)
    var step = 1
    while step < length {
      let zeros = try filling(0, step)
      let next = try Tensor.concat([part(sum, step, nil), zeros], axis: axis)
      sum = try sum + factor * next
      factor = try factor * Tensor.concat([part(factor, step, nil), zeros], axis: axis)
      step *= 2
    }
    return try sum * Tensor.concat([filling(1, 1), part(y, 0, -1)], axis: axis)
  }

  /// Differences of neighbours along an axis, `times` times over.
  public func differences(_ times: Int = 1, axis: Int = -1) throws -> Tensor {
    guard rank > 0 else { throw TensorError.rank(function: "diff", expected: "1 or more axes", shape: shape) }
    guard times >= 0 else {
      throw TensorError.argument(function: "diff", name: "n", expected: "0 or more", got: "\(times)")
    }
    let checked = try Tensor.checkedAxis(axis, shape, "diff")
    var result = self
    for _ in 0..<Swift.min(times, shape[checked] + 1) {
      func part(_ start: Int?, _ stop: Int?) throws -> Tensor {
        try result.subscripted(shape.indices.map { $0 == checked ? .slice(start: start, stop: stop, step: 1) : .all })
      }
      if result.shape[checked] == 0 { break }
      result = try part(1, nil).exactly(.subtract, part(0, -1))
    }
    return result
  }
}
