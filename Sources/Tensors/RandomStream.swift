import ElementaryFunctions

/// Random numbers from a counter: the n-th number is a function of (seed, stream, n) alone, so that streams can be
/// split without looking at each other and the same seed gives the same bits whoever draws.
///
/// Philox4x32-10, Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
public struct RandomStream: Sendable {
  private let seed: UInt64
  private let stream: UInt64
  private var block: UInt64 = 0
  private var buffer = SIMD4<UInt32>()
  private var used = 4
  private var spareNormal: Double?

  /// - Parameter stream: streams of one seed are independent of each other.
  public init(seed: UInt64, stream: UInt64 = 0) {
    self.seed = seed
    self.stream = stream
  }

  /// Ten rounds of Philox on one counter.
  public static func philox(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var c = counter
    var k = key
    for round in 0..<10 {
      if round > 0 { k = k &+ SIMD2(0x9E37_79B9, 0xBB67_AE85) }
      let a = UInt64(c.x) * 0xD251_1F53
      let b = UInt64(c.z) * 0xCD9E_8D57
      c = SIMD4(
        UInt32(truncatingIfNeeded: b >> 32) ^ c.y ^ k.x, UInt32(truncatingIfNeeded: b),
        UInt32(truncatingIfNeeded: a >> 32) ^ c.w ^ k.y, UInt32(truncatingIfNeeded: a))
    }
    return c
  }

  /// A stream of its own for `key`, whatever this one has drawn so far.
  public func split(_ key: UInt64) -> RandomStream {
    let mixed = Self.philox(
      counter: SIMD4(low(key), high(key), low(stream), high(stream)), key: SIMD2(low(seed) ^ 0x5EED_5EED, high(seed)))
    return RandomStream(
      seed: UInt64(mixed.x) | UInt64(mixed.y) << 32, stream: UInt64(mixed.z) | UInt64(mixed.w) << 32)
  }

  /// The next 32 bits: blocks of four words, of which none is left out.
  public mutating func nextUInt32() -> UInt32 {
    if used == 4 {
      buffer = Self.philox(
        counter: SIMD4(low(block), high(block), low(stream), high(stream)), key: SIMD2(low(seed), high(seed)))
      block &+= 1
      used = 0
    }
    used += 1
    return buffer[used - 1]
  }

  /// The next 64 bits: two words, the first one the lower.
  public mutating func nextUInt64() -> UInt64 {
    let first = UInt64(nextUInt32())
    return first | UInt64(nextUInt32()) << 32
  }

  /// From 0 up to, not including, 1.
  public mutating func uniform() -> Double { Double(nextUInt64() >> 11) * 0x1p-53 }

  /// In a range, its upper end almost never.
  public mutating func uniform(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// Mean 0, variance 1, by Box and Muller.
  public mutating func normal() -> Double {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    let radius = (-2 * Elementary.log(1 - uniform())).squareRoot()
    let angle = 2 * Double.pi * uniform()
    spareNormal = radius * Elementary.sin(angle)
    return radius * Elementary.cos(angle)
  }

  /// Each of 0..<bound equally likely (Lemire 2019); 0 for a bound of 1 or less.
  public mutating func int(below bound: Int) -> Int {
    guard bound > 1 else { return 0 }
    let range = UInt64(bound)
    var product = nextUInt64().multipliedFullWidth(by: range)
    if product.low < range {
      let floor = (0 &- range) % range
      while product.low < floor { product = nextUInt64().multipliedFullWidth(by: range) }
    }
    return Int(product.high)
  }

  /// Fisher and Yates.
  public mutating func shuffle<T>(_ values: inout [T]) {
    guard values.count > 1 else { return }
    for last in stride(from: values.count - 1, to: 0, by: -1) { values.swapAt(last, int(below: last + 1)) }
  }

  /// 0..<count in a random order; none for a negative count.
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<max(0, count))
    shuffle(&order)
    return order
  }

  /// The same, which a person who waits can end.
  /// - Throws: `TensorError.interrupted`.
  public mutating func interruptiblePermutation(_ count: Int) throws -> [Int] {
    var order = Array(0..<max(0, count))
    try LongWork.stretches(order.count) { range in
      for turn in range where turn > 0 {
        let last = order.count - turn
        order.swapAt(last, int(below: last + 1))
      }
    }
    return order
  }

  /// 24 bits a float, from one word each.
  public mutating func fillUniform(_ out: UnsafeMutableBufferPointer<Float>, in range: ClosedRange<Float> = 0...1) {
    let width = range.upperBound - range.lowerBound
    // 24 bits fill a Float's fraction, and never round up to the upper bound.
    for i in out.indices { out[i] = range.lowerBound + width * (Float(nextUInt32() >> 8) * 0x1p-24) }
  }

  /// By `normal()`, rounded to floats.
  public mutating func fillNormal(
    _ out: UnsafeMutableBufferPointer<Float>, mean: Float = 0, deviation: Float = 1
  ) {
    for i in out.indices { out[i] = mean + deviation * Float(normal()) }
  }
}

private func low(_ value: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: value) }
private func high(_ value: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: value >> 32) }
