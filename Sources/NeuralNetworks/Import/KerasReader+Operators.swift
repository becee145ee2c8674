import Tensors

/// Functions of `keras.ops`, which Keras 3 writes as layers of their names. Those with layers of the same meaning are made as
/// these are.
extension KerasReader {
  /// What activations are called that have a function of their own.
  private static let activations = [
    "Relu": "relu", "Relu6": "relu6", "Sigmoid": "sigmoid", "Tanh": "tanh", "Silu": "silu", "HardSilu": "hard_silu",
    "HardSigmoid": "hard_sigmoid", "HardTanh": "hard_tanh", "Softplus": "softplus", "Softsign": "softsign",
    "Selu": "selu", "Exp": "exponential", "LogSigmoid": "log_sigmoid",
  ]

  /// Nil for what is no such function.
  mutating func operated(_ step: KerasStep, _ value: Value) throws -> Value? {
    if let name = Self.activations[step.layer.kind] { return try activated(step, value, .text(name)) }
    func function(_ function: FunctionLayer.Function) throws -> Value {
      try add([Layer(FunctionLayer(function: function))], to: value)
    }
    switch step.layer.kind {
    case "Absolute", "Abs": return try function(.abs)
    case "Negative": return try function(.negate)
    case "Sqrt": return try function(.sqrt)
    case "Log": return try function(.log)
    case "Square": return try combined(.multiply, value, value)
    case "Power":
      guard let number = step.number, number.place == 1, number.value.isFinite else { return nil }
      return try function(.power(number.value))
    case "Clip":
      let (low, high) = (Float(try step.double("x_min", .nan)), Float(try step.double("x_max", .nan)))
      guard low <= high else { throw step.bad("has bounds that are no two numbers in order") }
      return try function(.clip(low: low, high: high))
    // As a function it is the rough one where nothing else is said, as an activation the exact one.
    case "Gelu": return try function(.gelu(isRough: try step.flag("approximate", true)))
    case "LeakyRelu":
      return try add([.activation(.leakyRelu(slope: Float(try step.double("negative_slope", 0.2))))], to: value)
    case "Elu": return try function(.elu(alpha: Float(try step.double("alpha", 1))))
    case "Celu": return try function(.celu(alpha: Float(try step.double("alpha", 1))))
    case "Normalize":
      guard try step.double("order", 2) == 2 else { throw step.bad("has other lengths than the Euclidean") }
      return try unitLength(step, value)
    case "Mean": return try reduced(step, value, .mean)
    case "Sum": return try reduced(step, value, .sum)
    case "Max", "Min":
      guard step.config["initial"] == nil else { throw step.bad("has a first number, which is not read") }
      return try reduced(step, value, step.layer.kind == "Max" ? .max : .min)
    case "Norm":
      // Of one axis it is a vector's length, of two it would be a matrix's.
      guard step.config["ord"] == nil, try step.ints("axis")?.count == 1 else {
        throw step.bad("is no Euclidean length along one axis")
      }
      return try reduced(step, value, .l2)
    default: return nil
    }
  }

  /// Over axes of an item; those that stay must be in the order in which Keras has them.
  private mutating func reduced(_ step: KerasStep, _ value: Value, _ kind: ReductionLayer.Kind) throws -> Value {
    let rank = value.shape.count
    let axes = Set(try (step.ints("axis") ?? []).map { $0 < 0 ? $0 + rank : $0 - 1 })
    guard !axes.isEmpty, axes.allSatisfy({ (0..<rank).contains($0) }) else {
      throw step.bad("goes over the batch's axis, or over one that is not there")
    }
    let ours = axes.map { rank == 3 && !isChannelsFirst ? ($0 + 1) % 3 : $0 }.sorted()
    let keeps = try step.flag("keepdims", false)
    if !keeps {
      guard axes.count < rank else { throw step.bad("leaves nothing of an item: keepdims=True is read") }
      guard rank < 3 || isChannelsFirst || axes.count > 1 || ours == [0] else {
        throw step.bad("goes over height or width alone: keepdims=True is read")
      }
    }
    var result = try add([Layer(ReductionLayer(kind: kind, axes: ours, keepsAxes: keeps))], to: value)
    result.image = nil
    return result
  }
}
