import Tensors

/// What all phases of a plan read of the current pass. Unchecked, because it is written before a pass begins.
final class PlanRun: @unchecked Sendable {
  var items = 0
  var seed: UInt64 = 0
  var accumulate = false
}

/// Work that has to be over before the next phase begins.
struct PlanPhase: Sendable {
  let count: Int
  /// Slices of the batch, one after the other through several layers while their numbers are in the cache; or tasks.
  let bodies: [@Sendable (Int) -> Void]
  let isSlices: Bool

  /// - Parameter own: the slices to do; nil: all.
  func run(_ workers: Workers, _ own: Range<Int>?) {
    guard isSlices, let own else {
      workers.parallel(slices: count) { index in for body in bodies { body(index) } }
      return
    }
    workers.parallel(slices: own.count) { index in for body in bodies { body(own.lowerBound + index) } }
  }
}
