import Tensors

/// A function of each number alone, of those that networks from elsewhere have.
struct FunctionLayer: TracedLayer {
  enum Function: Hashable, Sendable, Codable {
    /// Between both.
    case clip(low: Float, high: Float)
    /// alpha · x + beta, between 0 and 1.
    case hardSigmoid(alpha: Float, beta: Float)
    /// x times the hard sigmoid with 1/6 and 1/2.
    case hardSwish
    case elu(alpha: Float)
    case exp, log, sqrt, abs, negate, reciprocal, softplus
    /// Steps, whose gradient is 0.
    case sign, floor, ceil, round
    case power(Float)
    case erf, mish, softsign
    /// x · Φ(x) (Hendrycks and Gimpel 2016); `isRough`: by their formula with tanh.
    case gelu(isRough: Bool)
    /// gamma · (x, or alpha · (eˣ − 1) below 0).
    case selu(alpha: Float, gamma: Float)
    /// x, or alpha · (exp(x / alpha) − 1) below 0.
    case celu(alpha: Float)
    /// With one number, which does not learn: x + c, or c + x where the number is first.
    case operation(ElementOperation, Float, isFirst: Bool)
  }

  let function: Function

  static let fileName = "function"
  static let declarations: [LayerDeclaration] = []

  var text: String {
    switch function {
    case .clip(let low, let high): "clip(\(Layer.shown(Double(low))), \(Layer.shown(Double(high))))"
    case .hardSigmoid: "hardsigmoid"
    case .hardSwish: "hardswish"
    case .elu(let alpha): "elu(\(Layer.shown(Double(alpha))))"
    case .power(let exponent): "x ^ \(Layer.shown(Double(exponent)))"
    case .gelu(let isRough): isRough ? "gelu(tanh)" : "gelu"
    case .selu: "selu"
    case .celu(let alpha): "celu(\(Layer.shown(Double(alpha))))"
    case .operation(let operation, let number, let isFirst):
      isFirst
        ? "\(Layer.shown(Double(number))) \(operation.sign) x" : "x \(operation.sign) \(Layer.shown(Double(number)))"
    default: "\(function)"
    }
  }

  func checkArguments() throws(NetworkError) {
    let numbers: [Float] =
      switch function {
      case .clip(let low, let high): [low <= high ? 0 : .nan]
      case .hardSigmoid(let alpha, let beta): [alpha, beta]
      case .elu(let alpha): [alpha]
      case .power(let exponent): [exponent]
      case .selu(let alpha, let gamma): [alpha, gamma]
      case .celu(let alpha): [alpha, 1 / alpha]
      case .operation(_, let number, _): [number]
      default: []
      }
    guard numbers.allSatisfy(\.isFinite) else {
      throw .argument(layer: layer.name, what: "its numbers", got: "\(function)", expected: "to be finite and in order")
    }
  }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] { input }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    switch function {
    case .clip(let low, let high): return try x.clip(low, high)
    case .hardSigmoid(let alpha, let beta): return try (x * alpha + beta).clip(0, 1)
    case .hardSwish: return try x * (x * (1 / 6) + 0.5).clip(0, 1)
    case .elu(let alpha): return try x.relu() + (x.clip(-Float.greatestFiniteMagnitude, 0).exp() - 1) * alpha
    case .exp: return try x.exp()
    case .log: return try x.log()
    case .sqrt: return try x.sqrt()
    case .abs: return try x.abs()
    case .negate: return try x * -1
    case .reciprocal: return try Tensor(scalar: 1) / x
    case .sign: return try x.sign()
    case .floor: return try x.floor()
    case .ceil: return try x.ceil()
    case .round: return try x.round()
    case .softplus: return try x.relu() + ((x.abs() * -1).exp() + 1).log()
    case .power(let exponent): return try x.power(Tensor(scalar: exponent))
    case .erf: return try x.erf()
    case .mish: return try x * (x.relu() + ((x.abs() * -1).exp() + 1).log()).tanh()
    case .softsign: return try x / (x.abs() + 1)
    case .gelu(let isRough):
      let inside = isRough ? try ((x * x * x * 0.044715 + x) * 0.797_884_6).tanh() : try (x * 0.707_106_8).erf()
      return try x * 0.5 * (inside + 1)
    case .selu(let alpha, let gamma): return try (x.relu() + Self.below(x, 1) * alpha) * gamma
    case .celu(let alpha): return try x.relu() + Self.below(x, alpha) * alpha
    case .operation(let operation, let number, let isFirst):
      let other = try Tensor(scalar: number).reshaped([1])
      return isFirst ? try operation.traced(other, x) : try operation.traced(x, other)
    }
  }
}

extension Layer {
  /// With one number, which does not learn: `x + c`, or `c + x` where the number is first.
  static func operation(_ operation: ElementOperation, _ number: Float, isFirst: Bool = false) -> Layer {
    Layer(FunctionLayer(function: .operation(operation, number, isFirst: isFirst)))
  }
}

extension FunctionLayer {
  /// exp(x / alpha) − 1 below 0, else 0.
  private static func below(_ x: Tensor, _ alpha: Float) throws -> Tensor {
    try (x / alpha).clip(-Float.greatestFiniteMagnitude, 0).expm1()
  }
}

/// x where x > 0, else a slope times x, one slope for each channel, learnt (He et al. 2015).
struct PReLULayer: TracedLayer {
  static let fileName = "prelu"

  static let declarations = [
    LayerDeclaration(
      Declaration(
        "prelu", summary: "x where x > 0, else slope · x: a slope for each channel, learnt from 0.25 (He et al. 2015).",
        example: "(conv(4, 3) >> prelu())(zeros([1, 1, 5, 5])).shape\n#> [1, 4, 3, 3]", seeAlso: ["leakyrelu"]
      ) { Layer(PReLULayer()) })
  ]

  var text: String { "prelu()" }
  var arrayCount: Int { 1 }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] { input }

  func addWeights(to list: inout WeightList, input: [Int], prefix: String) throws(NetworkError) {
    list.add(prefix + "slope", [input[0]], .all(0.25))
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    let slope = try weights.next().reshaped([1, x.shape[1]] + x.shape.dropFirst(2).map { _ in 1 })
    return try x.relu() - (x * -1).relu() * slope
  }
}
