import Tensors

/// Each item with an array that is learnt, element by element: x + c, x · c, c − x and so on.
struct ConstantLayer: TracedLayer {
  let operation: ElementOperation
  /// Of the array, aligned with the item's at the end.
  let shape: [Int]
  /// Whether the array is the first operand.
  let isFirst: Bool

  static let fileName = "constant"
  static let declarations: [LayerDeclaration] = []

  var text: String {
    isFirst ? "c \(operation.sign) x" : "x \(operation.sign) c"
  }

  var arrayCount: Int { 1 }

  func checkArguments() throws(NetworkError) {
    for size in shape { try check(size, "its array's length") }
    guard shape.count <= 8 else {
      throw .argument(layer: layer.name, what: "its array", got: "\(shape.count) axes", expected: "of at most 8 axes")
    }
  }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] {
    try checkSize(shape)
    guard let result = ElementOperation.shape(input, shape) else {
      throw .blocksDiffer(layer: layer, number: nil, shapes: [input, shape])
    }
    return try checkSize(result)
  }

  func addWeights(to list: inout WeightList, input: [Int], prefix: String) throws(NetworkError) {
    list.add(prefix + "constant", shape, .all(operation == .multiply || operation == .divide ? 1 : 0))
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    let array = try weights.next()
    let wide = try array.reshaped([1] + array.shape)
    return isFirst ? try operation.traced(wide, x) : try operation.traced(x, wide)
  }
}
