import Diagnostics
import Tensors

/// What there is to say of a kind of layer: one type in one file of this folder, and its line in `Layer.kinds`.
///
/// A layer says what it does, not what it has learnt: its arrays come in the order in which `addWeights` names them, in
/// plans and traces alike. It is written to files as the object that `Codable` makes of it, under `fileName`.
protocol LayerKind: Hashable, Sendable, Codable {
  /// By which files know it.
  static var fileName: String { get }
  /// How programs write it; more than one where several names make the same kind.
  static var declarations: [LayerDeclaration] { get }
  /// As a program would write it: `conv(6, 3)`.
  var text: String { get }
  /// The layers that it is made of.
  var blocks: LayerBlocks { get }
  /// Whether an item's result in training depends on chance or on the rest of the batch.
  var dependsOnBatch: Bool { get }

  /// Refuses sizes that make no sense whatever the input.
  func checkArguments() throws(NetworkError)
  /// The shape of one item after it, without the batch axis; arguments are right already.
  func outputShape(of input: [Int]) throws(NetworkError) -> [Int]
  /// Names its arrays, each beginning with `prefix`.
  func addWeights(to list: inout WeightList, input: [Int], prefix: String) throws(NetworkError)

  /// Whether `plan` takes numbers wherever they stand in memory; else they come as planes.
  var takesAnyLayout: Bool { get }
  /// Adds the steps forward and backward, and takes its arrays from the builder.
  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode
  /// The same outside of training, as operations of tensors that a tape records; x [n, …].
  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor
  /// The same as nodes of ONNX, of which it takes its arrays as `plan` does.
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node
}

extension LayerKind {
  var blocks: LayerBlocks { .none }
  var dependsOnBatch: Bool { blocks.all.joined().contains(where: \.dependsOnBatch) }
  var takesAnyLayout: Bool { false }
  /// In its envelope.
  var layer: Layer { Layer(self) }

  func checkArguments() throws(NetworkError) {
    for block in blocks.all { for layer in block { try layer.checkArguments() } }
  }

  func addWeights(to list: inout WeightList, input: [Int], prefix: String) throws(NetworkError) {}

  func isEqual(to other: any LayerKind) -> Bool { other as? Self == self }
}

/// The layers that a layer is made of.
enum LayerBlocks {
  case none
  /// Names of arrays say their number in the block alone.
  case one([Layer])
  /// Names of arrays say the block's number, from 1, first.
  case several([[Layer]])

  var all: [[Layer]] {
    switch self {
    case .none: []
    case .one(let block): [block]
    case .several(let blocks): blocks
    }
  }
}

/// How programs write a layer.
public struct LayerDeclaration: Sendable {
  /// Name, parameters and documentation.
  public let declaration: Declaration<Layer>
  /// The layer that is also a function of a tensor, `relu(x)`; nil: the name makes a layer alone.
  public let function: Layer?

  init(_ declaration: Declaration<Layer>) {
    self.declaration = declaration
    function = nil
  }

  /// A layer without arguments: its bare name is the layer; given a tensor, a function.
  init(function layer: any LayerKind, summary: String, details: String, example: String) {
    let made = Layer(layer)
    function = made
    declaration = Declaration(
      layer.text, summary: summary, details: details, example: example, seeAlso: ["conv", "dense"]
    ) { made }
  }
}

extension LayerKind {
  // Checks that layers share.

  func check(
    _ value: Int, _ what: String, in range: ClosedRange<Int> = 1...Layer.sizeLimit
  ) throws(NetworkError) {
    guard range.contains(value) else {
      throw .argument(
        layer: layer.name, what: what, got: "\(value)", expected: "from \(range.lowerBound) to \(range.upperBound)")
    }
  }

  func check(_ padding: Padding) throws(NetworkError) {
    for count in padding.sides { try check(count, "padding", in: 0...Layer.sizeLimit) }
  }

  func checkFraction(_ value: Double, _ what: String) throws(NetworkError) {
    guard value >= 0, value < 1 else {
      throw .argument(
        layer: layer.name, what: what, got: NumberText.written(value), expected: "from 0 up to, not including, 1")
    }
  }

  func checkPositive(_ value: Double, _ what: String) throws(NetworkError) {
    guard value > 0, value.isFinite else {
      throw .argument(layer: layer.name, what: what, got: NumberText.written(value), expected: "more than 0")
    }
  }

  /// Refuses a shape of too many numbers, and gives it back.
  @discardableResult
  func checkSize(_ shape: [Int]) throws(NetworkError) -> [Int] {
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow, product <= Layer.elementLimit else { throw .tooLarge(layer: layer, shape: shape) }
      count = product
    }
    return shape
  }

  /// Images are [channels, height, width].
  func checkImages(_ input: [Int]) throws(NetworkError) {
    guard input.count == 3 else { throw .wantsImages(layer: layer, number: nil, got: input) }
  }

  /// The windows of a kernel over an image.
  func sliding(
    _ input: [Int], kernel: Extent, stride: Extent, padding: Padding
  ) throws(NetworkError) -> SlidingShape {
    guard let sliding = SlidingShape(input, kernel: kernel, stride: stride, padding: padding) else {
      throw .windowTooLarge(layer: layer, number: nil, window: kernel, input: input)
    }
    return sliding
  }

  /// The shape after a block.
  func shape(after block: [Layer], of input: [Int]) throws(NetworkError) -> [Int] {
    guard !block.isEmpty else { throw .emptyBlock(layer: layer.name) }
    var shape = input
    for layer in block { shape = try layer.outputShape(of: shape) }
    return shape
  }
}
