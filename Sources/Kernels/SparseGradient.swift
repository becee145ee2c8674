import CLanes
import KernelInterface

/// The gradient of `convPoolForward`. Behind a 2×2 maximum at most one of four numbers has a gradient, and none where
/// relu cut it: a list of those that have takes a quarter of the multiply-adds of a dense pass, or less.
///
/// Images here are [height, width, channels], so that a kernel's row is one stretch of memory.

extension Compilation {
  /// The list for one filter of one image.
  ///
  /// - Parameters:
  ///   - offsets: of the window's corner in the image [height, width, channels].
  /// - Returns: how many.
  public static func listGradients(
    _ gradient: Floats, _ codes: UnsafePointer<UInt8>, rows: Int, columns: Int, width: Int, channels: Int,
    _ offsets: UnsafeMutablePointer<Int32>, _ values: MutableFloats
  ) -> Int {
    let right = Int32(truncatingIfNeeded: channels), below = Int32(truncatingIfNeeded: width * channels)
    var count = 0
    for row in 0..<rows {
      let from = row * columns
      count += twin_list_row(
        gradient + from, codes + from, columns, 2 * Int32(truncatingIfNeeded: row) * below, right, below,
        offsets + count, values + count)
    }
    return count
  }

  /// weights[tap] += Σ value · x[offset + taps[tap] ..< + 8]: one filter's gradient, a vector a tap.
  public static func sparseWeightGradient(
    _ x: Floats, _ offsets: UnsafePointer<Int32>, _ values: Floats, _ count: Int, _ taps: UnsafePointer<Int>,
    _ tapCount: Int, _ gradient: MutableFloats
  ) {
    // Nine taps, as a 3×3 kernel over three to eight channels has, are six and three in one pass over the list.
    let list = GradientList(offsets: offsets, values: values, count: count)
    var tap = 0
    if tapCount == 9 { addTaps(Chains<6, 3>.self, x, list, taps, &tap, gradient) }
    while tap + 6 <= tapCount { addTaps(Chains<6, 0>.self, x, list, taps, &tap, gradient) }
    while tap + 3 <= tapCount { addTaps(Chains<0, 3>.self, x, list, taps, &tap, gradient) }
    while tap < tapCount { addTaps(Chains<1, 0>.self, x, list, taps, &tap, gradient) }
  }

  /// dx[offset + taps[tap] ..< + 8] += value · weights[tap]: one filter's part of the image's gradient. The weights of a
  /// tap are eight wide, zeros behind the kernel's end.
  public static func sparseInputGradient(
    _ dx: MutableFloats, _ offsets: UnsafePointer<Int32>, _ values: Floats, _ count: Int, _ taps: UnsafePointer<Int>,
    _ tapCount: Int, _ weights: Floats
  ) {
    for index in 0..<count {
      let base = dx + Int(offsets[index])
      let value = splat(values[index])
      var tap = 0
      while tap + 3 <= tapCount {
        let p0 = base + taps[tap], p1 = base + taps[tap + 1], p2 = base + taps[tap + 2]
        let w = weights + tap * 8
        store(multiplyAdd(load(p0), load(w), value), p0)
        store(multiplyAdd(load(p1), load(w + 8), value), p1)
        store(multiplyAdd(load(p2), load(w + 16), value), p2)
        tap += 3
      }
      while tap < tapCount {
        let p = base + taps[tap]
        store(multiplyAdd(load(p), load(weights + tap * 8), value), p)
        tap += 1
      }
    }
  }

  /// [channels, pixels] to [pixels, channels].
  public static func channelsLast(_ x: Floats, channels: Int, pixels: Int, _ out: MutableFloats) {
    var pixel = 0
    if channels <= 8 {
      // Whole vectors: what stands in one behind a pixel's channels is overwritten by the next pixels, which there must be.
      while pixel + 16 <= pixels {
        let turned = turnedOver(InlineArray<8, V8> { $0 < channels ? load(x + $0 * pixels + pixel) : V8.zero })
        for next in 0..<8 { store(turned[next], out + (pixel + next) * channels) }
        pixel += 8
      }
    }
    for channel in 0..<channels {
      let from = x + channel * pixels
      var to = out + pixel * channels + channel
      for pixel in pixel..<pixels {
        to.pointee = from[pixel]
        to += channels
      }
    }
  }

  /// [pixels, channels] to [channels, pixels].
  public static func channelsFirst(_ x: Floats, channels: Int, pixels: Int, _ out: MutableFloats) {
    var pixel = 0
    if channels <= 8 {
      // Whole vectors, which reach into the pixels behind.
      while pixel + 16 <= pixels {
        let turned = turnedOver(InlineArray<8, V8> { load(x + (pixel + $0) * channels) })
        for channel in 0..<8 where channel < channels { store(turned[channel], out + channel * pixels + pixel) }
        pixel += 8
      }
    }
    for channel in 0..<channels {
      var from = x + pixel * channels + channel
      let to = out + channel * pixels
      for pixel in pixel..<pixels {
        to[pixel] = from.pointee
        from += channels
      }
    }
  }
}

/// What `listGradients` has listed.
private struct GradientList {
  let offsets: UnsafePointer<Int32>
  let values: Floats
  let count: Int
}

/// Taps whose sums stand in registers together: each of the first `whole` is one chain over the list, each of the `split`
/// behind them two chains, of every other item, so that few taps need not wait for their own sums.
private enum Chains<let whole: Int, let split: Int> {}

/// Adds up the gradient of the next taps of `sparseWeightGradient`, from `tap` on.
@inline(__always)
private func addTaps<let whole: Int, let split: Int>(
  _: Chains<whole, split>.Type, _ x: Floats, _ list: GradientList, _ taps: UnsafePointer<Int>, _ tap: inout Int,
  _ gradient: MutableFloats
) {
  let wholeFrom = InlineArray<whole, Floats> { x + taps[tap + $0] }
  let splitFrom = InlineArray<split, Floats> { x + taps[tap + whole + $0] }
  var sums = InlineArray<whole, V8> { _ in V8.zeros }
  var evens = InlineArray<split, V8> { _ in V8.zeros }
  var odds = InlineArray<split, V8> { _ in V8.zeros }
  var index = 0
  while index < list.count {
    let offset = Int(list.offsets[index])
    let value = splat(list.values[index])
    for tap in 0..<whole { sums[tap] = multiplyAdd(sums[tap], load(wholeFrom[tap] + offset), value) }
    for tap in 0..<split { evens[tap] = multiplyAdd(evens[tap], load(splitFrom[tap] + offset), value) }
    index += 1
    if index == list.count { break }
    let next = Int(list.offsets[index])
    let other = splat(list.values[index])
    for tap in 0..<whole { sums[tap] = multiplyAdd(sums[tap], load(wholeFrom[tap] + next), other) }
    for tap in 0..<split { odds[tap] = multiplyAdd(odds[tap], load(splitFrom[tap] + next), other) }
    index += 1
  }
  let to = gradient + tap * 8
  for tap in 0..<whole { store(load(to + 8 * tap) + sums[tap], to + 8 * tap) }
  for tap in 0..<split {
    let place = to + 8 * (whole + tap)
    store(load(place) + (evens[tap] + odds[tap]), place)
  }
  tap += whole + split
}
