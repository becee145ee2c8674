/// Pillow's `resize`, bit for bit: two passes with fixed-point weights (22 bits), 8 bits between them. The filter grows
/// with the reduction, so that a smaller picture is an average, not a sample (antialiasing).
/// Source: Pillow, src/libImaging/Resample.c.
extension PixelImage {
  /// How a target's pixel is made of the source's.
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

  /// The part of the picture that a resized one shows, in pixels and parts of them. It may reach outside, where
  /// everything has the colour `around`: one sample for each channel.
  struct Box {
    var left: Double
    var top: Double
    var width: Double
    var height: Double
    var around: [UInt8]
  }

  /// - Parameters: `width` and `height` of the result, in pixels; at least 1, together at most `pixelLimit`.
  public func resized(width newWidth: Int, height newHeight: Int, filter: Filter = .bilinear) throws(ImageError)
    -> PixelImage
  {
    let whole = Box(
      left: 0, top: 0, width: Double(width), height: Double(height), around: Array(repeating: 0, count: channels))
    return try resized(width: newWidth, height: newHeight, from: whole, filter: filter)
  }

  func resized(width newWidth: Int, height newHeight: Int, from box: Box, filter: Filter = .bilinear)
    throws(ImageError) -> PixelImage
  {
    guard Self.samples(newWidth, newHeight, channels) != nil,
      Self.samples(newWidth, height, channels) != nil
    else { throw .badSize(function: "resize", width: newWidth, height: newHeight) }
    var result = pixels
    if newWidth != width || box.left != 0 || box.width != Double(width) {
      let weights = ResizingWeights(of: width, from: box.left, length: box.width, to: newWidth, filter: filter)
      result = Self.alongRows(result, rows: height, width: width, around: box.around, weights)
    }
    if newHeight != height || box.top != 0 || box.height != Double(height) {
      let weights = ResizingWeights(of: height, from: box.top, length: box.height, to: newHeight, filter: filter)
      result = Self.alongColumns(result, row: newWidth * channels, around: box.around, weights)
    }
    return PixelImage(trusted: result, width: newWidth, height: newHeight, channels: channels)
  }

  // Sums fit 32 bits: weights are not negative and sum to 2²² (with rounding), samples are below 2⁸.

  private static func alongRows(_ source: [UInt8], rows: Int, width: Int, around: [UInt8], _ weights: ResizingWeights)
    -> [UInt8]
  {
    let channels = around.count
    let (stride, newStride) = (width * channels, weights.starts.count * channels)
    return [UInt8](unsafeUninitializedCapacity: rows * newStride) { out, count in
      source.withUnsafeBufferPointer { source in
        guard let source = source.baseAddress, let out = out.baseAddress else { return }
        for row in Swift.stride(from: 0, to: rows, by: 4) {
          // The sums of what is not there repeat a row that is, and are not written.
          let left = Swift.min(4, rows - row)
          let lines = (
            source + row * stride, source + Swift.min(row + 1, rows - 1) * stride,
            source + Swift.min(row + 2, rows - 1) * stride, source + Swift.min(row + 3, rows - 1) * stride
          )
          let to = out + row * newStride
          // The compiler makes a faster loop where it knows the distance of neighbours.
          if channels == 1 {
            fourRows(lines, channels: 1, around: around, weights, to, count: left)
          } else {
            fourRows(lines, channels: channels, around: around, weights, to, count: left)
          }
        }
      }
      count = rows * newStride
    }
  }

  private typealias Row = UnsafePointer<UInt8>

