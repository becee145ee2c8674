import Tensors

/// Layers that a few architectures have, and operators between results and numbers.
extension KerasReader {
  /// `x + 3` and the like, which Keras 3 writes as layers of the operator's name; nil for other layers.
  mutating func withNumber(_ step: KerasStep, _ taken: [Value]) throws -> Value? {
    guard taken.count == 1, let number = step.number else { return nil }
    let operation: ElementOperation
    switch step.layer.kind {
    case "Add": operation = .add
    case "Subtract": operation = .subtract
    case "Multiply": operation = .multiply
    case "Divide", "TrueDivide": operation = .divide
    case "Maximum": operation = .maximum
    case "Minimum": operation = .minimum
    default: return nil
    }
    guard number.value.isFinite else { throw step.bad("has a number that is none") }
    return try add([.operation(operation, number.value, isFirst: number.place == 0)], to: taken[0])
  }

  /// Over a row's numbers, or over the channels of each pixel.
  mutating func layerNorm(_ step: KerasStep, _ value: Value) throws -> Value {
    try checkChannels(step, value)
    guard !(try step.flag("rms_scaling", false)) else {
      throw step.bad("divides alone (rms_scaling), which is not read")
    }
    let found = try normArrays(step, value, kept: 0)
    let epsilon = try step.double("epsilon", 0.001)
    if value.shape.count == 1 { return try add([.groupNorm(1, epsilon: epsilon)], found, to: value) }
    let layers: [any LayerKind] = [
      TransposeLayer(axes: [1, 2, 0]), LayerNormLayer(axes: 1, epsilon: epsilon), TransposeLayer(axes: [2, 0, 1]),
    ]
    return try add(layers.map { Layer($0) }, found, to: value)
  }

  /// A number for each channel: ConvNeXt's.
  mutating func layerScale(_ step: KerasStep, _ value: Value) throws -> Value {
    let channels = value.shape[0]
    let found = try arrays(step, [[channels]])
    let shape = value.shape.count == 3 ? [channels, 1, 1] : [channels]
    guard value.shape.count == 3 && !isChannelsFirst || value.shape.count == 1 && value.image == nil else {
      throw step.bad("scales other than channels")
    }
    return try add([Layer(ConstantLayer(operation: .multiply, shape: shape, isFirst: false))], found, to: value)
  }

  /// Keras cuts of `same` so that height and width are the stride's multiples.
  mutating func transposedConvolution(_ step: KerasStep, _ value: Value) throws -> Value {
    let shape = try images(step, value)
    let kernel = try step.extent("kernel_size")
    let stride = try step.extent("strides", Extent(1))
    let dilation = try step.extent("dilation_rate", Extent(1))
    let (filters, hasBias) = (try step.int("filters"), try step.flag("use_bias", true))
    guard (1...65536).contains(filters) else { throw step.bad("has \(filters) filters") }
    guard step.config["output_padding"] == nil else { throw step.bad("has an output_padding, which is not read") }
    let shapes = [[kernel.height, kernel.width, filters, shape[0]]] + (hasBias ? [[filters]] : [])
    var found = try arrays(step, shapes)
    let transposed = TransposedConvolution(
      channels: shape[0], filters: filters, kernel: kernel, stride: stride, dilation: dilation, groups: 1)
    // [height, width, out, in] as [in, out, height, width], and that as a convolution has it.
    found[0] = transposed.turned(Self.turned(found[0], shapes[0]))
    // Of the whole result, stride · (size − 1) + span, `same` keeps stride · size, and `valid` at least that.
    func ends(_ span: Int, _ stride: Int) throws -> (Int, Int) {
      let over = span - stride
      guard try step.padding() == .same else { return (0, min(0, over)) }
      return over >= 0 ? (over / 2, over - over / 2) : (0, over)
    }
    let (top, bottom) = try ends(transposed.span.height, stride.height)
    let (left, right) = try ends(transposed.span.width, stride.width)
    guard
      let layers = transposed.layers(shape, top: top, left: left, bottom: bottom, right: right, bias: hasBias)
    else { throw step.bad("leaves nothing of items \(shape)") }
    return try activated(step, try add(layers, found, to: value), step.config["activation"])
  }

  mutating func cropped(_ step: KerasStep, _ value: Value) throws -> Value {
    let shape = try images(step, value)
    let sides = try step.sides("cropping")
    let counts = [shape[0], shape[1] - sides[0][0] - sides[0][1], shape[2] - sides[1][0] - sides[1][1]]
    guard counts.allSatisfy({ $0 > 0 }) else { throw step.bad("leaves nothing of items \(shape)") }
    let layer = SliceLayer(starts: [0, sides[0][0], sides[1][0]], counts: counts, steps: [1, 1, 1])
    return counts == shape ? value : try add([Layer(layer)], to: value)
  }
}

extension KerasStep {
  /// Above and below, left and right: `padding` and `cropping` have two numbers, or two pairs.
  func sides(_ name: String) throws -> [[Int]] {
    let sides = (config[name]?.list ?? []).map { side -> [Int] in
      side.int.map { [$0, $0] } ?? side.list?.compactMap(\.int) ?? []
    }
    guard sides.count == 2, sides.allSatisfy({ $0.count == 2 && $0.allSatisfy { (0...4096).contains($0) } }) else {
      throw bad("has a border that is none")
    }
    return sides
  }
}
