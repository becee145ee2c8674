import Tensors

/// Activations, windows, and what changes shapes.
extension KerasReader {
  // MARK: Activations

  /// By name, or as the object that newer files hold.
  mutating func activated(_ step: KerasStep, _ value: Value, _ given: KerasValue?) throws -> Value {
    guard let given else { return value }
    if given["class_name"] != nil, given["class_name"]?.text != "function", given["config"]?.text == nil {
      // A layer as an activation.
      let layer = KerasModel.Layer(
        kind: given["class_name"]?.text ?? "", name: step.layer.name, config: given["config"] ?? .null, calls: [],
        model: nil)
      guard ["ReLU", "LeakyReLU", "ELU", "Softmax"].contains(layer.kind) else {
        throw step.bad("has an activation \(layer.kind.prefix(80)), which is not read")
      }
      return try activation(KerasStep(layer: layer, path: step.path, file: file), value)
    }
    guard let name = given.text ?? given["config"]?.text else { throw step.bad("has an activation without a name") }
    func function(_ function: FunctionLayer.Function) throws -> Value {
      try add([Layer(FunctionLayer(function: function))], to: value)
    }
    switch name {
    case "linear": return value
    case "relu": return try add([.relu], to: value)
    case "relu6": return try function(.clip(low: 0, high: 6))
    case "leaky_relu": return try add([.activation(.leakyRelu(slope: 0.2))], to: value)
    case "sigmoid": return try add([.sigmoid], to: value)
    case "tanh": return try add([.tanh], to: value)
    case "softmax": return try softmax(step, value, axis: -1)
    case "elu": return try function(.elu(alpha: 1))
    case "selu": return try scaled(try function(.elu(alpha: 1.673_263_242)), by: 1.050_700_987)
    case "softplus": return try function(.softplus)
    case "exponential": return try function(.exp)
    case "gelu": return try function(.gelu(isRough: isOld ? false : given["config"]?["approximate"]?.bool ?? false))
    case "mish": return try function(.mish)
    case "softsign": return try function(.softsign)
    case "celu": return try function(.celu(alpha: 1))
    case "hard_tanh": return try function(.clip(low: -1, high: 1))
    // Another function in Keras 2 than in Keras 3, under one name.
    case "hard_sigmoid":
      return try function(.hardSigmoid(alpha: isOld ? 0.2 : 1 / 6, beta: 0.5))
    case "hard_silu", "hard_swish": return try function(.hardSwish)
    // −softplus(−x).
    case "log_sigmoid":
      var minus = try function(.negate)
      for function in [FunctionLayer.Function.softplus, .negate] {
        minus = try add([Layer(FunctionLayer(function: function))], to: minus)
      }
      return minus
    case "silu", "swish": return try combined(.multiply, value, try add([.sigmoid], to: value))
    default: throw step.bad("has the activation “\(name.prefix(40))”, which is not read")
    }
  }

  mutating func activation(_ step: KerasStep, _ value: Value) throws -> Value {
    switch step.layer.kind {
    case "ReLU":
      let slope = Float(try step.double("negative_slope", try step.double("alpha", 0)))
      guard try step.double("threshold", 0) == 0 else { throw step.bad("has a threshold, which is not read") }
      guard step.config["max_value"] != nil else {
        return try add([slope == 0 ? .relu : .activation(.leakyRelu(slope: slope))], to: value)
      }
      let most = Float(try step.double("max_value", 0))
      guard slope == 0, most >= 0 else { throw step.bad("has a slope and a greatest value") }
      return try add([Layer(FunctionLayer(function: .clip(low: 0, high: most)))], to: value)
    case "LeakyReLU":
      let slope = Float(try step.double("negative_slope", try step.double("alpha", 0.3)))
      return try add([.activation(.leakyRelu(slope: slope))], to: value)
    case "ELU":
      return try add([Layer(FunctionLayer(function: .elu(alpha: Float(try step.double("alpha", 1)))))], to: value)
    case "Softmax":
      let axes = try step.ints("axis") ?? [-1]
      guard axes.count == 1 else { throw step.bad("goes over several axes") }
      return try softmax(step, value, axis: axes[0])
    default: return try prelu(step, value)
    }
  }

