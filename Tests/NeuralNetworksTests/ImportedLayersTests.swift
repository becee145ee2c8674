import Tensors
import Testing

@testable import NeuralNetworks

/// Layers that networks from elsewhere have: their plans against their traces, and every gradient against differences.
@Suite struct ImportedLayersTests {
  private static func grouped(
    _ filters: Int, _ kernel: Extent, groups: Int, stride: Extent = Extent(1), padding: Padding = .valid,
    dilation: Extent = Extent(1), bias: Bool = true
  ) -> Layer {
    Layer(
      GroupedConvolutionLayer(
        convolution: Convolution(filters: filters, kernel: kernel, stride: stride, padding: padding, bias: bias),
        groups: groups, dilation: dilation))
  }

  private static func constant(_ operation: ElementOperation, _ shape: [Int], isFirst: Bool = false) -> Layer {
    Layer(ConstantLayer(operation: operation, shape: shape, isFirst: isFirst))
  }

  private static func function(_ function: FunctionLayer.Function) -> Layer {
    Layer(FunctionLayer(function: function))
  }

  static let cases: [PlanCase] = [
    PlanCase(layers: [grouped(6, Extent(3), groups: 6, padding: .pixels(1))], shape: [6, 7, 8], batch: 3),
    PlanCase(layers: [grouped(8, Extent(3, 2), groups: 4, stride: Extent(2, 1))], shape: [4, 9, 8], batch: 2),
    PlanCase(
      layers: [
        grouped(
          6, Extent(3), groups: 2, stride: Extent(2), padding: .border(top: 2, left: 0, bottom: 1, right: 3),
          dilation: Extent(2, 1), bias: false)
      ], shape: [4, 9, 8], batch: 5),
    PlanCase(
      layers: [grouped(4, Extent(3), groups: 1, padding: .same, dilation: Extent(3))], shape: [3, 8, 9], batch: 2),
    PlanCase(
      layers: [.conv(8, 3, padding: .border(top: 0, left: 2, bottom: 1, right: 0)), Layer(PReLULayer())],
      shape: [3, 8, 9], batch: 3),
    PlanCase(layers: [.dense(units: 5), Layer(PReLULayer())], shape: [4], batch: 3),
    PlanCase(
      layers: [.conv(6, 3, padding: .same), constant(.multiply, [6, 1, 1]), constant(.add, [1])], shape: [2, 5, 4],
      batch: 3),
    PlanCase(
      layers: [constant(.subtract, [3], isFirst: true), constant(.divide, [3]), constant(.subtract, [2, 3])],
      shape: [2, 3], batch: 2),
    PlanCase(layers: [Layer(ReshapeLayer(shape: [2, 3, 4])), .conv(3, 2)], shape: [24], batch: 2),
    PlanCase(layers: [.conv(4, 3), Layer(TransposeLayer(axes: [1, 2, 0]))], shape: [2, 5, 6], batch: 2),
    PlanCase(
      layers: [Layer(PadLayer(before: [1, 0, 2], behind: [0, 1, 3], mode: .constant, value: 0.5))], shape: [2, 4, 5],
      batch: 2),
    PlanCase(
      layers: [Layer(PadLayer(before: [0, 2, 1], behind: [0, 1, 2], mode: .reflect, value: 0))], shape: [2, 4, 5],
      batch: 2),
    PlanCase(
      layers: [Layer(PadLayer(before: [0, 2, 1], behind: [0, 1, 2], mode: .edge, value: 0))], shape: [2, 3, 2], batch: 2
    ),
    PlanCase(
      layers: [
        Layer(ResizeLayer(height: 9, width: 5, mode: .linear, places: .halfPixel, rounds: .down)),
        Layer(ResizeLayer(height: 4, width: 11, mode: .nearest, places: .asymmetric, rounds: .down)),
        Layer(ResizeLayer(height: 7, width: 7, mode: .linear, places: .alignCorners, rounds: .down)),
      ], shape: [2, 6, 7], batch: 2),
    PlanCase(
      layers: [Layer(ReductionLayer(kind: .mean, axes: [0], keepsAxes: true)), .flatten, .dense(units: 2)],
      shape: [3, 4, 5], batch: 2),
    PlanCase(layers: [Layer(ReductionLayer(kind: .l2, axes: [1, 2], keepsAxes: false))], shape: [3, 4, 5], batch: 2),
    PlanCase(layers: [Layer(ReductionLayer(kind: .max, axes: [1, 2], keepsAxes: false))], shape: [3, 4, 5], batch: 2),
    PlanCase(layers: [Layer(ReductionLayer(kind: .l1, axes: [0], keepsAxes: false))], shape: [6], batch: 3),
    PlanCase(layers: [.conv(5, 2), Layer(SoftmaxLayer(axis: 0))], shape: [2, 4, 4], batch: 2),
    PlanCase(layers: [.conv(5, 2), Layer(SoftmaxLayer(axis: 1, isLog: true))], shape: [2, 4, 4], batch: 2),
    PlanCase(
      layers: [Layer(LocalResponseLayer(size: 3, alpha: 0.1, beta: 0.75, bias: 1))], shape: [5, 3, 3], batch: 2),
    PlanCase(
      layers: [function(.hardSwish), function(.hardSigmoid(alpha: 0.2, beta: 0.5)), function(.elu(alpha: 0.7))],
      shape: [9], batch: 3),
    PlanCase(
      layers: [function(.softplus), function(.sqrt), function(.exp), function(.log), function(.power(3))], shape: [9],
      batch: 3),
    PlanCase(
      layers: [
        function(.abs), constant(.add, [1]), function(.reciprocal), function(.negate),
        function(.clip(low: -0.7, high: -0.2)),
      ],
      shape: [9], batch: 3),
    // Parts, zeros between pixels, rows normalised.
    PlanCase(
      layers: [.conv(5, 3), Layer(SliceLayer(starts: [4, 0, 1], counts: [3, 4, 2], steps: [-2, 1, 2]))],
      shape: [2, 6, 7], batch: 3),
    PlanCase(
      layers: [
        Layer(SpreadLayer(rows: 2, columns: 3)), .conv(4, 3, padding: .border(top: 1, left: 0, bottom: 2, right: 1)),
      ], shape: [3, 4, 3], batch: 2),
    PlanCase(
      layers: [
        .conv(6, 3), Layer(TransposeLayer(axes: [1, 2, 0])), Layer(LayerNormLayer(axes: 1, epsilon: 1e-3)),
        Layer(TransposeLayer(axes: [2, 0, 1])), Layer(LayerNormLayer(axes: 3, epsilon: 1e-5)),
      ], shape: [2, 6, 5], batch: 5),
    PlanCase(
      layers: [function(.gelu(isRough: false)), function(.gelu(isRough: true)), function(.erf)], shape: [9], batch: 3),
    PlanCase(
      layers: [function(.mish), function(.softsign), function(.celu(alpha: 0.7))], shape: [9], batch: 3),
    PlanCase(layers: [function(.selu(alpha: 1.6, gamma: 1.1)), function(.celu(alpha: -2))], shape: [9], batch: 3),
    PlanCase(
      layers: [constant(.maximum, [3, 1]), constant(.minimum, [2], isFirst: true)], shape: [3, 2], batch: 3),
    PlanCase(layers: [Layer(ReductionLayer(kind: .min, axes: [1], keepsAxes: true))], shape: [3, 4, 5], batch: 2),
    PlanCase(
      layers: [
        Layer(ResizeLayer(height: 9, width: 4, mode: .cubic, places: .halfPixel, rounds: .down)),
        Layer(
          ResizeLayer(
            height: 13, width: 6, mode: .linear, places: .halfPixel, rounds: .down, scales: [1.5, 1.55])),
        Layer(
          ResizeLayer(
            height: 5, width: 1, mode: .cubic, places: .halfPixelOfSeveral, rounds: .down, slope: -0.5,
            leavesOut: true)),
        Layer(ResizeLayer(height: 7, width: 3, mode: .nearest, places: .halfPixel, rounds: .toNearestOrAwayFromZero)),
        Layer(ResizeLayer(height: 3, width: 2, mode: .nearest, places: .halfPixel, rounds: .up)),
      ], shape: [2, 6, 7], batch: 2),
    PlanCase(layers: [Layer(extremes)], shape: [3, 2, 2], batch: 1),
    PlanCase(layers: [Layer(pieces)], shape: [3, 3, 4], batch: 4),
    // The shortcut of dlib's network: both parts are the larger one somewhere.
    PlanCase(
      layers: [.conv(5, 3), .relu, .residual([.conv(9, 3, stride: 2)], shortcut: .pool), .relu], shape: [2, 9, 10],
      batch: 3),
    PlanCase(
      layers: [.residual([.conv(3, 3, padding: .same), .relu], shortcut: .pool)], shape: [10, 6, 5], batch: 19),
    // Channels of items that are no images.
    PlanCase(layers: [.batchNorm(), .relu], shape: [4, 5], batch: 3),
    PlanCase(layers: [.batchNorm()], shape: [9, 2, 3, 2], batch: 5),
    PlanCase(
      layers: [
        function(.operation(.subtract, 2, isFirst: true)), function(.operation(.multiply, -0.5, isFirst: false)),
        function(.operation(.maximum, 0.1, isFirst: false)),
      ], shape: [9], batch: 3),
    PlanCase(layers: [Layer(RepeatLayer(shape: [2, 3, 4])), .conv(3, 2)], shape: [2, 1, 4], batch: 3),
    // Results that go several ways.
    PlanCase(layers: [Layer(branching)], shape: [3, 8, 8], batch: 3),
    PlanCase(layers: [.conv(3, 3, padding: .same), .relu, Layer(branching), .relu], shape: [2, 8, 8], batch: 18),
  ]

