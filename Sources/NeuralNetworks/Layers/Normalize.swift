import Tensors

/// Each item divided by its Euclidean length (at least 1e-12).
struct NormalizeLayer: LayerKind {
  static let fileName = "normalize"

  static let declarations = [
    LayerDeclaration(
      function: NormalizeLayer(), summary: "Each item divided by its Euclidean length (at least 1e-12).",
      details: "As the last layer, embeddings lie on the unit sphere.",
      example: "normalize(tensor([[3, 4]]))\n#> tensor([[0.6, 0.8]])")
  ]

  var text: String { "normalize" }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] { input }

  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode {
    let result = builder.node(node.shape)
    let lengths = FloatBuffer(builder.batch)
    let count = node.count
    let (x, y) = (node.value, result.value)
    builder.forwardSlices { range, _ in
      for item in range {
        let from = x.base + item * count
        let found = kernels.centredDot(from, from, count, 0, 0).squareRoot()
        // A length that is no number stays so: all of the item is, as the tensor's own function has it.
        let length = found < 1e-12 ? 1e-12 : found
        lengths.base[item] = length
        kernels.affine(from, y.base + item * count, count, scale: 1 / length, shift: 0)
      }
    }
    guard let dx = node.gradient, let dy = result.gradient else { return result }
    builder.backwardSlices { range, _ in
      for item in range {
        let at = item * count
        let along = kernels.centredDot(y.base + at, dy.base + at, count, 0, 0)
        let inverse = 1 / lengths.base[item]
        // dx = (dy − y (y · dy)) / length
        kernels.affine2(dy.base + at, y.base + at, dx.base + at, count, a: inverse, b: -along * inverse, c: 0)
      }
    }
    return result
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    let rows = try x.reshaped([x.shape[0], x.shape.dropFirst().reduce(1, *)])
    return try rows.l2Normalized().reshaped(x.shape)
  }
}

extension Layer {
  /// To length 1.
  public static let normalize = Layer(NormalizeLayer())
}
