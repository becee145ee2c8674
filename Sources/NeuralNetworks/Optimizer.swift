/// How the rate changes from step to step.
public indirect enum Schedule: Sendable, Hashable, Codable {
  case constant
  /// rate · factor^⌊step / every⌋
  case decay(factor: Double, every: Int)
  /// Half a cosine from the rate down to rate · floor over `steps`.
  case cosine(steps: Int, floor: Double = 0)
  /// Rises from 0 over `steps`, then goes on with another schedule (counted from its own 0).
  case warmUp(steps: Int, then: Schedule)
  /// Smith and Topin 2019: from rate/25 up to the rate over the first 30 %, then a cosine down to rate/10⁴.
  case oneCycle(steps: Int)

  /// What the rate is multiplied with at a step, counted from 0.
  public func factor(at step: Int) -> Double {
    switch self {
    case .constant: return 1
    case .decay(let factor, let every): return power(factor, Double(step / max(1, every)))
    case .cosine(let steps, let floor):
      return floor + (1 - floor) * halfCosine(min(1, Double(step) / Double(max(1, steps))))
    case .warmUp(let steps, let then):
      return step < steps ? Double(step + 1) / Double(steps) : then.factor(at: step - steps)
    case .oneCycle(let steps):
      let rise = max(1.0, 0.3 * Double(steps))
      if Double(step) < rise { return 0.04 + 0.96 * (1 - halfCosine(Double(step) / rise)) }
      return 1e-4 + (1 - 1e-4) * halfCosine(min(1, (Double(step) - rise) / max(1, Double(steps) - rise)))
    }
  }
}

/// How gradients become changes of the weights.
public struct Optimizer: Sendable, Hashable, Codable {
  /// How a gradient becomes a change.
  public enum Rule: Sendable, Hashable, Codable {
    /// v ← momentum · v + g; w ← w − rate · v (Nesterov: g + momentum · v).
    case sgd(momentum: Double = 0, nesterov: Bool = false)
    /// s ← decay · s + (1 − decay) · g²; w ← w − rate · g / √(s + epsilon), as Keras has it; with `outside`
    /// w − rate · g / (√s + epsilon), as PyTorch does.
    case rmsprop(decay: Double = 0.9, epsilon: Double = 1e-7, outside: Bool = false)
    /// Kingma and Ba 2015, with bias correction.
    case adam(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7)
  }

  /// How a gradient becomes a change.
  public var rule: Rule
  /// Before the schedule.
  public var rate: Double
  /// Decoupled where the rule is Adam and `decoupled` is true (AdamW); added to the gradient otherwise.
  public var weightDecay: Double
  /// Whether weight decay stands beside the gradient (AdamW) rather than in it.
  public var decoupled: Bool
  /// The gradient's Euclidean length over all parameters is cut to this; nil for no limit.
  public var clip: Double?
  /// How the rate goes on.
  public var schedule: Schedule

  /// A constant rate, no decay and no clipping where nothing else is said.
  public init(
    _ rule: Rule, rate: Double, weightDecay: Double = 0, decoupled: Bool = false, clip: Double? = nil,
    schedule: Schedule = .constant
  ) {
    self.rule = rule
    self.rate = rate
    self.weightDecay = weightDecay
    self.decoupled = decoupled
    self.clip = clip
    self.schedule = schedule
  }

  /// Whether a step depends on those before it: by momentum, running means or a schedule.
  public var remembers: Bool {
    if case .sgd(momentum: 0, _) = rule { schedule != .constant } else { true }
  }

  /// Stochastic gradient descent.
  public static func sgd(_ rate: Double = 0.01, momentum: Double = 0, nesterov: Bool = false) -> Optimizer {
    Optimizer(.sgd(momentum: momentum, nesterov: nesterov), rate: rate)
  }
  /// Keras's form.
  public static func rmsprop(_ rate: Double = 0.001) -> Optimizer { Optimizer(.rmsprop(), rate: rate) }
  /// Kingma and Ba 2015.
  public static func adam(_ rate: Double = 0.001) -> Optimizer { Optimizer(.adam(), rate: rate) }
  /// Loshchilov and Hutter 2019.
  public static func adamw(_ rate: Double = 0.001, weightDecay: Double = 0.01) -> Optimizer {
    Optimizer(.adam(), rate: rate, weightDecay: weightDecay, decoupled: true)
  }
}

extension Optimizer.Rule {
  /// Older versions had RMSprop's epsilon outside of the root, and no word for it.
  public init(from decoder: any Decoder) throws {
    let rules = try decoder.container(keyedBy: CodingKeys.self)
    if let values = try? rules.nestedContainer(keyedBy: SgdCodingKeys.self, forKey: .sgd) {
      self = .sgd(
        momentum: try values.decode(Double.self, forKey: .momentum),
        nesterov: try values.decode(Bool.self, forKey: .nesterov))
    } else if let values = try? rules.nestedContainer(keyedBy: AdamCodingKeys.self, forKey: .adam) {
      self = .adam(
        beta1: try values.decode(Double.self, forKey: .beta1), beta2: try values.decode(Double.self, forKey: .beta2),
        epsilon: try values.decode(Double.self, forKey: .epsilon))
    } else {
      let values = try rules.nestedContainer(keyedBy: RmspropCodingKeys.self, forKey: .rmsprop)
      self = .rmsprop(
        decay: try values.decode(Double.self, forKey: .decay),
        epsilon: try values.decode(Double.self, forKey: .epsilon),
        outside: try values.decodeIfPresent(Bool.self, forKey: .outside) ?? true)
    }
  }
}
