import Foundation
import TestSupport
import Testing

@testable import MetricLearning

/// Miners over losses: against pytorch-metric-learning's figures, and against plain loops over what plain loops choose.
@Suite struct MiningTests {
  typealias Mining = EmbeddingLoss.PairMining
  typealias Lists = (positives: [[Int]], negatives: [[Int]])

  /// The embeddings of Tests/References/metric_learning.py.
  static func rows(_ factor: Int) -> [Float] {
    let x = PyTorchFigures.numbers(50, factor, 97).map { $0 + 0.125 }
    return stride(from: 0, to: 50, by: 5).flatMap { at -> [Float] in
      let row = x[at..<at + 5]
      let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return row.map { $0 / length }
    }
  }
  static let labels = [0, 1, 2, 0, 1, 2, 0, 1, 0, 2]
  static let losses: [(String, EmbeddingLoss)] = [
    ("supcon", .supervisedContrastive(temperature: 0.2)),
    ("multisimilarity", .multiSimilarity(alpha: 2, beta: 20, base: 0.5)), ("circle", .circle(margin: 0.25, gamma: 8)),
  ]
  private static let miners: [(String, Mining)] = [
    ("hard", .hard), ("multisimilarity", .multiSimilarity(epsilon: 0.1)), ("angular", .angular(degrees: 35)),
  ]

