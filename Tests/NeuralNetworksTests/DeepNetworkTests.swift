import Tensors
import Testing

@testable import NeuralNetworks

/// Deep networks take the transforms with the least rounding.
@Suite struct DeepNetworkTests {
  @Test func depthsAreThoseOfTheLongestWay() {
    let three: [Layer] = [.conv(4, 3), .relu, .conv(4, 1), .conv(4, 3)]
    #expect(Layer.depth(of: []) == 0)
    #expect(Layer.depth(of: three + [.flatten, .dense(units: 3)]) == 3)
    #expect(Layer.depth(of: [.parallel([three, [.conv(2, 1)]]), .conv(2, 1)]) == 4)
    #expect(Layer.depth(of: [.residual(three, shortcut: .pool)] + three) == 6)
    // 1 takes the input, 2 and 3 the first, 4 both: the way through 2 is the longest.
    let graph = GraphLayer(nodes: [
      .init(inputs: [0], operation: .layers([.conv(4, 1)])), .init(inputs: [1], operation: .layers(three)),
      .init(inputs: [1], operation: .layers([.relu])), .init(inputs: [2, 3], operation: .combine(.add)),
      .init(inputs: [4], operation: .layers([.conv(2, 1)])),
    ])
    #expect(Layer.depth(of: [Layer(graph)]) == 5)
    // What the recorded sessions train is none.
    for layers in [
      Network.recipeLayers, Network.kochLayers, Network.conv4Layers(width: 64),
      Network.resnetLayers(width: 64, size: 64),
    ] {
      #expect(Layer.depth(of: layers) < Layer.deep)
    }
  }

  /// Both ways through one convolution: with the transform of `isDeep`, and as it is defined.
  private struct Passes {
    var out: [Float]
    var dx: [Float]
    var dw: [Float]

    init(_ convolution: any BlockConvolution, _ x: [Float], _ dy: [Float], _ weights: Int, items: Int) {
      let scratch = FloatBuffer(max(convolution.forwardScratch, convolution.backwardScratch) + 64)
      let (from, slope) = (FloatBuffer(x.count), FloatBuffer(dy.count))
      for (index, value) in x.enumerated() { from.base[index] = value }
      for (index, value) in dy.enumerated() { slope.base[index] = value }
      let (out, dx, dw) = (FloatBuffer(dy.count), FloatBuffer(x.count), FloatBuffer(weights))
      for piece in 0..<convolution.panels { convolution.prepare(piece) }
      convolution.forward(from.base, items: items, out.base, scratch.base)
      convolution.begin(scratch.base)
      convolution.backward(from.base, items: items, slope.base, dx.base, scratch.base)
      convolution.end(scratch.base, dw.base)
      self.out = (0..<dy.count).map { out.base[$0] }
      self.dx = (0..<x.count).map { dx.base[$0] }
      self.dw = (0..<weights).map { dw.base[$0] }
    }
  }

  /// Of the largest number.
  private static func apart(_ a: [Float], _ b: [Float]) -> Float {
    let most = b.map(abs).max() ?? 1
    return (zip(a, b).map { abs($0 - $1) }.max() ?? 0) / most
  }

  @Test(arguments: [
    (16, 24, 9, 7, Padding.pixels(1)), (8, 8, 3, 3, .valid), (24, 16, 1, 1, .pixels(1)), (8, 40, 6, 11, .same),
    (64, 16, 12, 12, .border(top: 2, left: 0, bottom: 1, right: 2)),
  ]) func smallTilesGiveWhatTheDefinitionGives(
    channels: Int, filters: Int, height: Int, width: Int, padding: Padding
  ) throws {
    let s = try #require(
      SlidingShape([channels, height, width], kernel: Extent(3), stride: Extent(1), padding: padding))
    // One pixel takes as many products either way.
    guard let geometry = WinogradGeometry(s, isDeep: true) else {
      #expect(s.outHeight * s.outWidth == 1)
      return
    }
    #expect(geometry.points == 4)
    var random = RandomStream(seed: 5)
    let (items, count) = (3, filters * channels * 9)
    let weights = FloatBuffer(count)
    for index in 0..<count { weights.base[index] = Float(random.normal()) / Float(channels) }
    let x = (0..<items * height * width * channels).map { _ in max(0, Float(random.normal())) }
    let dy = (0..<items * s.outHeight * s.outWidth * filters).map { _ in Float(random.normal()) }
    let small = Passes(
      WinogradConvolution(s, geometry, filters: filters, weights: weights, inputGradient: true), x, dy, count,
      items: items)
    let plain = Passes(
      PanelConvolution(s, filters: filters, weights: weights, planar: false, inputGradient: true), x, dy, count,
      items: items)
    #expect(Self.apart(small.out, plain.out) < 2e-6)
    #expect(Self.apart(small.dx, plain.dx) < 2e-6)
    #expect(Self.apart(small.dw, plain.dw) < 2e-6)
  }

  /// Whatever the depth, a network gives what its definition gives; a deep one by other tiles.
  @Test func deepAndFlatNetworksAgreeWithTheirTraces() throws {
    for depth in [3, Layer.deep] {
      let layers = (0..<depth).flatMap { _ in [Layer.residual([.conv(8, 3, padding: .same), .batchNorm()]), .relu] }
      let network = try Network([.conv(8, 3, padding: .same)] + layers.dropLast(2) + [.globalPool])
      try network.build(inputShape: [2, 9, 10], seed: 3)
      var random = RandomStream(seed: 6)
      let x = try Tensor.randn([2, 2, 9, 10], &random)
      let (got, expected) = (try network.embed(x).values, try network.traced(x).values)
      #expect(Self.apart(got, expected) < 1e-4)
      #expect(PlanBuilder(network: network, batch: 2, training: false, run: PlanRun()).isDeep == (depth == Layer.deep))
    }
  }
}
