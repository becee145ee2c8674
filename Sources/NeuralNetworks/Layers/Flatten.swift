import Tensors

/// [c, h, w] → [c · h · w].
struct FlattenLayer: LayerKind {
  static let fileName = "flatten"

  static let declarations = [
    LayerDeclaration(
      function: FlattenLayer(), summary: "All axes but the first as one: [batch, c, h, w] → [batch, c · h · w].",
      details: "Stands between convolutions and dense layers.",
      example: "flatten(ones([2, 3, 4, 4])).shape\n#> [2, 48]")
  ]

  var text: String { "flatten" }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] { [input.reduce(1, *)] }

  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode {
    var flat = node
    flat.shape = [node.count]
    return flat
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    try x.reshaped([x.shape[0], x.shape.dropFirst().reduce(1, *)])
  }
}

extension Layer {
  /// All axes of an item as one.
  public static let flatten = Layer(FlattenLayer())
}
