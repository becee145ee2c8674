import ONNXFormat
import Tensors

extension ONNXReader {
  /// Resize and Upsample.
  mutating func resized(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try images(step)
    let isOld = step.node.op == "Upsample" || step.opset < 11
    let word = try step.text("mode", "nearest")
    guard let mode = ResizeLayer.Mode(rawValue: word == "bilinear" ? "linear" : word) else {
      throw step.bad("has the mode \(word.prefix(20)): nearest, linear and cubic are read")
    }
    guard try step.int("antialias", 0) == 0, try step.text("keep_aspect_ratio_policy", "stretch") == "stretch" else {
      throw step.bad("smooths or keeps a form, which is not read")
    }
    let (target, scales) = try sides(step, shape, isOld: isOld)
    let places: ResizeLayer.Places
    switch try step.text("coordinate_transformation_mode", isOld ? "asymmetric" : "half_pixel") {
    case "half_pixel": places = .halfPixel
    case "pytorch_half_pixel": places = target.contains(1) ? .halfPixelOfSeveral : .halfPixel
    case "asymmetric": places = .asymmetric
    case "align_corners": places = .alignCorners
    case let other: throw step.bad("has the places \(other.prefix(40)), which are not read")
    }
    let rounds: FloatingPointRoundingRule
    switch try step.text("nearest_mode", isOld ? "floor" : "round_prefer_floor") {
    case "floor": rounds = .down
    case "ceil": rounds = .up
    case "round_prefer_ceil": rounds = .toNearestOrAwayFromZero
    case "round_prefer_floor": rounds = .toNearestOrEven
    case let other: throw step.bad("rounds by \(other.prefix(40)), which is not read")
    }
    let layer = ResizeLayer(
      height: target[0], width: target[1], mode: mode, places: places, rounds: rounds, scales: scales,
      slope: try step.float("cubic_coeff_a", -0.75), leavesOut: try step.int("exclude_outside", 0) != 0)
    return try add([Layer(layer)], [], to: place, shape)
  }

  /// Height and width of the result, and the scales where they are not the ratio of the sides.
  private func sides(_ step: ONNXStep, _ shape: [Int], isOld: Bool) throws -> ([Int], [Float]?) {
    let axes = try step.ints("axes") ?? [0, 1, 2, 3]
    var (target, factors) = ([1] + shape, [Float](repeating: 1, count: 4))
    func place(_ axis: Int) throws -> Int {
      let place = axis < 0 ? axis + 4 : axis
      guard target.indices.contains(place) else { throw step.bad("has the axis \(axis), which is not there") }
      return place
    }
    func set(_ place: Int, _ size: Int) throws {
      guard (1...16384).contains(size), place > 1 || size == target[place] else {
        throw step.bad("makes other than height and width, or sides that are none")
      }
      target[place] = size
    }
    if let sizes = try isOld ? nil : sizes(step, 3), !sizes.isEmpty {
      guard sizes.count == axes.count else { throw step.bad("has other sizes than axes") }
      for (axis, size) in zip(axes, sizes) where axis != 0 {
        guard let size else { throw step.bad("takes the batch's size as a side") }
        try set(place(axis), size)
      }
      return (Array(target[2...]), nil)
    }
    let given = try isOld && step.opset < 9 ? nil : floats(step, isOld ? 1 : 2)?.values
    guard let scales = try given ?? step.floats("scales"), scales.count == axes.count else {
      throw step.bad("has sizes that are not known beforehand")
    }
    var isWhole = true
    for (axis, scale) in zip(axes, scales) where axis != 0 {
      let place = try place(axis)
      guard scale > 0, scale <= 16384 else { throw step.bad("has scales that are none") }
      let exact = Double(target[place]) * Double(scale)
      // Of float32's nearest to a third, three are one.
      let size = abs(exact - exact.rounded()) < 1e-5 ? exact.rounded() : exact.rounded(.down)
      guard size <= 16384 else { throw step.bad("makes sides of more than 16384 pixels") }
      isWhole = isWhole && size == exact.rounded() && abs(exact - size) < 1e-5
      factors[place] = scale
      try set(place, Int(size))
    }
    return (Array(target[2...]), isWhole ? nil : Array(factors[2...]))
  }
}
