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
      result = Self.pass(
        result, lines: height, lineStride: width * channels, weights: weights, step: channels, inner: channels,
        outLineStride: newWidth * channels)
    }
    if newHeight != height {
      let weights = ResizingWeights(from: height, to: newHeight, filter: filter)
      let row = newWidth * channels
      result = Self.pass(
        result, lines: 1, lineStride: 0, weights: weights, step: row, inner: row, outLineStride: 0)
    }
    return PixelImage(trusted: result, width: newWidth, height: newHeight, channels: channels)
  }

  /// Weighs along one axis: element (line, position, k) stands at line · lineStride + position · step + k, k < inner.
  private static func pass(
    _ source: [UInt8], lines: Int, lineStride: Int, weights: ResizingWeights, step: Int, inner: Int, outLineStride: Int
  ) -> [UInt8] {
    let total = lines * weights.starts.count * inner
    return [UInt8](unsafeUninitializedCapacity: total) { out, count in
      source.withUnsafeBufferPointer { source in
        for line in 0..<lines {
          for position in 0..<weights.starts.count {
            let first = line * lineStride + weights.starts[position] * step
            let target = line * outLineStride + position * inner
            for k in 0..<inner {
              var sum = 1 << 21
              for tap in 0..<weights.counts[position] {
                sum += Int(source[first + tap * step + k]) * weights.values[position * weights.width + tap]
              }
              out[target + k] = UInt8(Swift.max(0, Swift.min(255, sum >> 22)))
            }
          }
        }
      }
      count = total
    }
  }
}

private struct ResizingWeights {
  /// Taps kept for each target position.
  var width: Int
  var starts: [Int] = []
  var counts: [Int] = []
  var values: [Int] = []

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
      for (tap, value) in taps.enumerated() { values[position * width + tap] = Int(value * 4_194_304 + 0.5) }
      starts.append(first)
      counts.append(count)
    }
  }
}