  /// (conv + input) · gate of it, beside two others, one of them the sum of the input with itself.
  static let branching = GraphLayer(nodes: [
    .init(inputs: [0], operation: .layers([.conv(3, 3, padding: .same), .batchNorm(), .relu])),
    .init(inputs: [1, 0], operation: .combine(.add)),
    .init(
      inputs: [2],
      operation: .layers([.globalPool, .dense(units: 3), .sigmoid, Layer(ReshapeLayer(shape: [3, 1, 1]))])),
    .init(inputs: [2, 3], operation: .combine(.multiply)),
    .init(inputs: [0, 0], operation: .combine(.add)),
    .init(inputs: [4, 5, 1], operation: .concat(axis: 0)),
    .init(inputs: [6], operation: .layers([.maxPool(2)])),
  ])

  /// The larger of two convolutions, and the smaller of that and the input.
  private static let extremes = GraphLayer(nodes: [
    .init(inputs: [0], operation: .layers([.conv(3, 3, padding: .same)])),
    .init(inputs: [0], operation: .layers([.conv(1, 1)])),
    .init(inputs: [1, 2], operation: .combine(.maximum)),
    .init(inputs: [3, 0], operation: .combine(.minimum)),
  ])

  /// A convolution above a limit or where it is below the input, else a row that stands for all.
  private static let pieces = GraphLayer(nodes: [
    .init(inputs: [0], operation: .layers([.conv(3, 3, padding: .same)])),
    .init(inputs: [1], operation: .layers([function(.operation(.greater, 0.3, isFirst: false))])),
    .init(inputs: [1, 0], operation: .combine(.lessOrEqual)),
    .init(inputs: [2, 3], operation: .combine(.maximum)),
    .init(
      inputs: [0],
      operation: .layers([Layer(ReductionLayer(kind: .mean, axes: [0, 1], keepsAxes: true)), function(.exp)])),
    .init(inputs: [4, 1, 5], operation: .choose),
  ])