  private mutating func softmax(_ step: KerasStep, _ value: Value, axis: Int) throws -> Value {
    let rank = value.shape.count
    let item = axis < 0 ? axis + rank : axis - 1
    guard axis != 0, (0..<rank).contains(item) else {
      throw step.bad("has the axis \(axis), which is none of an item's")
    }
    return try add([Layer(SoftmaxLayer(axis: rank == 3 && !isChannelsFirst ? (item + 1) % 3 : item))], to: value)
  }

  /// A slope for each channel: for rows of numbers, and for images where rows and columns share it.
  private mutating func prelu(_ step: KerasStep, _ value: Value) throws -> Value {
    let found = try weights.arrays(step.path)
    let channels = value.shape[0]
    let wanted = value.shape.count == 3 ? (isChannelsFirst ? [channels, 1, 1] : [1, 1, channels]) : [channels]
    guard found.count == 1, found[0].shape == wanted, value.image == nil else {
      throw step.bad("has slopes of other than each channel (shared_axes=[1, 2]), which is not read")
    }
    return try add([Layer(PReLULayer())], [found[0].values], to: value)
  }

  // MARK: Windows

  mutating func pool(_ step: KerasStep, _ value: Value) throws -> Value {
    guard value.shape.count == 3 else { throw step.bad("takes items of the shape \(value.shape): images are read") }
    let size = try step.extent("pool_size", Extent(2))
    let window = Window(size: size, stride: try step.extent("strides", size), padding: try step.padding())
    return try add([step.layer.kind == "MaxPooling2D" ? .maxPool(window) : .avgPool(window)], to: value)
  }

  mutating func globalPool(_ step: KerasStep, _ value: Value) throws -> Value {
    guard value.shape.count == 3 else { throw step.bad("takes items of the shape \(value.shape): images are read") }
    let pool: Layer =
      step.layer.kind == "GlobalAveragePooling2D"
      ? .globalPool : Layer(ReductionLayer(kind: .max, axes: [1, 2], keepsAxes: false))
    let row = try add([pool], to: value)
    guard try step.flag("keepdims", false) else { return row }
    return try add([Layer(ReshapeLayer(shape: [value.shape[0], 1, 1]))], to: row)
  }

  // MARK: Shapes

  /// Keras's Flatten moves the first axis behind the others where its own `data_format` has channels first.
  mutating func flattened(_ step: KerasStep, _ value: Value) throws -> Value {
    let isTurned = step.config["data_format"]?.text == "channels_first"
    let rank = value.shape.count
    guard rank > 1, isTurned else { return try row(value) }
    guard rank == 3, isChannelsFirst else {
      // [h, w, c] there, which is [c, h, w] here, as [w, c, h]; [a, b] as [b, a].
      return try add([Layer(TransposeLayer(axes: rank == 3 ? [2, 0, 1] : [1, 0])), .flatten], to: value)
    }
    var turned = try row(value)
    turned.image = Self.imageOfRow(value.shape)
    return turned
  }

  /// The numbers one after the other, which Keras has in the order of its axes.
  private mutating func row(_ value: Value) throws -> Value {
    if value.shape.count == 1 { return value }
    var row = try add([.flatten], to: value)
    if value.shape.count == 3, !isChannelsFirst { row.image = Self.imageOfRow(value.shape) }
    return row
  }

  /// Nil where one channel or one pixel leaves the order as it is.
  private static func imageOfRow(_ shape: [Int]) -> [Int]? {
    shape[0] > 1 && shape[1] * shape[2] > 1 ? shape : nil
  }

