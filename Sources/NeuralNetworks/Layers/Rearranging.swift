import Tensors

/// The numbers of an item in another shape.
struct ReshapeLayer: LayerKind {
  let shape: [Int]

  static let fileName = "reshape"
  static let declarations: [LayerDeclaration] = []
  var text: String { "reshape(\(shape.map(String.init).joined(separator: ", ")))" }

  func checkArguments() throws(NetworkError) {
    guard (1...8).contains(shape.count) else {
      throw .argument(layer: layer.name, what: "the shape", got: "\(shape.count) axes", expected: "of 1 to 8 axes")
    }
    for size in shape { try check(size, "a length", in: 1...Layer.elementLimit) }
  }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] {
    try checkSize(shape)
    guard shape.reduce(1, *) == input.reduce(1, *) else {
      throw .argument(
        layer: layer.name, what: "the shape", got: "\(shape)",
        expected: "to hold the \(input.reduce(1, *)) numbers of an item \(input)")
    }
    return shape
  }

  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode {
    var same = node
    same.shape = shape
    return same
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor { try x.reshaped([x.shape[0]] + shape) }
}

/// The axes of an item in another order.
struct TransposeLayer: TracedLayer {
  /// Axes of the input, from 0, in the order of the output.
  let axes: [Int]

  static let fileName = "transpose"
  static let declarations: [LayerDeclaration] = []
  var text: String { "transpose(\(axes.map(String.init).joined(separator: ", ")))" }

  func checkArguments() throws(NetworkError) {
    guard !axes.isEmpty, axes.count <= 8, axes.sorted() == Array(axes.indices) else {
      throw .argument(
        layer: layer.name, what: "the axes", got: "\(axes.prefix(8))", expected: "to be each of them once")
    }
  }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] {
    guard input.count == axes.count else {
      throw .argument(
        layer: layer.name, what: "the axes", got: "\(axes)", expected: "to be those of an item \(input)")
    }
    return axes.map { input[$0] }
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    try x.transposed([0] + axes.map { $0 + 1 })
  }
}

/// A border around the channels, rows and columns of an item.
struct PadLayer: TracedLayer {
  enum Mode: String, Hashable, Sendable, Codable {
    case constant, reflect, edge
  }

  /// Before the first and behind the last of each axis.
  let before: [Int]
  let behind: [Int]
  let mode: Mode
  let value: Float

  static let fileName = "pad"
  static let declarations: [LayerDeclaration] = []
  var text: String { "pad(\(before), \(behind)\(mode == .constant ? "" : ", \(mode.rawValue)"))" }

  func checkArguments() throws(NetworkError) {
    guard before.count == behind.count, (1...8).contains(before.count) else {
      throw .argument(layer: layer.name, what: "the border", got: "\(before)", expected: "to have 1 to 8 axes")
    }
    for width in before + behind { try check(width, "the border", in: 0...Layer.sizeLimit) }
    guard value.isFinite else {
      throw .argument(layer: layer.name, what: "its value", got: "\(value)", expected: "to be a finite number")
    }
  }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] {
    guard input.count == before.count else {
      throw .argument(
        layer: layer.name, what: "the border", got: "\(before)", expected: "to have the axes of an item \(input)")
    }
    for axis in input.indices where mode == .reflect && max(before[axis], behind[axis]) >= input[axis] {
      throw .argument(
        layer: layer.name, what: "a reflected border", got: "\(max(before[axis], behind[axis]))",
        expected: "less than the axis of \(input[axis])")
    }
    return try checkSize(input.indices.map { input[$0] + before[$0] + behind[$0] })
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    var result = x
    for axis in before.indices where before[axis] > 0 || behind[axis] > 0 {
      let length = result.shape[axis + 1]
      if mode == .constant {
        func part(_ width: Int) throws -> Tensor {
          var shape = result.shape
          shape[axis + 1] = width
          return try Tensor.full(shape, value)
        }
        var parts = [result]
        if before[axis] > 0 { parts.insert(try part(before[axis]), at: 0) }
        if behind[axis] > 0 { parts.append(try part(behind[axis])) }
        result = try Tensor.concat(parts, axis: axis + 1)
      } else {
        let places = (-before[axis]..<length + behind[axis]).map { place -> Int in
          if mode == .edge { return max(0, min(length - 1, place)) }
          let back = place < 0 ? -place : place
          return back < length ? back : 2 * (length - 1) - back
        }
        result = try result.taken(places, axis: axis + 1)
      }
    }
    return result
  }
}