  private static func prepared(_ one: PlanCase) throws -> (Network, Tensor) {
    let network = try Network(one.layers)
    try network.build(inputShape: one.shape, seed: 4)
    var random = RandomStream(seed: 9)
    for array in network.weights {
      let values = array.values.map { value in
        array.name.hasSuffix("variance") ? 0.5 + Float(random.uniform()) : value + 0.1 * Float(random.normal())
      }
      #expect(array.set(values))
    }
    return (network, try Tensor.randn([one.batch] + one.shape, &random))
  }

  @Test(arguments: cases) func plansGiveWhatTracesGive(one: PlanCase) throws {
    let (network, batch) = try Self.prepared(one)
    let (expected, got) = (try network.traced(batch), try network.embed(batch))
    #expect(got.shape == expected.shape)
    #expect(Array(got.shape.dropFirst()) == network.outputShape)
    for (a, b) in zip(got.values, expected.values) { #expect(abs(a - b) <= 2e-4 * max(1, abs(b))) }
    // Files keep it.
    let again = try Network.decoded(network.encoded(), path: "a")
    #expect(try again.embed(batch).values == got.values)
  }

  /// Gradients of Σ cᵢ yᵢ by weights and input, against differences of the plan itself in training.
  @Test(arguments: cases) func gradients(one: PlanCase) throws {
    let (network, batch) = try Self.prepared(one)
    let plan = try Plan(network, batch: one.batch, training: true, inputGradient: true)
    var random = RandomStream(seed: 3)
    var input = batch.values
    var coefficients: [Double] = []
    func loss() -> Double {
      plan.withInput { to in for index in input.indices { to[index] = input[index] } }
      plan.forward()
      return plan.withOutput { y, _ in
        if coefficients.isEmpty { coefficients = y.map { _ in Double(Float(random.normal())) } }
        return zip(y, coefficients).reduce(0) { $0 + Double($1.0) * $1.1 }
      }
    }
    _ = loss()
    plan.withOutput { _, dy in for index in dy.indices { dy[index] = Float(coefficients[index]) } }
    plan.backward()
    let byInput = plan.withInputGradient { Array($0) }
    let byWeights = network.weights.map(\.gradients)
    // Corners may lie between the two places: most of the numbers have to agree.
    var (agreed, asked) = (0, 0)
    func compare(_ got: Float, _ scale: Double, _ move: (Float) -> Void) {
      let step: Float = 4e-3
      move(step)
      let above = loss()
      move(-2 * step)
      let below = loss()
      move(step)
      asked += 1
      if abs((above - below) / (2 * Double(step)) - Double(got)) <= 3e-2 * max(0.3, scale) { agreed += 1 }
    }
    let inputScale = Double(byInput.map(abs).max() ?? 0)
    for _ in 0..<20 {
      let index = random.int(below: input.count)
      compare(byInput[index], inputScale) { input[index] += $0 }
    }
    for (place, array) in network.weights.enumerated() where array.isTrained {
      let scale = Double(byWeights[place].map(abs).max() ?? 0)
      for _ in 0..<6 {
        let index = random.int(below: array.count)
        compare(byWeights[place][index], scale) { by in
          var values = array.values
          values[index] += by
          _ = array.set(values)
        }
      }
    }
    #expect(agreed * 10 >= asked * 9, "\(agreed) of \(asked)")
  }

  /// A convolution in groups against the plainest loops.
  @Test func groupsAgainstLoops() throws {
    let layer = Self.grouped(
      6, Extent(3, 2), groups: 2, stride: Extent(2, 1), padding: .border(top: 1, left: 0, bottom: 2, right: 1),
      dilation: Extent(1, 2))
    let network = try Network([layer])
    try network.build(inputShape: [4, 7, 6], seed: 2)
    var random = RandomStream(seed: 5)
    let x = try Tensor.randn([2, 4, 7, 6], &random)
    let (w, b, v) = (network.weights[0].values, network.weights[1].values, x.values)
    let got = try network.embed(x)
    let (rows, columns) = (got.shape[2], got.shape[3])
    #expect((rows, columns) == ((7 + 3 - 3) / 2 + 1, 6 + 1 - 3 + 1))
    for item in 0..<2 {
      for filter in 0..<6 {
        for row in 0..<rows {
          for column in 0..<columns {
            var sum = Double(b[filter])
            for channel in 0..<2 {
              for i in 0..<3 {
                for j in 0..<2 {
                  let (y, z) = (row * 2 + i - 1, column + j * 2)
                  guard (0..<7).contains(y), (0..<6).contains(z) else { continue }
                  let pixel = v[((item * 4 + filter / 3 * 2 + channel) * 7 + y) * 6 + z]
                  sum += Double(w[((filter * 2 + channel) * 3 + i) * 2 + j]) * Double(pixel)
                }
              }
            }
            let place = ((item * 6 + filter) * rows + row) * columns + column
            #expect(abs(Double(got.values[place]) - sum) < 1e-4)
          }
        }
      }
    }
  }
}
