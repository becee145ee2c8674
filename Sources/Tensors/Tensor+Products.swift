extension Tensor {
  /// The product over the axes (all where nil), multiplied in double precision; 1 for no numbers. Whole numbers beyond
  /// 2²⁴, which float32 would round, are exact.
  public func product(_ axes: [Int]? = nil, keepDims: Bool = false) throws -> Tensor {
    let axes = try Tensor.checkedAxes(axes, shape, "prod")
    if axes.isEmpty { return self }
    if let exact = try reducedExactly(axes, keepDims: keepDims, { $0.reduce(1, *) }) { return exact }
    let rounded = try productRounded(axes, keepDims)
    guard trace == nil, rounded.mayBeRounded, isWhole else { return rounded }
    let exact = try reducedToNumbers(axes, keepDims: keepDims) { (numbers: UnsafeBufferPointer<Float>) in
      numbers.reduce(1.0) { $0 * Double($1) }
    }
    return exact.wide == nil ? rounded : exact
  }

  private func productRounded(_ axes: [Int], _ keepDims: Bool) throws -> Tensor {
    try reduced(axes, keepDims: keepDims) { numbers in
      var product = 1.0
      for number in numbers { product *= Double(number) }
      return Float(product)
    }.recorded(.product(axes: axes, keepDims: keepDims), self)
  }

  /// For each number the product of all others that are reduced with it. Nothing is divided, so that zeros do no harm:
  /// products of pairs, of pairs of pairs and so on, and back down with the neighbour's product each time.
  func productOfOthers(_ axes: [Int]) throws -> Tensor {
    if count == 0 || axes.isEmpty { return try self * 0 + 1 }
    let order = shape.indices.filter { !axes.contains($0) } + axes
    let length = axes.reduce(1) { $0 * shape[$1] }
    let moved = try transposed(order)
    let evens: [TensorIndex] = [.all, .slice(start: 0, stop: nil, step: 2)]
    let odds: [TensorIndex] = [.all, .slice(start: 1, stop: nil, step: 2)]
    var level = try moved.reshaped([count / length, length])
    let rows = level.shape[0]
    var levels: [Tensor] = []
    while level.shape[1] > 1 {
      if level.shape[1] % 2 == 1 { level = try Tensor.concat([level, Tensor.ones([rows, 1])], axis: 1) }
      levels.append(level)
      level = try level.subscripted(evens) * level.subscripted(odds)
    }
    var others = try Tensor.ones([rows, 1])
    for level in levels.reversed() {
      let half = try others.subscripted([.all, .slice(start: 0, stop: level.shape[1] / 2, step: 1)])
      let (first, second) = (try half * level.subscripted(odds), try half * level.subscripted(evens))
      others = try Tensor.stack([first, second], axis: 2).reshaped([rows, level.shape[1]])
    }
    others = try others.subscripted([.all, .slice(start: 0, stop: length, step: 1)]).reshaped(moved.shape)
    var back = order
    for (to, from) in order.enumerated() { back[from] = to }
    return try others.transposed(back)
  }

  /// The number in the middle of the order over the axes (all where nil), or the mean of the two in the middle; NaN if
  /// one is, and of no numbers. The gradient goes to the numbers that it comes from, of equal ones to the first.
  public func median(_ axes: [Int]? = nil, keepDims: Bool = false) throws -> Tensor {
    let axes = try Tensor.checkedAxes(axes, shape, "median")
    if axes.isEmpty { return self }
    let plan = ReductionPlan(shape, axes)
    let target = keepDims ? plan.keptDims : plan.kept
    guard plan.reducedCount > 0 else { return try Tensor.full(target, .nan) }
    let flat = try transposed(shape.indices.filter { !axes.contains($0) } + axes).reshaped([count])
    var lower: [Int] = []
    var upper: [Int] = []
    flat.withUnsafeBuffer { numbers in
      for start in stride(from: 0, to: numbers.count, by: plan.reducedCount) {
        let (low, high) = middle(UnsafeBufferPointer(rebasing: numbers[start..<start + plan.reducedCount]))
        lower.append(start + low)
        upper.append(start + high)
      }
    }
    if lower == upper { return try flat.taken(lower).reshaped(target) }
    return try ((flat.taken(lower) + flat.taken(upper)) * 0.5).reshaped(target)
  }
}

/// Places of the two numbers in the middle of the order, the same place twice where there is one; those of the first
/// NaN where there is one.
private func middle(_ numbers: UnsafeBufferPointer<Float>) -> (Int, Int) {
  if let place = numbers.firstIndex(where: \.isNaN) { return (place, place) }
  let sorted = numbers.sorted()
  let (low, high) = (sorted[(sorted.count - 1) / 2], sorted[sorted.count / 2])
  let first = numbers.firstIndex(of: low) ?? 0
  return (first, low == high ? first : numbers.firstIndex(of: high) ?? first)
}
