import Tensors

/// One layer of a network, without its weights: what it does, not what it has learned.
///
/// Layers are values that can be compared, written as JSON and composed; `Network` holds the weights. Sizes of inputs
/// are inferred when a network is built. Each kind of layer is a type of its own, in a file of its own.
public struct Layer: Sendable {
  let kind: any LayerKind

  init(_ kind: any LayerKind) { self.kind = kind }

  /// Every kind of layer.
  static let kinds: [any LayerKind.Type] = [
    ConvolutionLayer.self,
    DenseLayer.self,
    ActivationLayer.self,
    MaxPoolLayer.self,
    AveragePoolLayer.self,
    GlobalPoolLayer.self,
    FlattenLayer.self,
    NormalizeLayer.self,
    DropoutLayer.self,
    BatchNormLayer.self,
    GroupNormLayer.self,
    ResidualLayer.self,
    ParallelLayer.self,
    SymmetricLayer.self,
    FreezeLayer.self,
    OrientedGradientsLayer.self,
    SqueezeExciteLayer.self,
    GroupedConvolutionLayer.self,
    PReLULayer.self,
    GraphLayer.self,
    ConstantLayer.self,
    ReshapeLayer.self,
    TransposeLayer.self,
    PadLayer.self,
    ResizeLayer.self,
    ReductionLayer.self,
    SoftmaxLayer.self,
    LocalResponseLayer.self,
    FunctionLayer.self,
    SliceLayer.self,
    RepeatLayer.self,
    SpreadLayer.self,
    LayerNormLayer.self,
  ]

  /// How programs write layers, all of them.
  public static let declarations: [LayerDeclaration] = kinds.flatMap { $0.declarations }

  /// Largest number that a layer's size, kernel, stride or padding may have.
  static let sizeLimit = 1 << 20
  /// Largest number of elements of one item after any layer, and of the weights of any layer.
  static let elementLimit = 1 << 30

  /// The layer as it is written in Twin: `conv(6, 3)`, `maxpool(2)`, `dense(128)`.
  public var describe: String { kind.text }
  /// The name alone: `conv`.
  public var name: String { String(describe.prefix { $0 != "(" }) }
  /// Whether an item's result in training depends on chance or on the rest of the batch.
  public var dependsOnBatch: Bool { kind.dependsOnBatch }
  /// Whether what goes in comes out at the same scale: what only moves numbers, or leaves some out.
  public var keepsScale: Bool {
    kind is FlattenLayer || kind is ReshapeLayer || kind is TransposeLayer || kind is PadLayer || kind is ResizeLayer
      || kind is MaxPoolLayer || kind is AveragePoolLayer || kind is DropoutLayer
  }
  /// Whether it multiplies its input by weights that begin as draws for inputs of about 1.
  public var wantsSmallInput: Bool {
    kind is ConvolutionLayer || kind is GroupedConvolutionLayer || kind is DenseLayer
  }
  /// The layers that it is made of, block by block.
  var blocks: [[Layer]] { kind.blocks.all }

  /// Refuses sizes that make no sense whatever the input.
  func checkArguments() throws(NetworkError) { try kind.checkArguments() }

  /// The shape of one item after this layer, from the shape before it; without the batch axis.
  ///
  /// - Throws: `NetworkError` that names the layer (without its number; `Network.build` adds it).
  public func outputShape(of input: [Int]) throws(NetworkError) -> [Int] {
    try checkArguments()
    return try kind.outputShape(of: input)
  }
}

extension Layer {
  /// About how many numbers the results of layers take, those of blocks too, for one item.
  static func footprint(of layers: [Layer], _ input: [Int]) throws(NetworkError) -> Double {
    var shape = input
    var count = 0.0
    for layer in layers {
      if let graph = layer.kind as? GraphLayer {
        let shapes = try graph.shapes(of: shape)
        for (index, node) in graph.nodes.enumerated() {
          count += Double(shapes[index + 1].reduce(1, *))
          if let inside = node.layers { count += try footprint(of: inside, shapes[node.inputs[0]]) }
        }
      } else {
        for block in layer.blocks { count += try footprint(of: block, shape) }
      }
      shape = try layer.outputShape(of: shape)
      count += Double(shape.reduce(1, *))
    }
    return count
  }
}

extension Layer: Hashable {
  public static func == (one: Layer, other: Layer) -> Bool { one.kind.isEqual(to: other.kind) }

  public func hash(into hasher: inout Hasher) { kind.hash(into: &hasher) }
}

/// In files a layer is an object of one key, the kind's name, with what the kind says of itself below it.
extension Layer: Codable {
  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    guard let key = container.allKeys.first, container.allKeys.count == 1,
      let type = Layer.kinds.first(where: { $0.fileName == key.stringValue })
    else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "no layer of this version"))
    }
    kind = try container.decode(type, forKey: key)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(kind, forKey: Key(stringValue: Swift.type(of: kind).fileName))
  }
}

/// Parts of layers' texts.
extension Layer {
  static func text(_ block: [Layer]) -> String { block.map(\.describe).joined(separator: " >> ") }

  static func shown(_ extent: Extent) -> String {
    extent.height == extent.width ? "\(extent.height)" : "[\(extent.height), \(extent.width)]"
  }

  /// As a further argument; nothing where there is none.
  static func argument(_ padding: Padding) -> String {
    switch padding {
    case .valid: ""
    case .same: ", padding=\"same\""
    case .pixels(let count): ", padding=\(count)"
    case .border(let top, let left, let bottom, let right): ", padding=[\(top), \(left), \(bottom), \(right)]"
    }
  }

  static func argument(_ initialisation: Initialisation) -> String {
    initialisation == .glorot ? "" : ", init=\"\(initialisation.rawValue)\""
  }

  /// A number without a needless point; a Float's slope shown in as few digits as it takes.
  static func shown(_ number: Double) -> String {
    if number == number.rounded(), abs(number) < 1e9 { return "\(Int(number))" }
    return "\(Float(number))"
  }
}
