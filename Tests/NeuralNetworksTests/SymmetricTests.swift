import Tensors
import Testing

@testable import NeuralNetworks

@Suite struct SymmetricTests {
  private static let layers: [Layer] = [
    .symmetric([
      .hog(cell: 3, bins: 5, signed: true), .conv(4, 2), .batchNorm(), .relu, .flatten, .dense(units: 3),
    ]), .normalize,
  ]

  /// Embedding an image and its mirror image gives the same, and what plain loops give.
  @Test func sidesDoNotMatter() throws {
    let network = try Network(Self.layers)
    try network.build(inputShape: [2, 9, 12], seed: 4)
    var random = RandomStream(seed: 1)
    for array in network.weights where !array.name.hasSuffix("variance") {
      _ = array.set(array.values.map { $0 + 0.2 * Float(random.normal()) })
    }
    let values = (0..<3 * 216).map { _ in Float(random.normal()) }
    let mirrored = values.indices.map { values[$0 / 12 * 12 + 11 - $0 % 12] }
    let one = try network.embed(Tensor(values, shape: [3, 2, 9, 12]))
    let other = try network.embed(Tensor(mirrored, shape: [3, 2, 9, 12]))
    for (a, b) in zip(one.values, other.values) { #expect(abs(a - b) < 1e-5) }
    let naive = NaiveNetwork(layers: Self.layers, weights: network.weights.map { $0.values.map(Double.init) })
    let items = (0..<3).map { item in values[item * 216..<(item + 1) * 216].map(Double.init) }
    let expected = naive.forward(items, shape: [2, 9, 12], training: false).flatMap { $0 }
    for (a, b) in zip(one.values, expected) { #expect(abs(Double(a) - b) < 1e-4) }
    // The operations that a gradient is taken through give the same, and a gradient that differences confirm.
    let traced = try network.traced(Tensor(values, shape: [3, 2, 9, 12]))
    for (a, b) in zip(traced.values, one.values) { #expect(abs(a - b) < 1e-4) }
    let weights = try Tensor((0..<9).map { Float($0) - 4 }, shape: [3, 3])
    let (_, gradients) = try valueAndGradients(
      of: { inputs in try (network.traced(inputs[0]) * weights).sum() }, at: [Tensor(values, shape: [3, 2, 9, 12])])
    let gradient = gradients[0].values
    func loss(_ changed: [[Double]]) -> Double {
      zip(naive.forward(changed, shape: [2, 9, 12], training: false).flatMap { $0 }, weights.values).reduce(0) {
        $0 + $1.0 * Double($1.1)
      }
    }
    for at in [0, 17, 100, 215, 216 + 40, 2 * 216 + 130] {
      var (up, down) = (items, items)
      up[at / 216][at % 216] += 1e-5
      down[at / 216][at % 216] -= 1e-5
      let difference = (loss(up) - loss(down)) / 2e-5
      #expect(abs(Double(gradient[at]) - difference) < 2e-3 * (1 + abs(difference)), "\(at)")
    }
  }

  /// A symmetric block has one set of weights, and its file reads back.
  @Test func itsFileReadsBack() throws {
    let network = try Network(Self.layers)
    try network.build(inputShape: [1, 9, 12], seed: 4)
    let copy = try Network.decoded(try network.encoded(), path: "x")
    #expect(copy.layers == network.layers)
    #expect(copy.weights.map(\.values) == network.weights.map(\.values))
    #expect(network.parameterCount == 4 * 5 * 4 + 4 + 8 + 3 * 4 * 2 * 3 + 3)
  }

  @Test func sizesThatMakeNoSenseAreRefused() throws {
    #expect(throws: NetworkError.self) { try Network([.hog(cell: 0, bins: 8, signed: false)]) }
    #expect(throws: NetworkError.self) { try Network([.hog(cell: 4, bins: 1, signed: false)]) }
    #expect(throws: NetworkError.self) {
      try Network([.hog(cell: 8, bins: 8, signed: false)]).build(inputShape: [1, 7, 20], seed: 1)
    }
    #expect(throws: NetworkError.self) { try Network([.symmetric([])]).build(inputShape: [1, 7, 20], seed: 1) }
    #expect(throws: NetworkError.self) { try Network([.symmetric([.flatten])]).build(inputShape: [7], seed: 1) }
  }
}
