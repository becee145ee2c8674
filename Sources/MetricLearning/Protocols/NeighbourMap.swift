import ElementaryFunctions
import Tensors

/// Points of many numbers in the plane, so that near ones stay near: t-distributed stochastic neighbour embedding, exact.
/// Van der Maaten and Hinton 2008.
///
/// p(j|i) ∝ exp(−βᵢ d²ᵢⱼ), βᵢ such that 2 to the entropy of the row is the perplexity; pᵢⱼ = (p(j|i) + p(i|j)) / 2n;
/// qᵢⱼ ∝ 1/(1 + |yᵢ − yⱼ|²); descent on Σ pᵢⱼ log(pᵢⱼ/qᵢⱼ) with momentum and gains, p twelve times as large in the first
/// quarter of the steps.
public struct NeighbourMap: Sendable {
  /// [count, 2].
  public private(set) var places: [Double]
  /// Σ p log(p/q) at the end.
  public private(set) var divergence = 0.0
  /// The symmetric p, row by row.
  let weights: [Float]
  private let count: Int

  /// The most points: their weights take 100 MB.
  public static let limit = 5000

  /// - Parameters:
  ///   - values: [count, width].
  ///   - perplexity: about how many neighbours each point has; from 1 to below the number of points.
  ///   - steps: of the descent.
  ///   - seed: of the first places, N(0, 10⁻⁴).
  public init(
    _ values: [Float], count: Int, width: Int, perplexity: Double = 30, steps: Int = 1000, seed: UInt64
  ) throws {
    guard count > 2, count <= Self.limit, width > 0, values.count == count * width else {
      throw MetricError.outOfRange(
        function: "tsne", argument: "points", got: "\(count) points", expected: "from 3 to \(Self.limit) points")
    }
    if let bad = values.firstIndex(where: { !$0.isFinite }) {
      throw MetricError.notFinite(function: "tsne", item: bad / width)
    }
    guard perplexity >= 1, perplexity < Double(count) else {
      throw MetricError.outOfRange(
        function: "tsne", argument: "perplexity", got: EmbeddingLoss.shown(perplexity),
        expected: "from 1 to below the number of points, \(count)")
    }
    self.count = count
    if let weights = try Self.weights(values, count: count, width: width, perplexity: perplexity) {
      self.weights = weights
    } else {
      // Which points are neighbours does not depend on the scale.
      let largest = values.reduce(0) { max($0, abs($1)) }
      guard
        let weights = try Self.weights(
          values.map { $0 / largest }, count: count, width: width, perplexity: perplexity)
      else { throw MetricError.notFinite(function: "tsne", item: 0) }
      self.weights = weights
    }
    var random = RandomStream(seed: seed, stream: 0x74736E65)
    places = (0..<2 * count).map { _ in 1e-4 * random.normal() }
    try descend(steps: steps)
  }

  /// nil where a square of a distance is beyond a float.
  private static func weights(_ values: [Float], count: Int, width: Int, perplexity: Double) throws -> [Float]? {
    let rows = RowResults(count, [Float]())
    let wanted = Elementary.log(perplexity)
    let embeddings = try Embeddings(
      values: values, width: width, labels: Array(0..<count), metric: .squared, function: "tsne")
    try embeddings.forEachRow { row, distances in
      guard (0..<count).allSatisfy({ distances[$0].isFinite }) else { return }
      rows[row] = Self.row(row, distances, count: count, entropy: wanted)
    }
    guard rows.all.allSatisfy({ $0.count == count }) else { return nil }
    var result = [Float](repeating: 0, count: count * count)
    for i in 0..<count {
      if i % 64 == 0 { try LongWork.check() }
      for (j, weight) in rows[i].enumerated() {
        result[i * count + j] += weight / Float(2 * count)
        result[j * count + i] += weight / Float(2 * count)
      }
    }
    return result
  }

