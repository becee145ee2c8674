import Foundation
import Tensors
import TestSupport
import Testing

@testable import MetricLearning

/// t-SNE against its formulas in plain loops.
@Suite struct NeighbourMapTests {
  private static func values(_ count: Int, _ width: Int) -> [Float] {
    var numbers = TestNumbers(3)
    return numbers.floats(count * width)
  }

  /// Each row's weights add up to 1 with the perplexity that was asked for; the symmetric ones are their means.
  @Test(arguments: [2.0, 5, 11]) func perplexity(wanted: Double) throws {
    let (count, width) = (12, 3)
    let values = Self.values(count, width)
    var rows: [[Double]] = []
    for i in 0..<count {
      let squares = (0..<count).map { j in
        (0..<width).reduce(Float(0)) {
          $0 + (values[i * width + $1] - values[j * width + $1]) * (values[i * width + $1] - values[j * width + $1])
        }
      }
      let row = squares.withUnsafeBufferPointer { squares in
        squares.baseAddress.map { NeighbourMap.row(i, $0, count: count, entropy: log(wanted)) } ?? []
      }
      rows.append(row.map(Double.init))
      #expect(row[i] == 0 && abs(row.reduce(0, +) - 1) < 1e-5)
      let entropy = rows[i].reduce(0.0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
      #expect(abs(exp(entropy) - wanted) < 1e-3 * wanted)
    }
    let map = try NeighbourMap(values, count: count, width: width, perplexity: wanted, steps: 0, seed: 1)
    for i in 0..<count {
      for j in 0..<count {
        #expect(abs(Double(map.weights[i * count + j]) - (rows[i][j] + rows[j][i]) / Double(2 * count)) < 1e-7)
      }
    }
  }

  private static func divergence(_ p: [Float], _ y: [Double], factor: Double = 1) -> Double {
    let count = y.count / 2
    func kernel(_ i: Int, _ j: Int) -> Double {
      1
        / (1 + (y[2 * i] - y[2 * j]) * (y[2 * i] - y[2 * j]) + (y[2 * i + 1] - y[2 * j + 1])
          * (y[2 * i + 1] - y[2 * j + 1]))
    }
    var total = 0.0
    for i in 0..<count { for j in 0..<count where j != i { total += kernel(i, j) } }
    var sum = 0.0
    for i in 0..<count {
      for j in 0..<count where j != i && p[i * count + j] > 0 {
        let weight = Double(p[i * count + j])
        sum += weight * log(weight / (kernel(i, j) / total))
      }
    }
    return sum
  }

  @Test func slopeAgreesWithDifferences() throws {
    let map = try NeighbourMap(Self.values(10, 4), count: 10, width: 4, perplexity: 3, steps: 40, seed: 2)
    let (gradient, divergence) = try map.slope(factor: 1)
    #expect(abs(divergence - Self.divergence(map.weights, map.places)) < 1e-9)
    #expect(divergence == map.divergence)
    for k in map.places.indices {
      var (up, down) = (map.places, map.places)
      up[k] += 1e-5
      down[k] -= 1e-5
      let slope = (Self.divergence(map.weights, up) - Self.divergence(map.weights, down)) / 2e-5
      #expect(abs(gradient[k] - slope) < 1e-5 * max(1, abs(slope)), "number \(k)")
    }
  }

  /// Clouds that lie apart lie apart in the plane: each point's nearest is of its cloud. The same seed, the same bits.
  @Test func cloudsStayTogether() throws {
    let e = try clouds(classes: 6, each: 12, width: 20, noise: 0.2, seed: 5)
    let map = try NeighbourMap(e.values, count: e.count, width: 20, perplexity: 8, steps: 400, seed: 1)
    for i in 0..<e.count {
      func reach(_ j: Int) -> Double {
        let (x, y) = (map.places[2 * i] - map.places[2 * j], map.places[2 * i + 1] - map.places[2 * j + 1])
        return x * x + y * y
      }
      let nearest = (0..<e.count).filter { $0 != i }.min { reach($0) < reach($1) } ?? i
      #expect(e.labels[nearest] == e.labels[i])
    }
    let start = try NeighbourMap(e.values, count: e.count, width: 20, perplexity: 8, steps: 0, seed: 1)
    #expect(map.divergence < 0.5 * start.divergence)
    #expect(
      try NeighbourMap(e.values, count: e.count, width: 20, perplexity: 8, steps: 400, seed: 1).places == map.places)
  }

  /// Squares beyond a float make no difference: neighbours are the same at any scale.
  @Test func anyScale() throws {
    let values = Self.values(12, 3)
    // A power of two, so that no number is rounded otherwise.
    let scale = Float(sign: .plus, exponent: 70, significand: 1)
    let map = try NeighbourMap(values.map { $0 * scale }, count: 12, width: 3, perplexity: 4, steps: 30, seed: 1)
    #expect(map.places.allSatisfy(\.isFinite) && map.weights.allSatisfy(\.isFinite))
    let plain = try NeighbourMap(values, count: 12, width: 3, perplexity: 4, steps: 30, seed: 1)
    for (one, other) in zip(map.weights, plain.weights) { #expect(abs(one - other) < 1e-5) }
  }

  @Test func whatMakesNoSenseIsRefused() throws {
    #expect(throws: MetricError.self) { try NeighbourMap([1, 2], count: 2, width: 1, perplexity: 1, seed: 1) }
    #expect(throws: MetricError.self) { try NeighbourMap([1, 2, 3], count: 3, width: 1, perplexity: 3, seed: 1) }
    #expect(throws: MetricError.notFinite(function: "tsne", item: 1)) {
      try NeighbourMap([1, .nan, 3], count: 3, width: 1, perplexity: 2, seed: 1)
    }
    #expect(MetricError.notFinite(function: "tsne", item: 1).explanation.message.contains("point 1"))
    #expect(MetricError.notFinite(function: "tsne", item: 1).explanation.help?.contains("network") == false)
    // All at one place.
    let map = try NeighbourMap([1, 1, 1, 1], count: 4, width: 1, perplexity: 2, steps: 20, seed: 1)
    #expect(map.places.allSatisfy { $0.isFinite })
  }
}
