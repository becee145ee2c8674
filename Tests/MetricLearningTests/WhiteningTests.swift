import NeuralNetworks
import Tensors
import Testing

@testable import MetricLearning

@Suite struct WhiteningTests {
  /// Rows of classes that differ by `between` and in themselves by `within`, along axes that are mixed.
  private func data(
    classes: Int, each: Int, width: Int, seed: UInt64
  ) throws -> (embeddings: Embeddings, rows: [[Double]], labels: [Int]) {
    var random = RandomStream(seed: seed)
    let mixing = (0..<width * width).map { ($0 % (width + 1) == 0 ? 1 : 0) + 0.1 * random.normal() }
    var rows: [[Double]] = []
    var labels: [Int] = []
    for label in 0..<classes {
      let middle = (0..<width).map { _ in 2 * random.normal() }
      for _ in 0..<each {
        let own = (0..<width).map { middle[$0] + random.normal() * (1 + Double($0 % 3)) }
        rows.append((0..<width).map { i in (0..<width).reduce(3) { $0 + mixing[i * width + $1] * own[$1] } })
        labels.append(label)
      }
    }
    let values = rows.flatMap { $0.map(Float.init) }
    return (try Embeddings(values: values, width: width, labels: labels), rows, labels)
  }

  private func mapped(_ whitening: Whitening, _ row: [Double]) -> [Double] {
    (0..<whitening.outputs).map { k in
      row.indices.reduce(Double(whitening.bias[k])) { $0 + Double(whitening.weights[k * row.count + $1]) * row[$1] }
    }
  }

  /// Within classes, what comes out has the covariance 1 in all directions, by plain loops; and the mean 0.
  @Test(arguments: [(6, 5, 4), (3, 40, 7), (5, 4, 30)]) func classesVaryAlikeInAllDirections(
    classes: Int, each: Int, width: Int
  ) throws {
    let (embeddings, rows, labels) = try data(classes: classes, each: each, width: width, seed: 3)
    // Fewer components than directions in which classes differ from themselves: none of them is flat.
    let components = min(width, classes * (each - 1) * 2 / 3)
    let whitening = try Whitening(embeddings, components: components, shrink: 0)
    #expect(whitening.outputs == components)
    let out = rows.map { mapped(whitening, $0) }
    var covariance = [Double](repeating: 0, count: components * components)
    for label in 0..<classes {
      let own = zip(out, labels).filter { $0.1 == label }.map(\.0)
      let mean = (0..<components).map { k in own.reduce(0) { $0 + $1[k] } / Double(own.count) }
      for row in own {
        for i in 0..<components {
          for j in 0..<components {
            covariance[i * components + j] += (row[i] - mean[i]) * (row[j] - mean[j]) / Double(rows.count)
          }
        }
      }
    }
    for i in 0..<components {
      for j in 0..<components {
        #expect(abs(covariance[i * components + j] - (i == j ? 1 : 0)) < 0.02, "\(i), \(j)")
      }
      #expect(abs(out.reduce(0) { $0 + $1[i] } / Double(out.count)) < 0.01)
    }
  }

  /// Of all embeddings, whoever they are of: the covariance 1 in all directions, and no classes are needed.
  @Test func allVaryAlikeInAllDirections() throws {
    let (embeddings, rows, _) = try data(classes: 5, each: 4, width: 7, seed: 4)
    let whitening = try Whitening(embeddings, components: 7, shrink: 0, scatter: .total)
    let out = rows.map { mapped(whitening, $0) }
    for i in 0..<7 {
      for j in 0..<7 {
        let covariance = out.reduce(0) { $0 + $1[i] * $1[j] } / Double(out.count)
        #expect(abs(covariance - (i == j ? 1 : 0)) < 0.02, "\(i), \(j)")
      }
      #expect(abs(out.reduce(0) { $0 + $1[i] }) < 0.01 * Double(out.count))
    }
    let lonely = try Embeddings(values: [1, 2, 3, 5, 4, 4], width: 2, labels: [0, 1, 2])
    #expect(try Whitening(lonely, components: 5, shrink: 0.1, scatter: .total).outputs == 2)
  }

  /// The same map from wide rows as from the same rows in their own subspace: distances agree.
  @Test func moreNumbersThanRows() throws {
    let (_, rows, labels) = try data(classes: 4, each: 5, width: 6, seed: 9)
    // Each number four times, over √4: lengths stay.
    let wide = rows.map { row in row.flatMap { value in (0..<4).map { _ in value / 2 } } }
    let narrow = try Embeddings(values: rows.flatMap { $0.map(Float.init) }, width: 6, labels: labels)
    let broad = try Embeddings(values: wide.flatMap { $0.map(Float.init) }, width: 24, labels: labels)
    let (one, other) = (
      try Whitening(narrow, components: 100, shrink: 0.1), try Whitening(broad, components: 100, shrink: 0.1)
    )
    #expect(one.outputs == 6)
    #expect(other.outputs == 6)
    func distance(_ a: [Double], _ b: [Double]) -> Double {
      zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }
    for (i, j) in [(0, 1), (3, 12), (7, 19)] {
      let first = distance(mapped(one, rows[i]), mapped(one, rows[j]))
      let second = distance(mapped(other, wide[i]), mapped(other, wide[j]))
      #expect(abs(first - second) < 1e-3 * (1 + first))
    }
  }

  @Test func badDataIsRefusedInWords() throws {
    let lonely = try Embeddings(values: [1, 2, 3, 4], width: 2, labels: [0, 1])
    #expect(throws: MetricError.noSamePairs(function: "whiten", classes: 2, items: 2)) {
      try Whitening(lonely, components: 5, shrink: 0.1)
    }
    // Within classes, and altogether.
    for values in [[1, 2, 1, 2, 3, 4, 3, 4], [1, 2, 1, 2, 1, 2, 1, 2]] as [[Float]] {
      let alike = try Embeddings(values: values, width: 2, labels: [0, 0, 1, 1])
      let error = #expect(throws: MetricError.self) { try Whitening(alike, components: 5, shrink: 0.1) }
      #expect(error?.explanation.message.hasSuffix("got the same embedding for all of them") == true, "\(error as Any)")
    }
  }
}