  static func check(_ part: String, _ found: [Float]) throws {
    let expected = try #require(PyTorchFigures.byName[part], "\(part)")
    try #require(expected.count == found.count)
    for (one, other) in zip(found, expected) { #expect(abs(one - other) < 3e-5 * max(1, abs(other)), "\(part)") }
  }

  private static func lists(_ mining: Mining, _ x: [Float], width: Int, labels: [Int], draw: UInt64 = 0) -> Lists {
    var gradient = [Float](repeating: 0, count: x.count)
    let chosen = x.withUnsafeBufferPointer { x in
      gradient.withUnsafeMutableBufferPointer { gradient in
        let batch = LabelledBatch(
          embeddings: x, width: width, labels: labels, parameters: nil, draw: draw, gradient: gradient,
          anchors: labels.count)
        return PairMiner(mining, batch).chosen(of: batch.classes)
      }
    }
    return (chosen.positives, chosen.negatives)
  }

  @Test(arguments: miners.indices) func choosesAndLosesAsTheLibrary(index: Int) throws {
    let (name, mining) = Self.miners[index]
    let x = Self.rows(11)
    let chosen = Self.lists(mining, x, width: 5, labels: Self.labels)
    var mask = [Float](repeating: 0, count: 100)
    for a in 0..<10 {
      for p in chosen.positives[a] { mask[a * 10 + p] = 1 }
      for q in chosen.negatives[a] { mask[a * 10 + q] = -1 }
    }
    try Self.check("\(name).chosen", mask)
    for (other, loss) in Self.losses {
      var gradient = [Float](repeating: .nan, count: 50)
      let value = try loss.mined(by: mining).batchLoss(x, width: 5, labels: Self.labels, gradient: &gradient)
      try Self.check("\(name).\(other).loss", [Float(value)])
      try Self.check("\(name).\(other).dx", gradient)
    }
  }

  /// Classes of four, three, two and one: each anchor counts once, where the library counts pairs, or all images.
  @Test(arguments: [
    ("ntxent", EmbeddingLoss.ntXent(temperature: 0.2)),
    ("multisimilarity", .multiSimilarity(alpha: 2, beta: 20, base: 0.5)),
  ]) func unbalancedBatchesCountAnchorsOnce(name: String, loss: EmbeddingLoss) throws {
    var gradient = [Float](repeating: .nan, count: 50)
    let labels = [0, 0, 1, 0, 1, 2, 0, 1, 2, 3]
    let value = try loss.batchLoss(Self.rows(11), width: 5, labels: labels, gradient: &gradient)
    try Self.check("unbalanced.\(name).loss", [Float(value)])
    try Self.check("unbalanced.\(name).dx", gradient)
    let theirs = try #require(PyTorchFigures.byName["unbalanced.\(name).theirs"]?.first)
    #expect(abs(Float(value) - theirs) > 0.05)
  }

  /// What a miner has to choose, as its definition says it, over doubles. Nothing for a miner that draws.
  static func naive(_ mining: Mining, _ e: [[Double]], labels: [Int], anchors: Int) -> Lists {
    var lists: Lists = (Array(repeating: [], count: e.count), Array(repeating: [], count: e.count))
    func unit(_ row: [Double]) -> [Double] {
      let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return row.map { $0 / length }
    }
    let unit = e.map(unit)
    func d(_ a: [Double], _ b: [Double]) -> Double {
      zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }
    for a in 0..<anchors {
      let near = e.indices.filter { $0 != a && labels[$0] == labels[a] }
      let far = e.indices.filter { labels[$0] != labels[a] }
      func reach(_ item: Int) -> Double { d(unit[a], unit[item]) }
      guard let hardest = near.max(by: { reach($0) < reach($1) }), let nearest = far.min(by: { reach($0) < reach($1) })
      else { continue }
      switch mining {
      case .hard: (lists.positives[a], lists.negatives[a]) = ([hardest], [nearest])
      case .semihard:
        lists.positives[a] = near
        let chosen = near.map { p in
          far.filter { reach($0) > reach(p) }.min { reach($0) < reach($1) } ?? far.max { reach($0) < reach($1) } ?? -1
        }
        lists.negatives[a] = Set(chosen).sorted()
      case .distance: break
      case .multiSimilarity(let epsilon):
        func cosine(_ item: Int) -> Double { zip(unit[a], unit[item]).reduce(0) { $0 + $1.0 * $1.1 } }
        lists.positives[a] = near.filter { cosine($0) < cosine(nearest) + epsilon }
        lists.negatives[a] = far.filter { cosine($0) > cosine(hardest) - epsilon }
      case .angular(let degrees):
        for p in near {
          let centre = zip(unit[a], unit[p]).map { ($0 + $1) / 2 }
          for q in far where atan(d(unit[a], unit[p]) / (2 * d(unit[q], centre))) > degrees * .pi / 180 {
            if !lists.positives[a].contains(p) { lists.positives[a].append(p) }
            if !lists.negatives[a].contains(q) { lists.negatives[a].append(q) }
          }
        }
        lists.negatives[a].sort()
      }
    }
    return lists
  }

  static let pairwise: [EmbeddingLoss] = [
    .supervisedContrastive(temperature: 0.3), .ntXent(temperature: 0.5), .nPair, .circle(margin: 0.25, gamma: 8),
    .multiSimilarity(alpha: 2, beta: 20, base: 0.4), .lifted(margin: 1), .triplet(margin: 0.5, mining: .all),
    .triplet(margin: 0.5, mining: .all, metric: .cosine), .margin(margin: 0.2, beta: 1.2, mining: .all),
    .allPairs(.contrastive(margin: 2)),
  ]

  @Test(arguments: pairwise) func agreesWithItsFormula(loss: EmbeddingLoss) throws {
    var numbers = TestNumbers(11)
    let x = numbers.floats(LossesTests.labels.count * LossesTests.width)
    let wide = x.map(Double.init)
    for mining: Mining in [
      .hard, .semihard, .distance, .multiSimilarity(epsilon: 0.2), .angular(degrees: 30), .angular(degrees: 80),
    ] {
      let mined = try loss.mined(by: mining)
      let labels = LossesTests.labels
      let given = Self.lists(mining, x, width: LossesTests.width, labels: labels, draw: 4)
      var chosen = Self.naive(mining, LossesTests.rows(wide), labels: labels, anchors: labels.count)
      if mining == .distance {
        // What is drawn is taken as it is: all positives, and as many negatives at most.
        for a in labels.indices where !given.negatives[a].isEmpty {
          #expect(given.positives[a] == labels.indices.filter { $0 != a && labels[$0] == labels[a] })
          #expect(given.negatives[a].allSatisfy { labels[$0] != labels[a] })
          #expect(given.negatives[a].count <= given.positives[a].count)
        }
        chosen = given
      }
      #expect(given == chosen, "\(mined.text)")
      var gradient = [Float](repeating: .nan, count: x.count)
      let value = try mined.batchLoss(x, width: LossesTests.width, labels: labels, draw: 4, gradient: &gradient)
      let expected = LossesTests.naive(loss, wide, chosen: chosen)
      #expect(abs(value - expected) < 1e-5 * max(1, abs(expected)), "\(mined.text)")
      for i in x.indices {
        var (up, down) = (wide, wide)
        up[i] += 1e-6
        down[i] -= 1e-6
        let slope =
          (LossesTests.naive(loss, up, frozen: wide, chosen: chosen)
            - LossesTests.naive(loss, down, frozen: wide, chosen: chosen)) / 2e-6
        #expect(abs(Double(gradient[i]) - slope) < 3e-4 * max(1, abs(slope)), "\(mined.text), number \(i)")
      }
    }
  }

  /// A miner that finds nothing gives a loss of 0 and no gradient; a batch that lacks positives is still refused.
  @Test func nothingToLearnFromIsNoError() throws {
    let x: [Float] = [1, 0, 1, 0.01, -1, 0, -1, 0.01]
    for loss in [
      EmbeddingLoss.supervisedContrastive(temperature: 0.1), .allPairs(.contrastive(margin: 1)), .lifted(margin: 1),
    ] {
      var gradient = [Float](repeating: .nan, count: 8)
      let mined = try loss.mined(by: .multiSimilarity(epsilon: 0))
      #expect(try mined.batchLoss(x, width: 2, labels: [0, 0, 1, 1], gradient: &gradient) == 0)
      #expect(gradient == [Float](repeating: 0, count: 8))
      #expect(throws: MetricError.noPositives(function: mined.text)) {
        try mined.batchLoss(x, width: 2, labels: [0, 1, 2, 3], gradient: &gradient)
      }
    }
  }

