import Tensors

/// The mean of each channel: [c, h, w] → [c].
struct GlobalPoolLayer: LayerKind {
  static let fileName = "globalPool"

  static let declarations = [
    LayerDeclaration(
      function: GlobalPoolLayer(), summary: "The mean of each channel: [batch, c, h, w] → [batch, c].",
      details: "Makes a network independent of where in the image something is.",
      example: "globalpool(ones([2, 3, 4, 4])).shape\n#> [2, 3]")
  ]

  var text: String { "globalpool" }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] {
    try checkImages(input)
    return [input[0]]
  }

  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode {
    let (channels, pixels) = (node.shape[0], node.shape[1] * node.shape[2])
    let result = builder.node([channels], mayBeOverwritten: true)
    let (x, y) = (node.value, result.value)
    builder.forwardSlices { range, _ in
      for plane in range.lowerBound * channels..<range.upperBound * channels {
        y.base[plane] = kernels.sum(x.base + plane * pixels, pixels) / Float(pixels)
      }
    }
    guard let dx = node.gradient, let dy = result.gradient else { return result }
    builder.backwardSlices { range, _ in
      for plane in range.lowerBound * channels..<range.upperBound * channels {
        (dx.base + plane * pixels).update(repeating: dy.base[plane] / Float(pixels), count: pixels)
      }
    }
    return result
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor { try x.mean([2, 3]) }
}

extension Layer {
  /// [c, h, w] → [c].
  public static let globalPool = Layer(GlobalPoolLayer())
}
