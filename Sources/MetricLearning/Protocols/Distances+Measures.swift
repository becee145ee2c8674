import Diagnostics

extension Distances {
  /// Where FAR and FRR cross, by linear interpolation between the two neighbouring points of the curve; and the
  /// threshold there. Where both errors are equal over a gap, the threshold is the gap's middle.
  public var equalError: (rate: Double, threshold: Double) {
    var before: Point?
    var result: (rate: Double, threshold: Double)?
    walk { point in
      defer { before = point }
      let difference = point.far - point.frr
      guard difference >= 0, let last = before else { return true }
      if difference == 0 {
        result = (point.far, (last.threshold + point.threshold) / 2)
        return false
      }
      let lastDifference = last.far - last.frr
      let part = -lastDifference / (difference - lastDifference)
      result = (
        last.far + part * (point.far - last.far), last.threshold + part * (point.threshold - last.threshold)
      )
      return false
    }
    return result ?? (1, 0)
  }

  /// Equal error rate, 0…1.
  public var eer: Double { equalError.rate }

  /// The threshold at the equal error rate.
  public var threshold: Double { equalError.threshold }

  /// The chance that a same pair is nearer than a different one; ties count half.
  public var auc: Double {
    var wins = 0.0
    var sameRuns = same.runs
    var next = sameRuns.next()
    var s = 0
    for run in different.runs {
      while let one = next, one.value < run.value {
        s += one.count
        next = sameRuns.next()
      }
      let equal = next.map { $0.value == run.value ? $0.count : 0 } ?? 0
      wins += Double(run.count) * (Double(s) + Double(equal) / 2)
    }
    return wins / Double(same.count) / Double(different.count)
  }

  /// The point at the greatest threshold whose FAR does not exceed the target.
  ///
  /// FAR moves in steps of 1 / different pairs; nothing is interpolated, so the rate promised is kept. A target below
  /// one step admits no different pair at all.
  public func point(atFAR target: Double) throws(MetricError) -> Point {
    guard target >= 0, target <= 1 else {
      throw .outOfRange(
        function: "tar", argument: "far", got: NumberText.written(target), expected: "a share from 0 to 1")
    }
    var found = Point(threshold: 0, far: 0, frr: 1)
    // The small allowance keeps 3 / 30 within a target of 0.1, which has no exact form.
    walk { point in
      if point.far <= target + 1e-12 { found = point }
      return point.far <= target + 1e-12
    }
    return found
  }

  /// TAR at a FAR: the share of same pairs recognised when at most `far` of the different ones pass.
  public func tar(far: Double) throws(MetricError) -> Double { try point(atFAR: far).tar }

  /// Whether there are enough different pairs to speak of a FAR so small: ten that may pass by mistake.
  public func supports(far: Double) -> Bool { far * Double(different.count) >= 10 }

  /// All distances are the same: the network maps everything to one point.
  public var isCollapsed: Bool {
    let least = min(same[0], different[0])
    let greatest = max(same[same.count - 1], different[different.count - 1])
    return greatest - least <= 1e-6 * max(1, greatest)
  }

  /// The threshold with the most pairs called rightly: the middle of the gap between two distances. Of several as good,
  /// the first.
  ///
  /// - Parameter sorted: by distance; gone over twice.
  static func bestThreshold(_ sorted: some Sequence<(distance: Float, same: Bool)>) -> Double {
    let differentCount = sorted.reduce(0) { $0 + ($1.same ? 0 : 1) }
    var right = differentCount
    var best = right
    var threshold: Double?
    var value: Float?
    /// All pairs at `value` have been seen; the next are at `next`.
    func close(_ next: Float?) {
      guard let value, right > best else { return }
      best = right
      threshold = next.map { (Double(value) + Double($0)) / 2 } ?? Double(value.nextUp)
    }
    for pair in sorted {
      if pair.distance != value {
        close(pair.distance)
        if value == nil { threshold = Double(pair.distance) }
        value = pair.distance
      }
      right += pair.same ? 1 : -1
    }
    close(nil)
    return threshold ?? 0
  }
}
