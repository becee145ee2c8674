import Foundation
import Testing

@testable import NeuralNetworks

/// Times for Scripts/bench.sh, printed as `name step-ms images-per-second peak-MB least-ms cpu-ms`; `TWINBOOK_BENCH` names
/// the network. A test, because the product has no use for it. It judges nothing by time.
@Suite struct TrainingBenchmark {
  static let wanted = ProcessInfo.processInfo.environment["TWINBOOK_BENCH"]

  @Test(.enabled(if: wanted != nil)) func trainingStep() throws {
    let cases: [String: ([Layer], [Int], pairs: Int, steps: Int)] = [
      "recipe-80": (Network.recipeLayers, [1, 80, 80], 128, 20),
      "conv4-28": (Network.conv4Layers(), [1, 28, 28], 128, 10),
      // The lower two and three of its four blocks frozen: what fine-tuning costs.
      "conv4-28-frozen8": ([.freeze(Network.conv4Layers(), layers: 8)], [1, 28, 28], 128, 10),
      "conv4-28-frozen12": ([.freeze(Network.conv4Layers(), layers: 12)], [1, 28, 28], 128, 10),
      // What the small scripts train.
      "glyphs-28": (
        [.conv(16, 3), .relu, .maxPool(2), .conv(32, 3), .relu, .maxPool(2), .flatten, .dense(units: 64)],
        [1, 28, 28], 128, 30
      ),
      "glyphs-norm": (
        [
          .conv(16, 3), .batchNorm(), .relu, .maxPool(2), .conv(32, 3), .batchNorm(), .relu, .maxPool(2), .flatten,
          .dense(units: 64),
        ], [1, 28, 28], 128, 30
      ),
      "faces-56": (
        [
          .conv(32, 3, padding: .same), .batchNorm(), .relu, .maxPool(2), .conv(64, 3, padding: .same), .batchNorm(),
          .relu, .maxPool(2), .conv(64, 3, padding: .same), .batchNorm(), .relu, .maxPool(2), .flatten,
          .dense(units: 128), .normalize,
        ], [1, 56, 46], 64, 10
      ),
      // Glorot's weights, so that as many units are alive as in the peer's network.
      "koch-105": (
        Network.kochLayers.map { layer in
          switch layer.kind {
          case let layer as ConvolutionLayer:
            var conv = layer.convolution
            conv.initialisation = .glorot
            return .conv(conv)
          case let dense as DenseLayer: return .dense(units: dense.units, bias: dense.bias)
          default: return layer
          }
        }, [1, 105, 105], 16, 4
      ),
    ]
    let name = Self.wanted ?? ""
    let (layers, shape, pairs, steps) = try #require(cases[name])
    let network = try Network(layers)
    try network.build(inputShape: shape, seed: 1)
    let plan = try Plan(network, batch: 2 * pairs, training: true)
    let state = try OptimizerState(.rmsprop(0.001))
    var random = SystemRandomNumberGenerator()
    plan.withInput { for index in $0.indices { $0[index] = Float.random(in: 0..<1, using: &random) } }
    let same = (0..<pairs).map { _ in Bool.random(using: &random) }

    /// Contrastive loss of items 2i and 2i + 1, and its gradient.
    func loss(_ y: UnsafeBufferPointer<Float>, _ dy: UnsafeMutableBufferPointer<Float>) -> Float {
      let width = y.count / (2 * pairs)
      var total: Float = 0
      for pair in 0..<pairs {
        let (a, b) = (2 * pair * width, (2 * pair + 1) * width)
        var square: Float = 0
        for index in 0..<width { square += (y[a + index] - y[b + index]) * (y[a + index] - y[b + index]) }
        let distance = max(square, 1e-7).squareRoot()
        let slope = same[pair] ? 2 : distance < 1 ? -2 * (1 - distance) / distance : 0
        total += same[pair] ? distance * distance : max(0, 1 - distance) * max(0, 1 - distance)
        for index in 0..<width {
          let gradient = slope * (y[a + index] - y[b + index]) / Float(pairs)
          dy[a + index] = gradient
          dy[b + index] = -gradient
        }
      }
      return total / Float(pairs)
    }

    var losses: [Float] = []
    func step(_ number: Int) {
      plan.forward(dropoutSeed: UInt64(number))
      losses.append(plan.withOutput(loss))
      plan.backward()
      state.update(network)
    }
    let clock = ContinuousClock()
    for number in 0..<2 { step(number) }
    let repeats = steps * (Int(ProcessInfo.processInfo.environment["TWINBOOK_BENCH_REPEATS"] ?? "") ?? 1)
    let cpu = Self.usage().cpu
    let times = (0..<repeats).map { number in clock.measure { step(number + 2) } / .milliseconds(1) }
    let cpuStep = (Self.usage().cpu - cpu) / Double(repeats)
    // The result is checked before a time is told: training must have moved the loss and broken nothing.
    #expect(losses.allSatisfy { $0.isFinite && $0 >= 0 })
    #expect(Set(losses).count > 1)
    let inference = try Plan(network, batch: 64, training: false)
    inference.withInput { for index in $0.indices { $0[index] = Float.random(in: 0..<1, using: &random) } }
    inference.forward()
    let embedding = (0..<5).map { _ in clock.measure { inference.forward() } / .seconds(1) }
    let median = times.sorted()[times.count / 2]
    print(
      "BENCH \(name) \(median) \(64 / embedding.sorted()[2]) \(Self.usage().peak) \(times.min() ?? 0) \(cpuStep)")
  }

  /// The process's processor time in milliseconds and its greatest memory in megabytes.
  private static func usage() -> (cpu: Double, peak: Int) {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let seconds = Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000
    return (seconds + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000, usage.ru_maxrss / 1024)
  }
}
