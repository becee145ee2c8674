import ONNXFormat
import Tensors

/// Windows over images, and borders.
extension ONNXReader {
  mutating func pool(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try images(step)
    let kernel = try step.extent("kernel_shape", nil)
    let stride = try step.extent("strides", Extent(1))
    guard try step.extent("dilations", Extent(1)) == Extent(1) else { throw step.bad("has windows with holes") }
    var padding = try self.padding(step, shape, span: kernel, stride: stride)
    let isMax = step.node.op == "MaxPool"
    if isMax, step.node.outputs.count > 1, !step.node.outputs[1].isEmpty { throw step.bad("gives places, too") }
    let countsBorder = try step.int("count_include_pad", 0) != 0
    if try step.int("ceil_mode", 0) != 0 {
      guard !countsBorder || padding == .valid else { throw step.bad("rounds up and counts its border") }
      padding = try Self.roundedUp(step, shape, kernel, stride, padding)
    } else if !isMax, countsBorder, let sliding = SlidingShape(shape, kernel: kernel, stride: stride, padding: padding),
      sliding.border != Border()
    {
      let border = sliding.border
      let zeros = PadLayer(
        before: [0, border.top, border.left], behind: [0, border.bottom, border.right], mode: .constant, value: 0)
      return try add(
        [Layer(zeros), .avgPool(Window(size: kernel, stride: stride))], [], to: place, shape)
    }
    let window = Window(size: kernel, stride: stride, padding: padding)
    return try add([isMax ? .maxPool(window) : .avgPool(window)], [], to: place, shape)
  }

  /// A border so much wider below and on the right that a last window that begins inside is whole.
  static func roundedUp(
    _ step: ONNXStep, _ shape: [Int], _ kernel: Extent, _ stride: Extent, _ padding: Padding
  ) throws -> Padding {
    guard let sliding = SlidingShape(shape, kernel: kernel, stride: stride, padding: padding) else {
      throw step.bad("has windows larger than the image")
    }
    func more(_ size: Int, _ before: Int, _ behind: Int, _ kernel: Int, _ stride: Int) -> Int {
      let room = size + before + behind - kernel
      var count = (room + stride - 1) / stride + 1
      if (count - 1) * stride >= size + before { count -= 1 }
      return max(behind, (count - 1) * stride + kernel - size - before)
    }
    let border = sliding.border
    let bottom = more(shape[1], border.top, border.bottom, kernel.height, stride.height)
    let right = more(shape[2], border.left, border.right, kernel.width, stride.width)
    return .border(top: border.top, left: border.left, bottom: bottom, right: right)
  }

  mutating func padded(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    guard var pads = try whole(step, 1, "pads") else { throw step.bad("has a border that is not known beforehand") }
    let rank = shape.count + 1
    if let axes = try whole(step, 3, "axes") {
      // Of these axes alone, from either end.
      let places = axes.map { $0 < 0 ? $0 + rank : $0 }
      guard pads.count == 2 * places.count, Set(places).count == places.count,
        places.allSatisfy({ (0..<rank).contains($0) })
      else { throw step.bad("has pads \(pads.prefix(8)) of the axes \(axes.prefix(8))") }
      var all = [Int](repeating: 0, count: 2 * rank)
      for (index, place) in places.enumerated() {
        (all[place], all[rank + place]) = (pads[index], pads[places.count + index])
      }
      pads = all
    }
    guard pads.count == 2 * rank, pads[0] == 0, pads[rank] == 0, pads.allSatisfy({ $0 >= 0 }) else {
      throw step.bad("has pads \(pads.prefix(8)): borders of items, of at least 0, are read")
    }
    guard let mode = PadLayer.Mode(rawValue: try step.text("mode", "constant")) else {
      throw step.bad("has a mode that is not read")
    }
    let value = try floats(step, 2)?.values.first ?? step.float("value", 0)
    let layer = PadLayer(before: Array(pads[1..<rank]), behind: Array(pads[(rank + 1)...]), mode: mode, value: value)
    return try add([Layer(layer)], [], to: place, shape)
  }
}
