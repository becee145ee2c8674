import Tensors

extension KerasReader {
  /// A layer on what it takes.
  mutating func result(_ step: KerasStep, _ taken: [Value]) throws -> Value {
    if let value = try withNumber(step, taken) { return value }
    switch step.layer.kind {
    case "Add": return try folded(step, taken, .add)
    case "Multiply": return try folded(step, taken, .multiply)
    case "Subtract":
      guard taken.count == 2 else { throw step.bad("takes \(taken.count) results: two are read") }
      return try combined(.subtract, taken[0], taken[1])
    case "Divide", "TrueDivide":
      guard taken.count == 2 else { throw step.bad("takes \(taken.count) results: two are read") }
      return try combined(.divide, taken[0], taken[1])
    case "Maximum": return try folded(step, taken, .maximum)
    case "Minimum": return try folded(step, taken, .minimum)
    case "Average":
      let sum = try folded(step, taken, .add)
      return try scaled(sum, by: 1 / Float(max(1, taken.count)))
    case "Concatenate": return try concatenated(step, taken)
    default: break
    }
    guard taken.count == 1, let value = taken.first else {
      throw Self.isKnown(step.layer.kind) ? step.bad("takes \(taken.count) results: one is read") : unknown(step)
    }
    return try result(step, value)
  }

  private static func isKnown(_ kind: String) -> Bool { ["Dense", "Conv2D", "Flatten", "Activation"].contains(kind) }

  private func unknown(_ step: KerasStep) -> ImportError {
    let name = String(step.layer.name.prefix(80))
    if step.layer.kind == "Lambda" { return .program(file: file, name: name) }
    return .unknownLayer(file: file, kind: String(step.layer.kind.prefix(80)), name: name)
  }

  private mutating func result(_ step: KerasStep, _ value: Value) throws -> Value {
    switch step.layer.kind {
    case "InputLayer", "Identity", "ActivityRegularization", "SpatialDropout2D", "GaussianNoise", "GaussianDropout",
      "AlphaDropout", "RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast",
      "RandomBrightness", "StochasticDepth":
      // Nothing outside of training.
      return value
    case "Dropout":
      let rate = try step.double("rate", 0)
      return (0..<1).contains(rate) && rate > 0 ? try add([.dropout(rate: rate)], to: value) : value
    case "Conv2D", "DepthwiseConv2D", "SeparableConv2D": return try convolution(step, value)
    case "Conv2DTranspose": return try transposedConvolution(step, value)
    case "Dense": return try dense(step, value)
    case "BatchNormalization": return try batchNorm(step, value)
    case "LayerNormalization": return try layerNorm(step, value)
    case "GroupNormalization": return try groupNorm(step, value)
    case "LayerScale": return try layerScale(step, value)
    case "UnitNormalization": return try unitLength(step, value)
    case "Normalization": return try normalization(step, value)
    case "Rescaling": return try rescaling(step, value)
    case "Activation": return try activated(step, value, step.config["activation"])
    case "ReLU", "LeakyReLU", "ELU", "PReLU", "Softmax": return try activation(step, value)
    case "MaxPooling2D", "AveragePooling2D": return try pool(step, value)
    case "GlobalAveragePooling2D", "GlobalMaxPooling2D": return try globalPool(step, value)
    case "Flatten": return try flattened(step, value)
    case "Reshape": return try reshaped(step, value)
    case "Permute": return try permuted(step, value)
    case "ZeroPadding2D": return try padded(step, value)
    case "Cropping2D": return try cropped(step, value)
    case "UpSampling2D", "Resizing": return try resized(step, value)
    default:
      guard let found = try operated(step, value) else { throw unknown(step) }
      return found
    }
  }

  // MARK: Weights

  /// The arrays of a layer, which must have these shapes.
  mutating func arrays(_ step: KerasStep, _ shapes: [[Int]]) throws -> [[Float]] {
    let found = try weights.arrays(step.path)
    guard found.map(\.shape) == shapes else {
      let words = found.isEmpty ? "no weights in the file" : "weights of the shapes \(found.map(\.shape).prefix(6))"
      throw step.bad("has \(words), where \(shapes.prefix(6)) are due")
    }
    return found.map(\.values)
  }

