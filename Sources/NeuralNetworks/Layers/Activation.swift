import Tensors

/// Functions applied to each element alone.
public enum Activation: Sendable, Hashable, Codable {
  case relu
  /// x where x > 0, else slope · x.
  case leakyRelu(slope: Float)
  case sigmoid
  case tanh
}

struct ActivationLayer: LayerKind {
  let activation: Activation

  static let fileName = "activation"
  private enum CodingKeys: String, CodingKey { case activation = "_0" }

  static let declarations = [
    LayerDeclaration(
      function: ActivationLayer(activation: .relu),
      summary: "max(x, 0): a layer by its bare name, a function of a tensor with one.",
      details: "The gradient at 0 is 0.", example: "relu(tensor([[-1, 2]]))\n#> tensor([[0, 2]])"),
    LayerDeclaration(
      function: ActivationLayer(activation: .sigmoid),
      summary: "1 / (1 + e^−x): a layer by its bare name, a function of a tensor with one.",
      details: "Between 0 and 1.", example: "sigmoid(tensor([[0]]))\n#> tensor([[0.5]])"),
    LayerDeclaration(
      function: ActivationLayer(activation: .tanh),
      summary: "The hyperbolic tangent: a layer by its bare name, a function of a tensor with one.",
      details: "Between −1 and 1.", example: "tanh(tensor([[0]]))\n#> tensor([[0]])"),
    LayerDeclaration(
      Declaration(
        "leakyrelu", .number("slope", in: 0...1, default: 0.01), summary: "x where x > 0, else slope · x.",
        example: "leakyrelu(0.1)\n#> leakyrelu(0.1)", seeAlso: ["relu"]
      ) { .activation(.leakyRelu(slope: Float($0))) }),
  ]

  var text: String {
    switch activation {
    case .relu: "relu"
    case .leakyRelu(let slope): "leakyrelu(\(Layer.shown(Double(slope))))"
    case .sigmoid: "sigmoid"
    case .tanh: "tanh"
    }
  }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] { input }

  var takesAnyLayout: Bool { true }

  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode {
    switch activation {
    case .relu: rectified(node, slope: 0, in: &builder)
    case .leakyRelu(let slope): rectified(node, slope: slope, in: &builder)
    case .sigmoid: squashed(node, isTanh: false, in: &builder)
    case .tanh: squashed(node, isTanh: true, in: &builder)
    }
  }

  private func rectified(_ node: PlanNode, slope: Float, in builder: inout PlanBuilder) -> PlanNode {
    let count = node.count
    let x = node.value
    // A slope below 0 loses the sign of x, which backward reads off y.
    let inPlace = node.mayBeOverwritten && slope >= 0
    var result = inPlace ? node : builder.node(node.shape, layout: node.layout)
    result.mayBeOverwritten = false
    let y = result.value
    builder.forwardSlices { range, _ in
      let start = range.lowerBound * count
      kernels.reluForward(x.base + start, y.base + start, range.count * count, slope: slope)
    }
    guard let dx = node.gradient, let dy = result.gradient else { return result }
    let sign = slope < 0 ? x : y
    builder.backwardSlices { range, _ in
      let start = range.lowerBound * count
      kernels.reluBackward(sign.base + start, dy.base + start, dx.base + start, range.count * count, slope: slope)
    }
    return result
  }

  private func squashed(_ node: PlanNode, isTanh: Bool, in builder: inout PlanBuilder) -> PlanNode {
    let count = node.count
    let x = node.value
    let result = builder.node(node.shape, layout: node.layout)
    let y = result.value
    builder.forwardSlices { range, _ in
      let (start, length) = (range.lowerBound * count, range.count * count)
      if isTanh {
        kernels.tanh(x.base + start, y.base + start, length)
      } else {
        kernels.sigmoid(x.base + start, y.base + start, length)
      }
    }
    guard let dx = node.gradient, let dy = result.gradient else { return result }
    builder.backwardSlices { range, _ in
      for index in range.lowerBound * count..<range.upperBound * count {
        let value = y.base[index]
        dx.base[index] = dy.base[index] * (isTanh ? 1 - value * value : value * (1 - value))
      }
    }
    return result
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    switch activation {
    case .relu: try x.relu()
    case .leakyRelu(let slope): try x.relu() - (-x).relu() * slope
    case .sigmoid: try x.sigmoid()
    case .tanh: try x.tanh()
    }
  }
}

extension Layer {
  /// Any of them.
  public static func activation(_ activation: Activation) -> Layer { Layer(ActivationLayer(activation: activation)) }

  /// max(x, 0).
  public static let relu = Layer.activation(.relu)
  /// 1 / (1 + e^−x).
  public static let sigmoid = Layer.activation(.sigmoid)
  /// The hyperbolic tangent.
  public static let tanh = Layer.activation(.tanh)
}
