import Foundation
import MetricLearning
import Testing

@Suite struct ProtocolsTests {
  @Test func verificationTakesTheThresholdFromElsewhere() throws {
    let same = (0..<40).map { Float($0 % 7) / 10 }
    let different = (0..<40).map { Float($0 % 9) / 10 + 0.8 }
    let v = try Verification(
      distances: same + different, same: same.map { _ in true } + different.map { _ in false }, folds: 8, seed: 3)
    #expect(v.folds.count == 8)
    #expect(v.folds.reduce(0) { $0 + $1.pairs } == 80)
    #expect(v.accuracy == 1 && v.standardError == 0)
    #expect(abs(v.threshold - 0.7) < 1e-6)
    #expect(throws: MetricError.oneKindOfPair(function: "verification", same: 3, different: 0)) {
      try Verification(distances: [1, 2, 3], same: [true, true, true], folds: 2)
    }
  }

  @Test func episodes() throws {
    let near = try clouds(classes: 12, each: 5, width: 8, noise: 0.01, seed: 1)
    let perfect = try Episodes(near, ways: 10, trials: 200, seed: 3)
    // Nothing spreads: what twelve classes without an error allow.
    #expect(perfect.accuracy == 1 && abs(perfect.margin - (1 - pow(0.05, 1.0 / 12))) < 1e-9)
    // Everything at one point: ties, and so errors.
    let flat = try Embeddings(
      values: [Float](repeating: 1, count: 60), width: 1, labels: near.labels)
    #expect(try Episodes(flat, ways: 5, trials: 100, seed: 3).hits == 0)
    #expect(try Episodes(flat, ways: 5, shots: 3, trials: 100, seed: 3).hits == 0)
    // Pure chance on noise: one in four.
    let noise = try clouds(classes: 8, each: 6, width: 6, noise: 1000, seed: 5)
    let chance = try Episodes(noise, ways: 4, trials: 4000, seed: 1)
    #expect(abs(chance.accuracy - 0.25) < 0.08)
    #expect(try Episodes(noise, ways: 4, trials: 300, seed: 1) == Episodes(noise, ways: 4, trials: 300, seed: 1))
    let error = MetricError.tooFewClasses(
      function: "episodes", ways: 20, able: 12, imagesNeeded: 2, shots: 1, group: nil)
    #expect(throws: error) { try Episodes(near, ways: 20) }
    var groups: [Int: String] = [:]
    for label in 0..<12 { groups[label] = label < 5 ? "Latin" : "Greek" }
    #expect(try Episodes(near, ways: 5, trials: 50, groups: groups).accuracy == 1)
    #expect(throws: MetricError.self) { try Episodes(near, ways: 8, trials: 50, groups: groups) }
  }
}
