import KernelInterface
import Tensors
import TestSupport
import Testing

/// Every compilation of the detector's kernels gives the same bits, and what a plain loop gives.
@Suite struct KernelTests {
  static func floats(_ count: Int, _ seed: UInt64) -> [Float] {
    var random = FuzzRandom(state: seed)
    return (0..<count).map { _ in Float(random.below(2001)) / 1000 - 1 }
  }

  static func near(_ a: [Float], _ b: [Float]) -> Bool { zip(a, b).allSatisfy { abs($0 - $1) < 1e-4 } }

  /// What each set leaves of the same memory, which is equal bit by bit.
  private func same(_ start: [Float], _ body: (any KernelSet.Type, inout [Float]) -> Void) -> [Float] {
    let results = Processor.kernelSets.map { kernels in
      var copy = start
      body(kernels, &copy)
      return copy
    }
    for other in results { #expect(other.map(\.bitPattern) == results[0].map(\.bitPattern)) }
    return results[0]
  }

  @Test(arguments: [1, 7, 8, 37]) func bytesAndRows(_ count: Int) {
    var random = FuzzRandom(state: 1)
    let bytes = (0..<3 * count).map { _ in UInt8(random.below(256)) }
    let before = Self.floats(3 * count + 8, 2)
    let one = same(before) { $0.accumulateBytes(bytes, 3 * count, weight: 0.37, into: &$1) }
    #expect(Self.near(one, before.indices.map { before[$0] + ($0 < 3 * count ? 0.37 * Float(bytes[$0]) : 0) }))
    let (starts, counts) = ([0, count / 2], [1, count - count / 2])
    let weights = Self.floats(2 * count, 3)
    let narrow = same([Float](repeating: 0, count: 8)) {
      $0.narrowRow(
        one, starts: starts, counts: counts, weights, stride: count, width: 2, scale: 0.5, shift: -1, &$1)
    }
    #expect(abs(narrow[0] - (one[0] * weights[0] * 0.5 - 1)) < 1e-3)
  }

  @Test func patchesAndPooling() {
    var random = FuzzRandom(state: 4)
    let pixels = (0..<20 * 15 * 3).map { _ in UInt8(random.below(256)) }
    let one = same([Float](repeating: 9, count: 6 * 6 * 3)) {
      $0.samplePatch(
        pixels, width: 20, height: 15, top: -2.5, left: 8.25, rowStep: 3.1, columnStep: 2.7, side: 6, &$1)
    }
    #expect(one[0] == 0 && one.contains { $0 != 0 })
    let (bias, slope) = (Self.floats(16, 5), Self.floats(16, 6))
    let x = Self.floats(3 * 9 * 16, 7)
    let a = same([Float](repeating: 0, count: 5 * 10 + 8)) {
      $0.preluPoolRow(
        x, width: 9, rows: 3, rowStride: 9 * 16, stride: 16, window: 3, bias: bias, slope: slope, channels: 10,
        outWidth: 5, &$1)
    }
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
    let p = same(x) { $0.biasPReLU(&$1, pixels: 27, channels: 16, bias: bias, slope: slope) }
    #expect(p != x)
  }
}