  /// p(j|i) of one row: β by bisection, until the entropy is the wanted one in nats.
  static func row(_ row: Int, _ squares: UnsafePointer<Float>, count: Int, entropy: Double) -> [Float] {
    var nearest = Double.infinity
    var mean = 0.0
    for other in 0..<count where other != row {
      nearest = min(nearest, Double(squares[other]))
      mean += Double(squares[other]) / Double(count - 1)
    }
    // Points at one place have neighbours that are all alike.
    guard mean > nearest else {
      return (0..<count).map { $0 == row ? 0 : 1 / Float(count - 1) }
    }
    var (low, high, beta) = (0.0, Double.infinity, 1 / (mean - nearest))
    var weights = [Double](repeating: 0, count: count)
    var sum = 0.0
    for _ in 0..<64 {
      (sum, mean) = (0, 0)
      for other in 0..<count where other != row {
        let square = Double(squares[other]) - nearest
        weights[other] = Elementary.exp(-beta * square)
        sum += weights[other]
        mean += weights[other] * square
      }
      let found = Elementary.log(sum) + beta * mean / sum
      if abs(found - entropy) < 1e-7 { break }
      if found > entropy {
        low = beta
        beta = high.isFinite ? (low + high) / 2 : 2 * beta
      } else {
        high = beta
        beta = (low + high) / 2
      }
    }
    return weights.map { Float($0 / sum) }
  }

  /// d(divergence)/d(places), the p `factor` times as large, and the divergence; rows on several threads, added up in their
  /// order.
  func slope(factor: Double) throws -> (gradient: [Double], divergence: Double) {
    let (count, places, weights) = (self.count, self.places, self.weights)
    func kernel(_ i: Int, _ j: Int) -> Double {
      let (x, y) = (places[2 * i] - places[2 * j], places[2 * i + 1] - places[2 * j + 1])
      return 1 / (1 + x * x + y * y)
    }
    let sums = RowResults(count, 0.0)
    Self.forEachRow(count) { i in
      var sum = 0.0
      for j in 0..<count where j != i { sum += kernel(i, j) }
      sums[i] = sum
    }
    try LongWork.check()
    let total = sums.all.reduce(0, +)
    let results = RowResults(count, (x: 0.0, y: 0.0, divergence: 0.0))
    Self.forEachRow(count) { i in
      var result = (x: 0.0, y: 0.0, divergence: 0.0)
      for j in 0..<count where j != i {
        let near = kernel(i, j)
        let (p, q) = (Double(weights[i * count + j]), near / total)
        let pull = 4 * (factor * p - q) * near
        result.x += pull * (places[2 * i] - places[2 * j])
        result.y += pull * (places[2 * i + 1] - places[2 * j + 1])
        if p > 0 { result.divergence += p * Elementary.log(p / q) }
      }
      results[i] = result
    }
    try LongWork.check()
    let all = results.all
    return (all.flatMap { [$0.x, $0.y] }, all.reduce(0) { $0 + $1.divergence })
  }

  private static func forEachRow(_ count: Int, _ body: (Int) -> Void) {
    let size = 16
    Workers.shared.parallel(slices: (count + size - 1) / size) { slice in
      for row in slice * size..<min(count, (slice + 1) * size) { body(row) }
    }
  }

  private mutating func descend(steps: Int) throws {
    let rate = max(Double(count) / 48, 50)
    var velocity = [Double](repeating: 0, count: places.count)
    var gains = [Double](repeating: 1, count: places.count)
    for step in 0..<steps {
      let isEarly = step < min(250, steps / 4)
      let gradient = try slope(factor: isEarly ? 12 : 1).gradient
      for k in places.indices {
        // Gains grow where the direction stays (Jacobs 1988).
        gains[k] = (gradient[k] > 0) == (velocity[k] > 0) ? max(0.01, gains[k] * 0.8) : gains[k] + 0.2
        velocity[k] = (isEarly ? 0.5 : 0.8) * velocity[k] - rate * gains[k] * gradient[k]
        places[k] += velocity[k]
      }
      for axis in 0..<2 {
        let mean = stride(from: axis, to: places.count, by: 2).reduce(0.0) { $0 + places[$1] } / Double(count)
        for k in stride(from: axis, to: places.count, by: 2) { places[k] -= mean }
      }
    }
    divergence = try slope(factor: 1).divergence
  }
}
