import Tensors

/// The mean of the block's results for an image and for its mirror image, so that left and right do not matter. In
/// training the block alone: augmentation mirrors.
struct SymmetricLayer: LayerKind {
  let block: [Layer]

  static let fileName = "symmetric"
  private enum CodingKeys: String, CodingKey { case block = "_0" }

  static let declarations = [
    LayerDeclaration(
      Declaration(
        "symmetric", .block(help: "symmetric(conv(64, 3) >> relu >> flatten)"),
        summary: "The mean of a block's results for an image and for its mirror image: left and right do not matter.",
        details: """
          For faces and things seen from the front. In training the block alone works, at half the price: augment(flip=true) \
          shows it both sides. A network that has learnt keeps its weights.
          """,
        example: """
          net = symmetric(conv(4, 3) >> relu >> flatten >> dense(8)) >> normalize
          x = randn([1, 1, 9, 9])
          norm(net(x) - net(x[:, :, :, ::-1])) < 1e-5
          #> true
          """, errors: ["the input is no image"], seeAlso: ["dataset.augment", "hog"]
      ) { .symmetric($0) })
  ]

  var text: String { "symmetric(\(Layer.text(block)))" }
  var blocks: LayerBlocks { .one(block) }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] {
    try checkImages(input)
    return try shape(after: block, of: input)
  }

  func addWeights(to list: inout WeightList, input: [Int], prefix: String) throws(NetworkError) {
    try list.add(block, input: input, prefix: prefix)
  }

  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode {
    guard !builder.training else { return builder.add(block, to: node) }
    var entry = node
    entry.mayBeOverwritten = false
    let mirror = builder.node(entry.shape)
    let (lines, width) = (entry.shape[0] * entry.shape[1], entry.shape[2])
    let (x, m) = (entry.value, mirror.value)
    builder.forwardSlices { range, _ in
      for line in range.lowerBound * lines..<range.upperBound * lines {
        for column in 0..<width { m.base[line * width + column] = x.base[line * width + width - 1 - column] }
      }
    }
    let (one, other) = builder.withSameWeights { builder, isFirst in
      builder.planes(builder.add(block, to: isFirst ? entry : mirror))
    }
    let result = builder.node(one.shape)
    let (a, b, y, count) = (one.value, other.value, result.value, one.count)
    builder.forwardSlices { range, _ in
      for at in range.lowerBound * count..<range.upperBound * count { y.base[at] = (a.base[at] + b.base[at]) / 2 }
    }
    return result
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    let mirror = try x.subscripted([.all, .all, .all, .slice(start: nil, stop: nil, step: -1)])
    var again = weights
    let inside = try weights.run(block, x)
    return try (inside + again.run(block, mirror)) * 0.5
  }
}

extension Layer {
  /// At least one layer, on images.
  public static func symmetric(_ block: [Layer]) -> Layer { Layer(SymmetricLayer(block: block)) }
}
