import CSystem
import Kernels
import KernelsAVX2
import TestSupport
import Testing

/// The same source compiled with and without AVX2 and FMA gives the same, up to the rounding of a fused multiply-add.
@Suite(.enabled(if: twin_cpu_has_avx2_fma(), "this processor has no AVX2"))
struct KernelTests {
  static func floats(_ count: Int, _ seed: UInt64) -> [Float] {
    var random = FuzzRandom(state: seed)
    return (0..<count).map { _ in Float(random.below(2001)) / 1000 - 1 }
  }

  static func near(_ a: [Float], _ b: [Float]) -> Bool { zip(a, b).allSatisfy { abs($0 - $1) < 1e-4 } }

  @Test(arguments: [1, 7, 8, 37]) func bytesAndRows(_ count: Int) {
    var random = FuzzRandom(state: 1)
    let bytes = (0..<3 * count).map { _ in UInt8(random.below(256)) }
    var (one, other) = (Self.floats(3 * count + 8, 2), Self.floats(3 * count + 8, 2))
    let before = one
    Kernels.accumulateBytes(bytes, 3 * count, weight: 0.37, into: &one)
    KernelsAVX2.accumulateBytes(bytes, 3 * count, weight: 0.37, into: &other)
    #expect(Self.near(one, other))
    #expect(Self.near(one, before.indices.map { before[$0] + ($0 < 3 * count ? 0.37 * Float(bytes[$0]) : 0) }))
    let (starts, counts) = ([0, count / 2], [1, count - count / 2])
    let weights = Self.floats(2 * count, 3)
    var (narrow, same) = ([Float](repeating: 0, count: 8), [Float](repeating: 0, count: 8))
    Kernels.narrowRow(
      one, starts: starts, counts: counts, weights, stride: count, width: 2, scale: 0.5, shift: -1, &narrow)
    KernelsAVX2.narrowRow(
      one, starts: starts, counts: counts, weights, stride: count, width: 2, scale: 0.5, shift: -1, &same)
    #expect(zip(narrow, same).allSatisfy { abs($0 - $1) < 1e-2 })
  }

  @Test func patchesAndPooling() {
    var random = FuzzRandom(state: 4)
    let pixels = (0..<20 * 15 * 3).map { _ in UInt8(random.below(256)) }
    var (one, other) = ([Float](repeating: 9, count: 6 * 6 * 3), [Float](repeating: 9, count: 6 * 6 * 3))
    Kernels.samplePatch(
      pixels, width: 20, height: 15, top: -2.5, left: 8.25, rowStep: 3.1, columnStep: 2.7, side: 6, &one)
    KernelsAVX2.samplePatch(
      pixels, width: 20, height: 15, top: -2.5, left: 8.25, rowStep: 3.1, columnStep: 2.7, side: 6, &other)
    #expect(Self.near(one, other) && one[0] == 0 && one.contains { $0 != 0 })
    let (bias, slope) = (Self.floats(16, 5), Self.floats(16, 6))
    let x = Self.floats(3 * 9 * 16, 7)
    var (a, b) = ([Float](repeating: 0, count: 5 * 10 + 8), [Float](repeating: 0, count: 5 * 10 + 8))
    Kernels.preluPoolRow(
      x, width: 9, rows: 3, rowStride: 9 * 16, stride: 16, window: 3, bias: bias, slope: slope, channels: 10,
      outWidth: 5, &a)
    KernelsAVX2.preluPoolRow(
      x, width: 9, rows: 3, rowStride: 9 * 16, stride: 16, window: 3, bias: bias, slope: slope, channels: 10,
      outWidth: 5, &b)
    #expect(Self.near(Array(a.prefix(50)), Array(b.prefix(50))))
    for column in 0..<5 {
      for channel in 0..<10 {
        var most = -Float.infinity
        for row in 0..<3 {
          for at in 2 * column..<min(9, 2 * column + 3) {
            let value = x[(row * 9 + at) * 16 + channel] + bias[channel]
            most = max(most, value > 0 ? value : value * slope[channel])
          }
        }
        #expect(abs(a[column * 10 + channel] - most) < 1e-6)
      }
    }
    var (p, q) = (x, x)
    Kernels.biasPReLU(&p, pixels: 27, channels: 16, bias: bias, slope: slope)
    KernelsAVX2.biasPReLU(&q, pixels: 27, channels: 16, bias: bias, slope: slope)
    #expect(Self.near(p, q))
  }
}