  mutating func reshaped(_ step: KerasStep, _ value: Value) throws -> Value {
    guard var target = try step.ints("target_shape"), (1...3).contains(target.count) else {
      throw step.bad("makes other than one to three axes")
    }
    let count = value.shape.reduce(1, *)
    let known = target.filter { $0 != -1 }
    guard known.count >= target.count - 1, known.allSatisfy({ $0 > 0 }),
      let product = ImportedGraph.count(known), product > 0, count % product == 0,
      known.count < target.count || product == count
    else { throw step.bad("makes \(target) of items \(value.shape)") }
    target = target.map { $0 == -1 ? count / product : $0 }
    let shape = ours(target)
    // A row that stays a row is in the order that it had.
    if value.shape == shape, shape.count == 1 { return value }
    if value.shape == shape && shape.count == 3 || value.image == shape && !isChannelsFirst {
      var same = try add([Layer(ReshapeLayer(shape: shape))], to: value)
      same.image = nil
      return same
    }
    let row = try inKerasOrder(row(value))
    guard target.count == 3, !isChannelsFirst, target[2] > 1, target[0] * target[1] > 1 else {
      return target.count == 1 ? row : try add([Layer(ReshapeLayer(shape: shape))], to: row)
    }
    return try add([Layer(ReshapeLayer(shape: target)), Layer(TransposeLayer(axes: [2, 0, 1]))], to: row)
  }

  mutating func permuted(_ step: KerasStep, _ value: Value) throws -> Value {
    guard let axes = try step.ints("dims"), axes.sorted() == Array(1...max(1, value.shape.count)) else {
      throw step.bad("moves other than the axes of items \(value.shape)")
    }
    let turned = axes.map { $0 - 1 }
    if turned.count == 1 { return value }
    guard turned.count == 3, !isChannelsFirst else {
      return try add([Layer(TransposeLayer(axes: turned))], to: value)
    }
    // Of [h, w, c] there as [c, h, w] here.
    let order = [turned[2], turned[0], turned[1]].map { ($0 + 1) % 3 }
    return try add([Layer(TransposeLayer(axes: order))], to: value)
  }

  mutating func padded(_ step: KerasStep, _ value: Value) throws -> Value {
    guard value.shape.count == 3 else { throw step.bad("takes items of the shape \(value.shape): images are read") }
    let sides = try step.sides("padding")
    let layer = PadLayer(
      before: [0, sides[0][0], sides[1][0]], behind: [0, sides[0][1], sides[1][1]], mode: .constant, value: 0)
    return try add([Layer(layer)], to: value)
  }

  mutating func resized(_ step: KerasStep, _ value: Value) throws -> Value {
    guard value.shape.count == 3 else { throw step.bad("takes items of the shape \(value.shape): images are read") }
    let target: Extent
    if step.layer.kind == "Resizing" {
      target = Extent(try step.int("height"), try step.int("width"))
      guard !(try step.flag("crop_to_aspect_ratio", false)), !(try step.flag("pad_to_aspect_ratio", false)),
        !(try step.flag("antialias", false))
      else { throw step.bad("cuts, fills or smooths, which is not read") }
    } else {
      let size = try step.extent("size", Extent(2))
      target = Extent(value.shape[1] * size.height, value.shape[2] * size.width)
    }
    let mode = step.config["interpolation"]?.text ?? (step.layer.kind == "Resizing" ? "bilinear" : "nearest")
    guard mode == "nearest" || mode == "bilinear" else {
      throw step.bad("has the interpolation “\(mode.prefix(40))”: nearest and bilinear are read")
    }
    guard (1...16384).contains(target.height), (1...16384).contains(target.width) else {
      throw step.bad("makes sizes or places that are not read")
    }
    // The pixel in which the middle of the new one lies.
    let layer = ResizeLayer(
      height: target.height, width: target.width, mode: mode == "nearest" ? .nearest : .linear, places: .halfPixel,
      rounds: .toNearestOrAwayFromZero)
    return try add([Layer(layer)], to: value)
  }
}