  func images(_ step: KerasStep, _ value: Value) throws -> [Int] {
    guard value.shape.count == 3 else {
      throw step.bad("takes items of the shape \(value.shape): images are read")
    }
    return value.shape
  }

  // MARK: Convolutions and products

  private mutating func convolution(_ step: KerasStep, _ value: Value) throws -> Value {
    let shape = try images(step, value)
    let channels = shape[0]
    let kernel = try step.extent("kernel_size")
    let stride = try step.extent("strides", Extent(1))
    let dilation = try step.extent("dilation_rate", Extent(1))
    let (padding, hasBias) = (try step.padding(), try step.flag("use_bias", true))
    func layer(_ filters: Int, _ groups: Int, bias: Bool) -> Layer {
      let convolution = Convolution(filters: filters, kernel: kernel, stride: stride, padding: padding, bias: bias)
      return groups == 1 && dilation == Extent(1)
        ? .conv(convolution)
        : Layer(GroupedConvolutionLayer(convolution: convolution, groups: groups, dilation: dilation))
    }
    let result: Value
    if step.layer.kind == "Conv2D" {
      let (filters, groups) = (try step.int("filters"), try step.int("groups", 1))
      guard (1...65536).contains(filters), (1...65536).contains(groups), channels % groups == 0 else {
        throw step.bad("has \(filters) filters in \(groups) groups for \(channels) channels")
      }
      let shapes = [[kernel.height, kernel.width, channels / groups, filters]] + (hasBias ? [[filters]] : [])
      var found = try arrays(step, shapes)
      found[0] = Self.turned(found[0], shapes[0])
      result = try add([layer(filters, groups, bias: hasBias)], found, to: value)
    } else {
      let times = try step.int("depth_multiplier", 1)
      guard (1...4096).contains(times) else { throw step.bad("has a depth_multiplier of \(times)") }
      // The filters of a channel stand side by side, as here.
      let depthwise = [kernel.height, kernel.width, channels, times]
      if step.layer.kind == "DepthwiseConv2D" {
        var found = try arrays(step, [depthwise] + (hasBias ? [[channels * times]] : []))
        found[0] = Self.turned(found[0], [kernel.height, kernel.width, 1, channels * times])
        result = try add([layer(channels * times, channels, bias: hasBias)], found, to: value)
      } else {
        let filters = try step.int("filters")
        guard (1...65536).contains(filters) else { throw step.bad("has \(filters) filters") }
        let pointwise = [1, 1, channels * times, filters]
        var found = try arrays(step, [depthwise, pointwise] + (hasBias ? [[filters]] : []))
        found[0] = Self.turned(found[0], [kernel.height, kernel.width, 1, channels * times])
        found[1] = Self.turned(found[1], pointwise)
        let point = Convolution(filters: filters, kernel: Extent(1), bias: hasBias)
        result = try add([layer(channels * times, channels, bias: false), .conv(point)], found, to: value)
      }
    }
    return try activated(step, result, step.config["activation"])
  }

  /// [height, width, in, out] as [out, in, height, width].
  static func turned(_ values: [Float], _ shape: [Int]) -> [Float] {
    let (pixels, inside, outside) = (shape[0] * shape[1], shape[2], shape[3])
    var turned = values
    for pixel in 0..<pixels {
      for channel in 0..<inside {
        let row = (pixel * inside + channel) * outside
        for filter in 0..<outside { turned[(filter * inside + channel) * pixels + pixel] = values[row + filter] }
      }
    }
    return turned
  }

