import Foundation
import Tensors
import Testing

@testable import NeuralNetworks

/// A network, an item's shape and a batch.
struct PlanCase: CustomTestStringConvertible, Sendable {
  var layers: [Layer]
  var shape: [Int]
  var batch: Int

  var testDescription: String {
    layers.map(\.describe).joined(separator: " >> ") + " on \(batch) of \(shape)"
  }
}

private func conv(
  _ filters: Int, _ h: Int, _ w: Int, stride: Extent = Extent(1), padding: Padding = .valid, bias: Bool = true
) -> Layer {
  .conv(Convolution(filters: filters, kernel: Extent(h, w), stride: stride, padding: padding, bias: bias))
}

@Suite struct PlanTests {
  static let cases: [PlanCase] = [
    // The general convolution: odd sizes, one channel, batch 1, strides, borders.
    PlanCase(layers: [conv(3, 3, 3)], shape: [1, 5, 7], batch: 1),
    PlanCase(layers: [conv(4, 3, 2, stride: Extent(2, 3), padding: .pixels(2))], shape: [2, 9, 8], batch: 3),
    PlanCase(layers: [conv(5, 5, 5, stride: Extent(2), padding: .same, bias: false)], shape: [3, 11, 10], batch: 2),
    PlanCase(layers: [conv(2, 1, 1)], shape: [3, 4, 4], batch: 2),
    PlanCase(layers: [conv(9, 3, 3, padding: .same)], shape: [9, 13, 7], batch: 2),
    PlanCase(layers: [conv(16, 3, 3, padding: .same)], shape: [16, 14, 14], batch: 5),
    PlanCase(layers: [conv(8, 3, 3)], shape: [10, 7, 9], batch: 17),
    PlanCase(layers: [conv(8, 7, 7)], shape: [8, 19, 23], batch: 3),
    // Fused with pooling: widths around the vectors' edges, filters that are no multiple of three.
    PlanCase(layers: [conv(1, 3, 3), .relu, .maxPool(2)], shape: [1, 6, 6], batch: 1),
    PlanCase(layers: [conv(7, 3, 3), .relu, .maxPool(2)], shape: [1, 20, 39], batch: 3),
    PlanCase(layers: [conv(6, 3, 3), .maxPool(2)], shape: [2, 9, 23], batch: 2),
    PlanCase(layers: [conv(5, 3, 3, padding: .same), .relu, .maxPool(2)], shape: [3, 11, 18], batch: 20),
    PlanCase(layers: [conv(4, 5, 2, bias: false), .relu, .maxPool(2)], shape: [9, 12, 13], batch: 2),
    PlanCase(layers: [conv(4, 4, 4), .relu, .maxPool(2)], shape: [30, 11, 12], batch: 2),
    PlanCase(layers: [conv(8, 7, 7), .relu, .maxPool(2)], shape: [26, 20, 17], batch: 2),
    PlanCase(
      layers: [conv(3, 3, 3), .relu, .maxPool(2), conv(4, 3, 3), .relu, .maxPool(2), .flatten, .dense(units: 5)],
      shape: [1, 16, 18], batch: 4),
    // Winograd's tiles: images smaller than a tile, borders on one side, channels that are no multiple of eight.
    PlanCase(layers: [conv(8, 3, 3, padding: .same)], shape: [8, 3, 3], batch: 1),
    PlanCase(layers: [conv(6, 3, 3)], shape: [7, 3, 3], batch: 2),
    PlanCase(layers: [conv(20, 3, 3, padding: .pixels(2), bias: false)], shape: [12, 5, 17], batch: 3),
    PlanCase(layers: [conv(24, 3, 3, padding: .same), .relu], shape: [40, 9, 6], batch: 2),
    PlanCase(layers: [conv(8, 3, 3, padding: .same), .relu, .maxPool(2)], shape: [16, 7, 7], batch: 18),
    PlanCase(
      layers: [
        conv(16, 3, 3, padding: .same), .batchNorm(), .relu, .maxPool(2), conv(11, 3, 3, padding: .same), .batchNorm(),
        .relu, .maxPool(2), .flatten, .dense(units: 3),
      ], shape: [1, 11, 14], batch: 19),
    PlanCase(
      layers: [conv(8, 3, 3), .batchNorm(), .activation(.leakyRelu(slope: 0.2)), .maxPool(2)], shape: [6, 9, 9],
      batch: 3),
    PlanCase(layers: [conv(8, 3, 3), .batchNorm(), .maxPool(2)], shape: [3, 9, 9], batch: 3),
    // Winograd's tiles of other sizes, and kernels cut into blocks where Fourier's tiles would be half empty.
    PlanCase(layers: [conv(8, 4, 4)], shape: [16, 9, 10], batch: 2),
    PlanCase(layers: [conv(16, 5, 5, padding: .same), .batchNorm(), .relu, .maxPool(2)], shape: [8, 10, 9], batch: 3),
    PlanCase(layers: [conv(12, 7, 7, padding: .pixels(2)), .batchNorm()], shape: [9, 13, 16], batch: 2),
    PlanCase(layers: [conv(8, 3, 6, padding: .same, bias: false), .relu], shape: [8, 9, 12], batch: 2),
    PlanCase(layers: [conv(9, 10, 9)], shape: [6, 20, 19], batch: 1),
    PlanCase(layers: [conv(16, 5, 5), .relu, .maxPool(2)], shape: [12, 12, 11], batch: 18),
    // Fourier's tiles: more than one, borders, channels that are no multiple of eight, more items than a chunk holds.
    PlanCase(layers: [conv(12, 7, 7)], shape: [16, 23, 17], batch: 2),
    PlanCase(layers: [conv(13, 8, 8, padding: .same), .relu, .maxPool(2)], shape: [17, 13, 12], batch: 2),
    PlanCase(layers: [conv(8, 10, 10), .batchNorm(), .relu, .maxPool(2)], shape: [8, 16, 15], batch: 37),
    // Windows read in place: kernels, strides and borders of all kinds, planar and side by side.
    PlanCase(layers: [conv(10, 5, 5, padding: .same), .batchNorm(), .relu], shape: [3, 9, 8], batch: 3),
    PlanCase(
      layers: [conv(8, 3, 3, padding: .same), conv(8, 5, 3, stride: Extent(2, 1), padding: .pixels(1)), .relu],
      shape: [1, 9, 10], batch: 2),
    PlanCase(
      layers: [conv(8, 1, 1), .batchNorm(), conv(17, 1, 1, stride: Extent(2)), .activation(.tanh)], shape: [9, 7, 5],
      batch: 2),
    PlanCase(layers: [conv(12, 4, 4, stride: Extent(3), padding: .same), .sigmoid], shape: [6, 11, 13], batch: 2),
    // Layouts that meet: residual blocks, pooling of other sizes, squeezing, dropout between.
    PlanCase(
      layers: [
        conv(8, 3, 3, padding: .same),
        .residual([
          .batchNorm(), .relu, conv(8, 3, 3, padding: .same), .batchNorm(), .relu, conv(8, 3, 3, padding: .same),
        ]),
        .residual([conv(12, 3, 3, stride: Extent(2), padding: .same), .batchNorm(), .relu]), .globalPool,
      ], shape: [2, 8, 8], batch: 3),
    PlanCase(
      layers: [
        conv(9, 3, 3), .relu, .squeezeExcite(reduction: 3), .maxPool(Window(size: Extent(3), stride: Extent(2))),
      ],
      shape: [8, 9, 9], batch: 2),
    PlanCase(layers: [.residual([conv(8, 3, 3, padding: .same)]), .batchNorm(), .relu], shape: [8, 5, 5], batch: 2),
    PlanCase(
      layers: [
        conv(8, 3, 3, padding: .same),
        .parallel([
          [conv(4, 1, 1), .relu], [conv(9, 3, 3, padding: .same), .batchNorm(), .relu],
          [.relu, conv(3, 5, 5, padding: .same)],
          [.maxPool(Window(size: Extent(3), stride: Extent(1), padding: .same)), conv(8, 1, 1)],
        ]), .batchNorm(), .relu, .maxPool(2),
      ], shape: [2, 8, 9], batch: 19),
    PlanCase(
      layers: [
        .parallel([[.globalPool], [conv(3, 3, 3), .maxPool(2), .flatten], [.flatten]]),
        .parallel([[.dense(units: 3), .activation(.tanh)], [.activation(.tanh)]]), .dense(units: 2),
      ], shape: [2, 6, 5], batch: 3),
    // Histograms of gradients: cells that do not divide the image, several channels, both kinds of direction.
    PlanCase(layers: [.hog(cell: 4, bins: 9, signed: false)], shape: [1, 12, 8], batch: 3),
    PlanCase(layers: [.hog(cell: 3, bins: 8, signed: true)], shape: [3, 10, 7], batch: 2),
    PlanCase(
      layers: [conv(2, 3, 3), .symmetric([.hog(cell: 5, bins: 4, signed: true), .flatten, .dense(units: 3)])],
      shape: [1, 13, 12], batch: 2),
    // Groups of one, several and all channels; between a convolution and what follows; alone; on rows of numbers.
    PlanCase(layers: [conv(6, 3, 3, padding: .same), .groupNorm(3), .relu, .maxPool(2)], shape: [2, 6, 7], batch: 3),
    PlanCase(layers: [.groupNorm(1, epsilon: 1e-3), conv(3, 3, 3)], shape: [4, 5, 4], batch: 19),
    PlanCase(layers: [.residual([.groupNorm(5), conv(5, 3, 3, padding: .same)])], shape: [5, 4, 5], batch: 2),
    PlanCase(layers: [.dense(units: 8), .groupNorm(2), .activation(.tanh)], shape: [3], batch: 4),
    // Frozen layers: at the bottom, behind what learns, a part of a block, within blocks, within one another.
    PlanCase(
      layers: [
        .freeze([conv(4, 3, 3), .batchNorm(), .relu, .maxPool(2)]), conv(5, 3, 3), .batchNorm(), .relu, .flatten,
        .dense(units: 3),
      ], shape: [2, 11, 12], batch: 19),
    PlanCase(
      layers: [conv(8, 3, 3), .relu, .freeze([.batchNorm(), conv(9, 3, 3), .relu]), .globalPool, .dense(units: 2)],
      shape: [1, 9, 8], batch: 4),
    PlanCase(
      layers: [
        .freeze([conv(3, 3, 3), .batchNorm(), .relu, .flatten, .dense(units: 6), .batchNorm()], layers: 2),
        .dense(units: 2),
      ], shape: [1, 7, 6], batch: 5),
    PlanCase(
      layers: [
        .parallel([[.freeze([conv(4, 3, 3, padding: .same)])], [conv(3, 1, 1)]]),
        .residual([.relu, .freeze([.freeze([conv(7, 3, 3, padding: .same)]), .batchNorm()])]), .globalPool,
      ], shape: [2, 5, 6], batch: 3),
    // The other layers.
    PlanCase(layers: [.dense(units: 5), .activation(.tanh), .dense(units: 3, bias: false)], shape: [7], batch: 6),
    PlanCase(layers: [.dense(units: 600), .sigmoid], shape: [9], batch: 3),
    PlanCase(layers: [.dense(units: 5), .activation(.leakyRelu(slope: 0.1)), .normalize], shape: [7], batch: 33),
    PlanCase(
      layers: [.maxPool(Window(size: Extent(3, 2), stride: Extent(2), padding: .same))], shape: [2, 7, 6], batch: 2),
    PlanCase(
      layers: [.avgPool(Window(size: Extent(3), stride: Extent(2), padding: .pixels(1)))], shape: [2, 7, 6], batch: 2),
    // Pooling of images [height, width, channels]: windows that overlap, leave pixels out, reach over the border.
    PlanCase(
      layers: [
        conv(11, 3, 3, padding: .same), .maxPool(Window(size: Extent(3), stride: Extent(2), padding: .pixels(1))),
        .avgPool(Window(size: Extent(3, 2), stride: Extent(1), padding: .same)), conv(4, 1, 1),
      ], shape: [2, 9, 8], batch: 3),
    PlanCase(
      layers: [
        conv(8, 1, 1), .relu, .avgPool(Window(size: Extent(2), stride: Extent(3))), .batchNorm(),
        .maxPool(Window(size: Extent(2, 1), stride: Extent(1))),
      ], shape: [3, 8, 9], batch: 18),
    PlanCase(layers: [conv(3, 3, 3), .batchNorm(), .relu, .maxPool(2)], shape: [2, 8, 9], batch: 4),
    PlanCase(layers: [.batchNorm(), .globalPool, .dense(units: 2)], shape: [3, 5, 4], batch: 5),
    PlanCase(layers: [.dense(units: 4), .batchNorm(epsilon: 1e-3), .relu], shape: [3], batch: 8),
    PlanCase(
      layers: [.residual([conv(3, 3, 3, padding: .same), .relu, conv(3, 3, 3, padding: .same)])], shape: [3, 5, 6],
      batch: 2),
    PlanCase(
      layers: [.residual([.relu, conv(5, 3, 3, stride: Extent(2), padding: .same)]), .relu], shape: [3, 8, 6], batch: 2),
    PlanCase(layers: [.residual([.dense(units: 4), .relu])], shape: [3], batch: 2),
    PlanCase(layers: [conv(6, 3, 3), .squeezeExcite(reduction: 2), .globalPool], shape: [2, 6, 6], batch: 3),
  ]

