import ONNXFormat
import Tensors

/// What later versions of the operators have: normalisations, GELU, transposed convolutions.
extension ONNXReader {
  mutating func gelu(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    let word = try step.text("approximate", "none")
    guard word == "none" || word == "tanh" else { throw step.bad("has the approximation \(word.prefix(20))") }
    return try add([Layer(FunctionLayer(function: .gelu(isRough: word == "tanh")))], [], to: place, shape)
  }

  /// Over the last axes of an item.
  mutating func layerNorm(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    let axis = try step.axis(try step.int("axis", -1), shape)
    if step.node.outputs.dropFirst().contains(where: { !$0.isEmpty }) {
      throw step.bad("gives mean and deviation, too, which is not read")
    }
    let normal = Array(shape[axis...])
    let count = normal.reduce(1, *)
    func array(_ index: Int, _ fallback: Float) throws -> [Float] {
      guard let found = try floats(step, index) else { return [Float](repeating: fallback, count: count) }
      if found.values.count == 1 { return [Float](repeating: found.values[0], count: count) }
      guard found.shape.drop(while: { $0 == 1 }).elementsEqual(normal.drop { $0 == 1 }) else {
        throw step.bad("has an array of the shape \(found.shape) for the axes \(normal)")
      }
      return found.values
    }
    let layer = LayerNormLayer(axes: normal.count, epsilon: Double(try step.float("epsilon", 1e-5)))
    return try add([Layer(layer)], [try array(1, 1), try array(2, 0)], to: place, shape)
  }

  /// Scale and shift are one for each group before version 21 and one for each channel since.
  mutating func groupNorm(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    let groups = try step.int("num_groups", 0)
    guard groups > 0, groups <= shape[0], shape[0] % groups == 0 else {
      throw step.bad("has \(groups) groups for \(shape[0]) channels")
    }
    let each = shape[0] / groups
    let arrays = try [1, 2].map { index -> [Float] in
      let values = try weights(step, index, axes: 1).values
      if values.count == shape[0] { return values }
      guard values.count == groups else { throw step.bad("has \(values.count) numbers for \(shape[0]) channels") }
      return values.flatMap { [Float](repeating: $0, count: each) }
    }
    let layer = Layer.groupNorm(groups, epsilon: Double(try step.float("epsilon", 1e-5)))
    return try add([layer], arrays, to: place, shape)
  }

  /// Zeros between the pixels, then a convolution with the kernel turned round.
  mutating func transposedConvolution(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try images(step)
    let (values, weightShape) = try weights(step, 1, axes: 4)
    let kernel = Extent(weightShape[2], weightShape[3])
    guard try step.extent("kernel_shape", kernel) == kernel else { throw step.bad("has a kernel of two sizes") }
    let (stride, dilation) = (try step.extent("strides", Extent(1)), try step.extent("dilations", Extent(1)))
    let groups = try step.int("group", 1)
    let sizes = [kernel.height, kernel.width, stride.height, stride.width, dilation.height, dilation.width]
    guard (1...65536).contains(groups), sizes.allSatisfy({ $0 <= 4096 }), weightShape[0] == shape[0],
      shape[0] % groups == 0, weightShape[1] <= 65536 / groups
    else { throw step.bad("has weights \(weightShape) in \(groups) groups for \(shape[0]) channels") }
    let more = try step.ints("output_padding") ?? [0, 0]
    guard more.count == 2, more.allSatisfy({ (0...4096).contains($0) }) else {
      throw step.bad("has an output_padding that is none")
    }
    let transposed = TransposedConvolution(
      channels: shape[0], filters: weightShape[1] * groups, kernel: kernel, stride: stride, dilation: dilation,
      groups: groups)
    let (top, bottom) = try ends(step, 0, shape[1], more[0], transposed.span.height, stride.height)
    let (left, right) = try ends(step, 1, shape[2], more[1], transposed.span.width, stride.width)
    let bias = try floats(step, 2)
    if let bias, bias.values.count != transposed.filters { throw step.bad("has \(bias.values.count) biases") }
    let layers = transposed.layers(
      shape, top: top, left: left, bottom: bottom - more[0], right: right - more[1], bias: bias != nil)
    guard let layers else { throw step.bad("leaves nothing of items \(shape)") }
    return try add(
      layers, [transposed.turned(values)] + (bias.map { [$0.values] } ?? []), to: place, shape)
  }

  /// What is cut away of an axis of the result, before and behind.
  private func ends(
    _ step: ONNXStep, _ axis: Int, _ size: Int, _ more: Int, _ span: Int, _ stride: Int
  ) throws -> (Int, Int) {
    let way = try step.text("auto_pad", "NOTSET")
    let whole = stride * (size - 1) + more + span
    var total: Int?
    if let wanted = try step.ints("output_shape") {
      guard wanted.count == 2, (1...Layer.sizeLimit).contains(wanted[axis]), wanted[axis] <= whole else {
        throw step.bad("has an output_shape that is none")
      }
      total = whole - wanted[axis]
    } else if way == "SAME_UPPER" || way == "SAME_LOWER" {
      total = max(0, whole - size * stride)
    }
    if let total { return way == "SAME_UPPER" ? (total / 2, total - total / 2) : (total - total / 2, total / 2) }
    guard way == "NOTSET" || way == "VALID" else { throw step.bad("has an auto_pad that is not known") }
    guard way == "NOTSET", let pads = try step.ints("pads") else { return (0, 0) }
    guard pads.count == 4, pads.allSatisfy({ (0...4096).contains($0) }) else {
      throw step.bad("has pads \(pads.prefix(4)): four numbers from 0 are read")
    }
    return (pads[axis], pads[axis + 2])
  }

