import Ranks
import Tensors

/// What a batch normalisation knows of its batch, channel by channel, filled up with zeros to a multiple of 8.
final class ChannelStatistics: Sendable {
  let channels: Int
  /// Of the sums before the bias.
  let mean: FloatBuffer
  let inverse: FloatBuffer
  /// y = factor · x + offset.
  let factor: FloatBuffer
  let offset: FloatBuffer
  /// dx = a · dy + b · x + c.
  let a: FloatBuffer
  let b: FloatBuffer
  let c: FloatBuffer
  /// Never written.
  let zeros: FloatBuffer
  /// A slice's first pixel, near enough to its mean: sums are of the differences from it.
  let pivots: FloatBuffer
  /// [slices, channels] each.
  let sums: PlaneBuffer<Double>
  let products: PlaneBuffer<Double>

  init(channels: Int, slices: Int) {
    self.channels = channels
    mean = FloatBuffer(channels)
    inverse = FloatBuffer(channels)
    factor = FloatBuffer(channels)
    offset = FloatBuffer(channels)
    a = FloatBuffer(channels)
    b = FloatBuffer(channels)
    c = FloatBuffer(channels)
    zeros = FloatBuffer(channels)
    pivots = FloatBuffer(channels * slices)
    sums = PlaneBuffer<Double>(channels * slices, repeating: 0)
    products = PlaneBuffer<Double>(channels * slices, repeating: 0)
    for channel in 0..<channels {
      factor.base[channel] = 1
      a.base[channel] = 1
    }
  }

  /// What the slices leave: forward, and backward.
  var measured: [Ranks.Shared] { [Ranks.Shared(pivots.base, each: channels)] + summed }
  var summed: [Ranks.Shared] {
    [Ranks.Shared(sums.base, each: channels), Ranks.Shared(products.base, each: channels)]
  }

  func clear(_ slice: Int) {
    (sums.base + slice * channels).update(repeating: 0, count: channels)
    (products.base + slice * channels).update(repeating: 0, count: channels)
  }

  /// The mean and the variance (of all, not of all but one) from the slices' sums, in their order (Chan et al. 1979).
  func moments(_ channel: Int, counts: [Int]) -> (mean: Double, variance: Double) {
    var (total, mean, square) = (0.0, 0.0, 0.0)
    for (slice, count) in counts.enumerated() where count > 0 {
      let at = slice * channels + channel
      let n = Double(count)
      let sliceMean = Double(pivots.base[at]) + sums.base[at] / n
      let sliceSquare = max(0, products.base[at] - sums.base[at] * sums.base[at] / n)
      let difference = sliceMean - mean
      square += sliceSquare + difference * difference * total * n / (total + n)
      mean += difference * n / (total + n)
      total += n
    }
    return (mean, total > 0 ? square / total : 0)
  }
}
