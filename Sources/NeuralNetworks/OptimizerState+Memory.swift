extension OptimizerState {
  /// Everything that was remembered, of whatever networks; to go back to it.
  public struct Memory {
    fileprivate var step: Int
    fileprivate var moments: [(weights: Weights, first: [Float], second: [Float])]
  }

  public var memory: Memory {
    Memory(step: step, moments: moments.values.map { ($0.weights, $0.first.values, $0.second.values) })
  }

  public func restore(_ memory: Memory) {
    step = memory.step
    moments = [:]
    for (weights, first, second) in memory.moments {
      let (one, two) = (FloatBuffer(first.count), FloatBuffer(second.count))
      one.copy(from: first)
      two.copy(from: second)
      moments[ObjectIdentifier(weights)] = (weights, one, two)
    }
  }
}
