import ONNXFormat

// How the layers that networks from elsewhere have go out again.

extension GraphLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    let shapes = try self.shapes(of: x.shape)
    var results = [x]
    for (index, node) in nodes.enumerated() {
      let shape = shapes[index + 1]
      let inputs = node.inputs.map { results[$0] }
      switch node.operation {
      case .layers(let layers): results.append(try graph.run(layers, inputs[0]))
      case .combine(let operation):
        // Items of fewer axes are aligned at their ends, behind the batch axis.
        let names = inputs.map { input -> String in
          let missing = shape.count - input.shape.count
          if missing == 0 { return input.name }
          return graph.reshaped(input, to: [Int](repeating: 1, count: missing) + input.shape).name
        }
        results.append(graph.add(operation.onnx, names, shape: shape))
      case .concat(let axis):
        results.append(graph.add("Concat", inputs.map(\.name), ["axis": .int(axis + 1)], shape: shape))
      }
    }
    return results[results.count - 1]
  }
}

extension ElementOperation {
  /// By ONNX's name.
  var onnx: String {
    switch self {
    case .add: "Add"
    case .subtract: "Sub"
    case .multiply: "Mul"
    case .divide: "Div"
    }
  }
}

extension ConstantLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    let result = try outputShape(of: x.shape)
    let missing = max(0, result.count - shape.count)
    let array = try graph.nextWeights([1] + [Int](repeating: 1, count: missing) + shape)
    var input = x
    if result.count > x.shape.count {
      input = graph.reshaped(x, to: [Int](repeating: 1, count: result.count - x.shape.count) + x.shape)
    }
    return graph.add(operation.onnx, isFirst ? [array, input.name] : [input.name, array], shape: result)
  }
}

extension ReshapeLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    graph.reshaped(x, to: shape)
  }
}

extension TransposeLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    graph.add("Transpose", [x.name], ["perm": .ints([0] + axes.map { $0 + 1 })], shape: try outputShape(of: x.shape))
  }
}

extension PadLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    let pads = graph.ints([0] + before + [0] + behind)
    return graph.add(
      "Pad", [x.name, pads, graph.scalar(value)], ["mode": .text(mode.rawValue)], shape: try outputShape(of: x.shape))
  }
}

extension ResizeLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    let words: String
    switch places {
    case .halfPixel: words = "half_pixel"
    case .asymmetric: words = "asymmetric"
    case .alignCorners: words = "align_corners"
    }
    let attributes: [String: ONNXAttribute] = [
      "mode": .text(mode.rawValue), "coordinate_transformation_mode": .text(words), "axes": .ints([2, 3]),
      "nearest_mode": .text(rounds == .down ? "floor" : "round_prefer_floor"),
    ]
    return graph.add(
      "Resize", [x.name, "", "", graph.ints([height, width])], attributes, shape: [x.shape[0], height, width])
  }
}

extension ReductionLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    let word =
      switch kind {
      case .mean: "ReduceMean"
      case .sum: "ReduceSum"
      case .max: "ReduceMax"
      case .l1: "ReduceL1"
      case .l2: "ReduceL2"
      }
    let shape = try outputShape(of: x.shape)
    let result = graph.add(
      word, [x.name, graph.ints(axes.map { $0 + 1 })], ["keepdims": .int(keepsAxes ? 1 : 0)], shape: shape)
    return !keepsAxes && axes.count == x.shape.count ? graph.reshaped(result, to: [1]) : result
  }
}

extension SoftmaxLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    graph.add("Softmax", [x.name], ["axis": .int(axis + 1)], shape: x.shape)
  }
}

extension LocalResponseLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    let attributes: [String: ONNXAttribute] = [
      "size": .int(size), "alpha": .float(alpha), "beta": .float(beta), "bias": .float(bias),
    ]
    return graph.add("LRN", [x.name], attributes, shape: x.shape)
  }
}

extension FunctionLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    switch function {
    case .clip(let low, let high):
      return graph.add("Clip", [x.name, graph.scalar(low), graph.scalar(high)], shape: x.shape)
    case .hardSigmoid(let alpha, let beta):
      return graph.add("HardSigmoid", [x.name], ["alpha": .float(alpha), "beta": .float(beta)], shape: x.shape)
    case .hardSwish: return graph.add("HardSwish", [x.name], shape: x.shape)
    case .elu(let alpha): return graph.add("Elu", [x.name], ["alpha": .float(alpha)], shape: x.shape)
    case .exp: return graph.add("Exp", [x.name], shape: x.shape)
    case .log: return graph.add("Log", [x.name], shape: x.shape)
    case .sqrt: return graph.add("Sqrt", [x.name], shape: x.shape)
    case .abs: return graph.add("Abs", [x.name], shape: x.shape)
    case .negate: return graph.add("Neg", [x.name], shape: x.shape)
    case .reciprocal: return graph.add("Reciprocal", [x.name], shape: x.shape)
    case .softplus: return graph.add("Softplus", [x.name], shape: x.shape)
    case .power(let exponent): return graph.add("Pow", [x.name, graph.scalar(exponent)], shape: x.shape)
    }
  }
}

extension PReLULayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    let slope = try graph.nextWeights([x.shape[0]] + x.shape.dropFirst().map { _ in 1 })
    return graph.add("PRelu", [x.name, slope], shape: x.shape)
  }
}

extension GroupedConvolutionLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    let shape = try outputShape(of: x.shape)
    let span = Extent(
      (convolution.kernel.height - 1) * dilation.height + 1, (convolution.kernel.width - 1) * dilation.width + 1)
    let sliding = try sliding(x.shape, kernel: span, stride: convolution.stride, padding: convolution.padding)
    var inputs = [x.name, try graph.nextWeights()]
    if convolution.bias { inputs.append(try graph.nextWeights()) }
    var attributes = sliding.attributes
    attributes["kernel_shape"] = .ints([convolution.kernel.height, convolution.kernel.width])
    attributes["dilations"] = .ints([dilation.height, dilation.width])
    attributes["group"] = .int(groups)
    return graph.add("Conv", inputs, attributes, shape: shape)
  }
}
