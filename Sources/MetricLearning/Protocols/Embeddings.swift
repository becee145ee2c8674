/// Embeddings with the class of each: the one form in which every protocol takes them.
///
/// `values` is row-major, `count` rows of `width` numbers; `labels[i]` is the class of row `i`, any whole number.
public struct Embeddings: Sendable {
  /// [count, width], row after row.
  public let values: [Float]
  /// Numbers of one embedding.
  public let width: Int
  /// The class of each row.
  public let labels: [Int]
  /// What every protocol measures with.
  public let metric: Metric
  /// The first row of the gallery, where queries and gallery are separate sets: rows before it ask, those from it on are
  /// looked through. Nil: each row is both.
  public let galleryStart: Int?

  /// Number of embeddings.
  public var count: Int { labels.count }

  /// Throws where the sizes disagree or a number is not finite: a damaged network must not get a score.
  public init(
    values: [Float], width: Int, labels: [Int], metric: Metric = .euclidean, function: String = "distances",
    galleryStart: Int? = nil
  ) throws(MetricError) {
    let (expected, overflow) = labels.count.multipliedReportingOverflow(by: width)
    guard width > 0, !overflow, values.count == expected else {
      throw .embeddingShape(function: function, values: values.count, count: labels.count, width: width)
    }
    if let bad = values.firstIndex(where: { !$0.isFinite }) { throw .notFinite(function: function, item: bad / width) }
    if case .weightedL1(let weights, _) = metric, weights.count != width {
      throw .metricWidth(function: function, weights: weights.count, width: width)
    }
    self.values = values
    self.width = width
    self.labels = labels
    self.metric = metric
    self.galleryStart = galleryStart.map { max(0, min($0, labels.count)) }
  }

  /// Rows of each class, in the order of the rows; classes in the order of their numbers.
  public func rowsByClass() -> [(label: Int, rows: [Int])] {
    var groups: [Int: [Int]] = [:]
    for (row, label) in labels.enumerated() { groups[label, default: []].append(row) }
    return groups.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Distance of two rows, by direct subtraction: exact at zero, where a·a − 2a·b + b·b would not be.
  public func distance(_ i: Int, _ j: Int) -> Float {
    values.withUnsafeBufferPointer { v in
      guard let base = v.baseAddress else { return 0 }
      return metric.distanceAtAnyScale(base + i * width, base + j * width, width)
    }
  }

  /// Distances of one row to all rows, written to `out` (count numbers).
  public func distances(from row: Int, into out: inout [Float]) {
    values.withUnsafeBufferPointer { v in
      guard let base = v.baseAddress else { return }
      for j in 0..<count { out[j] = metric.distanceAtAnyScale(base + row * width, base + j * width, width) }
    }
  }

  /// Every embedding is the same, but for rounding: nothing is told apart.
  public var isCollapsed: Bool {
    guard count > 1 else { return false }
    let greatest = values.reduce(Float(0)) { max($0, abs($1)) }
    return !(width..<values.count).contains { abs(values[$0] - values[$0 % width]) > 1e-6 * greatest }
  }

  /// How far the embeddings spread: the mean over the numbers of their variance over the rows. Zero when they collapsed.
  public var spread: Double {
    guard count > 1 else { return 0 }
    var total = 0.0
    for k in 0..<width {
      var sum = 0.0
      for i in 0..<count { sum += Double(values[i * width + k]) }
      let mean = sum / Double(count)
      var squares = 0.0
      for i in 0..<count {
        let difference = Double(values[i * width + k]) - mean
        squares += difference * difference
      }
      total += squares / Double(count)
    }
    return total / Double(width)
  }
}

/// Σ (aₖ − bₖ)² of two rows of one length.
@inline(__always)
func squaredDistance(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) -> Float {
  guard let x = a.baseAddress, let y = b.baseAddress else { return 0 }
  return squaredDistance(x, y, min(a.count, b.count))
}

extension Metric {
  /// As `distance`, with its bits, but for Euclidean distances whose squares are beyond a float: too large, or so small
  /// that they vanish.
  func distanceAtAnyScale(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ width: Int) -> Float {
    guard self == .euclidean else { return distance(a, b, width) }
    let square = squaredDistance(a, b, width)
    return square.isNormal ? square.squareRoot() : Float(wideSquaredDistance(a, b, width).squareRoot())
  }

  /// A number that grows with the distance: the square of a Euclidean one.
  func ranking(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ width: Int) -> Double {
    guard self == .euclidean || self == .squared else { return Double(distance(a, b, width)) }
    let square = squaredDistance(a, b, width)
    return square.isNormal ? Double(square) : wideSquaredDistance(a, b, width)
  }
}

/// Σ (aₖ − bₖ)² in double precision, in which no square of a float is too large or too small.
private func wideSquaredDistance(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ width: Int) -> Double {
  var sum = 0.0
  for k in 0..<width {
    let d = Double(a[k]) - Double(b[k])
    sum += d * d
  }
  return sum
}

/// Σ (aₖ − bₖ)², eight lanes at a time, in an order that depends on the width alone.
@inline(__always)
func squaredDistance(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ width: Int) -> Float {
  var lanes = SIMD8<Float>(repeating: 0)
  var k = 0
  while k + 8 <= width {
    let x = UnsafeRawPointer(a + k).loadUnaligned(as: SIMD8<Float>.self)
    let y = UnsafeRawPointer(b + k).loadUnaligned(as: SIMD8<Float>.self)
    let d = x - y
    lanes += d * d
    k += 8
  }
  var sum = lanes.sum()
  while k < width {
    let d = a[k] - b[k]
    sum += d * d
    k += 1
  }
  return sum
}
