import ElementaryFunctions

/// 64 bits that say how a picture looks: pictures that were scaled, packed anew or slightly changed in brightness have
/// hashes a few bits apart, different ones about 32.
///
/// The picture is made gray, 32×32 pixels (bilinear, antialiased), and taken apart into cosines; each of the 64 lowest
/// frequencies gives a bit: whether its share is greater than the median of the 64. Source: "pHash", as the Python
/// package imagehash has it.
public struct PerceptualHash: Hashable, Sendable {
  public let bits: UInt64

  public init(bits: UInt64) { self.bits = bits }

  /// - Throws: nothing for a picture of a usual shape; `ImageError.badSize` where one side is so long that it cannot be
  ///   resized.
  public init(_ image: PixelImage) throws(ImageError) {
    let small = try image.gray().resized(width: Self.side, height: Self.side)
    let cosines = Self.cosines
    // Rows first, eight frequencies each, then columns.
    var rows = [Double](repeating: 0, count: Self.side * 8)
    for y in 0..<Self.side {
      for u in 0..<8 {
        var sum = 0.0
        for x in 0..<Self.side { sum += Double(small.pixels[y * Self.side + x]) * cosines[u * Self.side + x] }
        rows[y * 8 + u] = sum
      }
    }
    var shares = [Double](repeating: 0, count: 64)
    for v in 0..<8 {
      for u in 0..<8 {
        var sum = 0.0
        for y in 0..<Self.side { sum += rows[y * 8 + u] * cosines[v * Self.side + y] }
        // What only rounding made is nothing: else an even picture's bits would be noise.
        shares[v * 8 + u] = sum.magnitude < 1e-6 ? 0 : sum
      }
    }
    let sorted = shares.sorted()
    let median = (sorted[31] + sorted[32]) / 2
    var bits: UInt64 = 0
    for (index, share) in shares.enumerated() where share > median { bits |= 1 << UInt64(63 - index) }
    self.bits = bits
  }

  /// How many of the 64 bits differ.
  public func distance(to other: PerceptualHash) -> Int { (bits ^ other.bits).nonzeroBitCount }

  /// Two pictures this near, or nearer, are taken for one: the same photograph scaled or packed anew.
  public static let nearDuplicate = 6

  /// Sixteen digits.
  public var hex: String {
    let text = String(bits, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }

  private static let side = 32

  /// [8, 32]: cos(π (2x + 1) u / 64).
  private static let cosines: [Double] = (0..<8).flatMap { u in
    (0..<side).map { x in Elementary.cos(Double.pi * Double(2 * x + 1) * Double(u) / Double(2 * side)) }
  }
}