  /// Four rows have their sums side by side: each weight is read once for all, and no sum waits for another.
  @inline(__always)
  private static func fourRows(
    _ lines: (Row, Row, Row, Row), channels: Int, around: [UInt8], _ weights: ResizingWeights,
    _ out: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    let targets = weights.starts.count
    let newStride = targets &* channels
    weights.values.withUnsafeBufferPointer { values in
      for position in 0..<targets {
        let taps = weights.counts[position]
        let first = position &* weights.width
        for k in 0..<channels {
          let begin: Int32 = 1 << 21 &+ weights.outside[position] &* Int32(around[k])
          var (a, b, c, d) = (begin, begin, begin, begin)
          var place = weights.starts[position] &* channels &+ k
          for tap in 0..<taps {
            let weight = values[first &+ tap]
            a &+= Int32(truncatingIfNeeded: lines.0[place]) &* weight
            b &+= Int32(truncatingIfNeeded: lines.1[place]) &* weight
            c &+= Int32(truncatingIfNeeded: lines.2[place]) &* weight
            d &+= Int32(truncatingIfNeeded: lines.3[place]) &* weight
            place &+= channels
          }
          let to = out + (position &* channels &+ k)
          to[0] = sample(a)
          if count > 1 { to[newStride] = sample(b) }
          if count > 2 { to[2 &* newStride] = sample(c) }
          if count > 3 { to[3 &* newStride] = sample(d) }
        }
      }
    }
  }

  @inline(__always)
  private static func sample(_ sum: Int32) -> UInt8 { UInt8(truncatingIfNeeded: Swift.min(255, sum >> 22)) }

  /// Whole rows are weighed at a time, so that the inner loop is over neighbours.
  private static func alongColumns(_ source: [UInt8], row: Int, around: [UInt8], _ weights: ResizingWeights)
    -> [UInt8]
  {
    let targets = weights.starts.count
    let channels = around.count
    return [UInt8](unsafeUninitializedCapacity: targets * row) { out, count in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: row) { sums in
        source.withUnsafeBufferPointer { source in
          for position in 0..<targets {
            sums.initialize(repeating: 1 << 21)
            if weights.outside[position] > 0 {
              for k in 0..<row { sums[k] &+= weights.outside[position] &* Int32(around[k % channels]) }
            }
            for tap in 0..<weights.counts[position] {
              let weight = weights.values[position * weights.width + tap]
              let line = UnsafeBufferPointer(rebasing: source[((weights.starts[position] + tap) * row)...].prefix(row))
              for k in 0..<row { sums[k] &+= Int32(truncatingIfNeeded: line[k]) &* weight }
            }
            for k in 0..<row {
              out[position &* row &+ k] = sample(sums[k])
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

  /// The weight of what lies outside the picture: 0 where the target looks at the picture alone.
  var outside: [Int32] = []

  /// `new` targets beside one another look at `length` of `old` pixels, from `start` on.
  init(of old: Int, from start: Double, length: Double, to new: Int, filter: PixelImage.Filter) {
    let scale = length / Double(new)
    let filterScale = Swift.max(scale, 1)
    let support = filter.support * filterScale
    width = Int(support.rounded(.up)) * 2 + 1
    values = Array(repeating: 0, count: width * new)
    for position in 0..<new {
      let center = start + (Double(position) + 0.5) * scale
      // All that the target looks at, then what of it lies inside.
      let all = Int((center - support + 0.5).rounded(.down))..<Int((center + support + 0.5).rounded(.down))
      let taps = all.prefix(width).map { filter.weight((Double($0) - center + 0.5) / filterScale) }
      let inside = all.clamped(to: 0..<old)
      let isOut = start < 0 || start + length > Double(old)
      let sum = isOut ? taps.reduce(0, +) : zip(all, taps).reduce(0) { inside.contains($1.0) ? $0 + $1.1 : $0 }
      var within: Int32 = 0
      var count = 0
      for (tap, weight) in zip(all, taps) where inside.contains(tap) {
        let value = Int32((sum == 0 ? weight : weight / sum) * 4_194_304 + 0.5)
        values[position * width + count] = value
        within += value
        count += 1
      }
      starts.append(inside.lowerBound)
      counts.append(count)
      outside.append(isOut && inside.count < all.count ? Swift.max(0, 4_194_304 - within) : 0)
    }
  }
}
