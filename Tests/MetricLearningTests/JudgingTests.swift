import NeuralNetworks
import Tensors
import TestSupport
import Testing

@testable import MetricLearning

/// What every protocol has to do with embeddings that are out of the ordinary.
@Suite struct JudgingTests {
  private static func scaled(_ e: Embeddings, by factor: Float) throws -> Embeddings {
    try Embeddings(values: e.values.map { $0 * factor }, width: e.width, labels: e.labels)
  }

  /// Squares that are beyond a float change no order: the same episodes, however long the embeddings are.
  @Test(arguments: [Float(0x1p66), 0x1p-84]) func episodesAtAnyScale(factor: Float) throws {
    let e = try clouds(classes: 12, each: 6, width: 9, noise: 1, seed: 3)
    let other = try Self.scaled(e, by: factor)
    for shots in [1, 3] {
      let (one, two) = (
        try Episodes(e, ways: 5, shots: shots, trials: 300, seed: 2),
        try Episodes(other, ways: 5, shots: shots, trials: 300, seed: 2)
      )
      #expect(one.accuracy > 0.3 && one.accuracy < 1 && one.hits == two.hits, "\(shots): \(one.hits), \(two.hits)")
    }
    for row in 1..<6 {
      let (one, two) = (e.distance(0, row), other.distance(0, row))
      #expect(abs(two / factor - one) < 1e-5 * one)
    }
    // The mean of what has a sum beyond a float.
    let huge = try Embeddings(values: [3e38, 3e38, -3e38, 3e38], width: 1, labels: [0, 0, 1, 0])
    #expect(huge.distance(from: 0, toMeanOf: [1, 3]) == 0 && huge.distance(from: 0, toMeanOf: [2, 2]) > 1e77)
  }

  /// At ordinary scales nothing but the plain sum of squares decides.
  @Test func ordinaryScalesKeepTheirBits() throws {
    let e = try clouds(classes: 4, each: 4, width: 21, noise: 1, seed: 5)
    e.values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      for i in 0..<e.count {
        for j in 0..<e.count where i != j {
          let square = squaredDistance(base + i * 21, base + j * 21, 21)
          #expect(e.distance(i, j) == square.squareRoot())
          #expect(e.distance(from: i, toMeanOf: [j]) == Double(square))
        }
      }
    }
  }

  /// Weights that are very large or very small give pairs the same accuracy.
  @Test(arguments: [Float(0x1p66), 0x1p-84]) func pairsAtAnyScale(factor: Float) throws {
    let source = Prototypes(classes: 6, each: 6)
    let pairs = try Pairs(source, count: 120, seed: 1)
    let network = try Network([.flatten, .dense(units: 4)])
    let plain = try pairs.distances(network, seed: 3)
    for array in network.weights { #expect(array.set(array.values.map { $0 * factor })) }
    let scaled = try pairs.distances(network)
    for (one, two) in zip(plain, scaled) { #expect(abs(two / factor - one) <= 1e-4 * one) }
    #expect(scaled.allSatisfy { $0.isFinite && $0 > 0 })
  }

  @Test func collapseIsKnown() throws {
    func collapsed(_ values: [Float], width: Int) throws -> Bool {
      try Embeddings(values: values, width: width, labels: Array(0..<values.count / width)).isCollapsed
    }
    #expect(try collapsed([1, 2, 1, 2, 1, 2], width: 2) && collapsed([0, 0, 0], width: 1))
    #expect(try collapsed([1, 2, 1, 2.0000002], width: 2))
    // Small, but apart; and one embedding alone.
    #expect(try !collapsed([1e-25, 2e-25], width: 1) && !collapsed([1, 2, 1, 2.1], width: 2))
    #expect(try !collapsed([3], width: 1))
  }

  /// Names that a program gives are not looked for, and the words say so.
  @Test func namesOfEverybodyAreSaid() throws {
    struct Named: ImageSource {
      let base = Prototypes(classes: 2, each: 2)
      let classNames: [String]
      var count: Int { base.count }
      var shape: [Int] { base.shape }
      var labels: [Int] { base.labels }
      var isAugmented: Bool { false }
      func fill(_ out: UnsafeMutablePointer<Float>, items: [Int], draw: UInt64?) throws {
        try base.fill(out, items: items, draw: draw)
        // Other images than those that were learnt from.
        for k in 0..<items.count * 64 { out[k] += 1 }
      }
    }
    let record = try LearningRecord(Prototypes(classes: 2, each: 2))
    let made = try record.overlap(with: Named(classNames: ["class1", "faces/glyph3"]))
    #expect(made.isEmpty && made.withoutOwnName == 2)
    #expect(made.wordsOfNothing.contains("classes were not looked for by name"))
    #expect(made.wordsOfNothing.contains("glyph3 and class1"))
    let some = try record.overlap(with: Named(classNames: ["class1", "ann"]))
    #expect(some.isEmpty && some.wordsOfNothing.contains("no class by a name of its own"))
    let none = try record.overlap(with: Named(classNames: ["bob", "ann"]))
    #expect(none.wordsOfNothing == "nothing that the network has learnt from: no image, no class by name")
  }
}