  /// Sums are mined as a whole, and a mined loss is a part of a sum; what the loss learns is learnt.
  @Test func sumsAndWhatTheyLearn() throws {
    let x = Self.rows(11)
    let one = EmbeddingLoss.supervisedContrastive(temperature: 0.2)
    let two = EmbeddingLoss.margin(margin: 0.2, beta: 1, mining: .all)
    let whole = try one.plus(two.times(0.5)).mined(by: .hard)
    #expect(
      whole.text
        == "mine(supcon(temperature=0.2) + 0.5 * marginloss(margin=0.2, beta=1, mining=\"all\"), mining=\"hard\")")
    let parts = try one.mined(by: .hard).plus(two.mined(by: .hard).times(0.5))
    let own = (
      try #require(try whole.parameters(classes: 3, width: 5, seed: 1)),
      try #require(try parts.parameters(classes: 3, width: 5, seed: 1))
    )
    var (a, b) = ([Float](repeating: .nan, count: 50), [Float](repeating: .nan, count: 50))
    let values = (
      try whole.batchLoss(x, width: 5, labels: Self.labels, parameters: own.0, gradient: &a),
      try parts.batchLoss(x, width: 5, labels: Self.labels, parameters: own.1, gradient: &b)
    )
    #expect(values.0 == values.1 && a == b)
    #expect(own.0.arrays.map(\.gradients) == own.1.arrays.map(\.gradients))
    // Its own miner over the loss without is the loss with.
    let within = EmbeddingLoss.multiSimilarity(alpha: 2, beta: 20, base: 0.5, epsilon: 0.1)
    let around = try EmbeddingLoss.multiSimilarity(alpha: 2, beta: 20, base: 0.5).mined(
      by: .multiSimilarity(epsilon: 0.1))
    #expect(
      try within.batchLoss(x, width: 5, labels: Self.labels, gradient: &a)
        == around.batchLoss(x, width: 5, labels: Self.labels, gradient: &b))
    #expect(a == b)
  }

  @Test func lossesWithNothingToChooseAreRefused() throws {
    for loss: EmbeddingLoss in [
      .normSoftmax(temperature: 0.1), .centre(weight: 1), .crossEntropy(smoothing: 0), .prototypical(shots: 1),
      .contrastive(margin: 1), .proxyAnchor(margin: 0.1, alpha: 2),
    ] {
      #expect(throws: MetricError.needsPairwise(function: "mine", loss: loss.text)) { try loss.mined(by: .hard) }
      #expect(throws: MetricError.needsPairwise(function: "crossbatch", loss: loss.text)) {
        try loss.acrossBatches(size: 8)
      }
    }
    for loss: EmbeddingLoss in [
      .triplet(margin: 0.2, mining: .hard), .margin(margin: 0.2, beta: 1, mining: .distance),
      .multiSimilarity(alpha: 2, beta: 20, base: 0.5, epsilon: 0.1), .smoothAP(temperature: 0.01),
      try EmbeddingLoss.nPair.mined(by: .hard),
    ] {
      #expect {
        try loss.mined(by: .hard)
      } throws: { error in
        guard case MetricError.minesItself(loss.text, _) = error else { return false }
        return true
      }
    }
    #expect(throws: MetricError.self) {
      try EmbeddingLoss.nPair.plus(.centre(weight: 1)).mined(by: .hard)
    }
  }
}
