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
struct TransposeLayer: LayerKind {
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

  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode {
    let (shape, apart) = (axes.map { node.shape[$0] }, strides(of: node.shape))
    return builder.gathered(
      node, shape, gatherTable(shape, axes.map { axis in (0..<node.shape[axis]).map { $0 * apart[axis] } }))
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
