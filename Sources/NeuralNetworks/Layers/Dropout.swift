import Tensors

/// In training, zeroes each element with probability `rate` and divides the others by 1 − rate.
struct DropoutLayer: LayerKind {
  let rate: Double

  static let fileName = "dropout"

  static let declarations = [
    LayerDeclaration(
      Declaration(
        "dropout", .number("rate"),
        summary: "In training, zeroes each number with probability `rate` and divides the rest by 1 − rate.",
        details: "Does nothing outside of training. The masks follow from the training's seed.",
        example: "dropout(0.25)\n#> dropout(0.25)"
      ) { .dropout(rate: $0) })
  ]

  var text: String { "dropout(\(Layer.shown(rate)))" }
  var dependsOnBatch: Bool { rate > 0 }

  func checkArguments() throws(NetworkError) { try checkFraction(rate, "rate") }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] { input }

  var takesAnyLayout: Bool { true }

  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode {
    let number = builder.nextLayerNumber()
    guard builder.training, rate > 0 else { return node }
    var result = node.mayBeOverwritten ? node : builder.node(node.shape, layout: node.layout)
    // A zero behind dropout is a dropped number or relu's: backward draws the mask again instead of reading it off.
    result.mayBeOverwritten = false
    let count = node.count
    let threshold = UInt32(min(4_294_967_295, (rate * 4_294_967_296).rounded()))
    let scale = Float(1 / (1 - rate))
    let (run, x, y) = (builder.run, node.value, result.value)
    builder.forwardSlices { range, _ in
      let start = range.lowerBound * count
      kernels.dropoutApply(
        x.base + start, y.base + start, count: range.count * count, first: UInt32(truncatingIfNeeded: start),
        key: Self.key(run.seed, number), threshold: threshold, scale: scale)
    }
    guard let dx = node.gradient, let dy = result.gradient else { return result }
    builder.backwardSlices { range, _ in
      let start = range.lowerBound * count
      kernels.dropoutApply(
        dy.base + start, dx.base + start, count: range.count * count, first: UInt32(truncatingIfNeeded: start),
        key: Self.key(run.seed, number), threshold: threshold, scale: scale)
    }
    return result
  }

  /// A key for each (seed, layer), by SplitMix64's mixer.
  private static func key(_ seed: UInt64, _ layer: UInt64) -> UInt32 {
    var z = seed &+ layer &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return UInt32(truncatingIfNeeded: (z ^ (z >> 31)) >> 16)
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor { x }
}

extension Layer {
  /// `rate` from 0 to below 1.
  public static func dropout(rate: Double) -> Layer { Layer(DropoutLayer(rate: rate)) }
}
