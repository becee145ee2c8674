import Ranks
import Tensors

/// How the passes of a plan are shared among ranks: each does the slices of a stretch of the batch, and before work that
/// needs the whole batch the ranks send one another what their slices have made. Gradients are added up at the end of a
/// pass in the order of the slices, whichever rank has made them, so that the bits are those of one process.
///
/// Dense layers and layers that run as they are traced want all items at once: every rank does these by itself. For a
/// dense layer that costs fewer bytes than its weights' gradients would.
///
/// Unchecked, because one thread runs a plan's passes, and all phases of this kind run on it.
final class PlanShare: @unchecked Sendable {
  /// Parts of an array's gradient, one a slice.
  struct Sum {
    let weights: Weights
    let parts: FloatBuffer
    let stride: Int
  }

  let ranks: Ranks
  private let run: PlanRun
  private let slices: Int
  private let sliceSize: Int
  /// What each rank does of the pass under way.
  private(set) var parts: [Range<Int>] = []
  /// In the order in which one process would add them up.
  private var sums: [Sum] = []
  private lazy var flat = FloatBuffer(sums.reduce(0) { $0 + $1.weights.count })
  /// Why the others cannot be reached; nothing is sent or waited for after that.
  private(set) var failure: RankError?

  init(_ ranks: Ranks, run: PlanRun, slices: Int, sliceSize: Int) {
    self.ranks = ranks
    self.run = run
    self.slices = slices
    self.sliceSize = sliceSize
  }

  /// Shares the slices that have items; the last rank takes the empty ones, whose parts are zeros.
  func begin() {
    let used = max(1, (run.items + sliceSize - 1) / sliceSize)
    parts = (0..<ranks.count).map { used * $0 / ranks.count..<used * ($0 + 1) / ranks.count }
    parts[ranks.count - 1] = parts[ranks.count - 1].lowerBound..<slices
  }

  /// This rank's slices.
  var own: Range<Int> { parts[ranks.rank] }

  /// The items of some slices.
  func items(_ slices: Range<Int>) -> Range<Int> {
    min(run.items, slices.lowerBound * sliceSize)..<min(run.items, slices.upperBound * sliceSize)
  }

  func add(_ sum: Sum) { sums.insert(sum, at: 0) }

  func exchangeItems(_ buffer: FloatBuffer, each: Int) {
    attempt { () throws(RankError) in
      try ranks.exchange([Ranks.Shared(buffer.base, each: each)], parts: parts.map(items))
    }
  }

  func exchangeSlices(_ arrays: [Ranks.Shared]) {
    attempt { () throws(RankError) in try ranks.exchange(arrays, parts: parts) }
  }

  private func attempt(_ work: () throws(RankError) -> Void) {
    guard failure == nil else { return }
    do { try work() } catch { failure = error }
  }

  /// The gradients of all arrays, from the slices' parts of all ranks.
  func addUp(_ workers: Workers) {
    var starts: [Int] = []
    var total = 0
    for sum in sums {
      starts.append(total)
      total += sum.weights.count
    }
    let (own, flat, isFirst) = (self.own, self.flat, ranks.isFirst)
    attempt { () throws(RankError) in
      try ranks.sum(UnsafeMutableBufferPointer(start: flat.base, count: total)) { range in
        // Each number by itself: any split gives the same bits.
        let size = 1 << 13
        workers.parallel(slices: (range.count + size - 1) / size) { part in
          let from = range.lowerBound + part * size
          let piece = from..<min(range.upperBound, from + size)
          for (sum, start) in zip(self.sums, starts)
          where start < piece.upperBound && start + sum.weights.count > piece.lowerBound {
            let stretch = max(piece.lowerBound, start)..<min(piece.upperBound, start + sum.weights.count)
            let (out, place) = (flat.base + stretch.lowerBound, stretch.lowerBound - start)
            if isFirst {
              if self.run.accumulate {
                out.update(from: sum.weights.gradientBuffer.base + place, count: stretch.count)
              } else {
                out.update(repeating: 0, count: stretch.count)
              }
            }
            for slice in own {
              kernels.accumulate(sum.parts.base + slice * sum.stride + place, into: out, stretch.count)
            }
          }
        }
      }
    }
    for (sum, start) in zip(sums, starts) {
      sum.weights.gradientBuffer.base.update(from: flat.base + start, count: sum.weights.count)
    }
  }
}
