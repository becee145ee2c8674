import TestSupport
import Testing

@testable import MetricLearning

/// Losses against PyTorch; the figures are made by Tests/References/pytorch.py.
@Suite struct PyTorchLossTests {
  @Test(arguments: [0.05, 0.5]) func normSoftmax(temperature: Double) throws {
    try check(.normSoftmax(temperature: temperature), as: "normsoftmax\(temperature)", points: 3, modulus: 13)
  }

  @Test(arguments: [1, 2, 4]) func softTriple(centres: Int) throws {
    try check(
      .softTriple(centres: centres, scale: 20, gamma: 0.1, margin: 0.01), as: "softtriple\(centres)",
      points: 3 * centres)
  }

  @Test(arguments: [1, 2, 4]) func arcFace(centres: Int) throws {
    try check(.arcFace(margin: 0.5, scale: 16, centres: centres), as: "arcface\(centres)", points: 3 * centres)
  }

  @Test(arguments: [0.01, 0.1]) func smoothAP(temperature: Double) throws {
    let x = PyTorchFigures.numbers(24).map { $0 + 0.125 }
    var gradient = [Float](repeating: .nan, count: x.count)
    let value = try EmbeddingLoss.smoothAP(temperature: temperature).batchLoss(
      x, width: 4, labels: [0, 1, 1, 0, 2, 0], gradient: &gradient)
    try check("smoothap\(temperature).loss", [Float(value)])
    try check("smoothap\(temperature).dx", gradient)
  }

  private func check(_ loss: EmbeddingLoss, as name: String, points: Int, modulus: Int = 97) throws {
    let parameters = try #require(try loss.parameters(classes: 3, width: 4, seed: 0))
    #expect(
      parameters.arrays[0].set(PyTorchFigures.numbers(points * 4, modulus == 13 ? 5 : 11, modulus).map { $0 + 0.125 }))
    let x = PyTorchFigures.numbers(20).map { $0 + 0.125 }
    var gradient = [Float](repeating: .nan, count: x.count)
    let value = try loss.batchLoss(
      x, width: 4, labels: [0, 2, 1, 1, 0], parameters: parameters, gradient: &gradient)
    try check("\(name).loss", [Float(value)])
    try check("\(name).dx", gradient)
    try check("\(name).dproxies", parameters.arrays[0].gradients)
  }

  private func check(_ part: String, _ found: [Float]) throws {
    let expected = try #require(PyTorchFigures.byName[part], "\(part)")
    try #require(expected.count == found.count)
    for (one, other) in zip(found, expected) { #expect(abs(one - other) < 2e-5 * max(1, abs(other)), "\(part)") }
  }
}

/// Sums of losses against their parts.
@Suite struct WeightedSumTests {
  private let x = PyTorchFigures.numbers(20).map { $0 + 0.125 }
  private let labels = [0, 2, 1, 1, 0]

  @Test func ofLabels() throws {
    let (first, second) = (EmbeddingLoss.supervisedContrastive(temperature: 0.5), EmbeddingLoss.centre(weight: 0.1))
    let third = EmbeddingLoss.normSoftmax(temperature: 0.5)
    let sum = try first.times(2).plus(second).plus(third.times(0.25))
    #expect(sum.text == "2 * supcon(temperature=0.5) + centre(weight=0.1) + 0.25 * normsoftmax(temperature=0.5)")
    #expect(sum.comparesBatch && sum.knowsClasses && !sum.takesPairs)
    let all = try #require(try sum.parameters(classes: 3, width: 4, seed: 1))
    #expect(Set(all.arrays.map(\.name)).count == 4 && all.arrays.last?.name == "loss.3.proxies")
    var gradient = [Float](repeating: .nan, count: 20)
    let value = try sum.batchLoss(x, width: 4, labels: labels, parameters: all, gradient: &gradient)
    var (expected, expectedGradient) = (0.0, [Float](repeating: 0, count: 20))
    for (weight, loss, arrays) in [(2.0, first, 0..<0), (1, second, 0..<3), (0.25, third, 3..<4)] {
      let own = arrays.isEmpty ? nil : try loss.parameters(classes: 3, width: 4, seed: 1)
      for (array, place) in zip(own?.arrays ?? [], arrays) { #expect(array.set(all.arrays[place].values)) }
      var part = [Float](repeating: .nan, count: 20)
      expected += weight * (try loss.batchLoss(x, width: 4, labels: labels, parameters: own, gradient: &part))
      for k in part.indices { expectedGradient[k] += Float(weight) * part[k] }
      for (array, place) in zip(own?.arrays ?? [], arrays) {
        #expect(all.arrays[place].gradients == array.gradients.map { Float(weight) * $0 })
      }
    }
    #expect(abs(value - expected) < 1e-6 && gradient == expectedGradient)
  }

  @Test func ofPairs() throws {
    let (first, second) = (EmbeddingLoss.contrastive(margin: 1), EmbeddingLoss.contrastive(margin: 2))
    let sum = try first.plus(second.times(0.5))
    let (a, b, same) = (Array(x[0..<8]), Array(x[8..<16]), [true, false])
    var (da, db) = ([Float](repeating: .nan, count: 8), [Float](repeating: .nan, count: 8))
    let value = try sum.pairLoss(a, b, width: 4, same: same, gradientA: &da, gradientB: &db)
    var (a1, b1, a2, b2) = (da, db, da, db)
    let one = try first.pairLoss(a, b, width: 4, same: same, gradientA: &a1, gradientB: &b1)
    let two = try second.pairLoss(a, b, width: 4, same: same, gradientA: &a2, gradientB: &b2)
    #expect(
      value == one + 0.5 * two && da == zip(a1, a2).map { $0 + 0.5 * $1 } && db == zip(b1, b2).map { $0 + 0.5 * $1 })
    #expect(try sum.pairLoss(a, b, width: 4, same: same) == value)
  }

  @Test func sumsThatCannotBe() throws {
    #expect(throws: MetricError.self) { try EmbeddingLoss.contrastive(margin: 1).plus(.centre(weight: 1)) }
    for weight in [0, -1, Double.infinity, .nan] {
      #expect(throws: MetricError.self) { try EmbeddingLoss.centre(weight: 1).times(weight) }
    }
  }
}
