import Tensors
import Testing

@testable import NeuralNetworks

@Suite struct NetworkTests {
  /// An item with a number that is none has no length: none of its results is one, and the other items stay.
  @Test func normalizeKeepsWhatIsNoNumber() throws {
    let network = try Network([.normalize])
    let y = try network.embed(try Tensor([.nan, 1, 3, 4, 0, 0], shape: [3, 2])).values
    #expect(y[0].isNaN && y[1].isNaN)
    #expect(abs(y[2] - 0.6) < 1e-6 && abs(y[3] - 0.8) < 1e-6 && y[4] == 0 && y[5] == 0)
  }

  /// As Scripts/koch.twin writes it; without a word, as files of before have it.
  @Test func kochsNetworkWithOtherFirstWeights() {
    #expect(
      Layer.text(Network.kochLayers(initialisation: .he)) == """
        conv(64, 10, init="he") >> relu >> maxpool(2) >> conv(128, 7, init="he") >> relu >> maxpool(2) >> \
        conv(128, 4, init="he") >> relu >> maxpool(2) >> conv(256, 4, init="he") >> relu >> flatten >> dense(4096) >> sigmoid
        """)
    let own = Layer.text(Network.kochLayers)
    #expect(own == Layer.text(Network.kochLayers(initialisation: .koch)))
    #expect(own.split(separator: #"init="koch""#).count == 6)
  }

  @Test func errorsNameTheLayerAndItsNumber() throws {
    let network = try Network([.conv(6, 3), .relu])
    let error = #expect(throws: NetworkError.self) { try network.build(inputShape: [10304], seed: 0) }
    #expect(
      error?.explanation.message
        == "conv expects 4 axes (batch, channels, height, width), got a tensor of shape [batch, 10304]")
    #expect(error?.explanation.note == "the input of layer 1, conv(6, 3)")
    #expect(error?.explanation.help == "keep the image's shape, or begin the network with dense")
    let flat = #expect(throws: NetworkError.self) {
      try Network([.conv(2, 3), .relu, .dense(units: 4)]).build(inputShape: [1, 8, 8], seed: 0)
    }
    #expect(
      flat?.explanation.message == "dense expects 2 axes (batch, features), got a tensor of shape [batch, 2, 6, 6]")
    #expect(flat?.explanation.note == "the input of layer 3, dense(4)")
    let small = #expect(throws: NetworkError.self) {
      try Network([.maxPool(2), .conv(2, 5)]).build(inputShape: [1, 8, 8], seed: 0)
    }
    #expect(small?.explanation.message == "conv has a window of 5×5, larger than its input of 4×4")
    // Written as PyTorch's Conv2d(6, 16, 5).
    let foreign = #expect(throws: NetworkError.self) {
      try Network([.conv(6, 16, stride: 5)]).build(inputShape: [1, 8, 8], seed: 0)
    }
    #expect(foreign?.explanation.help?.contains("Conv2d(6, 16, 5) is conv(16, 5)") == true)
    // Channels are no matter of sizes.
    for (got, help) in [
      ([3, 8, 8], "make the images gray (.gray())"), ([1, 9, 9], "resize the images to 8×8"),
      ([3, 9, 9], "make the images gray (.gray()), and resize the images to 8×8"), ([64], "resize the images to 8×8"),
    ] {
      let error = NetworkError.builtForOtherShape(built: [1, 8, 8], got: got, first: nil)
      #expect(error.explanation.help == help + ", or make a fresh network with the same layers")
    }
  }

  /// An image alone: its shape was kept, and the axis that counts images is missing.
  @Test func anImageIsNoBatch() throws {
    let image = try Tensor([Float](repeating: 0, count: 64), shape: [1, 8, 8])
    for layers: [Layer] in [[.conv(2, 3)], [.relu, .conv(2, 3)]] {
      let error = #expect(throws: NetworkError.self) { try Network(layers).embed(image) }
      #expect(error?.explanation.message.hasSuffix("got a tensor of shape [1, 8, 8]") == true)
      #expect(error?.explanation.help?.contains("x[none] makes a batch of one image") == true)
    }
    let built = try Network([.conv(2, 3)])
    try built.build(inputShape: [1, 8, 8], seed: 0)
    let error = #expect(throws: NetworkError.self) { try built.embed(image) }
    #expect(error == .wantsBatch(first: .conv(2, 3), got: [1, 8, 8]))
    #expect(error?.explanation.help == "x[none] makes a batch of one item")
  }

  @Test func argumentsThatMakeNoSenseAreErrors() {
    for layer: Layer in [
      .conv(0, 3), .conv(1, 0), .conv(1, 3, stride: 0), .conv(1, 3, padding: .pixels(-1)), .dense(units: 0),
      .dropout(rate: 1), .dropout(rate: .nan), .batchNorm(epsilon: 0), .maxPool(0), .squeezeExcite(reduction: 0),
      .residual([.dense(units: -1)]), .conv(Int.max, 3),
    ] {
      #expect(throws: NetworkError.self) { try Network([layer]) }
    }
    #expect(throws: NetworkError.self) { try Network([.dense(units: 1 << 20)]).build(inputShape: [1 << 20], seed: 0) }
    #expect(throws: NetworkError.self) { try OptimizerState(.sgd(-1)) }
    #expect(throws: NetworkError.self) { try OptimizerState(.sgd(0.1, momentum: 1)) }
    // As float32, with which it computes, these are 0, infinite or 1.
    for optimizer in [
      Optimizer.sgd(1e39), .adam(1e-50), Optimizer(.adam(epsilon: 1e-60), rate: 0.1),
      Optimizer(.rmsprop(epsilon: 1e-60), rate: 0.1), Optimizer(.adam(beta2: 0.999_999_99), rate: 0.1),
      Optimizer(.sgd(momentum: 0.999_999_99), rate: 0.1), Optimizer(.sgd(), rate: 0.1, weightDecay: 1e39),
      Optimizer(.sgd(), rate: 0.1, clip: 1e-60), Optimizer(.sgd(), rate: 0.1, clip: .infinity),
    ] {
      #expect(throws: NetworkError.self, "\(optimizer.describe)") { try OptimizerState(optimizer) }
    }
    #expect(throws: Never.self) { try OptimizerState(Optimizer(.sgd(), rate: 1e38, clip: 1e39)) }
  }

  @Test func theSummaryIsATable() throws {
    let network = try Network([.conv(6, 3), .relu, .maxPool(2), .flatten, .dense(units: 10)])
    try network.build(inputShape: [1, 28, 28], seed: 0)
    #expect(
      network.summary == """
        layer          output   parameters
        1  conv(6, 3)  6×26×26          60
        2  relu        6×26×26           0
        3  maxpool(2)  6×13×13           0
        4  flatten     1014              0
        5  dense(10)   10           10,150
        input 1×28×28, 10,210 parameters
        """)
  }

  /// Blocks that would make the table too wide stand below their layer.
  @Test func theSummaryShowsWideBlocks() throws {
    let network = try Network([
      .parallel([
        [.symmetric([.hog(cell: 10, bins: 16, signed: true), .flatten, .dense(units: 3), .normalize])],
        [.flatten, .dense(units: 2)],
      ]), .normalize,
    ])
    try network.build(inputShape: [1, 20, 20], seed: 0)
    #expect(
      network.summary == """
        layer                                      output  parameters
        1  parallel                                5              997
           block 1
              1  symmetric                         3              195
                 1  hog(10, bins=16, signed=true)  16×2×2           0
                 2  flatten                        64               0
                 3  dense(3)                       3              195
                 4  normalize                      3                0
           block 2
              1  flatten                           400              0
              2  dense(2)                          2              802
        2  normalize                               5                0
        input 1×20×20, 997 parameters
        """)
  }

  @Test func savedAndLoadedNetworksAreTheSame() throws {
    let layers: [Layer] = [
      .conv(4, 3, padding: .same), .batchNorm(), .activation(.leakyRelu(slope: 0.1)),
      .residual([.conv(6, 3, padding: .same), .relu]),
      .squeezeExcite(reduction: 2), .maxPool(2), .flatten, .dense(units: 3), .normalize,
    ]
    let network = try Network(layers)
    try network.build(inputShape: [1, 8, 8], seed: 4)
    network.preprocessing = "{\"gray\":true}"
    let bytes = try network.encoded()
    let other = try Network.decoded(bytes, path: "x")
    #expect(other.layers == layers)
    #expect(other.preprocessing == network.preprocessing)
    #expect(other.weights.map(\.values) == network.weights.map(\.values))
    for length in stride(from: 0, to: bytes.count, by: 97) {
      #expect(throws: NetworkError.self) { try Network.decoded(Array(bytes.prefix(length)), path: "x") }
    }
    var random = RandomStream(seed: 1)
    for _ in 0..<200 {
      var broken = bytes
      for _ in 0..<3 { broken[min(bytes.count - 1, Int(random.uniform() * 900))] = UInt8(random.uniform() * 255) }
      _ = try? Network.decoded(broken, path: "x")
    }
  }

  @Test func snapshotsGoBackAndCopiesLearnAlone() throws {
    let network = try Network([.dense(units: 3)])
    try network.build(inputShape: [2], seed: 1)
    let kept = network.snapshot()
    let copy = try network.copy()
    let version = network.version
    _ = network.weights[0].set([1, 2, 3, 4, 5, 6])
    #expect(copy.weights[0].values == kept.arrays[0])
    network.restore(kept)
    #expect(network.weights[0].values == kept.arrays[0])
    #expect(network.version > version)
  }

  /// Gradients of the size that epsilon is felt at, too: there Keras's and PyTorch's forms differ by as much as 37 %.
  @Test(arguments: [1, 1e-3, 3e-4]) func rmspropHasTwoForms(size: Double) throws {
    for (outside, keep, epsilon) in [(false, 0.9, 1e-7), (true, 0.99, 1e-8), (false, 0.5, 1e-3)] {
      let network = try Network([.dense(units: 1, bias: false)])
      try network.build(inputShape: [1], seed: 1)
      _ = network.weights[0].set([1])
      let state = try OptimizerState(
        Optimizer(.rmsprop(decay: keep, epsilon: epsilon, outside: outside), rate: 0.01))
      var (w, s) = (1.0, 0.0)
      for step in 1...5 {
        let g = size / Double(step)
        network.weights[0].gradientBuffer.base[0] = Float(g)
        state.update(network)
        s = keep * s + (1 - keep) * g * g
        w -= 0.01 * g / (outside ? s.squareRoot() + epsilon : (s + epsilon).squareRoot())
      }
      #expect(abs(Double(network.weights[0].values[0]) - w) < 1e-6 * (1 + abs(w)))
    }
    #expect(
      Optimizer(.rmsprop(decay: 0.99, epsilon: 1e-8, outside: true), rate: 0.01).describe
        == "rmsprop(0.01, keep=0.99, epsilon=1e-08, form=\"pytorch\")")
    #expect(Optimizer.rmsprop(0.01).describe == "rmsprop(0.01)")
    #expect(Optimizer(.adam(beta1: 0.5), rate: 0.01).describe == "adam(0.01, beta1=0.5)")
  }

  @Test func optimisersFollowTheirFormulas() throws {
    /// Three steps of one weight with the gradient w².
    func run(_ optimizer: Optimizer) throws -> Float {
      let network = try Network([.dense(units: 1, bias: false)])
      try network.build(inputShape: [1], seed: 1)
      _ = network.weights[0].set([1])
      let state = try OptimizerState(optimizer)
      for _ in 0..<3 {
        let w = network.weights[0].buffer.base[0]
        network.weights[0].gradientBuffer.base[0] = w * w
        state.update(network)
      }
      return network.weights[0].buffer.base[0]
    }
    /// The same in double precision.
    func reference(_ update: (_ w: Double, _ g: Double, _ state: inout [Double], _ step: Int) -> Double) -> Float {
      var (w, state) = (1.0, [0.0, 0.0])
      for step in 1...3 { w = update(w, w * w, &state, step) }
      return Float(w)
    }
    func power(_ x: Double, _ n: Int) -> Double { (0..<n).reduce(1) { product, _ in product * x } }
    let sgd = reference { w, g, s, _ in
      s[0] = 0.9 * s[0] + g
      return w - 0.1 * s[0]
    }
    #expect(abs(try run(.sgd(0.1, momentum: 0.9)) - sgd) < 1e-6)
    let rmsprop = reference { w, g, s, _ in
      s[0] = 0.9 * s[0] + 0.1 * g * g
      return w - 0.01 * g / (s[0] + 1e-7).squareRoot()
    }
    #expect(abs(try run(.rmsprop(0.01)) - rmsprop) < 1e-6)
    let adamw = reference { w, g, s, n in
      s[0] = 0.9 * s[0] + 0.1 * g
      s[1] = 0.999 * s[1] + 0.001 * g * g
      let rate = 0.01 * (1 - power(0.999, n)).squareRoot() / (1 - power(0.9, n))
      return w * (1 - 0.01 * 0.1) - rate * s[0] / (s[1].squareRoot() + 1e-7)
    }
    #expect(abs(try run(.adamw(0.01, weightDecay: 0.1)) - adamw) < 1e-6)
    var clipped = Optimizer.sgd(1)
    clipped.clip = 0.5
    let cut = reference { w, g, _, _ in w - min(g, 0.5) }
    #expect(abs(try run(clipped) - cut) < 1e-6)
  }

  @Test func schedulesMeetTheirCorners() {
    #expect(Schedule.cosine(steps: 100).factor(at: 0) == 1)
    #expect(abs(Schedule.cosine(steps: 100).factor(at: 50) - 0.5) < 1e-12)
    #expect(Schedule.cosine(steps: 100, floor: 0.1).factor(at: 500) == 0.1)
    #expect(Schedule.decay(factor: 0.5, every: 10).factor(at: 25) == 0.25)
    #expect(Schedule.warmUp(steps: 4, then: .constant).factor(at: 1) == 0.5)
    #expect(abs(Schedule.oneCycle(steps: 100).factor(at: 30) - 1) < 1e-9)
    #expect(Schedule.oneCycle(steps: 100).factor(at: 100) < 2e-4)
  }
}
