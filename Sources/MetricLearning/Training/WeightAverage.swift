import Diagnostics
import NeuralNetworks

/// The running mean of a network's weights: mean ← keep · mean + (1 − keep) · weights after each step. It forgets the
/// random start faster: at step t keep is at most (1 + t) / (10 + t). Polyak and Juditsky 1992; Tarvainen and Valpola 2017.
final class WeightAverage {
  let keep: Double
  private(set) var snapshot: Network.Snapshot
  private(set) var steps = 0

  init(keep: Double, of network: Network) throws(MetricError) {
    guard keep >= 0, keep < 1 else {
      throw .outOfRange(
        function: "trainer", argument: "average", got: NumberText.written(keep),
        expected: "from 0 up to, not including, 1")
    }
    self.keep = keep
    snapshot = network.snapshot()
  }

  func add(_ network: Network) {
    steps += 1
    let share = Float(min(keep, Double(1 + steps) / Double(10 + steps)))
    for (index, array) in network.weights.enumerated() where !array.isFrozen {
      array.withBuffers { values, _ in
        for k in snapshot.arrays[index].indices {
          snapshot.arrays[index][k] = share * snapshot.arrays[index][k] + (1 - share) * values[k]
        }
      }
    }
  }

  func restore(_ snapshot: Network.Snapshot, steps: Int) {
    self.snapshot = snapshot
    self.steps = steps
  }

  func restart(from network: Network) {
    steps = 0
    snapshot = network.snapshot()
  }
}
