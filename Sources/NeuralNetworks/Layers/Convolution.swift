import Tensors

/// What a convolution is made of. Input [batch, channels, height, width]; weights [filters, channels, kernel, kernel].
public struct Convolution: Sendable, Hashable, Codable {
  /// Channels that come out.
  public var filters: Int
  /// Of the window, in pixels.
  public var kernel: Extent
  /// From window to window, in pixels.
  public var stride: Extent
  /// Zeros around the image.
  public var padding: Padding
  /// Whether each filter adds a number that it learns.
  public var bias: Bool
  /// How fresh weights are drawn.
  public var initialisation: Initialisation

  /// Steps of one pixel, no zeros around the image, biases, Glorot's weights, where nothing else is said.
  public init(
    filters: Int, kernel: Extent, stride: Extent = Extent(1), padding: Padding = .valid, bias: Bool = true,
    initialisation: Initialisation = .glorot
  ) {
    self.filters = filters
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.bias = bias
    self.initialisation = initialisation
  }
}

/// What both kinds of convolution have in common: shapes, and arrays with their first values.
protocol ConvolutionKind: LayerKind {
  var convolution: Convolution { get }
  /// Each group of filters sees a group of channels alone.
  var groups: Int { get }
  /// From tap to tap, in pixels.
  var dilation: Extent { get }
}

extension ConvolutionKind {
  /// What the taps span.
  var span: Extent {
    Extent(
      (convolution.kernel.height - 1) * dilation.height + 1, (convolution.kernel.width - 1) * dilation.width + 1)
  }

  func sliding(over input: [Int]) throws(NetworkError) -> SlidingShape {
    try sliding(input, kernel: span, stride: convolution.stride, padding: convolution.padding)
  }

  func weightShape(_ input: [Int]) -> [Int] {
    [convolution.filters, input[0] / groups, convolution.kernel.height, convolution.kernel.width]
  }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] {
    try checkImages(input)
    guard input[0] % groups == 0 else {
      throw .argument(
        layer: layer.name, what: "groups", got: "\(groups)", expected: "to divide the \(input[0]) channels that come in"
      )
    }
    let sliding = try self.sliding(over: input)
    try checkSize(weightShape(input))
    return try checkSize([convolution.filters, sliding.outHeight, sliding.outWidth])
  }

  func addWeights(to list: inout WeightList, input: [Int], prefix: String) throws(NetworkError) {
    let area = convolution.kernel.height * convolution.kernel.width
    let initialisation = convolution.initialisation
    list.add(
      prefix + "weight", weightShape(input),
      initialisation.weights(
        inputs: input[0] / groups * area, outputs: convolution.filters / groups * area, isDense: false))
    if convolution.bias { list.add(prefix + "bias", [convolution.filters], initialisation.biases(isDense: false)) }
  }
}

/// Each filter looks at every place of the image.
struct ConvolutionLayer: ConvolutionKind {
  let convolution: Convolution
  var groups: Int { 1 }
  var dilation: Extent { Extent(1) }

  static let fileName = "conv"
  private enum CodingKeys: String, CodingKey { case convolution = "_0" }

  static let declarations = [
    LayerDeclaration(
      Declaration(
        "conv", .integer("filters", in: 1...65536), .extent("kernel"),
        .extent("stride", type: "number or [down, across]", default: Extent(1)), .padding,
        .flag("bias", default: true), .word("init", default: Initialisation.glorot),
        summary: "A convolution: each filter looks at every place of the image.",
        details: """
          [batch, channels, height, width] → [batch, filters, height', width'] with \
          height' = ⌊(height + 2 · padding − kernel) / stride⌋ + 1, for a number as padding is added at each side; \
          "same" gives ⌈height / stride⌉. Weights are drawn uniformly in ±√(6 / (in + out)) \
          (Glorot and Bengio 2010), "he" draws N(0, 2 / in), "koch" as Koch et al. 2015; biases start at 0.
          """,
        example: """
          conv(6, 3)
          #> conv(6, 3)
          net = conv(6, 3, padding="same") >> relu
          net(zeros([1, 1, 8, 8])).shape
          #> [1, 6, 8, 8]
          """,
        errors: ["the input must have a channel axis, height and width", "the kernel must fit into the image"],
        seeAlso: ["maxpool", "dense", "network.summary"]
      ) { filters, kernel, stride, padding, bias, initialisation in
        .conv(
          Convolution(
            filters: filters, kernel: kernel, stride: stride, padding: padding, bias: bias,
            initialisation: initialisation))
      })
  ]

  var text: String {
    var text = "conv(\(convolution.filters), \(Layer.shown(convolution.kernel))"
    if convolution.stride != Extent(1) { text += ", stride=\(Layer.shown(convolution.stride))" }
    text += Layer.argument(convolution.padding)
    if !convolution.bias { text += ", bias=false" }
    return text + Layer.argument(convolution.initialisation) + ")"
  }

  func checkArguments() throws(NetworkError) {
    try check(convolution.filters, "filters")
    try check(convolution.kernel.height, "kernel")
    try check(convolution.kernel.width, "kernel")
    try check(convolution.stride.height, "stride")
    try check(convolution.stride.width, "stride")
    try check(convolution.padding)
  }

  var takesAnyLayout: Bool { true }

  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode { builder.addAlone(layer, to: node) }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    let sliding = try self.sliding(over: Array(x.shape.dropFirst()))
    let weight = try weights.next()
    let bias = convolution.bias ? try weights.next() : nil
    return try x.padded(sliding).conv2d(
      weight, bias: bias, stride: (convolution.stride.height, convolution.stride.width))
  }
}

extension Layer {
  /// A convolution of any shape.
  public static func conv(_ convolution: Convolution) -> Layer { Layer(ConvolutionLayer(convolution: convolution)) }

  /// A square convolution.
  public static func conv(
    _ filters: Int, _ kernel: Int, stride: Int = 1, padding: Padding = .valid, bias: Bool = true,
    initialisation: Initialisation = .glorot
  ) -> Layer {
    .conv(
      Convolution(
        filters: filters, kernel: Extent(kernel), stride: Extent(stride), padding: padding, bias: bias,
        initialisation: initialisation))
  }
}
