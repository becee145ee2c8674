import ElementaryFunctions
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

  /// A picture that was turned, in a square of black.
  static func framed(_ seed: UInt64, degrees: Double, brighter: Int = 0) -> PixelImage {
    let (side, inside) = (256, 140)
    let picture = picture(seed, width: inside, height: inside, brighter: brighter)
    let (cosine, sine) = (Elementary.cos(degrees * .pi / 180), Elementary.sin(degrees * .pi / 180))
    var pixels = [UInt8](repeating: 0, count: side * side)
    for y in 0..<side {
      for x in 0..<side {
        let (u, v) = (Double(x - 111), Double(y - 143))
        let column = Int((u * cosine + v * sine + Double(inside) / 2).rounded(.down))
        let row = Int((v * cosine - u * sine + Double(inside) / 2).rounded(.down))
        guard (0..<inside).contains(column), (0..<inside).contains(row) else { continue }
        pixels[y * side + x] = 120 + picture.pixels[row * inside + column] / 12
      }
    }
    return PixelImage(trusted: pixels, width: side, height: side, channels: 1)
  }

  /// Shown before: faces of different people that were turned upright had hashes a few bits apart.
  @Test(arguments: [0, 4, 15, 45] as [Double]) func aFrameDoesNotCount(_ degrees: Double) throws {
    func hash(_ seed: UInt64, _ brighter: Int = 0) throws -> PerceptualHash {
      try PerceptualHash(Self.framed(seed, degrees: degrees, brighter: brighter).grayWithoutFrame())
    }
    var near = 0
    for seed in 1...8 as ClosedRange<UInt64> {
      #expect(try hash(seed).distance(to: hash(seed, 12)) <= PerceptualHash.nearDuplicate)
      #expect(try hash(seed).distance(to: hash(seed + 100)) > PerceptualHash.nearDuplicate)
      let (one, other) = (Self.framed(seed, degrees: degrees), Self.framed(seed + 100, degrees: degrees))
      near += try PerceptualHash(one).distance(to: PerceptualHash(other)) <= PerceptualHash.nearDuplicate ? 1 : 0
    }
    #expect(near > 0)
    let found = Self.framed(3, degrees: degrees).grayWithoutFrame()
    #expect(found.width < 256 && found.height < 256 && !found.pixels.contains(0))
  }

  @Test func whatHasNoFrameStaysAsItIs() throws {
    let whole = Self.picture(5, width: 90, height: 70)
    #expect(whole.grayWithoutFrame() == whole)
    #expect(whole.rgb().grayWithoutFrame() == whole.rgb().gray())
    // A cross in white on black, a corner of a photograph in shadow, a black picture, and small ones.
    var cross = [UInt8](repeating: 0, count: 64 * 64)
    for k in 0..<64 {
      for wide in 28..<36 { (cross[wide * 64 + k], cross[k * 64 + wide]) = (255, 255) }
    }
    var shadow = whole.pixels
    for y in 20..<70 { for x in 0..<40 { shadow[y * 90 + x] = 0 } }
    for picture in [
      PixelImage(trusted: cross, width: 64, height: 64, channels: 1),
      PixelImage(trusted: shadow, width: 90, height: 70, channels: 1),
      PixelImage(trusted: [UInt8](repeating: 0, count: 1600), width: 40, height: 40, channels: 1),
      PixelImage(trusted: [0], width: 1, height: 1, channels: 1),
      PixelImage(trusted: [0, 9, 0, 0], width: 2, height: 2, channels: 1),
      PixelImage(trusted: [UInt8](repeating: 0, count: 1599) + [9], width: 40, height: 40, channels: 1),
      PixelImage(
        trusted: [UInt8](repeating: 0, count: 1560) + [UInt8](repeating: 9, count: 40), width: 40, height: 40,
        channels: 1),
    ] {
      #expect(picture.grayWithoutFrame() == picture)
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