/// Height and width made of another size, each pixel of the result a sum of two of each axis.
struct ResizeLayer: TracedLayer {
  enum Mode: String, Hashable, Sendable, Codable {
    case nearest, linear
  }

  /// Where a pixel of the result lies in the input.
  enum Places: String, Hashable, Sendable, Codable {
    case halfPixel, asymmetric, alignCorners
  }

  let height: Int
  let width: Int
  let mode: Mode
  let places: Places
  /// Of the nearest mode: how a place between two pixels is rounded.
  let rounds: FloatingPointRoundingRule

  static let fileName = "resize"
  static let declarations: [LayerDeclaration] = []
  var text: String { "resize(\(height), \(width), \(mode.rawValue))" }

  private enum CodingKeys: String, CodingKey { case height, width, mode, places, down }

  init(height: Int, width: Int, mode: Mode, places: Places, rounds: FloatingPointRoundingRule) {
    (self.height, self.width, self.mode, self.places, self.rounds) = (height, width, mode, places, rounds)
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      height: try container.decode(Int.self, forKey: .height), width: try container.decode(Int.self, forKey: .width),
      mode: try container.decode(Mode.self, forKey: .mode), places: try container.decode(Places.self, forKey: .places),
      rounds: try container.decode(Bool.self, forKey: .down) ? .down : .toNearestOrEven)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(height, forKey: .height)
    try container.encode(width, forKey: .width)
    try container.encode(mode, forKey: .mode)
    try container.encode(places, forKey: .places)
    try container.encode(rounds == .down, forKey: .down)
  }

  static func == (one: ResizeLayer, other: ResizeLayer) -> Bool {
    (one.height, one.width, one.mode, one.places) == (other.height, other.width, other.mode, other.places)
      && (one.rounds == .down) == (other.rounds == .down)
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(height)
    hasher.combine(width)
    hasher.combine(mode)
    hasher.combine(places)
  }

  func checkArguments() throws(NetworkError) {
    try check(height, "height", in: 1...16384)
    try check(width, "width", in: 1...16384)
  }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] {
    try checkImages(input)
    return try checkSize([input[0], height, width])
  }

  /// [to, from]: the shares of an axis's pixels.
  private func shares(_ from: Int, _ to: Int) throws -> Tensor {
    var matrix = [Float](repeating: 0, count: to * from)
    for index in 0..<to {
      let scale = Double(from) / Double(to)
      var place: Double
      switch places {
      case .halfPixel: place = (Double(index) + 0.5) * scale - 0.5
      case .asymmetric: place = Double(index) * scale
      case .alignCorners: place = to > 1 ? Double(index) * Double(from - 1) / Double(to - 1) : 0
      }
      place = max(0, min(Double(from - 1), place))
      if mode == .nearest {
        // Half goes down, as ONNX prefers.
        let whole = rounds == .down ? place.rounded(.down) : (place - 0.5).rounded(.up)
        matrix[index * from + max(0, min(from - 1, Int(whole)))] = 1
      } else {
        let low = Int(place.rounded(.down))
        let part = Float(place - Double(low))
        matrix[index * from + low] += 1 - part
        if low + 1 < from { matrix[index * from + low + 1] += part }
      }
    }
    return try Tensor(matrix, shape: [to, from])
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    let narrow = try x.matmul(shares(x.shape[3], width).transposed())
    return try shares(x.shape[2], height).matmul(narrow)
  }
}
