import ElementaryFunctions
import Tensors

func power(_ base: Double, _ exponent: Double) -> Double { Elementary.pow(base, exponent) }
func halfCosine(_ part: Double) -> Double { 0.5 * (1 + Elementary.cos(part * Double.pi)) }

/// What an optimiser remembers between steps, for the arrays of one or more networks.
public final class OptimizerState {
  /// Whose memory this is.
  public let optimizer: Optimizer
  /// Updates done so far; schedules count with it.
  public internal(set) var step = 0
  var moments: [ObjectIdentifier: Moments] = [:]

  /// What is remembered of one array; of no array any more where that was freed, as with a network that was made,
  /// stepped and forgotten in a loop.
  struct Moments {
    weak var weights: Weights?
    let first: FloatBuffer
    let second: FloatBuffer
  }

  /// Of an array that is still the one that was met: another may have got the address of one that was freed.
  func known(_ array: Weights) -> Moments? {
    guard let found = moments[ObjectIdentifier(array)], found.weights === array else { return nil }
    return found
  }

  /// - Throws: `NetworkError` for a rate, momentum or decay that makes no sense.
  public init(_ optimizer: Optimizer) throws {
    try optimizer.check()
    self.optimizer = optimizer
  }

  /// The rate of the next step.
  public var rate: Double { optimizer.rate * optimizer.schedule.factor(at: step) }

  /// One step for each array by its gradient.
  public func update(_ network: Network) { update([network]) }

  /// One step for all arrays of several networks, and for others that learn with them (a loss's proxies), whose
  /// gradients are clipped together.
  public func update(_ networks: [Network], with others: [Weights] = []) {
    let arrays = networks.flatMap(\.trained) + others
    var scale: Float = 1
    if let clip = optimizer.clip {
      var square = 0.0
      for array in arrays {
        let g = array.gradientBuffer
        square += Double(kernels.centredDot(g.base, g.base, g.count, 0, 0))
      }
      let length = square.squareRoot()
      if length > clip { scale = Float(clip / length) }
    }
    let rate = Float(self.rate)
    step += 1
    for array in arrays { update(array, rate: rate, scale: scale) }
    for network in networks { network.version += 1 }
  }

  private func update(_ array: Weights, rate: Float, scale: Float) {
    let found: Moments
    if let known = known(array) {
      found = known
    } else {
      moments = moments.filter { $0.value.weights != nil }
      let counts = momentCounts(of: array)
      found = Moments(weights: array, first: FloatBuffer(counts.first), second: FloatBuffer(counts.second))
      moments[ObjectIdentifier(array)] = found
    }
    let (first, second) = (found.first, found.second)
    let (optimizer, step) = (self.optimizer, self.step)
    let chunk = 1 << 15
    // Each number by itself: any split gives the same bits.
    Workers.shared.parallel(slices: (array.count + chunk - 1) / chunk) { slice in
      let start = slice * chunk
      let count = min(chunk, array.count - start)
      let w = array.buffer.base + start
      let g = Floats(array.gradientBuffer.base + start)
      let decay = array.isDecayed ? Float(optimizer.weightDecay) : 0
      switch optimizer.rule {
      case .sgd(let momentum, let nesterov):
        kernels.sgdUpdate(
          w, g, first.base + start, count: count, rate: rate, momentum: Float(momentum), nesterov: nesterov,
          decay: decay, scale: scale)
      case .rmsprop(let keep, let epsilon, let outside):
        kernels.rmspropUpdate(
          w, g, first.base + start, count: count, rate: rate, keep: Float(keep),
          inside: outside ? 0 : Float(epsilon), outside: outside ? Float(epsilon) : 0, decay: decay, scale: scale)
      case .adam(let beta1, let beta2, let epsilon):
        let correction = (1 - power(beta2, Double(step))).squareRoot() / (1 - power(beta1, Double(step)))
        let stepRate = Float(Double(rate) * correction)
        let shrink = optimizer.decoupled ? 1 - rate * decay : 1
        let added = optimizer.decoupled ? 0 : decay
        kernels.adamUpdate(
          w, g, first.base + start, second.base + start, count: count, rate: stepRate, beta1: Float(beta1),
          beta2: Float(beta2), epsilon: Float(epsilon), decay: added, shrink: shrink, scale: scale)
      }
    }
  }
}

extension Optimizer {
  /// As it is written in Twin: `rmsprop(0.001)`.
  public var name: String {
    switch rule {
    case .sgd: "sgd"
    case .rmsprop: "rmsprop"
    case .adam: decoupled ? "adamw" : "adam"
    }
  }

  func check() throws {
    func check(_ value: Double, _ what: String, _ expected: String?) throws {
      guard let expected else { return }
      throw NetworkError.optimizerArgument(optimizer: name, what: what, got: value, expected: expected)
    }
    func positive(_ value: Double, _ what: String) throws {
      try check(value, what, FloatSetting.expectedPositive(value))
    }
    func fraction(_ value: Double, _ what: String) throws {
      try check(value, what, FloatSetting.isShareBelowOne(value) ? nil : "from 0 up to, not including, 1")
    }
    try positive(rate, "a rate")
    let expectedDecay = weightDecay >= 0 ? FloatSetting.expectedFinite(weightDecay) : "of at least 0"
    try check(weightDecay, "weight decay", expectedDecay)
    // Lengths are doubles: a clip beyond float32 cuts nothing.
    if let clip {
      try check(clip, "clip", clip > 0 && clip.isFinite ? FloatSetting.expectedPositive(min(clip, 1)) : "above 0")
    }
    switch rule {
    case .sgd(let momentum, _): try fraction(momentum, "momentum")
    case .rmsprop(let keep, let epsilon, _):
      try fraction(keep, "keep")
      try positive(epsilon, "epsilon")
    case .adam(let beta1, let beta2, let epsilon):
      try fraction(beta1, "beta1")
      try fraction(beta2, "beta2")
      try positive(epsilon, "epsilon")
    }
  }
}
