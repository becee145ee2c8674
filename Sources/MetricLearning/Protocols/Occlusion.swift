import Tensors

/// Which parts of two images make them near or far: a window of each is covered with the image's mean, place by place, and
/// the distance measured anew. After Zeiler and Fergus 2014, for a pair.
public struct Occlusion: Sendable {
  /// Of the two images as they are.
  public let distance: Float
  /// [height, width] of both images.
  public let height: Int
  public let width: Int
  /// For each pixel of the first image the mean change of the distance over the windows that cover it. Above 0: this part
  /// brings the two together; below 0: it keeps them apart.
  public let first: [Float]
  /// Of the second image.
  public let second: [Float]

  /// - Parameters:
  ///   - images: two of one shape, [channels, height, width], as the network takes them.
  ///   - window: the side of what is covered, in pixels; at most the images' shorter side.
  ///   - embed: gives the embeddings of so many images, row after row.
  /// - Throws: `embeddingShape`, `outOfRange`, `imagesNotFinite`, `notFinite`; what `embed` throws.
  public init(
    _ images: ([Float], [Float]), shape: [Int], window: Int, metric: Metric = .euclidean,
    embed: (_ images: [Float], _ count: Int) throws -> [Float]
  ) throws {
    guard shape.count == 3, images.0.count == shape.reduce(1, *), images.1.count == images.0.count else {
      throw MetricError.embeddingShape(
        function: "explain", values: images.0.count, count: 2, width: shape.reduce(1, *))
    }
    let (height, width) = (shape[1], shape[2])
    guard window >= 1, window <= min(height, width) else {
      throw MetricError.outOfRange(
        function: "explain", argument: "window", got: "\(window)",
        expected: "1 to \(min(height, width)), the shorter side")
    }
    guard images.0.allSatisfy(\.isFinite), images.1.allSatisfy(\.isFinite) else {
      throw MetricError.imagesNotFinite(function: "explain")
    }
    /// Embeddings that can be measured: a damaged network must not explain anything.
    func measurable(_ images: [Float], _ count: Int) throws -> [Float] {
      let rows = try embed(images, count)
      if let bad = rows.firstIndex(where: { !$0.isFinite }) {
        throw MetricError.notFinite(function: "explain", item: bad / max(1, rows.count / count))
      }
      return rows
    }
    func reach(_ a: [Float], _ b: [Float]) -> Float? {
      guard a.count == b.count else { return nil }
      return a.withUnsafeBufferPointer { x in
        b.withUnsafeBufferPointer { y in
          guard let x = x.baseAddress, let y = y.baseAddress else { return nil }
          return metric.distanceAtAnyScale(x, y, a.count)
        }
      }
    }
    let plain = try measurable(images.0 + images.1, 2)
    let size = plain.count / 2
    let (one, other) = (Array(plain[..<size]), Array(plain[size...]))
    guard size > 0, let distance = reach(one, other) else {
      throw MetricError.embeddingShape(function: "explain", values: plain.count, count: 2, width: size)
    }
    try metric.check(distance, function: "explain")
    self.distance = distance
    self.height = height
    self.width = width
    let places = Self.places(height, window).flatMap { top in Self.places(width, window).map { (top, $0) } }
    func changes(_ image: [Float], _ fixed: [Float]) throws -> [Float] {
      var sums = [Float](repeating: 0, count: height * width)
      var counts = sums
      // A few at a time: what is covered is a copy of the image.
      for start in stride(from: 0, to: places.count, by: 32) {
        try LongWork.check()
        let part = places[start..<min(places.count, start + 32)]
        let covered = part.flatMap { Self.covered(image, shape, top: $0.0, left: $0.1, window) }
        let rows = try measurable(covered, part.count)
        for (row, place) in part.enumerated() {
          let change = (reach(Array(rows[row * size..<(row + 1) * size]), fixed) ?? distance) - distance
          for y in place.0..<place.0 + window {
            for x in place.1..<place.1 + window {
              sums[y * width + x] += change
              counts[y * width + x] += 1
            }
          }
        }
      }
      return zip(sums, counts).map { $1 > 0 ? $0 / $1 : 0 }
    }
    first = try changes(images.0, other)
    second = try changes(images.1, one)
  }

  /// Where windows begin along a side: half a window apart, the last at the edge.
  private static func places(_ side: Int, _ window: Int) -> [Int] {
    var places = Array(stride(from: 0, through: side - window, by: max(1, window / 2)))
    if places.last != side - window { places.append(side - window) }
    return places
  }

  /// A copy with a window of each channel at the channel's mean.
  private static func covered(_ image: [Float], _ shape: [Int], top: Int, left: Int, _ window: Int) -> [Float] {
    var copy = image
    let area = shape[1] * shape[2]
    for channel in 0..<shape[0] {
      var mean: Float = 0
      for k in 0..<area { mean += image[channel * area + k] }
      mean /= Float(max(1, area))
      for y in top..<top + window {
        for x in left..<left + window { copy[channel * area + y * shape[2] + x] = mean }
      }
    }
    return copy
  }
}
