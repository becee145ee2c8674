import Tensors

/// x · sigmoid(dense(relu(dense(mean of each channel)))): squeeze and excitation (Hu et al. 2018).
struct SqueezeExciteLayer: LayerKind {
  let reduction: Int

  static let fileName = "squeezeExcite"

  static let declarations = [
    LayerDeclaration(
      Declaration(
        "squeezeexcite", .integer("reduction", in: 1...4096, default: 8),
        summary: "Scales each channel by a gate computed from all channels' means (Hu et al. 2018).",
        example: "squeezeexcite(4)\n#> squeezeexcite(4)"
      ) { .squeezeExcite(reduction: $0) })
  ]

  var text: String { "squeezeexcite(\(reduction))" }

  private func squeezed(_ channels: Int) -> Int { max(1, channels / reduction) }

  /// From the means of so many channels to their gates.
  func gates(channels: Int) -> [Layer] {
    [.dense(units: squeezed(channels)), .relu, .dense(units: channels), .sigmoid]
  }

  func checkArguments() throws(NetworkError) { try check(reduction, "reduction") }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] {
    try checkImages(input)
    try checkSize([input[0], squeezed(input[0])])
    return input
  }

  func addWeights(to list: inout WeightList, input: [Int], prefix: String) throws(NetworkError) {
    try list.add(gates(channels: input[0]), input: [input[0]], prefix: prefix)
  }

  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode {
    let (channels, pixels) = (node.shape[0], node.shape[1] * node.shape[2])
    var entry = node
    entry.mayBeOverwritten = false
    let (x, dx) = (node.value, node.gradient)
    let side = dx.map { FloatBuffer($0.count) }
    if let dx, let side {
      builder.backwardSlices { range, _ in
        let start = range.lowerBound * channels * pixels
        kernels.accumulate(side.base + start, into: dx.base + start, range.count * channels * pixels)
      }
    }
    let gates = builder.add([.globalPool] + self.gates(channels: channels), to: entry)
    let result = builder.node(node.shape, mayBeOverwritten: true)
    let (y, gate) = (result.value, gates.value)
    builder.forwardSlices { range, _ in
      for plane in range.lowerBound * channels..<range.upperBound * channels {
        kernels.affine(
          x.base + plane * pixels, y.base + plane * pixels, pixels, scale: gate.base[plane], shift: 0)
      }
    }
    guard let dy = result.gradient, let dGate = gates.gradient else { return result }
    builder.backwardSlices { range, _ in
      for plane in range.lowerBound * channels..<range.upperBound * channels {
        let at = plane * pixels
        dGate.base[plane] = kernels.centredDot(x.base + at, dy.base + at, pixels, 0, 0)
        if let side {
          kernels.affine(dy.base + at, side.base + at, pixels, scale: gate.base[plane], shift: 0)
        }
      }
    }
    return result
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    let (items, channels) = (x.shape[0], x.shape[1])
    let gates = try weights.run([.globalPool] + self.gates(channels: channels), x)
    return try x * gates.reshaped([items, channels, 1, 1])
  }
}

extension Layer {
  /// Through channels / `reduction` numbers, at least one.
  public static func squeezeExcite(reduction: Int) -> Layer { Layer(SqueezeExciteLayer(reduction: reduction)) }
}
