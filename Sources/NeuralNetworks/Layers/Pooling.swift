import Tensors

/// The window of a pooling, and how far it moves.
public struct Window: Sendable, Hashable, Codable {
  /// In pixels.
  public var size: Extent
  /// From window to window, in pixels.
  public var stride: Extent
  /// Pixels around the image that count for nothing.
  public var padding: Padding

  /// Windows side by side where no stride is said.
  public init(size: Extent, stride: Extent? = nil, padding: Padding = .valid) {
    self.size = size
    self.stride = stride ?? size
    self.padding = padding
  }

  fileprivate var text: String {
    Layer.shown(size) + (stride == size ? "" : ", stride=\(Layer.shown(stride))") + Layer.argument(padding)
  }
}

/// What both poolings have in common: one number of each window of each channel.
private protocol PoolLayer: LayerKind {
  static var isMax: Bool { get }
  var window: Window { get }
  init(window: Window)
}

extension PoolLayer {
  static func declared(_ name: String, summary: String, more: String = "") -> [LayerDeclaration] {
    [
      LayerDeclaration(
        Declaration(
          name, .extent("size", default: Extent(2)),
          .extent("stride", type: "number or [down, across]", shown: "size"), .padding,
          summary: summary,
          details: "[batch, channels, height, width] → [batch, channels, "
            + "⌊(height + 2 · padding − size) / stride⌋ + 1, …]. A number as padding is added at each side." + more,
          example: "\(name)(2)(ones([1, 1, 4, 4])).shape\n#> [1, 1, 2, 2]", seeAlso: ["globalpool", "conv"]
        ) { Layer(Self(window: Window(size: $0, stride: $1, padding: $2))) })
    ]
  }

  func checkArguments() throws(NetworkError) {
    try check(window.size.height, "size")
    try check(window.size.width, "size")
    try check(window.stride.height, "stride")
    try check(window.stride.width, "stride")
    try check(window.padding)
    // A window that lies in the border alone would have nothing to choose from.
    let (sides, size) = (window.padding.sides, window.size)
    for (index, count) in sides.enumerated() {
      let least = sides.count < 4 ? min(size.height, size.width) : index.isMultiple(of: 2) ? size.height : size.width
      guard count < least else {
        throw .argument(
          layer: layer.name, what: "padding", got: "\(count)", expected: "less than the window's size")
      }
    }
  }

  func sliding(over input: [Int]) throws(NetworkError) -> SlidingShape {
    try sliding(input, kernel: window.size, stride: window.stride, padding: window.padding)
  }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] {
    try checkImages(input)
    let sliding = try self.sliding(over: input)
    return [input[0], sliding.outHeight, sliding.outWidth]
  }

  var takesAnyLayout: Bool { true }

  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode {
    let isMax = Self.isMax
    guard let sliding = try? self.sliding(over: node.shape) else { return node }
    let result = builder.node(
      [sliding.channels, sliding.outHeight, sliding.outWidth], layout: node.layout, mayBeOverwritten: true)
    let shape = ColumnsShape(sliding)
    // Of [height, width, channels]; nil: of planes.
    let channels = node.layout == .channelsLast ? roundedUp(sliding.channels, to: 8) : nil
    let (inCount, outCount) = (node.count, result.count)
    let (x, y) = (node.value, result.value)
    let keepsPlaces = isMax && (channels == nil || node.gradient != nil)
    let places = PlaneBuffer<Int32>(keepsPlaces ? outCount * builder.batch : 0, repeating: 0)
    builder.forwardSlices { range, _ in
      for item in range {
        let (from, to, place) = (x.base + item * inCount, y.base + item * outCount, places.base + item * outCount)
        switch (isMax, channels) {
        case (true, let channels?):
          kernels.channelMaxPool(from, shape, channels: channels, to, keepsPlaces ? place : nil)
        case (true, nil): kernels.maxPoolForward(from, shape, to, place)
        case (false, let channels?): kernels.channelAveragePool(from, shape, channels: channels, to)
        case (false, nil): kernels.avgPool(from, shape, to, backward: false)
        }
      }
    }
    guard let dx = node.gradient, let dy = result.gradient else { return result }
    builder.backwardSlices { range, _ in
      for item in range {
        let (from, to, place) = (dy.base + item * outCount, dx.base + item * inCount, places.base + item * outCount)
        switch (isMax, channels) {
        case (true, let channels?): kernels.channelMaxPoolGradient(from, shape, channels: channels, place, to)
        case (true, nil): kernels.maxPoolBackward(from, shape, place, to)
        case (false, let channels?): kernels.channelAveragePoolGradient(from, shape, channels: channels, to)
        case (false, nil): kernels.avgPool(to, shape, from, backward: true)
        }
      }
    }
    return result
  }
}

/// The greatest of each window; padding counts as −∞.
struct MaxPoolLayer: PoolLayer {
  let window: Window

  static let fileName = "maxPool"
  fileprivate static let isMax = true
  private enum CodingKeys: String, CodingKey { case window = "_0" }

  static let declarations = declared("maxpool", summary: "The greatest of each window.")

  var text: String { "maxpool(\(window.text))" }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    let sliding = try self.sliding(over: Array(x.shape.dropFirst()))
    return try x.padded(sliding, with: -.infinity).maxPool(
      (window.size.height, window.size.width), stride: (window.stride.height, window.stride.width))
  }
}

/// The mean of each window over the pixels that exist.
struct AveragePoolLayer: PoolLayer {
  let window: Window

  static let fileName = "avgPool"
  fileprivate static let isMax = false
  private enum CodingKeys: String, CodingKey { case window = "_0" }

  static let declarations = declared(
    "avgpool", summary: "The mean of each window.",
    more:
      " The border does not count: each mean is of the window's pixels in the image, as in Keras, and in PyTorch by "
      + "count_include_pad=False.")

  var text: String { "avgpool(\(window.text))" }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    let item = Array(x.shape.dropFirst())
    let sliding = try self.sliding(over: item)
    let (size, stride) = ((window.size.height, window.size.width), (window.stride.height, window.stride.width))
    let means = try x.padded(sliding).averagePool(size, stride: stride)
    if sliding.border == Border() { return means }
    // Padding counts for nothing: the mean is over the pixels that exist.
    let share = try Tensor.ones([1, 1] + item.dropFirst()).padded(sliding).averagePool(size, stride: stride)
    return try means / share
  }
}

extension Layer {
  /// The greatest of each window.
  public static func maxPool(_ window: Window) -> Layer { Layer(MaxPoolLayer(window: window)) }
  /// The mean of each window.
  public static func avgPool(_ window: Window) -> Layer { Layer(AveragePoolLayer(window: window)) }

  /// Of square windows.
  public static func maxPool(_ size: Int, stride: Int? = nil) -> Layer {
    .maxPool(Window(size: Extent(size), stride: stride.map { Extent($0) }))
  }

  /// Of square windows.
  public static func avgPool(_ size: Int, stride: Int? = nil) -> Layer {
    .avgPool(Window(size: Extent(size), stride: stride.map { Extent($0) }))
  }
}
