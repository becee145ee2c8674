extension Operation {
  /// The gradient of each input that is `needed`, from the gradient `g` of the output. Written with traced operations,
  /// so that a recorded walk can be differentiated again.
  func gradients(
    inputs: [Tensor], output y: Tensor, upstream g: Tensor, needed: [Bool], recorded: Bool
  ) throws -> [Tensor?] {
    func when(_ slot: Int, _ make: () throws -> Tensor) throws -> Tensor? { needed[slot] ? try make() : nil }
    func pair(_ first: () throws -> Tensor, _ second: () throws -> Tensor) throws -> [Tensor?] {
      [
        try when(0) { try first().summed(to: inputs[0].shape) },
        try when(1) { try second().summed(to: inputs[1].shape) },
      ]
    }
    guard let x = inputs.first else { return [] }
    let one = Tensor(scalar: 1)
    let zero = Tensor(scalar: 0)
    switch self {
    case .identity: return [g]
    case .add: return try pair({ g }, { g })
    case .subtract: return try pair({ g }, { try -g })
    case .multiply: return try pair({ try g * inputs[1] }, { try g * x })
    case .divide: return try pair({ try g / inputs[1] }, { try -(g * y / inputs[1]) })
    case .remainder:
      // x - other · n, where n is how often it goes in.
      let often = try ((x.detached - y.detached) / inputs[1].detached).round()
      return try pair({ g }, { try -(g * often) })
    case .power:
      let exponent = inputs[1]
      return try pair(
        { try g * exponent * x.power(exponent - one) },
        {
          // x^p · log x; 0 where x is 0 (or below, where a power of a negative number has no derivative).
          let positive = try x.compared(.greater, zero)
          return try g * y * x.selected(where: positive, else: one).log()
        })
    case .maximum, .minimum:
      let isFirst = try y.compared(.equal, x)
      let isSecond = try y.compared(.equal, inputs[1])
      let share = try g / (isFirst + isSecond).maximum(one)
      return try pair({ try share * isFirst }, { try share * isSecond })
    case .negate: return [try -g]
    case .exp: return [try g * y]
    case .log: return [try g / x]
    case .sqrt:
      // The slope at 0 is infinite; taken as 0, so that a distance of 0 gives no NaN.
      let positive = try y.compared(.equal, zero)
      return [try zero.selected(where: positive, else: g * 0.5 / one.selected(where: positive, else: y))]
    case .abs: return [try g * x.detached.sign()]
    case .tanh: return [try g * (one - y * y)]
    case .sigmoid: return [try g * y * (one - y)]
    case .relu: return [try g * x.compared(.greater, zero)]
    case .sin: return [try g * x.cos()]
    case .cos: return [try -(g * x.sin())]
    case .clip(let low, let high):
      return [
        try g * x.compared(.greaterOrEqual, Tensor(scalar: low)) * x.compared(.lessOrEqual, Tensor(scalar: high))
      ]
    case .select:
      return [
        nil, try when(1) { try g.selected(where: x, else: zero).summed(to: inputs[1].shape) },
        try when(2) { try zero.selected(where: x, else: g).summed(to: inputs[2].shape) },
      ]
    case .reshape: return [try g.reshaped(x.shape)]
    case .broadcast: return [try g.summed(to: x.shape)]
    case .transpose(let axes):
      var back = axes
      for (to, from) in axes.enumerated() { back[from] = to }
      return [try g.transposed(back)]
    case .concat(let axis):
      var start = 0
      return try inputs.enumerated().map { slot, part in
        defer { start += part.shape[axis] }
        guard needed[slot] else { return nil }
        var starts = part.shape.map { _ in 0 }
        starts[axis] = start
        return try g.sliced(
          SliceRange(whole: g.shape, starts: starts, lengths: part.shape, steps: part.shape.map { _ in 1 }))
      }
    case .sum(let axes, let keepDims):
      return [try (keepDims ? g : g.reshaped(ReductionPlan(x.shape, axes).keptDims)).broadcast(to: x.shape)]
    case .extreme(let axes, _):
      let dims = ReductionPlan(x.shape, axes).keptDims
      let mask = try x.detached.compared(.equal, y.detached.reshaped(dims))
      return [try g.reshaped(dims) * (mask / mask.sum(axes, keepDims: true))]
    case .product(let axes, _):
      return [try g.reshaped(ReductionPlan(x.shape, axes).keptDims) * x.productOfOthers(axes)]
    case .cumsum(let axis, let reversed): return [try g.cumsum(axis, reversed: !reversed)]
    case .matmul(let left, let right):
      let other = inputs[1]
      return try pair(
        {
          try left
            ? other.matmul(g, transposeLeft: right, transposeRight: true)
            : g.matmul(other, transposeLeft: false, transposeRight: !right)
        },
        {
          try right
            ? g.matmul(x, transposeLeft: true, transposeRight: left)
            : x.matmul(g, transposeLeft: !left, transposeRight: false)
        })
    case .slice(let range): return [try g.embedded(range)]
    case .embed(let range): return [try g.sliced(range)]
    case .take(let plan): return [try g.scatterAdded(plan)]
    case .scatterAdd(let plan): return [try g.taken(plan)]
    case .unfold(let plan): return [try g.folded(plan)]
    case .fold(let plan): return [try g.unfolded(plan)]
    case .custom(let operation):
      let parts: [Tensor?]
      switch operation.backward {
      case .traced(let rule): parts = try rule(inputs, y, g)
      case .fused(let rule):
        if recorded { throw TensorError.secondDerivative(function: operation.name) }
        parts = try rule(g)
      }
      for (input, part) in zip(inputs, parts) {
        if let part, part.shape != input.shape {
          throw TensorError.customGradient(function: operation.name, expected: input.shape, got: part.shape)
        }
      }
      return parts
    }
  }
}

extension Tensor {
  /// The opposite of broadcasting: sums over the axes that were stretched.
  public func summed(to target: [Int]) throws -> Tensor {
    if shape == target { return self }
    let lead = rank - target.count
    guard lead >= 0 else { throw TensorError.broadcast(target, to: shape) }
    let axes = shape.indices.filter { $0 < lead || (target[$0 - lead] == 1 && shape[$0] != 1) }
    let result = axes.isEmpty ? self : try sum(axes, keepDims: true)
    return try result.reshaped(target)
  }
}
