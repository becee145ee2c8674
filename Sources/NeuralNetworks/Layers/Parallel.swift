import Tensors

/// Each block on the same input, their results side by side: channels after channels (Szegedy et al. 2015), or numbers
/// after numbers.
struct ParallelLayer: LayerKind {
  let branches: [[Layer]]

  static let fileName = "parallel"
  private enum CodingKeys: String, CodingKey { case branches = "_0" }

  static let declarations = [
    LayerDeclaration(
      Declaration(
        "parallel", .blocks(help: "parallel(conv(8, 1), conv(8, 3, padding=\"same\"))"),
        summary: "Blocks on the same input, their results side by side (Szegedy et al. 2015).",
        details: """
          Images: channels after channels, so that the blocks have to agree in height and width. Rows of numbers: one \
          after the other. Networks that have learnt keep their weights.
          """,
        example: """
          net = parallel(conv(4, 1), conv(8, 3, padding="same") >> relu, conv(4, 5, padding="same") >> relu)
          net(zeros([1, 1, 20, 20])).shape
          #> [1, 16, 20, 20]
          """,
        errors: ["no block is given", "the blocks' results differ in height or width"], seeAlso: ["residual"]
      ) { blocks in
        let layer = Layer.parallel(blocks)
        guard !blocks.isEmpty else { throw NetworkError.emptyBlock(layer: layer.name) }
        return layer
      })
  ]

  var text: String { "parallel(\(branches.map(Layer.text).joined(separator: ", ")))" }
  var blocks: LayerBlocks { .several(branches) }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] {
    var shapes: [[Int]] = []
    for branch in branches { shapes.append(try shape(after: branch, of: input)) }
    guard let first = shapes.first else { throw .emptyBlock(layer: layer.name) }
    guard shapes.allSatisfy({ $0.dropFirst() == first.dropFirst() }) else {
      throw .blocksDiffer(layer: layer, number: nil, shapes: shapes)
    }
    return try checkSize([shapes.reduce(0) { $0 + $1[0] }] + first.dropFirst())
  }

  func addWeights(to list: inout WeightList, input: [Int], prefix: String) throws(NetworkError) {
    for (index, branch) in branches.enumerated() {
      try list.add(branch, input: input, prefix: "\(prefix)\(index + 1).")
    }
  }

  var takesAnyLayout: Bool { true }

  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode {
    var entry = node
    entry.mayBeOverwritten = false
    let count = node.count
    // The first block writes the input's gradient; the shares of the others are added when all blocks are over.
    let sides = branches.dropFirst().map { _ in
      PlanNode(
        shape: node.shape, layout: node.layout, value: node.value,
        gradient: node.gradient.map { FloatBuffer($0.count) })
    }
    if let dx = node.gradient {
      let shares = sides.compactMap(\.gradient)
      builder.backwardSlices { range, _ in
        let start = range.lowerBound * count
        for share in shares { kernels.accumulate(share.base + start, into: dx.base + start, range.count * count) }
      }
    }
    var results: [PlanNode] = []
    for (branch, input) in zip(branches, [entry] + sides) {
      let inside = builder.add(branch, to: input)
      results.append(builder.planes(inside))
    }
    let shape = [results.reduce(0) { $0 + $1.shape[0] }] + (results.first?.shape.dropFirst() ?? [])
    let result = builder.node(shape, mayBeOverwritten: true)
    let size = result.count
    var place = 0
    for part in results {
      let (at, width) = (place, part.count)
      place += width
      let (x, y) = (part.value, result.value)
      builder.forwardSlices { range, _ in
        for item in range { y.base.advanced(by: item * size + at).update(from: x.base + item * width, count: width) }
      }
      guard let dx = part.gradient, let dy = result.gradient else { continue }
      builder.backwardSlices { range, _ in
        for item in range { dx.base.advanced(by: item * width).update(from: dy.base + item * size + at, count: width) }
      }
    }
    return result
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    var parts: [Tensor] = []
    for branch in branches { parts.append(try weights.run(branch, x)) }
    return try Tensor.concat(parts, axis: 1)
  }
}

extension Layer {
  /// At least one block, of one layer at least.
  public static func parallel(_ blocks: [[Layer]]) -> Layer { Layer(ParallelLayer(branches: blocks)) }
}
