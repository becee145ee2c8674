extension OptimizerState {
  /// What was remembered of some arrays, to go back to or to save.
  public struct Snapshot: Sendable {
    /// Updates done.
    public var step: Int
    /// Of each array, in the order in which they were asked for; empty where the optimiser has not met it. `second` is
    /// empty for all but Adam.
    public var moments: [(first: [Float], second: [Float])]

    /// In the order of the arrays that it is for.
    public init(step: Int, moments: [(first: [Float], second: [Float])]) {
      self.step = step
      self.moments = moments
    }
  }

  /// - Parameter arrays: a network's trained ones, and what else learns with them.
  public func snapshot(of arrays: [Weights]) -> Snapshot {
    Snapshot(
      step: step,
      moments: arrays.map { array in
        guard let found = known(array) else { return ([], []) }
        return (found.first.values, found.second.values)
      })
  }

  /// How many numbers `restore` expects for an array: of the first and of the second moment.
  public func momentCounts(of array: Weights) -> (first: Int, second: Int) {
    if case .adam = optimizer.rule { return (array.count, array.count) }
    return (array.count, 0)
  }

  /// Goes back to a snapshot of the same arrays. Moments of other lengths than the arrays' count as not met; check them
  /// with `momentCounts` where they come from a file.
  public func restore(_ snapshot: Snapshot, of arrays: [Weights]) {
    step = max(0, snapshot.step)
    for (array, values) in zip(arrays, snapshot.moments) {
      let counts = momentCounts(of: array)
      guard values.first.count == counts.first, values.second.count == counts.second else {
        moments[ObjectIdentifier(array)] = nil
        continue
      }
      let (first, second) = (FloatBuffer(counts.first), FloatBuffer(counts.second))
      first.copy(from: values.first)
      second.copy(from: values.second)
      moments[ObjectIdentifier(array)] = Moments(weights: array, first: first, second: second)
    }
  }
}
