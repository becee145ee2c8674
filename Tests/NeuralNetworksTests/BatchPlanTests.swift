import Tensors
import Testing

@testable import NeuralNetworks

/// A convolution over all items of a batch at once gives the bits that slices of the batch give.
@Suite struct BatchPlanTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var layers: [Layer]
    var shape: [Int]
    var batches: [Int]

    var testDescription: String { layers.map(\.describe).joined(separator: " >> ") + " on \(shape)" }
  }

  private static func conv(
    _ filters: Int, _ side: Int, stride: Int = 1, padding: Padding = .same, bias: Bool = true
  ) -> Layer {
    .conv(
      Convolution(
        filters: filters, kernel: Extent(side), stride: Extent(stride), padding: padding, bias: bias))
  }

  static let cases: [Case] = [
    // By tiles: few items, with what follows and without, last rows of tiles that are cut off, filters beside a panel.
    Case(layers: [conv(32, 3), .relu], shape: [32, 35, 35], batches: [1, 2, 3, 7]),
    Case(layers: [conv(37, 3, bias: false)], shape: [20, 31, 18], batches: [1, 4]),
    Case(layers: [conv(24, 3), .relu, .maxPool(2)], shape: [16, 40, 37], batches: [1, 3]),
    Case(
      layers: [conv(48, 4, padding: .valid), .activation(.leakyRelu(slope: 0.1))], shape: [32, 20, 23], batches: [2]),
    // More weights than an item's numbers: any batch.
    Case(layers: [conv(128, 3), .relu], shape: [128, 3, 3], batches: [1, 4, 5, 32]),
    // Few tiles, whose weights are transformed while they are read; filters beside a panel.
    Case(layers: [conv(130, 3, bias: false)], shape: [121, 8, 8], batches: [1]),
    Case(layers: [conv(72, 3), .relu, .maxPool(2)], shape: [96, 8, 8], batches: [1, 40]),
    // Read where the windows stand: planes, strides, borders, single pixels.
    Case(layers: [conv(32, 7, stride: 2, padding: .valid), .relu], shape: [3, 75, 70], batches: [1, 6]),
    Case(layers: [conv(40, 5, stride: 2), .relu], shape: [1, 90, 91], batches: [1, 2]),
    Case(layers: [conv(200, 1), .relu], shape: [64, 20, 20], batches: [1, 3]),
    Case(
      layers: [conv(256, 3, stride: 2), .activation(.leakyRelu(slope: 0.3))], shape: [128, 5, 5], batches: [1, 19]),
    Case(layers: [conv(130, 3)], shape: [64, 1, 1], batches: [20]),
    // Blocks whose results are added in place, pooled and added again.
    Case(
      layers: [
        conv(32, 3), .residual([conv(32, 3), .relu, conv(32, 3)]), .relu,
        .residual([conv(64, 3, stride: 2), .relu, conv(64, 3)], shortcut: .pool), .relu,
        .residual([.relu, conv(64, 3)]), .maxPool(3, stride: 2), .residual([conv(96, 1), .relu, conv(96, 3)]),
        .globalPool,
      ], shape: [16, 30, 30], batches: [1, 2, 12]),
  ]

  private static func output(of plan: Plan, _ input: [Float], items: Int) -> [Float] {
    plan.withInput { buffer in for index in input.indices { buffer[index] = input[index] } }
    plan.forward(items: items)
    return plan.withOutput { y, _ in Array(y.prefix(items * plan.outputShape.reduce(1, *))) }
  }

  /// A plan for training goes by slices.
  @Test(arguments: cases) func hasTheBitsOfSlices(_ test: Case) throws {
    let network = try Network(test.layers)
    try network.build(inputShape: test.shape, seed: 3)
    var random = RandomStream(seed: 5)
    for array in network.weights {
      _ = array.set(array.values.map { $0 + 0.05 * Float(random.normal()) })
    }
    let count = test.shape.reduce(1, *)
    for batch in test.batches {
      let input = (0..<batch * count).map { _ in Float(random.normal()) }
      let slices = Self.output(of: try Plan(network, batch: batch, training: true), input, items: batch)
      for threads in [1, 3] {
        let plan = try Plan(network, batch: batch, training: false, workers: Workers(threads: threads))
        #expect(Self.output(of: plan, input, items: batch) == slices, "\(batch) items, \(threads) threads")
        // The last batch of many has fewer; what an earlier pass left must not show.
        let few = (batch + 1) / 2
        let part = Array(slices.prefix(slices.count / batch * few))
        #expect(Self.output(of: plan, Array(input.prefix(few * count)), items: few) == part)
      }
    }
  }

  /// What the cases above are there for.
  @Test func fewItemsOrManyWeightsGoTogether() throws {
    func goes(_ filters: Int, _ side: Int, _ shape: [Int], batch: Int, training: Bool = false) throws -> Bool {
      let network = try Network([Self.conv(filters, side)])
      try network.build(inputShape: shape, seed: 1)
      let builder = PlanBuilder(network: network, batch: batch, training: training, run: PlanRun())
      let convolution = Convolution(filters: filters, kernel: Extent(side), padding: .same)
      let s = try #require(SlidingShape(shape, kernel: Extent(side), stride: Extent(1), padding: .same))
      let weights = FloatBuffer(filters * shape[0] * side * side)
      let kernel: any BlockConvolution =
        if let geometry = PlanBuilder.winograd(convolution, s) {
          WinogradConvolution(s, geometry, filters: filters, weights: weights, inputGradient: false)
        } else {
          PanelConvolution(s, filters: filters, weights: weights, planar: false, inputGradient: false)
        }
      return kernel.pass(of: builder) != nil
    }
    #expect(try goes(32, 3, [32, 35, 35], batch: 1))
    #expect(try !goes(32, 3, [32, 35, 35], batch: 64))
    #expect(try goes(128, 3, [128, 3, 3], batch: 64))
    #expect(try goes(200, 1, [64, 20, 20], batch: 1))
    #expect(try !goes(200, 1, [64, 20, 20], batch: 64))
    // Training has its own memory for what backward needs; small work is not worth the steps.
    #expect(try !goes(128, 3, [128, 3, 3], batch: 64, training: true))
    #expect(try !goes(8, 3, [8, 6, 6], batch: 1))
  }
}
