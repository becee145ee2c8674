import Tensors

/// x + block(x); where the block changes the shape, a 1×1 convolution (or dense layer) with batch normalisation's
/// place taken by nothing brings x to the block's shape.
struct ResidualLayer: LayerKind {
  let block: [Layer]
  /// Nil for `project`, as in files of before.
  let shortcut: ResidualShortcut?

  static let fileName = "residual"
  private enum CodingKeys: String, CodingKey {
    case block = "_0"
    case shortcut
  }

  static let declarations = [
    LayerDeclaration(
      Declaration(
        "residual", .block(help: "residual(conv(64, 3, padding=\"same\") >> relu)"),
        .word("shortcut", default: ResidualShortcut.project),
        summary: "x + block(x) (He et al. 2016).",
        details: """
          Where the block changes the number of channels or strides, a 1×1 convolution brings x to the same shape. \
          shortcut="pool" learns nothing there: x is averaged by two each way, and zeros behind the last channel, row and \
          column bring it and the block's result to one shape, as in dlib's face network (King 2017; option A of He et al.).
          """,
        example: """
          residual(conv(4, 3, padding="same") >> relu)
          #> residual(conv(4, 3, padding="same") >> relu)
          """
      ) { .residual($0, shortcut: $1) })
  ]

  var text: String { "residual(\(Layer.text(block))\(shortcut == .pool ? ", shortcut=\"pool\"" : ""))" }
  var blocks: LayerBlocks { .one(block) }

  /// The projection that brings the input to the shape of the block's output, where one exists.
  static func shortcut(from input: [Int], to output: [Int]) -> Layer? {
    if input.count == 1, output.count == 1 { return .dense(units: output[0], bias: false) }
    guard input.count == 3, output.count == 3, output[1] > 0, output[2] > 0 else { return nil }
    let down = (input[1] + output[1] - 1) / output[1]
    let across = (input[2] + output[2] - 1) / output[2]
    guard down >= 1, across >= 1, (input[1] - 1) / down + 1 == output[1], (input[2] - 1) / across + 1 == output[2]
    else { return nil }
    return .conv(Convolution(filters: output[0], kernel: Extent(1), stride: Extent(down, across), bias: false))
  }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] {
    let shape = try self.shape(after: block, of: input)
    if shortcut == .pool { return try pooledShape(shape, input) }
    if shape == input { return shape }
    guard let shortcut = Self.shortcut(from: input, to: shape) else {
      throw .blockChangesShape(layer: layer, number: nil, before: input, after: shape)
    }
    _ = try shortcut.outputShape(of: input)
    return shape
  }

  func addWeights(to list: inout WeightList, input: [Int], prefix: String) throws(NetworkError) {
    let after = try list.add(block, input: input, prefix: prefix)
    if shortcut != .pool, after != input, let shortcut = Self.shortcut(from: input, to: after) {
      try shortcut.kind.addWeights(to: &list, input: input, prefix: prefix + "shortcut.")
    }
  }

  var takesAnyLayout: Bool { true }

  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode {
    if shortcut == .pool { return planPooled(node, in: &builder) }
    var entry = node
    entry.mayBeOverwritten = false
    let count = node.count
    // The block writes the gradient of its input; the shortcut's share is added when all of the block is over.
    var side: PlanNode?
    if let dx = node.gradient {
      let shortcut = PlanNode(
        shape: node.shape, layout: node.layout, value: node.value, gradient: FloatBuffer(dx.count))
      side = shortcut
      if let shared = shortcut.gradient {
        builder.backwardSlices { range, _ in
          let start = range.lowerBound * count
          kernels.accumulate(shared.base + start, into: dx.base + start, range.count * count)
        }
      }
    }
    let inside = builder.add(block, to: entry)
    var around = side ?? entry
    if inside.shape != node.shape, let layer = Self.shortcut(from: node.shape, to: inside.shape) {
      around = builder.add([layer], to: around)
    }
    around = inside.layout == .planes ? builder.planes(around) : builder.channelsLast(around)
    return builder.added(around, to: inside)
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    let inside = try weights.run(block, x)
    if shortcut == .pool { return try tracedPooled(x, inside) }
    let (before, after) = (Array(x.shape.dropFirst()), Array(inside.shape.dropFirst()))
    guard after != before, let shortcut = Self.shortcut(from: before, to: after) else { return try inside + x }
    return try inside + weights.run([shortcut], x)
  }
}

extension Layer {
  /// At least one layer.
  public static func residual(_ block: [Layer], shortcut: ResidualShortcut = .project) -> Layer {
    Layer(ResidualLayer(block: block, shortcut: shortcut == .project ? nil : shortcut))
  }
}
