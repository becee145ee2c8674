import Tensors

/// Layers that training leaves as they are: no optimiser changes their arrays, and they work in training as they do
/// afterwards (batch normalisation by its stored statistics, no dropout).
///
/// Where nothing below learns, the layers keep nothing for backward, and gradients stop above them. Where something does,
/// or the input's gradient is asked for, it goes through them by their trace.
struct FreezeLayer: LayerKind {
  let block: [Layer]
  /// How many of the block's layers are frozen, from the first.
  let count: Int

  static let fileName = "freeze"

  static let declarations = [
    LayerDeclaration(
      Declaration(
        "freeze", .block(help: "freeze(conv(64, 3) >> relu)"), .frozenLayers,
        summary: "Layers whose weights training does not change, as requires_grad=False and trainable=False.",
        details: """
          layers=3 freezes the first three of the block alone, layers=-1 all but the last. Frozen layers work in training \
          as they do afterwards: batch normalisation by its stored statistics, which stay as they are, and no dropout. \
          Backpropagation stops below the lowest layer that learns. Networks that have learnt keep their weights, and \
          the file of a network keeps what is frozen; unfreeze(net) is the network whose layers all learn.
          """,
        example: """
          net = freeze(conv(4, 3) >> relu >> flatten) >> dense(2)
          net(zeros([1, 1, 6, 6]))
          net.parameters
          #> 130
          """, errors: ["layers is 0, or more than there are"], seeAlso: ["unfreeze", "trainer", "whiten"]
      ) { block, count in try FreezeLayer.made(block, count) })
  ]

  /// - Parameter given: how many from the first; negative: all but so many; nil: all.
  fileprivate static func made(_ block: [Layer], _ given: Int?) throws -> Layer {
    let count = given.map { $0 < 0 ? block.count + $0 : $0 } ?? block.count
    guard block.isEmpty || (1...block.count).contains(count) else {
      throw NetworkError.argument(
        layer: "freeze", what: "layers", got: "\(given ?? 0)",
        expected: block.count == 1
          ? "to be 1, for there is one layer" : "from 1 to \(block.count), or from -\(block.count - 1) to -1")
    }
    return .freeze(block, layers: count)
  }

  var text: String { "freeze(\(Layer.text(block))\(count == block.count ? "" : ", layers=\(count)"))" }
  var blocks: LayerBlocks { .one(block) }
  var dependsOnBatch: Bool { block.dropFirst(count).contains(where: \.dependsOnBatch) }

  func checkArguments() throws(NetworkError) {
    guard !block.isEmpty else { throw .emptyBlock(layer: "freeze") }
    try check(count, "layers", in: 1...block.count)
    for layer in block { try layer.checkArguments() }
  }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] { try shape(after: block, of: input) }

  func addWeights(to list: inout WeightList, input: [Int], prefix: String) throws(NetworkError) {
    try list.add(block, input: input, prefix: prefix, frozen: count)
  }

  var takesAnyLayout: Bool { true }

  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode {
    guard count == block.count else {
      return builder.add([.freeze(Array(block[..<count]))] + block[count...], to: node)
    }
    guard builder.training, node.gradient != nil else {
      return builder.withoutTraining { $0.add(block, to: node) }
    }
    return builder.addTraced(self, arrays: arrayCount(of: node.shape), to: node)
  }

  private func arrayCount(of input: [Int]) -> Int {
    var list = WeightList()
    // A network that is built has asked for the same already.
    _ = try? list.add(block, input: input, prefix: "")
    return list.arrays
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor { try weights.run(block, x) }

  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    try graph.run(block, x)
  }
}

extension Layer {
  /// At least one layer; the first `layers` of the block are frozen, all where nothing is said.
  public static func freeze(_ block: [Layer], layers: Int? = nil) -> Layer {
    Layer(FreezeLayer(block: block, count: layers ?? block.count))
  }
}

extension Parameter<Int?> {
  /// How many layers, or all but how many.
  fileprivate static var frozenLayers: Parameter {
    Parameter("layers", type: "number", standard: .described("all")) { arguments, place in
      guard arguments.isGiven(place) else { return nil }
      return try arguments.integer(place, in: -Layer.sizeLimit...Layer.sizeLimit, default: nil)
    }
  }
}

extension Network {
  /// The same layers and weights as a network of its own, in which what stood in `freeze` learns again; what is frozen
  /// within other blocks stays so.
  ///
  /// - Throws: `NetworkError.notBuilt` where parts of it have learnt and it waits for its first batch.
  public func unfrozen() throws -> Network {
    func free(_ layers: [Layer]) -> [Layer] {
      layers.flatMap { layer in (layer.kind as? FreezeLayer).map { free($0.block) } ?? [layer] }
    }
    guard isBuilt || learnt.isEmpty else { throw NetworkError.notBuilt(function: "unfreeze") }
    let network = try Network(free(layers), learnt: wholePart)
    if let inputShape { try network.build(inputShape: inputShape, seed: 0) }
    network.preprocessing = preprocessing
    network.learning = learning
    return network
  }

  /// Whether layers of it have arrays that training does not change, and none that it does.
  public var isFrozen: Bool { trained.isEmpty && weights.contains(where: \.isFrozen) }
}