  /// The cases above are what they say: these go by Fourier's transforms, those by Winograd's.
  @Test func largeKernelsGoByFourier() throws {
    for (filters, side, shape, goes) in [
      (12, 7, [16, 23, 17], true), (13, 8, [17, 20, 21], true), (8, 10, [8, 16, 15], true),
      (128, 7, [64, 48, 48], true),
      (16, 5, [16, 8, 8], false), (64, 3, [64, 28, 28], false), (64, 10, [1, 105, 105], false),
      (512, 7, [512, 30, 30], false),
    ] {
      let s = try #require(SlidingShape(shape, kernel: Extent(side), stride: Extent(1), padding: .valid))
      let convolution = Convolution(filters: filters, kernel: Extent(side))
      let builder = PlanBuilder.self
      #expect((builder.fourier(convolution, s) != nil) == goes, "\(filters) filters of \(side)×\(side) over \(shape)")
    }
  }

  /// Forward against the naive loops; the gradients of Σ cᵢ yᵢ against differences of the naive loops.
  @Test(arguments: cases) func agreesWithNaiveLoops(_ test: PlanCase) throws {
    let network = try Network(test.layers)
    try network.build(inputShape: test.shape, seed: 3)
    var random = RandomStream(seed: 5)
    for array in network.weights where !array.name.hasSuffix("variance") {
      _ = array.set(array.values.map { $0 + 0.1 * Float(random.normal()) })
    }
    let plan = try Plan(network, batch: test.batch, training: true, inputGradient: true)
    let count = test.shape.reduce(1, *)
    let input = (0..<test.batch * count).map { _ in Float(random.normal()) }
    let before = network.weights.map { $0.values.map(Double.init) }
    plan.withInput { buffer in for index in input.indices { buffer[index] = input[index] } }
    plan.forward()
    var coefficients: [Double] = []
    var output: [Float] = []
    plan.withOutput { y, dy in
      output = Array(y)
      coefficients = y.map { _ in Double(Float(random.normal())) }
      for index in dy.indices { dy[index] = Float(coefficients[index]) }
    }
    plan.backward()

    var naive = NaiveNetwork(layers: test.layers, weights: before)
    var items = (0..<test.batch).map { item in input[item * count..<(item + 1) * count].map(Double.init) }
    let expected = naive.forward(items, shape: test.shape).flatMap { $0 }
    try #require(expected.count == output.count)
    for (got, wanted) in zip(output, expected) { #expect(abs(Double(got) - wanted) < 2e-4 * (1 + abs(wanted))) }

    func loss() -> Double {
      zip(naive.forward(items, shape: test.shape).flatMap { $0 }, coefficients).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let step = 1e-5
    for (place, array) in network.weights.enumerated() where array.isTrained {
      let gradients = array.gradients
      let scale = gradients.map { abs(Double($0)) }.max() ?? 0
      for _ in 0..<4 {
        let index = min(array.count - 1, Int(random.uniform() * Double(array.count)))
        let kept = naive.weights[place][index]
        naive.weights[place][index] = kept + step
        let above = loss()
        naive.weights[place][index] = kept - step
        let difference = (above - loss()) / (2 * step)
        naive.weights[place][index] = kept
        #expect(
          abs(Double(gradients[index]) - difference) < 2e-3 * (0.1 + scale), "\(array.name)[\(index)]")
      }
    }
    let inputGradient = plan.withInputGradient { Array($0) }
    for _ in 0..<6 {
      let item = min(test.batch - 1, Int(random.uniform() * Double(test.batch)))
      let index = min(count - 1, Int(random.uniform() * Double(count)))
      let kept = items[item][index]
      items[item][index] = kept + step
      let above = loss()
      items[item][index] = kept - step
      let difference = (above - loss()) / (2 * step)
      items[item][index] = kept
      let got = Double(inputGradient[item * count + index])
      #expect(abs(got - difference) < 2e-3 * (0.5 + abs(difference)), "input \(item) \(index)")
    }
  }

  @Test func inferenceUsesRunningStatisticsAndNoDropout() throws {
    let layers: [Layer] = [
      .conv(4, 3), .batchNorm(), .relu, .maxPool(2), .dropout(rate: 0.5), .flatten, .dense(units: 3),
    ]
    let network = try Network(layers)
    try network.build(inputShape: [1, 9, 8], seed: 1)
    for array in network.weights where array.name.hasSuffix("mean") { _ = array.set([0.1, -0.2, 0.3, 0]) }
    var random = RandomStream(seed: 2)
    let values = (0..<70 * 72).map { _ in Float(random.normal()) }
    let embedded = try network.embed(Tensor(values, shape: [70, 1, 9, 8])).values
    let naive = NaiveNetwork(layers: layers, weights: network.weights.map { $0.values.map(Double.init) })
    let items = (0..<70).map { item in values[item * 72..<(item + 1) * 72].map(Double.init) }
    let expected = naive.forward(items, shape: [1, 9, 8], training: false).flatMap { $0 }
    try #require(expected.count == embedded.count)
    for (got, wanted) in zip(embedded, expected) { #expect(abs(Double(got) - wanted) < 1e-4 * (1 + abs(wanted))) }
  }

  /// A plan for inference keeps weights in the kernels' order: it has to notice every way in which they change.
  @Test func inferenceFollowsTheWeights() throws {
    let layers: [Layer] = [
      .conv(4, 3), .relu, .maxPool(2), .conv(16, 3), .batchNorm(), .relu, .conv(16, 3, padding: .same), .globalPool,
    ]
    let network = try Network(layers)
    try network.build(inputShape: [1, 12, 11], seed: 1)
    var random = RandomStream(seed: 2)
    let batch = try Tensor((0..<3 * 132).map { _ in Float(random.normal()) }, shape: [3, 1, 12, 11])
    func agrees() throws {
      let other = try Network(layers)
      try other.build(inputShape: [1, 12, 11], seed: 5)
      other.restore(network.snapshot())
      #expect(try network.embed(batch).values == other.embed(batch).values)
    }
    try agrees()
    _ = network.weights[0].set(network.weights[0].values.map { $0 * 2 })
    try agrees()
    _ = try TrainingStep.run(OptimizerState(.sgd(0.5)), seed: 2) { step in try step.apply(network, to: batch).sum() }
    try agrees()
    let kept = network.snapshot()
    _ = network.weights[2].set(network.weights[2].values.map { -$0 })
    try agrees()
    network.restore(kept)
    try agrees()
  }

  @Test func dropoutKeepsItsShareAndScale() throws {
    let network = try Network([.dropout(rate: 0.25)])
    try network.build(inputShape: [5000], seed: 0)
    let plan = try Plan(network, batch: 4, training: true, inputGradient: true)
    plan.withInput { $0.update(repeating: 3) }
    plan.forward(dropoutSeed: 9)
    let first = plan.withOutput { y, dy in
      dy.update(repeating: 1)
      return Array(y)
    }
    plan.backward()
    let kept = first.count { $0 != 0 }
    #expect(abs(Double(kept) / 20_000 - 0.75) < 0.01)
    #expect(first.allSatisfy { $0 == 0 || $0 == 4 })
    #expect(plan.withInputGradient { zip($0, first).allSatisfy { ($0 == 0) == ($1 == 0) } })
    plan.forward(dropoutSeed: 10)
    #expect(plan.withOutput { y, _ in Array(y) } != first)
  }
}