  private mutating func dense(_ step: KerasStep, _ value: Value) throws -> Value {
    let (units, hasBias) = (try step.int("units"), try step.flag("use_bias", true))
    guard (1...Layer.sizeLimit).contains(units) else { throw step.bad("has \(units) units") }
    guard value.shape.count == 1 || value.shape.count == 3 && !isChannelsFirst else {
      throw step.bad("takes items of the shape \(value.shape): rows of numbers and images are read")
    }
    let inputs = value.shape[0]
    var found = try arrays(step, [[inputs, units]] + (hasBias ? [[units]] : []))
    let result: Value
    if value.shape.count == 3 {
      // At each pixel alike.
      found[0] = Self.turned(found[0], [1, 1, inputs, units])
      result = try add(
        [.conv(Convolution(filters: units, kernel: Extent(1), bias: hasBias))], found, to: value)
    } else {
      found[0] = Self.rows(found[0], inputs: inputs, units: units, image: value.image)
      var row = value
      row.image = nil
      result = try add([.dense(units: units, bias: hasBias)], found, to: row)
    }
    return try activated(step, result, step.config["activation"])
  }

  /// [inputs, units] as [units, inputs]; where the inputs were an image [c, h, w], from pixel by pixel to channel by channel.
  static func rows(_ values: [Float], inputs: Int, units: Int, image: [Int]?) -> [Float] {
    var turned = values
    for input in 0..<inputs {
      let row = theirPlace(input, image) * units
      for unit in 0..<units { turned[unit * inputs + input] = values[row + unit] }
    }
    return turned
  }

  /// Where Keras has the n-th number of an image that was made a row.
  private static func theirPlace(_ place: Int, _ image: [Int]?) -> Int {
    guard let image else { return place }
    let pixels = image[1] * image[2]
    return place % pixels * image[0] + place / pixels
  }

  static func inOurOrder(_ values: [Float], _ image: [Int]?) -> [Float] {
    image == nil ? values : values.indices.map { values[theirPlace($0, image)] }
  }

  // MARK: Normalisations

  /// Refuses another axis than that of channels, or of a row's numbers.
  func checkChannels(_ step: KerasStep, _ value: Value) throws {
    let axes = try step.ints("axis") ?? [-1]
    let wanted = value.shape.count == 3 && isChannelsFirst ? [1, -3] : [-1, value.shape.count]
    guard axes.count == 1, wanted.contains(axes[0]), value.shape.count == 3 || value.shape.count == 1 else {
      throw step.bad("goes over the axes \(axes) of items \(value.shape), which is not read")
    }
  }

  /// Scale and shift, one of each channel where the layer has none.
  mutating func normArrays(_ step: KerasStep, _ value: Value, kept: Int) throws -> [[Float]] {
    let channels = value.shape[0]
    let (hasScale, hasShift) = (try step.flag("scale", true), try step.flag("center", true))
    let count = (hasScale ? 1 : 0) + (hasShift ? 1 : 0) + kept
    var found = try arrays(step, [[Int]](repeating: [channels], count: count))
    if !hasScale { found.insert([Float](repeating: 1, count: channels), at: 0) }
    if !hasShift { found.insert([Float](repeating: 0, count: channels), at: 1) }
    return found.map { Self.inOurOrder($0, value.image) }
  }

  private mutating func batchNorm(_ step: KerasStep, _ value: Value) throws -> Value {
    try checkChannels(step, value)
    let (momentum, epsilon) = (try step.double("momentum", 0.99), try step.double("epsilon", 0.001))
    let found = try normArrays(step, value, kept: 2)
    return try add(
      [.batchNorm(momentum: (0..<1).contains(momentum) ? momentum : 0.99, epsilon: epsilon)], found, to: value)
  }

  private mutating func groupNorm(_ step: KerasStep, _ value: Value) throws -> Value {
    try checkChannels(step, value)
    var groups = try step.int("groups", 32)
    if groups == -1 { groups = value.shape[0] }
    guard groups == 1 || value.image == nil else { throw step.bad("goes over groups of an image's numbers in a row") }
    let found = try normArrays(step, value, kept: 0)
    return try add([.groupNorm(groups, epsilon: try step.double("epsilon", 0.001))], found, to: value)
  }

  mutating func unitLength(_ step: KerasStep, _ value: Value) throws -> Value {
    try checkChannels(step, value)
    if value.shape.count == 1 { return try add([.normalize], to: value) }
    let lengths = try add([Layer(ReductionLayer(kind: .l2, axes: [0], keepsAxes: true))], to: value)
    return try combined(.divide, value, lengths)
  }

