import Diagnostics
import NeuralNetworks

/// Losses that are added, each times a weight: `supcon() + 0.1 * centre()`.
///
/// All of them take pairs, or all take labels. What each learns is kept apart by its place in the sum.
struct WeightedSum: Hashable {
  struct Part: Hashable {
    var weight: Double
    var loss: EmbeddingLoss
  }

  let parts: [Part]

  var text: String {
    parts.map { $0.weight == 1 ? $0.loss.text : "\(EmbeddingLoss.shown($0.weight)) * \($0.loss.text)" }
      .joined(separator: " + ")
  }

  private var kinds: [any LossRule] { parts.map(\.loss.kind) }
  var comparesBatch: Bool { kinds.contains(where: \.comparesBatch) }
  var needsMatrix: Bool { kinds.contains(where: \.needsMatrix) }
  var knowsClasses: Bool { kinds.contains(where: \.knowsClasses) }
  var outputsAreClasses: Bool { kinds.contains(where: \.outputsAreClasses) }
  var draws: Bool { kinds.contains(where: \.draws) }
  var comparesPairs: Bool { kinds.allSatisfy(\.comparesPairs) }
  var takesMiner: Bool { kinds.allSatisfy(\.takesMiner) }
  var isMined: Bool { kinds.contains(where: \.isMined) }
  var teachers: [Teacher] { kinds.flatMap(\.teachers) }

  func arrays(classes: Int, width: Int) -> [LossArray] {
    kinds.enumerated().flatMap { place, kind in
      kind.arrays(classes: classes, width: width).map { array in
        // "loss.proxies" of the second loss is "loss.2.proxies".
        LossArray(
          name: "loss.\(place + 1)." + array.name.dropFirst("loss.".count), shape: array.shape, first: array.first,
          isDecayed: array.isDecayed, isTrained: array.isTrained)
      }
    }
  }

  /// The distance that one of them has learnt.
  func learntMetric(_ parameters: LossParameters) -> Metric? {
    zip(kinds, split(parameters)).lazy.compactMap { kind, own in own.flatMap(kind.learntMetric) }.first
  }

  func undecided(differentShare: Double) -> Double? {
    var total = 0.0
    for part in parts {
      guard let value = part.loss.kind.undecided(differentShare: differentShare) else { return nil }
      total += part.weight * value
    }
    return total
  }

  /// Each loss's own arrays; nil for one that learns nothing, or where there are too few.
  private func split(_ parameters: LossParameters?) -> [LossParameters?] {
    var rest = (parameters?.arrays ?? [])[...]
    return kinds.map { kind in
      let count = kind.arrays(classes: 1, width: 1).count
      guard count > 0, rest.count >= count else { return nil }
      defer { rest = rest.dropFirst(count) }
      return LossParameters(Array(rest.prefix(count)))
    }
  }

  /// Each part's value and gradients, added up.
  /// - Parameter value: of one loss with its own arrays; writes its gradients.
  /// - Parameter add: adds the gradients that were just written, times the weight, to the sum's.
  fileprivate func sum(
    _ parameters: LossParameters?, isLearning: Bool,
    value: (EmbeddingLoss, LossParameters?) throws(MetricError) -> Double,
    add: (Float) -> Void
  ) throws(MetricError) -> Double {
    var total = 0.0
    for (part, own) in zip(parts, split(parameters)) {
      total += part.weight * (try value(part.loss, own))
      let weight = Float(part.weight)
      add(weight)
      guard isLearning, weight != 1, let own else { continue }
      for index in own.arrays.indices {
        own.with(index) { _, gradient in for k in gradient.indices { gradient[k] *= weight } }
      }
    }
    return total
  }
}

/// A sum of losses on labels.
struct LabelLossSum: BatchLoss {
  let sum: WeightedSum

  var text: String { sum.text }
  var comparesBatch: Bool { sum.comparesBatch }
  var needsMatrix: Bool { sum.needsMatrix }
  var knowsClasses: Bool { sum.knowsClasses }
  var outputsAreClasses: Bool { sum.outputsAreClasses }
  var draws: Bool { sum.draws }
  var comparesPairs: Bool { sum.comparesPairs }
  var takesMiner: Bool { sum.takesMiner }
  var isMined: Bool { sum.isMined }
  var teachers: [Teacher] { sum.teachers }
  func arrays(classes: Int, width: Int) -> [LossArray] { sum.arrays(classes: classes, width: width) }
  func learntMetric(_ parameters: LossParameters) -> Metric? { sum.learntMetric(parameters) }
  func undecided(differentShare: Double) -> Double? { sum.undecided(differentShare: differentShare) }

