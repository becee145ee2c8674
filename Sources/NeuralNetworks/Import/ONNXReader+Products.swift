import ONNXFormat
import Tensors

/// Convolutions and products with weights.
extension ONNXReader {
  func images(_ step: ONNXStep) throws -> (place: Int, shape: [Int]) {
    let found = try data(step)
    guard found.shape.count == 3 else {
      throw step.bad("takes items of the shape \(found.shape): images [channels, height, width] are read")
    }
    return found
  }

  /// - Parameter span: what the window covers.
  func padding(_ step: ONNXStep, _ shape: [Int], span: Extent, stride: Extent) throws -> Padding {
    switch try step.text("auto_pad", "NOTSET") {
    case "NOTSET": break
    case "VALID": return .valid
    case "SAME_UPPER": return .same
    case "SAME_LOWER":
      func total(_ size: Int, _ kernel: Int, _ stride: Int) -> Int {
        max(0, ((size + stride - 1) / stride - 1) * stride + kernel - size)
      }
      let down = total(shape[1], span.height, stride.height)
      let across = total(shape[2], span.width, stride.width)
      return .border(top: down - down / 2, left: across - across / 2, bottom: down / 2, right: across / 2)
    default: throw step.bad("has an auto_pad that is not known")
    }
    guard let pads = try step.ints("pads") else { return .valid }
    guard pads.count == 4, pads.allSatisfy({ (0...4096).contains($0) }) else {
      throw step.bad("has pads \(pads.prefix(4)): four numbers from 0 are read")
    }
    if pads.allSatisfy({ $0 == pads[0] }) { return pads[0] == 0 ? .valid : .pixels(pads[0]) }
    return .border(top: pads[0], left: pads[1], bottom: pads[2], right: pads[3])
  }

  mutating func convolution(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try images(step)
    let (values, weightShape) = try weights(step, 1, axes: 4)
    let kernel = Extent(weightShape[2], weightShape[3])
    guard try step.extent("kernel_shape", kernel) == kernel else { throw step.bad("has a kernel of two sizes") }
    let stride = try step.extent("strides", Extent(1))
    let dilation = try step.extent("dilations", Extent(1))
    let groups = try step.int("group", 1)
    guard (1...65536).contains(groups), dilation.height <= 4096, dilation.width <= 4096, kernel.height <= 4096,
      kernel.width <= 4096
    else { throw step.bad("has sizes that are none of a convolution's") }
    guard weightShape[1] <= shape[0] / groups, weightShape[1] * groups == shape[0] else {
      throw step.bad("has weights \(weightShape) in \(groups) groups for \(shape[0]) channels")
    }
    let span = Extent((kernel.height - 1) * dilation.height + 1, (kernel.width - 1) * dilation.width + 1)
    let padding = try self.padding(step, shape, span: span, stride: stride)
    let bias = try floats(step, 2)
    if let bias, bias.values.count != weightShape[0] { throw step.bad("has \(bias.values.count) biases") }
    let convolution = Convolution(
      filters: weightShape[0], kernel: kernel, stride: stride, padding: padding, bias: bias != nil)
    let layer =
      groups == 1 && dilation == Extent(1)
      ? Layer.conv(convolution)
      : Layer(GroupedConvolutionLayer(convolution: convolution, groups: groups, dilation: dilation))
    return try add([layer], [values] + (bias.map { [$0.values] } ?? []), to: place, shape)
  }

  mutating func gemm(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    guard shape.count == 1, try step.int("transA", 0) == 0 else {
      throw step.bad("takes items of the shape \(shape): rows of numbers are read")
    }
    var (values, weightShape) = try weights(step, 1, axes: 2)
    if try step.int("transB", 0) == 0 {
      values = Self.turned(values, rows: weightShape[0], columns: weightShape[1])
      weightShape.reverse()
    }
    let (alpha, beta) = (try step.float("alpha", 1), try step.float("beta", 1))
    if alpha != 1 { values = values.map { $0 * alpha } }
    guard weightShape[1] == shape[0] else {
      throw step.bad("has weights \(weightShape) for items of \(shape[0]) numbers")
    }
    var arrays = [values]
    if let bias = try floats(step, 2) {
      let units = weightShape[0]
      guard bias.values.count == 1 || bias.values.count == units,
        bias.shape.last.map({ $0 == bias.values.count }) ?? true
      else { throw step.bad("adds an array of the shape \(bias.shape)") }
      arrays.append((0..<units).map { bias.values[bias.values.count == 1 ? 0 : $0] * beta })
    }
    return try add([.dense(units: weightShape[0], bias: arrays.count > 1)], arrays, to: place, shape)
  }

  static func turned(_ values: [Float], rows: Int, columns: Int) -> [Float] {
    var turned = values
    for row in 0..<rows { for column in 0..<columns { turned[column * rows + row] = values[row * columns + column] } }
    return turned
  }

  /// With a constant: the last axis of rows, or of each of an item's pixels or rows.
  mutating func matrixProduct(_ step: ONNXStep) throws -> Value {
    guard case .data(let place, let shape)? = try input(step, 0) else {
      throw step.bad("takes a constant where the items are due")
    }
    if case .data? = try input(step, 1) { throw step.bad("multiplies two results, which is not read") }
    let (values, weightShape) = try weights(step, 1, axes: 2)
    let (inputs, units) = (weightShape[0], weightShape[1])
    guard let last = shape.last, inputs == last else {
      throw step.bad("has weights \(weightShape) for items of the shape \(shape)")
    }
    let turned = Self.turned(values, rows: inputs, columns: units)
    if shape.count == 1 { return try add([.dense(units: units, bias: false)], [turned], to: place, shape) }
    // The same for each of several: a convolution of one pixel over the last axis as channels.
    let point = Layer.conv(units, 1, bias: false)
    if shape.count == 3 {
      let (first, behind) = (TransposeLayer(axes: [2, 0, 1]), TransposeLayer(axes: [1, 2, 0]))
      return try add([Layer(first), point, Layer(behind)], [turned], to: place, shape)
    }
    let rows = shape.dropLast().reduce(1, *)
    let flip = Layer(TransposeLayer(axes: [1, 0]))
    let layers = [
      Layer(ReshapeLayer(shape: [rows, inputs])), flip, Layer(ReshapeLayer(shape: [inputs, rows, 1])), point,
      Layer(ReshapeLayer(shape: [units, rows])), flip, Layer(ReshapeLayer(shape: shape.dropLast() + [units])),
    ]
    return try add(layers, [turned], to: place, shape)
  }
}