  mutating func batchNorm(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    guard try step.int("training_mode", 0) == 0 else { throw step.bad("was exported in training: model.eval() first") }
    var arrays: [[Float]] = []
    for index in 1...4 {
      let array = try weights(step, index, axes: 1)
      guard array.values.count == shape[0] else {
        throw step.bad("has \(array.values.count) numbers for \(shape[0]) channels")
      }
      arrays.append(array.values)
    }
    let (momentum, epsilon) = (Double(try step.float("momentum", 0.9)), Double(try step.float("epsilon", 1e-5)))
    let layer = Layer.batchNorm(momentum: (0..<1).contains(momentum) ? momentum : 0.9, epsilon: epsilon)
    return try add([layer], arrays, to: place, shape)
  }

  mutating func instanceNorm(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    let (scale, shift) = (try weights(step, 1, axes: 1), try weights(step, 2, axes: 1))
    guard scale.values.count == shape[0], shift.values.count == shape[0] else {
      throw step.bad("has other than a number for each of \(shape[0]) channels")
    }
    let layer = Layer.groupNorm(shape[0], epsilon: Double(try step.float("epsilon", 1e-5)))
    return try add([layer], [scale.values, shift.values], to: place, shape)
  }

  mutating func unitLength(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    let axis = try step.axis(try step.int("axis", -1), shape)
    let power = try step.int("p", 2)
    guard power == 1 || power == 2 else { throw step.bad("has the power \(power): 1 and 2 are read") }
    if power == 2, shape.count == 1 { return try add([.normalize], [], to: place, shape) }
    let lengths = Layer(ReductionLayer(kind: power == 2 ? .l2 : .l1, axes: [axis], keepsAxes: true))
    guard case .data(let length, let lengthShape) = try add([lengths], [], to: place, shape) else {
      return .data(0, [])
    }
    return try add(.combine(.divide), to: [(place, shape), (length, lengthShape)])
  }
}

/// A transposed convolution as layers that are here: what takes its place in networks from elsewhere.
struct TransposedConvolution {
  let channels: Int
  let filters: Int
  let kernel: Extent
  let stride: Extent
  let dilation: Extent
  let groups: Int

  /// What the taps span.
  var span: Extent { Extent((kernel.height - 1) * dilation.height + 1, (kernel.width - 1) * dilation.width + 1) }

  /// - Parameters:
  ///   - top, left, bottom, right: what is cut away of the full result, which for `bottom` and `right` may be less than none.
  /// - Returns: nil where nothing would be left.
  func layers(_ shape: [Int], top: Int, left: Int, bottom: Int, right: Int, bias: Bool) -> [Layer]? {
    var layers: [Layer] = []
    if stride != Extent(1) { layers.append(Layer(SpreadLayer(rows: stride.height, columns: stride.width))) }
    let spread = [shape[0], (shape[1] - 1) * stride.height + 1, (shape[2] - 1) * stride.width + 1]
    // The border of the convolution; where it is less than none, pixels go.
    let borders = [span.height - 1 - top, span.width - 1 - left, span.height - 1 - bottom, span.width - 1 - right]
    if borders.contains(where: { $0 < 0 }) {
      let starts = [0, max(0, -borders[0]), max(0, -borders[1])]
      let counts = [
        spread[0], spread[1] - starts[1] - max(0, -borders[2]), spread[2] - starts[2] - max(0, -borders[3]),
      ]
      guard counts.allSatisfy({ $0 > 0 }) else { return nil }
      layers.append(Layer(SliceLayer(starts: starts, counts: counts, steps: [1, 1, 1])))
    }
    let kept = borders.map { max(0, $0) }
    let padding: Padding =
      kept.allSatisfy { $0 == 0 } ? .valid : .border(top: kept[0], left: kept[1], bottom: kept[2], right: kept[3])
    let convolution = Convolution(filters: filters, kernel: kernel, padding: padding, bias: bias)
    layers.append(
      groups == 1 && dilation == Extent(1)
        ? .conv(convolution)
        : Layer(GroupedConvolutionLayer(convolution: convolution, groups: groups, dilation: dilation)))
    return layers
  }

  /// Weights [channels, filters / groups, height, width] as [filters, channels / groups, height, width], taps turned round.
  func turned(_ values: [Float]) -> [Float] {
    let (inside, outside, taps) = (channels / groups, filters / groups, kernel.height * kernel.width)
    var result = values
    for channel in 0..<channels {
      let (group, from) = (channel / inside, channel % inside)
      for filter in 0..<outside {
        let to = ((group * outside + filter) * inside + from) * taps
        let row = (channel * outside + filter) * taps
        for tap in 0..<taps { result[to + taps - 1 - tap] = values[row + tap] }
      }
    }
    return result
  }
}
