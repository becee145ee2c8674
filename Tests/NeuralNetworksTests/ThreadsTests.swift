import Tensors
import Testing

@testable import NeuralNetworks

/// Training gives the same bits whatever the number of threads.
@Suite struct ThreadsTests {
  static let networks: [(layers: [Layer], shape: [Int], batch: Int)] = [
    (
      [
        .conv(6, 3), .relu, .maxPool(2), .dropout(rate: 0.25), .conv(12, 3), .relu, .maxPool(2), .flatten,
        .dense(units: 300), .relu, .dropout(rate: 0.1), .dense(units: 5),
      ], [1, 21, 20], 37
    ),
    (Network.conv4Layers(width: 16), [1, 28, 28], 21),
    (
      [
        .conv(8, 5, stride: 2, padding: .same), .batchNorm(),
        .residual([.relu, .conv(8, 3, padding: .same), .batchNorm(), .relu, .conv(8, 3, padding: .same)]), .relu,
        .squeezeExcite(reduction: 2), .globalPool, .dense(units: 4), .normalize,
      ], [3, 15, 17], 50
    ),
    (
      [
        .freeze([.conv(16, 3), .batchNorm(), .relu, .maxPool(2)]), .conv(12, 3), .relu, .freeze([.conv(9, 3)]),
        .flatten, .dense(units: 4),
      ], [1, 18, 17], 41
    ),
    ([.conv(40, 4), .relu, .maxPool(2), .conv(30, 4), .relu, .flatten, .dense(units: 3), .sigmoid], [1, 20, 18], 9),
  ]

  @Test(arguments: networks.indices, [2, 3, 7])
  func bitsDoNotDependOnThreads(which: Int, threads: Int) throws {
    let one = try trained(which, threads: 1)
    let many = try trained(which, threads: threads)
    #expect(one.allSatisfy { $0.allSatisfy(\.isFinite) })
    #expect(one == many)
  }

  /// The weights and running statistics after three steps towards outputs of one.
  private func trained(_ which: Int, threads: Int) throws -> [[Float]] {
    let (layers, shape, batch) = Self.networks[which]
    let network = try Network(layers)
    try network.build(inputShape: shape, seed: 4)
    let plan = try Plan(network, batch: batch, training: true, workers: Workers(threads: threads))
    let state = try OptimizerState(.adam(0.01))
    var random = RandomStream(seed: 6)
    for step in 0..<3 {
      plan.withInput { for index in $0.indices { $0[index] = Float(random.normal()) } }
      // The last batch of an epoch is smaller.
      plan.forward(items: step == 2 ? batch - 3 : batch, dropoutSeed: UInt64(step))
      plan.withOutput { y, dy in for index in y.indices { dy[index] = y[index] - 1 } }
      plan.backward()
      state.update(network)
    }
    return network.weights.map(\.values)
  }
}
