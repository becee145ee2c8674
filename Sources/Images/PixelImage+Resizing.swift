/// Pillow's `resize`, bit for bit: two passes with fixed-point weights (22 bits), 8 bits between them. The filter grows
/// with the reduction, so that a smaller picture is an average, not a sample (antialiasing).
/// Source: Pillow, src/libImaging/Resample.c.
extension PixelImage {
  public enum Filter: String, Sendable, Hashable, Codable {
    /// A triangle two (source or target) pixels wide.
    case bilinear
    /// The mean of the pixels under the target's.
    case box

    var support: Double { self == .bilinear ? 1 : 0.5 }

    func weight(_ x: Double) -> Double {
      switch self {
      case .bilinear: return x.magnitude < 1 ? 1 - x.magnitude : 0
      case .box: return x > -0.5 && x <= 0.5 ? 1 : 0
      }
    }
  }

  /// - Parameters: `width` and `height` of the result, in pixels; at least 1, together at most `pixelLimit`.
  public func resized(width newWidth: Int, height newHeight: Int, filter: Filter = .bilinear) throws(ImageError)
    -> PixelImage
  {
    guard Self.samples(newWidth, newHeight, channels) != nil,
      Self.samples(newWidth, height, channels) != nil
    else { throw .badSize(function: "resize", width: newWidth, height: newHeight) }
    var result = pixels
    if newWidth != width {
      let weights = ResizingWeights(from: width, to: newWidth, filter: filter)
      result = Self.alongRows(result, rows: height, width: width, channels: channels, weights)
    }
    if newHeight != height {
      let weights = ResizingWeights(from: height, to: newHeight, filter: filter)
      result = Self.alongColumns(result, row: newWidth * channels, weights)
    }
    return PixelImage(trusted: result, width: newWidth, height: newHeight, channels: channels)
  }

  // Sums fit 32 bits: weights are not negative and sum to 2²² (with rounding), samples are below 2⁸.

  private static func alongRows(_ source: [UInt8], rows: Int, width: Int, channels: Int, _ weights: ResizingWeights)
    -> [UInt8]
  {
    let targets = weights.starts.count
    return [UInt8](unsafeUninitializedCapacity: rows * targets * channels) { out, count in
      source.withUnsafeBufferPointer { source in
        weights.values.withUnsafeBufferPointer { values in
          for row in 0..<rows {
            let line = source.baseAddress.map { $0 + row * width * channels }
            guard let line else { continue }
            for position in 0..<targets {
              let first = line + weights.starts[position] * channels
              let taps = weights.counts[position]
              let start = position * weights.width
              for k in 0..<channels {
                var sum: Int32 = 1 << 21
                var place = k
                for tap in 0..<taps {
                  sum &+= Int32(truncatingIfNeeded: first[place]) &* values[start &+ tap]
                  place &+= channels
                }
                out[(row &* targets &+ position) &* channels &+ k] = UInt8(
                  truncatingIfNeeded: Swift.min(255, sum >> 22))
              }
            }
          }
        }
      }
      count = rows * targets * channels
    }
  }

  /// Whole rows are weighed at a time, so that the inner loop is over neighbours.
  private static func alongColumns(_ source: [UInt8], row: Int, _ weights: ResizingWeights) -> [UInt8] {
    let targets = weights.starts.count
    return [UInt8](unsafeUninitializedCapacity: targets * row) { out, count in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: row) { sums in
        source.withUnsafeBufferPointer { source in
          for position in 0..<targets {
            sums.initialize(repeating: 1 << 21)
            for tap in 0..<weights.counts[position] {
              let weight = weights.values[position * weights.width + tap]
              let line = UnsafeBufferPointer(rebasing: source[((weights.starts[position] + tap) * row)...].prefix(row))
              for k in 0..<row { sums[k] &+= Int32(truncatingIfNeeded: line[k]) &* weight }
            }
            for k in 0..<row {
              out[position &* row &+ k] = UInt8(truncatingIfNeeded: Swift.min(255, sums[k] >> 22))
            }
          }
        }
      }
      count = targets * row
    }
  }
}

private struct ResizingWeights {
  /// Taps kept for each target position.
  var width: Int
  var starts: [Int] = []
  var counts: [Int] = []
  var values: [Int32] = []

  init(from old: Int, to new: Int, filter: PixelImage.Filter) {
    let scale = Double(old) / Double(new)
    let filterScale = Swift.max(scale, 1)
    let support = filter.support * filterScale
    width = Int(support.rounded(.up)) * 2 + 1
    values = Array(repeating: 0, count: width * new)
    for position in 0..<new {
      let center = (Double(position) + 0.5) * scale
      let first = Swift.max(0, Int(center - support + 0.5))
      let count = Swift.min(width, Swift.min(old, Int(center + support + 0.5)) - first)
      var taps = (0..<count).map { filter.weight((Double($0 + first) - center + 0.5) / filterScale) }
      let sum = taps.reduce(0, +)
      if sum != 0 { taps = taps.map { $0 / sum } }
      for (tap, value) in taps.enumerated() { values[position * width + tap] = Int32(value * 4_194_304 + 0.5) }
      starts.append(first)
      counts.append(count)
    }
  }
}
