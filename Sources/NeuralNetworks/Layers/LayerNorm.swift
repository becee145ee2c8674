import Tensors

/// (x − mean) / √(variance + epsilon) · scale + shift, mean and variance being those of the last axes of an item, scale and
/// shift an array of their shape (Ba et al. 2016). Over the channels of a pixel with those as the last axis.
struct LayerNormLayer: LayerKind {
  /// How many of the last axes.
  let axes: Int
  let epsilon: Double

  static let fileName = "layerNorm"
  static let declarations: [LayerDeclaration] = []
  var text: String { "layernorm(\(axes)\(epsilon == 1e-5 ? "" : ", epsilon=\(Layer.shown(epsilon))"))" }

  func checkArguments() throws(NetworkError) {
    try check(axes, "axes", in: 1...8)
    guard epsilon >= 0, epsilon.isFinite else {
      throw .argument(layer: "layernorm", what: "epsilon", got: "\(epsilon)", expected: "0 or more")
    }
  }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] {
    guard axes <= input.count else {
      throw .argument(
        layer: "layernorm", what: "axes", got: "\(axes)", expected: "at most the \(input.count) of an item \(input)")
    }
    return input
  }

  func addWeights(to list: inout WeightList, input: [Int], prefix: String) throws(NetworkError) {
    list.add(prefix + "scale", Array(input.suffix(axes)), .all(1))
    list.add(prefix + "shift", Array(input.suffix(axes)), .all(0))
  }

  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode {
    let (scale, shift) = (builder.nextWeights(), builder.nextWeights())
    let result = builder.node(node.shape, mayBeOverwritten: true)
    let steps = LayerNormSteps(width: node.shape.suffix(axes).reduce(1, *), epsilon: Float(epsilon))
    let (x, y, width) = (node.value, result.value, steps.width)
    let rows = node.count / max(1, width)
    builder.forwardSlices { range, _ in
      for row in range.lowerBound * rows..<range.upperBound * rows {
        steps.forward(x.base + row * width, y.base + row * width, scale.buffer.base, shift.buffer.base)
      }
    }
    guard builder.training, let dy = result.gradient else { return result }
    let (scaleParts, shiftParts) = (builder.gradientParts(of: scale), builder.gradientParts(of: shift))
    let dx = node.gradient
    builder.backwardSlices { range, slice in
      let (dScale, dShift) = (scaleParts.base + slice * width, shiftParts.base + slice * width)
      dScale.update(repeating: 0, count: width)
      dShift.update(repeating: 0, count: width)
      for row in range.lowerBound * rows..<range.upperBound * rows {
        steps.backward(
          x.base + row * width, dy.base + row * width, dx.map { $0.base + row * width }, scale.buffer.base, dScale,
          dShift)
      }
    }
    return result
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    let (scale, shift) = (try weights.next(), try weights.next())
    let places = Array(x.rank - axes..<x.rank)
    let centred = try x - x.mean(places, keepDims: true)
    let variance = try (centred * centred).mean(places, keepDims: true)
    return try centred / (variance + Float(epsilon)).sqrt() * scale + shift
  }
}

/// One row at a time.
private struct LayerNormSteps: Sendable {
  let width: Int
  let epsilon: Float

  private func measured(_ x: Floats) -> (mean: Float, inverse: Float) {
    let mean = kernels.sum(x, width) / Float(width)
    let variance = kernels.centredDot(x, x, width, mean, mean) / Float(width)
    return (mean, 1 / (variance + epsilon).squareRoot())
  }

  func forward(_ x: Floats, _ y: MutableFloats, _ scale: Floats, _ shift: Floats) {
    let (mean, inverse) = measured(x)
    for index in 0..<width { y[index] = (x[index] - mean) * inverse * scale[index] + shift[index] }
  }

  /// Writes dx, and adds to the gradients of scale and shift.
  func backward(
    _ x: Floats, _ dy: Floats, _ dx: MutableFloats?, _ scale: Floats, _ dScale: MutableFloats, _ dShift: MutableFloats
  ) {
    let (mean, inverse) = measured(x)
    // The means of scale · dy and of scale · dy · x̂.
    var (plain, along): (Float, Float) = (0, 0)
    for index in 0..<width {
      let normal = (x[index] - mean) * inverse
      dShift[index] += dy[index]
      dScale[index] += dy[index] * normal
      plain += scale[index] * dy[index]
      along += scale[index] * dy[index] * normal
    }
    guard let dx else { return }
    (plain, along) = (plain / Float(width), along / Float(width))
    for index in 0..<width {
      let normal = (x[index] - mean) * inverse
      dx[index] = inverse * (scale[index] * dy[index] - plain - normal * along)
    }
  }
}