  /// (x − mean) / √variance, each an array that the layer learnt from the data or was given.
  private mutating func normalization(_ step: KerasStep, _ value: Value) throws -> Value {
    let channels = value.shape[0]
    let axes = try step.ints("axis") ?? []
    guard !(try step.flag("invert", false)) else { throw step.bad("goes backwards, which is not read") }
    if !axes.isEmpty { try checkChannels(step, value) }
    let count = axes.isEmpty ? 1 : channels
    var found: [[Float]]
    func given(_ name: String) -> [Float]? {
      let numbers = step.config[name]?.list ?? step.config[name].map { [$0] }
      return numbers?.map { $0.double.map { Float($0) } ?? .nan }
    }
    if let mean = given("mean"), let variance = given("variance") {
      found = [mean, variance]
    } else {
      found = try weights.arrays(step.path).prefix(2).map(\.values)
    }
    guard found.count == 2, found.allSatisfy({ $0.count == count && $0.allSatisfy(\.isFinite) }) else {
      throw step.bad("has no mean and variance for \(channels) channels")
    }
    found = found.map { Self.inOurOrder($0, $0.count > 1 ? value.image : nil) }
    let shape = count == 1 ? [1] : value.shape.count == 3 ? [channels, 1, 1] : [channels]
    let deviations = found[1].map { max(1e-7, max(0, $0).squareRoot()) }
    return try add(
      [
        Layer(ConstantLayer(operation: .subtract, shape: shape, isFirst: false)),
        Layer(ConstantLayer(operation: .divide, shape: shape, isFirst: false)),
      ], [found[0], deviations], to: value)
  }

  private mutating func rescaling(_ step: KerasStep, _ value: Value) throws -> Value {
    func numbers(_ name: String, _ fallback: Double) throws -> [Float] {
      guard let given = step.config[name] else { return [Float(fallback)] }
      let listed = (given.list ?? [given]).map { $0.double.map { Float($0) } ?? .nan }
      guard listed.count == 1 || listed.count == value.shape[0] && value.image == nil, listed.allSatisfy(\.isFinite)
      else { throw step.bad("has a \(name) that is no number, nor one for each channel") }
      return listed
    }
    var value = value
    for (operation, numbers) in [
      (ElementOperation.multiply, try numbers("scale", 1)), (.add, try numbers("offset", 0)),
    ] where operation == .multiply || numbers.contains(where: { $0 != 0 }) {
      if numbers.count == 1 {
        value = try add([.operation(operation, numbers[0])], to: value)
      } else {
        let shape = value.shape.count == 3 ? [numbers.count, 1, 1] : [numbers.count]
        let layer = ConstantLayer(operation: operation, shape: shape, isFirst: false)
        value = try add([Layer(layer)], [numbers], to: value)
      }
    }
    return value
  }

  mutating func scaled(_ value: Value, by factor: Float) throws -> Value {
    try add([.operation(.multiply, factor)], to: value)
  }

  // MARK: Several results

  mutating func folded(_ step: KerasStep, _ taken: [Value], _ operation: ElementOperation) throws -> Value {
    guard taken.count >= 2, var result = taken.first else {
      throw step.bad("takes \(taken.count) results: two are read")
    }
    for value in taken.dropFirst() { result = try combined(operation, result, value) }
    return result
  }

  private mutating func concatenated(_ step: KerasStep, _ taken: [Value]) throws -> Value {
    guard (1...4096).contains(taken.count), let rank = taken.first?.shape.count,
      taken.allSatisfy({ $0.shape.count == rank })
    else { throw step.bad("takes results of different shapes") }
    let given = try step.int("axis", -1)
    let axis = given < 0 ? given + rank : given - 1
    guard given != 0, (0..<rank).contains(axis) else {
      throw step.bad("has the axis \(given), which is none of an item's")
    }
    let ours = rank == 3 && !isChannelsFirst ? (axis + 1) % 3 : axis
    var parts: [Value] = []
    for value in taken { parts.append(try inKerasOrder(value)) }
    let (place, shape) = try graph.add(.concat(axis: ours), to: parts.map { (place: $0.place, shape: $0.shape) })
    return Value(place, shape)
  }
}
