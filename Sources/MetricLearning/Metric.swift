import ElementaryFunctions

/// How far apart two embeddings a and b of w numbers are. Less is more alike; 0 is the same (but for `snr` with constant
/// differences).
public enum Metric: Hashable, Sendable, Codable {
  /// √Σ (aₖ − bₖ)²
  case euclidean
  /// Σ (aₖ − bₖ)²
  case squared
  /// 1 − a·b / (|a| |b|), from 0 to 2; an embedding of length 0 is at right angles to all.
  case cosine
  /// Σ |aₖ − bₖ|
  case l1
  /// Signal to noise (Yuan, Deng, Tang, Tang and Chen 2019): var(a − b) / var(a), a being the anchor. Made the same in
  /// both directions by the mean of the two: ½ var(a − b) (1 / var a + 1 / var b). A variance below 1e-12 counts as that.
  case snr
  /// 1 − σ(Σ αₖ |aₖ − bₖ| + bias): one minus the chance of being the same that Koch, Zemel and Salakhutdinov's (2015)
  /// network gives. `weights` has one number for each of the embedding's.
  case weightedL1(weights: [Float], bias: Float)

  /// Those that have a name and nothing learnt.
  public static let named: [(name: String, metric: Metric)] = [
    ("euclidean", .euclidean), ("squared", .squared), ("cosine", .cosine), ("l1", .l1), ("snr", .snr),
  ]

  /// Its name; of a learnt one what it is.
  public var text: String {
    Self.named.first { $0.metric == self }?.name ?? "weighted l1"
  }

  /// The distance of two rows of `width` numbers.
  @inline(__always)
  public func distance(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ width: Int) -> Float {
    switch self {
    case .euclidean: return squaredDistance(a, b, width).squareRoot()
    case .squared: return squaredDistance(a, b, width)
    default: return otherDistance(a, b, width)
    }
  }

  private func otherDistance(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ width: Int) -> Float {
    switch self {
    case .euclidean, .squared: return distance(a, b, width)
    case .cosine:
      let (dot, x, y) = Self.products(a, b, width)
      let lengths = (x * y).squareRoot()
      // Rounding must not make equal embeddings nearer than 0.
      return lengths > 0 ? Float(max(0, 1 - dot / lengths)) : (lengths == 0 ? 1 : .nan)
    case .l1:
      var sum: Float = 0
      for k in 0..<width { sum += abs(a[k] - b[k]) }
      return sum
    case .snr:
      let noise = Self.variance(width) { a[$0] - b[$0] }
      let (x, y) = (Self.variance(width) { a[$0] }, Self.variance(width) { b[$0] })
      return noise / 2 * (1 / max(x, 1e-12) + 1 / max(y, 1e-12))
    case .weightedL1(let weights, let bias):
      var sum = bias
      for k in 0..<min(width, weights.count) { sum += weights[k] * abs(a[k] - b[k]) }
      return Elementary.sigmoid(-sum)
    }
  }

  /// a·b, a·a and b·b in double precision, where no float's square is too large.
  private static func products(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ width: Int
  ) -> (ab: Double, aa: Double, bb: Double) {
    var (ab, aa, bb) = (0.0, 0.0, 0.0)
    for k in 0..<width {
      let (p, q) = (Double(a[k]), Double(b[k]))
      ab += p * q
      aa += p * p
      bb += q * q
    }
    return (ab, aa, bb)
  }

  static func variance(_ width: Int, _ value: (Int) -> Float) -> Float {
    var mean: Float = 0
    for k in 0..<width { mean += value(k) }
    mean /= Float(width)
    var sum: Float = 0
    for k in 0..<width { sum += (value(k) - mean) * (value(k) - mean) }
    return sum / Float(width)
  }

  /// The distance of two embeddings of one length; nil where the lengths differ.
  public func distance(_ a: [Float], _ b: [Float]) -> Float? {
    guard a.count == b.count, !a.isEmpty else { return nil }
    return a.withUnsafeBufferPointer { x in
      b.withUnsafeBufferPointer { y in
        guard let x = x.baseAddress, let y = y.baseAddress else { return nil }
        return distance(x, y, a.count)
      }
    }
  }

  /// The distance of two rows of one length.
  func distance(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) -> Float {
    guard let x = a.baseAddress, let y = b.baseAddress else { return 0 }
    return distance(x, y, min(a.count, b.count))
  }

  /// The same on arrays.
  func addGradient(
    _ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>, slope: Float, _ da: inout [Float],
    _ db: inout [Float]
  ) {
    da.withUnsafeMutableBufferPointer { da in
      db.withUnsafeMutableBufferPointer { db in addGradient(a, b, slope: slope, da, db) }
    }
  }

  /// Adds slope · d(distance)/d(a) to `da`, and likewise for b; all rows of one length.
  func addGradient(
    _ rowA: UnsafeBufferPointer<Float>, _ rowB: UnsafeBufferPointer<Float>, slope: Float,
    _ da: UnsafeMutableBufferPointer<Float>, _ db: UnsafeMutableBufferPointer<Float>
  ) {
    guard let a = rowA.baseAddress, let b = rowB.baseAddress else { return }
    let width = min(rowA.count, rowB.count, da.count, db.count)
    func along(_ factor: Float) {
      for k in 0..<width {
        let part = factor * (a[k] - b[k])
        da[k] += part
        db[k] -= part
      }
    }
    switch self {
    case .squared: along(2 * slope)
    case .euclidean:
      let square = squaredDistance(a, b, width)
      // Below the clamp the distance is a constant.
      if square > EmbeddingLoss.leastSquare { along(slope / square.squareRoot()) }
    case .cosine:
      let (dot, x, y) = Self.products(a, b, width)
      let lengths = (x * y).squareRoot()
      guard lengths > 1e-12 else { return }
      for k in 0..<width {
        let (p, q) = (Double(a[k]), Double(b[k]))
        da[k] -= slope * Float(q / lengths - dot * p / (lengths * x))
        db[k] -= slope * Float(p / lengths - dot * q / (lengths * y))
      }
    case .l1:
      for k in 0..<width where a[k] != b[k] {
        let part = a[k] > b[k] ? slope : -slope
        da[k] += part
        db[k] -= part
      }
    case .snr:
      let n = Float(width)
      let (x, y) = (max(Self.variance(width) { a[$0] }, 1e-12), max(Self.variance(width) { b[$0] }, 1e-12))
      var (meanA, meanB): (Float, Float) = (0, 0)
      for k in 0..<width {
        meanA += a[k] / n
        meanB += b[k] / n
      }
      let noise = Self.variance(width) { a[$0] - b[$0] }
      let inverse = (1 / x + 1 / y) / 2
      for k in 0..<width {
        let (ca, cb) = (a[k] - meanA, b[k] - meanB)
        let across = 2 / n * (ca - cb) * inverse
        da[k] += slope * (across - (x > 1e-12 ? noise / 2 * 2 / n * ca / (x * x) : 0))
        db[k] += slope * (-across - (y > 1e-12 ? noise / 2 * 2 / n * cb / (y * y) : 0))
      }
    case .weightedL1(let weights, _):
      let d = distance(a, b, width)
      let steep = -slope * d * (1 - d)
      for k in 0..<min(width, weights.count) where a[k] != b[k] {
        let part = a[k] > b[k] ? steep * weights[k] : -steep * weights[k]
        da[k] += part
        db[k] -= part
      }
    }
  }
}
