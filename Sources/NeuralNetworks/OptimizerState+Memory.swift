extension OptimizerState {
  /// Everything that was remembered, of whatever networks; to go back to it.
  public struct Memory {
    fileprivate var step: Int
    fileprivate var moments: [(weights: Weights, first: [Float], second: [Float])]
  }

  /// A copy, to go back to.
  public var memory: Memory {
    Memory(
      step: step,
      moments: moments.values.compactMap { moments in
        moments.weights.map { ($0, moments.first.values, moments.second.values) }
      })
  }

  /// Back to a copy.
  public func restore(_ memory: Memory) {
    step = memory.step
    moments = [:]
    for (weights, first, second) in memory.moments {
      let (one, two) = (FloatBuffer(first.count), FloatBuffer(second.count))
      one.copy(from: first)
      two.copy(from: second)
      moments[ObjectIdentifier(weights)] = Moments(weights: weights, first: one, second: two)
    }
  }
}
