import Tensors

/// (x − mean) / √(variance + epsilon) · scale + shift, mean and variance being those of a group of channels of one item:
/// the same in training and outside of it, whatever the rest of the batch is. Wu and He 2018.
struct GroupNormLayer: LayerKind {
  let groups: Int
  let epsilon: Double

  static let fileName = "groupNorm"

  static let declarations = [
    LayerDeclaration(
      Declaration(
        "groupnorm", .integer("groups", in: 1...65536), .positive("epsilon", default: 1e-5),
        summary: "Normalises groups of each image's channels by their mean and variance, then scales and shifts.",
        details: """
          [batch, channels, height, width] → the same, or [batch, channels] → the same: \
          (x − mean) / √(variance + epsilon) · scale + shift, mean and variance over a group of channels / groups \
          neighbouring channels and all their pixels, scale and shift learnt for each channel from 1 and 0. Each image \
          stands for itself, in training as elsewhere, so that small batches do no harm; groups=1 is layer \
          normalisation, as many groups as channels instance normalisation. Wu and He 2018; as torch.nn.GroupNorm.
          """,
        example: """
          net = conv(8, 3, padding="same", bias=false) >> groupnorm(4) >> relu
          net(zeros([2, 1, 8, 8])).shape
          #> [2, 8, 8, 8]
          """,
        errors: ["groups does not divide the number of channels"], seeAlso: ["batchnorm", "conv"]
      ) { .groupNorm($0, epsilon: $1) })
  ]

  var text: String { "groupnorm(\(groups)\(epsilon == 1e-5 ? "" : ", epsilon=\(Layer.shown(epsilon))"))" }

  func checkArguments() throws(NetworkError) {
    try check(groups, "groups")
    try checkPositive(epsilon, "epsilon")
  }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] {
    guard let channels = input.first, channels % groups == 0 else {
      throw .argument(
        layer: layer.name, what: "groups", got: "\(groups)",
        expected: "to divide the \(input.first ?? 0) channels that come in")
    }
    return input
  }

  func addWeights(to list: inout WeightList, input: [Int], prefix: String) throws(NetworkError) {
    list.add(prefix + "scale", [input[0]], .all(1))
    list.add(prefix + "shift", [input[0]], .all(0))
  }

  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode {
    let (scale, shift) = (builder.nextWeights(), builder.nextWeights())
    let result = builder.node(node.shape, mayBeOverwritten: true)
    let steps = GroupNormSteps(
      groups: groups, channels: node.shape[0], pixels: node.shape.dropFirst().reduce(1, *), epsilon: Float(epsilon),
      means: FloatBuffer(groups * builder.batch), inverses: FloatBuffer(groups * builder.batch))
    let (x, y, count) = (node.value, result.value, node.count)
    builder.forwardSlices { range, _ in
      for item in range {
        steps.forward(
          x.base + item * count, y.base + item * count, item, scale: scale.buffer.base, shift: shift.buffer.base)
      }
    }
    guard builder.training, let dy = result.gradient else { return result }
    let (scaleParts, shiftParts) = (builder.gradientParts(of: scale), builder.gradientParts(of: shift))
    let (dx, channels) = (node.gradient, node.shape[0])
    builder.backwardSlices { range, slice in
      let (dScale, dShift) = (scaleParts.base + slice * channels, shiftParts.base + slice * channels)
      dScale.update(repeating: 0, count: channels)
      dShift.update(repeating: 0, count: channels)
      for item in range {
        steps.backward(
          x.base + item * count, dy.base + item * count, dx.map { $0.base + item * count }, item,
          scale: scale.buffer.base, dScale: dScale, dShift: dShift)
      }
    }
    return result
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    let form = [1, x.shape[1]] + x.shape.dropFirst(2).map { _ in 1 }
    let scale = try weights.next().reshaped(form)
    let shift = try weights.next().reshaped(form)
    let rows = try x.reshaped([x.shape[0], groups, x.shape.dropFirst().reduce(1, *) / groups])
    let centred = try rows - rows.mean([2], keepDims: true)
    let variance = try (centred * centred).mean([2], keepDims: true)
    return try (centred / (variance + Float(epsilon)).sqrt()).reshaped(x.shape) * scale + shift
  }
}

/// One item [channels, pixels] at a time; keeps the mean and 1 / √(variance + epsilon) of each group for backward.
private struct GroupNormSteps: Sendable {
  let groups: Int
  let channels: Int
  let pixels: Int
  let epsilon: Float
  /// [batch, groups] each.
  let means: FloatBuffer
  let inverses: FloatBuffer

  private var width: Int { channels / groups }

  func forward(_ x: Floats, _ y: MutableFloats, _ item: Int, scale: Floats, shift: Floats) {
    let count = width * pixels
    for group in 0..<groups {
      let from = x + group * count
      let mean = kernels.sum(from, count) / Float(count)
      let variance = kernels.centredDot(from, from, count, mean, mean) / Float(count)
      let inverse = 1 / (variance + epsilon).squareRoot()
      means.base[item * groups + group] = mean
      inverses.base[item * groups + group] = inverse
      for channel in group * width..<(group + 1) * width {
        let factor = scale[channel] * inverse
        kernels.affine(
          x + channel * pixels, y + channel * pixels, pixels, scale: factor, shift: shift[channel] - mean * factor)
      }
    }
  }

  /// Writes dx, and adds to the gradients of scale and shift.
  func backward(
    _ x: Floats, _ dy: Floats, _ dx: MutableFloats?, _ item: Int, scale: Floats, dScale: MutableFloats,
    dShift: MutableFloats
  ) {
    let count = Float(width * pixels)
    for group in 0..<groups {
      let (mean, inverse) = (means.base[item * groups + group], inverses.base[item * groups + group])
      // The means over the group of scale · dy and of scale · dy · x̂, x̂ = (x − mean) · inverse.
      var (plain, along): (Float, Float) = (0, 0)
      for channel in group * width..<(group + 1) * width {
        let at = channel * pixels
        let sum = kernels.sum(dy + at, pixels)
        let product = kernels.centredDot(dy + at, x + at, pixels, 0, mean) * inverse
        dShift[channel] += sum
        dScale[channel] += product
        plain += scale[channel] * sum / count
        along += scale[channel] * product / count
      }
      guard let dx else { continue }
      // dx = inverse · (scale · dy − plain − x̂ · along)
      let slope = -inverse * inverse * along
      for channel in group * width..<(group + 1) * width {
        let at = channel * pixels
        kernels.affine2(
          dy + at, x + at, dx + at, pixels, a: inverse * scale[channel], b: slope,
          c: -inverse * plain - slope * mean)
      }
    }
  }
}

extension Layer {
  /// `groups` divides the channels; `epsilon` above 0.
  public static func groupNorm(_ groups: Int, epsilon: Double = 1e-5) -> Layer {
    Layer(GroupNormLayer(groups: groups, epsilon: epsilon))
  }
}
