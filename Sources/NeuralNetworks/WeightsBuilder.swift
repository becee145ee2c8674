import Tensors

/// Makes the arrays of layers in order, drawing their first values.
struct WeightsBuilder {
  var weights: [Weights] = []
  private let seed: UInt64
  private let learnt: [LearntPart]

  init(seed: UInt64, learnt: [LearntPart]) {
    self.seed = seed
    self.learnt = learnt
  }

  /// - Returns: the shape of an item after the layers.
  /// - Throws: `NetworkError.builtForOtherShape` for a part that has learnt from items of another shape than it would get.
  @discardableResult
  mutating func add(_ layers: [Layer], input: [Int], prefix: String) throws -> [Int] {
    var shape = input
    var places: [(first: Int, part: LearntPart)] = []
    for (index, layer) in layers.enumerated() {
      for part in learnt where part.prefix == prefix && part.start == index {
        guard part.shape == shape else {
          throw NetworkError.builtForOtherShape(built: part.shape, got: shape, first: layer)
        }
        places.append((weights.count, part))
      }
      shape = try add(layer, input: shape, prefix: "\(prefix)\(index + 1).")
    }
    for (first, part) in places {
      for (array, values) in zip(weights[first...], part.arrays) { _ = array.set(values) }
    }
    return shape
  }

  private mutating func add(_ layer: Layer, input: [Int], prefix: String) throws -> [Int] {
    let output = (try? layer.outputShape(of: input)) ?? input
    switch layer {
    case .conv(let conv):
      let area = conv.kernel.height * conv.kernel.width
      add(
        prefix, [conv.filters, input[0], conv.kernel.height, conv.kernel.width], bias: conv.bias,
        inputs: input[0] * area, outputs: conv.filters * area, conv.initialisation, dense: false)
    case .dense(let units, let bias, let initialisation):
      add(prefix, [units, input[0]], bias: bias, inputs: input[0], outputs: units, initialisation, dense: true)
    case .batchNorm:
      append(prefix + "scale", [input[0]], fill: 1)
      append(prefix + "shift", [input[0]], fill: 0)
      append(prefix + "mean", [input[0]], fill: 0, trained: false)
      append(prefix + "variance", [input[0]], fill: 1, trained: false)
    case .residual(let block):
      let after = try add(block, input: input, prefix: prefix)
      if after != input, let shortcut = Layer.shortcut(from: input, to: after) {
        _ = try add(shortcut, input: input, prefix: prefix + "shortcut.")
      }
    case .parallel(let blocks):
      for (index, block) in blocks.enumerated() {
        try add(block, input: input, prefix: "\(prefix)\(index + 1).")
      }
    case .squeezeExcite(let reduction):
      for layer in Layer.squeezeLayers(channels: input[0], reduction: reduction).enumerated() {
        if case .dense(let units, _, _) = layer.element {
          let inputs = layer.offset == 0 ? input[0] : Layer.squeezed(input[0], reduction)
          add(
            prefix + "\(layer.offset + 1).", [units, inputs], bias: true, inputs: inputs, outputs: units, .glorot,
            dense: true)
        }
      }
    case .symmetric(let block): try add(block, input: input, prefix: prefix)
    case .activation, .maxPool, .avgPool, .globalPool, .flatten, .dropout, .normalize, .hog: break
    }
    return output
  }

  private mutating func append(_ name: String, _ shape: [Int], fill: Float, trained: Bool = true) {
    let array = Weights(name: name, shape: shape, isTrained: trained)
    array.buffer.base.update(repeating: fill, count: array.count)
    weights.append(array)
  }

  private mutating func add(
    _ prefix: String, _ shape: [Int], bias: Bool, inputs: Int, outputs: Int, _ initialisation: Initialisation,
    dense: Bool
  ) {
    let array = Weights(name: prefix + "weight", shape: shape)
    // One stream an array, so that a layer's first weights do not depend on the layers before it.
    var random = RandomStream(seed: seed, stream: UInt64(weights.count))
    let base = array.buffer.base
    switch initialisation {
    case .glorot:
      let limit = Float((6 / Double(inputs + outputs)).squareRoot())
      for index in 0..<array.count { base[index] = (2 * Float(random.uniform()) - 1) * limit }
    case .he:
      let deviation = Float((2 / Double(inputs)).squareRoot())
      for index in 0..<array.count { base[index] = Float(random.normal()) * deviation }
    case .koch:
      let deviation: Float = dense ? 0.2 / Float(inputs).squareRoot() : 0.01
      for index in 0..<array.count { base[index] = Float(random.normal()) * deviation }
    }
    weights.append(array)
    guard bias else { return }
    append(prefix + "bias", [shape[0]], fill: 0)
    if initialisation == .koch, !dense, let base = weights.last?.buffer.base {
      for index in 0..<shape[0] { base[index] = 0.5 + 0.01 * Float(random.normal()) }
    }
  }
}

extension Layer {
  static func squeezed(_ channels: Int, _ reduction: Int) -> Int { max(1, channels / reduction) }

  static func squeezeLayers(channels: Int, reduction: Int) -> [Layer] {
    [.dense(units: squeezed(channels, reduction)), .relu, .dense(units: channels), .sigmoid]
  }
}
