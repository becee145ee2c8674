import Tensors

/// (x − mean) / √(variance + epsilon) · scale + shift for each channel: with the batch's statistics in training, with
/// running ones (running ← momentum · running + (1 − momentum) · batch) otherwise.
struct BatchNormLayer: LayerKind {
  let momentum: Double
  let epsilon: Double

  static let fileName = "batchNorm"

  static let declarations = [
    LayerDeclaration(
      Declaration(
        "batchnorm", .number("momentum", default: 0.9), .positive("epsilon", default: 1e-5),
        summary: "Normalises each channel by the batch's mean and variance, then scales and shifts it.",
        details: """
          In training with the batch's statistics, elsewhere with running ones: \
          running ← momentum · running + (1 − momentum) · batch (Ioffe and Szegedy 2015).
          """,
        example: "batchnorm()\n#> batchnorm"
      ) { .batchNorm(momentum: $0, epsilon: $1) })
  ]

  var text: String {
    if momentum == 0.9, epsilon == 1e-5 { return "batchnorm" }
    return "batchnorm(momentum=\(Layer.shown(momentum)), epsilon=\(Layer.shown(epsilon)))"
  }

  var dependsOnBatch: Bool { true }

  func checkArguments() throws(NetworkError) {
    try checkFraction(momentum, "momentum")
    try checkPositive(epsilon, "epsilon")
  }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] { input }

  func addWeights(to list: inout WeightList, input: [Int], prefix: String) throws(NetworkError) {
    list.add(prefix + "scale", [input[0]], .all(1))
    list.add(prefix + "shift", [input[0]], .all(0))
    list.add(prefix + "mean", [input[0]], .all(0), isTrained: false)
    list.add(prefix + "variance", [input[0]], .all(1), isTrained: false)
  }

  var takesAnyLayout: Bool { true }

  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode { builder.addAlone(layer, to: node) }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    let form = [1, x.shape[1]] + x.shape.dropFirst(2).map { _ in 1 }
    let scale = try weights.next().reshaped(form)
    let shift = try weights.next().reshaped(form)
    let mean = try weights.next().reshaped(form)
    let variance = try weights.next().reshaped(form)
    return try (x - mean) / (variance + Float(epsilon)).sqrt() * scale + shift
  }
}

extension Layer {
  /// `momentum` from 0 to below 1; `epsilon` above 0.
  public static func batchNorm(momentum: Double = 0.9, epsilon: Double = 1e-5) -> Layer {
    Layer(BatchNormLayer(momentum: momentum, epsilon: epsilon))
  }
}
