import Files
import TestSupport
import Testing

@testable import Images

@Suite struct PerceptualHashTests {
  /// Soft blobs drawn from a seed.
  static func picture(_ seed: UInt64, width: Int, height: Int, brighter: Int = 0) -> PixelImage {
    var random = FuzzRandom(state: seed)
    let blobs = (0..<12).map { _ in
      (Double(random.below(1000)) / 1000, Double(random.below(1000)) / 1000, Double(random.below(256)))
    }
    var pixels: [UInt8] = []
    for y in 0..<height {
      for x in 0..<width {
        let (u, v) = ((Double(x) + 0.5) / Double(width), (Double(y) + 0.5) / Double(height))
        var (sum, weight) = (0.0, 1e-9)
        for (bu, bv, value) in blobs {
          let near = 1 / (0.002 + (u - bu) * (u - bu) + (v - bv) * (v - bv))
          sum += near * near * value
          weight += near * near
        }
        pixels.append(UInt8(max(0, min(255, Int(sum / weight) + brighter))))
      }
    }
    return PixelImage(trusted: pixels, width: width, height: height, channels: 1)
  }

  @Test func scaledBrightenedAndPackedPicturesAreNear() throws {
    for seed in 1...8 as ClosedRange<UInt64> {
      let hash = try PerceptualHash(Self.picture(seed, width: 200, height: 160))
      let smaller = try PerceptualHash(Self.picture(seed, width: 90, height: 72))
      let brighter = try PerceptualHash(Self.picture(seed, width: 200, height: 160, brighter: 12))
      let packed = try PerceptualHash(
        PixelImage.decode(try Self.picture(seed, width: 200, height: 160).encodeJPEG(quality: 40)))
      for other in [smaller, brighter, packed] {
        #expect(hash.distance(to: other) <= PerceptualHash.nearDuplicate)
      }
      let stranger = try PerceptualHash(Self.picture(seed + 100, width: 200, height: 160))
      #expect(hash.distance(to: stranger) > 12)
    }
  }

  @Test func oddPicturesHaveHashesToo() throws {
    let dot = PixelImage(trusted: [7], width: 1, height: 1, channels: 1)
    let even = PixelImage(trusted: [UInt8](repeating: 90, count: 300), width: 10, height: 10, channels: 3)
    #expect(try PerceptualHash(dot) == PerceptualHash(even))
    #expect(try PerceptualHash(even).hex == "8000000000000000")
    #expect(PerceptualHash(bits: 0xF0).distance(to: PerceptualHash(bits: 0x0F)) == 8)
  }
}
