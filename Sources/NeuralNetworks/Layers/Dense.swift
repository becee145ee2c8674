import Tensors

/// y = x Wᵀ + b; weights [units, inputs].
struct DenseLayer: LayerKind {
  let units: Int
  let bias: Bool
  let initialisation: Initialisation

  static let fileName = "dense"

  static let declarations = [
    LayerDeclaration(
      Declaration(
        "dense", .integer("units", in: 1...1_048_576), .flag("bias", default: true),
        .word("init", default: Initialisation.glorot),
        summary: "A fully connected layer: x Wᵀ + b.",
        details: """
          [batch, features] → [batch, units]. Put flatten or globalpool before it where images come in. A layer that is \
          called by itself keeps the weights that its first call drew, as a network does.
          """,
        example: "(flatten >> dense(4))(zeros([2, 1, 3, 3])).shape\n#> [2, 4]", seeAlso: ["flatten", "conv"]
      ) { .dense(units: $0, bias: $1, initialisation: $2) })
  ]

  var text: String { "dense(\(units)\(bias ? "" : ", bias=false")\(Layer.argument(initialisation)))" }

  func checkArguments() throws(NetworkError) { try check(units, "units") }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] {
    guard input.count == 1 else { throw .wantsFlat(layer: layer, number: nil, got: input) }
    try checkSize([units, input[0]])
    return [units]
  }

  func addWeights(to list: inout WeightList, input: [Int], prefix: String) throws(NetworkError) {
    list.add(
      prefix + "weight", [units, input[0]],
      initialisation.weights(inputs: input[0], outputs: units, isDense: true))
    if bias { list.add(prefix + "bias", [units], initialisation.biases(isDense: true)) }
  }

  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode {
    builder.addDense(units, bias: bias, to: node)
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    let weight = try weights.next()
    return try x.dense(weight, bias: bias ? try weights.next() : nil)
  }
}

extension Layer {
  /// [inputs] → [units].
  public static func dense(units: Int, bias: Bool = true, initialisation: Initialisation = .glorot) -> Layer {
    Layer(DenseLayer(units: units, bias: bias, initialisation: initialisation))
  }
}
