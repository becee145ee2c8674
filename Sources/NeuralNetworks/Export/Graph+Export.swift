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
        let names = inputs.map { graph.aligned($0, shape).name }
        results.append(graph.add(operation, names, shape: shape))
      case .concat(let axis):
        results.append(graph.add("Concat", inputs.map(\.name), ["axis": .int(axis + 1)], shape: shape))
      case .choose:
        let names = inputs.map { graph.aligned($0, shape).name }
        let condition = graph.add("Cast", [names[0]], ["to": .int(ONNXType.bool.rawValue)])
        results.append(graph.add("Where", [condition, names[1], names[2]], shape: shape))
      }
    }
    return results[results.count - 1]
  }
}

extension GraphExport {
  /// Items of fewer axes are aligned with a shape at its end, behind the batch axis.
  fileprivate mutating func aligned(_ input: Node, _ shape: [Int]) -> Node {
    let missing = shape.count - input.shape.count
    return missing == 0 ? input : reshaped(input, to: [Int](repeating: 1, count: missing) + input.shape)
  }

  /// An operation between two results. Comparisons give truths in ONNX, and numbers here.
  fileprivate mutating func add(_ operation: ElementOperation, _ names: [String], shape: [Int]) -> Node {
    let result = add(operation.onnx, names, shape: shape)
    guard operation.isComparison else { return result }
    return add("Cast", [result.name], ["to": .int(ONNXType.float.rawValue)], shape: shape)
  }
}

extension ElementOperation {
  /// By ONNX's name.
  fileprivate var onnx: String {
    switch self {
    case .add: "Add"
    case .subtract: "Sub"
    case .multiply: "Mul"
    case .divide: "Div"
    case .maximum: "Max"
    case .minimum: "Min"
    case .greater: "Greater"
    case .greaterOrEqual: "GreaterOrEqual"
    case .less: "Less"
    case .lessOrEqual: "LessOrEqual"
    case .equal: "Equal"
    }
  }
}

extension ConstantLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    let result = try outputShape(of: x.shape)
    let missing = max(0, result.count - shape.count)
    let array = try graph.nextWeights([1] + [Int](repeating: 1, count: missing) + shape)
    let input = graph.aligned(x, result)
    return graph.add(operation, isFirst ? [array, input.name] : [input.name, array], shape: result)
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
    let words =
      switch places {
      case .halfPixel: "half_pixel"
      case .halfPixelOfSeveral: "pytorch_half_pixel"
      case .asymmetric: "asymmetric"
      case .alignCorners: "align_corners"
      }
    let rounding =
      switch rounds {
      case .down: "floor"
      case .up: "ceil"
      case .toNearestOrAwayFromZero: "round_prefer_ceil"
      default: "round_prefer_floor"
      }
    var attributes: [String: ONNXAttribute] = [
      "mode": .text(mode.rawValue), "coordinate_transformation_mode": .text(words), "axes": .ints([2, 3]),
      "nearest_mode": .text(rounding),
    ]
    if mode == .cubic {
      attributes["cubic_coeff_a"] = .float(slope)
      attributes["exclude_outside"] = .int(leavesOut ? 1 : 0)
    }
    let sizes =
      scales.map { ["", graph.floats($0, [2])] } ?? ["", "", graph.ints([height, width])]
    return graph.add("Resize", [x.name] + sizes, attributes, shape: [x.shape[0], height, width])
  }
}

extension ReductionLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    let word =
      switch kind {
      case .mean: "ReduceMean"
      case .sum: "ReduceSum"
      case .max: "ReduceMax"
      case .min: "ReduceMin"
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
    graph.add(isLog == true ? "LogSoftmax" : "Softmax", [x.name], ["axis": .int(axis + 1)], shape: x.shape)
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
    case .sign: return graph.add("Sign", [x.name], shape: x.shape)
    case .floor: return graph.add("Floor", [x.name], shape: x.shape)
    case .ceil: return graph.add("Ceil", [x.name], shape: x.shape)
    case .round: return graph.add("Round", [x.name], shape: x.shape)
    case .erf: return graph.add("Erf", [x.name], shape: x.shape)
    case .gelu(let isRough): return graph.gelu(x, isRough: isRough)
    case .selu(let alpha, let gamma):
      return graph.add("Selu", [x.name], ["alpha": .float(alpha), "gamma": .float(gamma)], shape: x.shape)
    case .celu(let alpha): return graph.add("Celu", [x.name], ["alpha": .float(alpha)], shape: x.shape)
    case .mish: return graph.add("Mish", [x.name], shape: x.shape)
    case .softsign: return graph.add("Softsign", [x.name], shape: x.shape)
    case .power(let exponent): return graph.add("Pow", [x.name, graph.scalar(exponent)], shape: x.shape)
    case .operation(let operation, let number, let isFirst):
      let other = graph.scalar(number)
      return graph.add(operation, isFirst ? [other, x.name] : [x.name, other], shape: x.shape)
    }
  }
}

extension GraphExport {
  /// An operator only since version 20: said in its parts.
  fileprivate mutating func gelu(_ x: Node, isRough: Bool) -> Node {
    let inside: String
    if isRough {
      let cube = add("Mul", [add("Mul", [add("Mul", [x.name, x.name]), x.name]), scalar(0.044715)])
      inside = add("Tanh", [add("Mul", [add("Add", [x.name, cube]), scalar(0.797_884_6)])])
    } else {
      inside = add("Erf", [add("Mul", [x.name, scalar(0.707_106_8)])])
    }
    let half = add("Mul", [x.name, scalar(0.5)])
    return add("Mul", [half, add("Add", [inside, scalar(1)])], shape: x.shape)
  }
}

extension SliceLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    let ends = starts.indices.map { axis -> Int in
      let end = starts[axis] + counts[axis] * steps[axis]
      // Below 0 would count from the end.
      return end < 0 ? Int(Int32.min) : end
    }
    let axes = starts.indices.map { $0 + 1 }
    return graph.add(
      "Slice", [x.name, graph.ints(starts), graph.ints(ends), graph.ints(axes), graph.ints(steps)], shape: counts)
  }
}

extension RepeatLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    graph.add("Expand", [x.name, graph.ints([1] + shape)], shape: shape)
  }
}

extension SpreadLayer {
  /// A transposed convolution of each channel with one tap.
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    let ones = graph.floats([Float](repeating: 1, count: x.shape[0]), [x.shape[0], 1, 1, 1])
    return graph.add(
      "ConvTranspose", [x.name, ones], ["strides": .ints([rows, columns]), "group": .int(x.shape[0])],
      shape: try outputShape(of: x.shape))
  }
}

extension LayerNormLayer {
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    let (scale, shift) = (try graph.nextWeights(), try graph.nextWeights())
    return graph.add(
      "LayerNormalization", [x.name, scale, shift], ["axis": .int(-axes), "epsilon": .float(Float(epsilon))],
      shape: x.shape)
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