  func value(_ batch: LabelledBatch) throws(MetricError) -> Double {
    let count = batch.anchors * batch.width
    var own = [Float](repeating: 0, count: count)
    for k in 0..<count { batch.gradient[k] = 0 }
    return try sum.sum(batch.parameters, isLearning: true) { loss, parameters throws(MetricError) in
      guard let kind = loss.kind as? any BatchLoss else { throw .needsPairs(loss: loss.text) }
      return try own.withUnsafeMutableBufferPointer { gradient throws(MetricError) in
        var part = batch
        part.parameters = parameters
        part.gradient = gradient
        return try kind.value(part)
      }
    } add: { weight in
      for k in 0..<count { batch.gradient[k] += weight * own[k] }
    }
  }
}

/// A sum of losses on pairs.
struct PairLossSum: PairLoss {
  let sum: WeightedSum

  var text: String { sum.text }
  var draws: Bool { sum.draws }
  func arrays(classes: Int, width: Int) -> [LossArray] { sum.arrays(classes: classes, width: width) }
  func learntMetric(_ parameters: LossParameters) -> Metric? { sum.learntMetric(parameters) }
  func undecided(differentShare: Double) -> Double? { sum.undecided(differentShare: differentShare) }

  func value(_ batch: PairBatch) throws(MetricError) -> Double {
    let isLearning = batch.gradientA != nil
    let count = isLearning ? batch.count * batch.width : 0
    var (ownA, ownB) = ([Float](repeating: 0, count: count), [Float](repeating: 0, count: count))
    for k in 0..<count {
      batch.gradientA?[k] = 0
      batch.gradientB?[k] = 0
    }
    return try sum.sum(batch.parameters, isLearning: isLearning) { loss, parameters throws(MetricError) in
      try ownA.withUnsafeMutableBufferPointer { a throws(MetricError) in
        try ownB.withUnsafeMutableBufferPointer { b throws(MetricError) in
          try loss.pairLoss(
            batch.a, batch.b, width: batch.width, same: batch.same, parameters: parameters,
            gradientA: isLearning ? a : nil, gradientB: isLearning ? b : nil)
        }
      }
    } add: { weight in
      for k in 0..<count {
        batch.gradientA?[k] += weight * ownA[k]
        batch.gradientB?[k] += weight * ownB[k]
      }
    }
  }
}

extension EmbeddingLoss {
  private var summands: [WeightedSum.Part] {
    switch kind {
    case let sum as LabelLossSum: sum.sum.parts
    case let sum as PairLossSum: sum.sum.parts
    default: [WeightedSum.Part(weight: 1, loss: self)]
    }
  }

  private static func sum(_ parts: [WeightedSum.Part]) -> EmbeddingLoss {
    let sum = WeightedSum(parts: parts)
    return parts.allSatisfy(\.loss.takesPairs)
      ? EmbeddingLoss(PairLossSum(sum: sum)) : EmbeddingLoss(LabelLossSum(sum: sum))
  }

  /// This loss and another; sums of sums are one sum.
  /// - Throws: `mixedSum` where one takes pairs and the other labels.
  public func plus(_ other: EmbeddingLoss) throws(MetricError) -> EmbeddingLoss {
    guard takesPairs == other.takesPairs else {
      throw .mixedSum(pairs: takesPairs ? text : other.text, labels: takesPairs ? other.text : text)
    }
    return Self.sum(summands + other.summands)
  }

  /// This loss times a weight.
  /// - Throws: `outOfRange` for a weight that is not above 0, or not finite.
  public func times(_ weight: Double) throws(MetricError) -> EmbeddingLoss {
    if let expected = FloatSetting.expectedPositive(weight) {
      throw .outOfRange(
        function: text, argument: "weight", got: NumberText.written(weight),
        expected: weight > 0 && weight.isFinite ? "a number " + expected : "a finite number above 0")
    }
    return Self.sum(summands.map { WeightedSum.Part(weight: weight * $0.weight, loss: $0.loss) })
  }
}
