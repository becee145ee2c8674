import ONNXFormat

// How each kind of layer is said in ONNX's operators, version 18. Images are [batch, channels, height, width] there as
// here, so that the arrays go out as they are.

extension ConvolutionLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    let sliding = try sliding(
      x.shape, kernel: convolution.kernel, stride: convolution.stride, padding: convolution.padding)
    var inputs = [x.name, try graph.nextWeights()]
    if convolution.bias { inputs.append(try graph.nextWeights()) }
    return graph.add("Conv", inputs, sliding.attributes, shape: try outputShape(of: x.shape))
  }
}

extension SlidingShape {
  /// As Conv and the pools have them.
  var attributes: [String: ONNXAttribute] {
    [
      "kernel_shape": .ints([kernel.height, kernel.width]), "strides": .ints([stride.height, stride.width]),
      "pads": .ints([border.top, border.left, border.bottom, border.right]),
    ]
  }
}

extension DenseLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    var inputs = [x.name, try graph.nextWeights()]
    if bias { inputs.append(try graph.nextWeights()) }
    return graph.add("Gemm", inputs, ["transB": .int(1)], shape: [units])
  }
}

extension ActivationLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    switch activation {
    case .relu: graph.add("Relu", [x.name], shape: x.shape)
    case .leakyRelu(let slope): graph.add("LeakyRelu", [x.name], ["alpha": .float(slope)], shape: x.shape)
    case .sigmoid: graph.add("Sigmoid", [x.name], shape: x.shape)
    case .tanh: graph.add("Tanh", [x.name], shape: x.shape)
    }
  }
}

extension MaxPoolLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    let sliding = try sliding(x.shape, kernel: window.size, stride: window.stride, padding: window.padding)
    return graph.add("MaxPool", [x.name], sliding.attributes, shape: try outputShape(of: x.shape))
  }
}

extension AveragePoolLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    let sliding = try sliding(x.shape, kernel: window.size, stride: window.stride, padding: window.padding)
    var attributes = sliding.attributes
    attributes["count_include_pad"] = .int(0)
    return graph.add("AveragePool", [x.name], attributes, shape: try outputShape(of: x.shape))
  }
}

extension GlobalPoolLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    let means = graph.add("GlobalAveragePool", [x.name], shape: [x.shape[0], 1, 1])
    return graph.add("Flatten", [means.name], ["axis": .int(1)], shape: [x.shape[0]])
  }
}

extension FlattenLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    graph.add("Flatten", [x.name], ["axis": .int(1)], shape: [x.shape.reduce(1, *)])
  }
}

extension NormalizeLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    let axes = graph.ints(Array(1...max(1, x.shape.count)))
    let length = graph.add("ReduceL2", [x.name, axes], ["keepdims": .int(1)])
    let divisor = graph.add("Max", [length, graph.scalar(1e-12)])
    return graph.add("Div", [x.name, divisor], shape: x.shape)
  }
}

extension DropoutLayer {
  /// Nothing outside of training.
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node { x }
}

extension BatchNormLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    var inputs = [x.name]
    for _ in 0..<4 { inputs.append(try graph.nextWeights()) }
    return graph.add("BatchNormalization", inputs, ["epsilon": .float(Float(epsilon))], shape: x.shape)
  }
}

extension GroupNormLayer {
  /// Groups as channels of an instance normalisation that neither scales nor shifts.
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    let form = [x.shape[0]] + x.shape.dropFirst().map { _ in 1 }
    let (scale, shift) = (try graph.nextWeights(form), try graph.nextWeights(form))
    let rows = graph.reshaped(x, to: [groups, x.shape.reduce(1, *) / groups])
    let ones = graph.floats([Float](repeating: 1, count: groups), [groups])
    let zeros = graph.floats([Float](repeating: 0, count: groups), [groups])
    let even = graph.add(
      "InstanceNormalization", [rows.name, ones, zeros], ["epsilon": .float(Float(epsilon))], shape: rows.shape)
    let back = graph.reshaped(even, to: x.shape)
    let scaled = graph.add("Mul", [back.name, scale])
    return graph.add("Add", [scaled, shift], shape: x.shape)
  }
}

extension ResidualLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    let inside = try graph.run(block, x)
    let shape = try outputShape(of: x.shape)
    if shortcut == .pool {
      let pooled = try AveragePoolLayer(window: Self.pooling).export(x, to: &graph)
      let (one, other) = (graph.filled(inside, to: shape), graph.filled(pooled, to: shape))
      return graph.add("Add", [one.name, other.name], shape: shape)
    }
    var around = x
    if shape != x.shape, let projection = Self.shortcut(from: x.shape, to: shape) {
      around = try graph.run([projection], x)
    }
    return graph.add("Add", [inside.name, around.name], shape: shape)
  }
}

extension GraphExport {
  /// Zeros behind the last channel, row and column.
  mutating func filled(_ x: Node, to shape: [Int]) -> Node {
    if x.shape == shape { return x }
    let behind = zip(shape, x.shape).map { $0 - $1 }
    let pads = ints([0, 0, 0, 0, 0] + behind)
    return add("Pad", [x.name, pads, scalar(0)], ["mode": .text("constant")], shape: shape)
  }
}

extension ParallelLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    var parts: [String] = []
    for branch in branches { parts.append(try graph.run(branch, x).name) }
    return graph.add("Concat", parts, ["axis": .int(1)], shape: try outputShape(of: x.shape))
  }
}

extension SymmetricLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    let (start, end) = (graph.ints([-1]), graph.ints([Int(Int32.min)]))
    let (axes, steps) = (graph.ints([3]), graph.ints([-1]))
    let mirror = graph.add("Slice", [x.name, start, end, axes, steps], shape: x.shape)
    var isFirst = true
    let (one, other) = try graph.withSameWeights { graph throws(NetworkError) in
      defer { isFirst = false }
      return try graph.run(block, isFirst ? x : mirror)
    }
    let sum = graph.add("Add", [one.name, other.name])
    return graph.add("Mul", [sum, graph.scalar(0.5)], shape: one.shape)
  }
}

extension SqueezeExciteLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    let gates = try graph.run([.globalPool] + gates(channels: x.shape[0]), x)
    let spread = graph.reshaped(gates, to: [x.shape[0], 1, 1])
    return graph.add("Mul", [x.name, spread.name], shape: x.shape)
  }
}
