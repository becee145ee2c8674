import Files
import Foundation
import TestSupport
import Testing

@testable import Images

/// A gradient with a few edges.
func picture(_ width: Int, _ height: Int, channels: Int) -> PixelImage {
  let pixels: [UInt8] = (0..<width * height * channels).map { (at: Int) -> UInt8 in
    UInt8((at * 37 + at / width * 11) % 256)
  }
  return PixelImage(trusted: pixels, width: width, height: height, channels: channels)
}

@Test(arguments: [(1, 1, 1), (7, 5, 1), (92, 112, 1), (13, 9, 3), (64, 33, 3)])
func pngComesBackAsItWas(width: Int, height: Int, channels: Int) throws {
  let image = picture(width, height, channels: channels)
  #expect(try PixelImage.decode(image.encodePNG()) == image)
}

@Test func jpegComesBackAlmost() throws {
  let pixels: [UInt8] = (0..<1200).map { (index: Int) -> UInt8 in UInt8(index % 40 * 3 + index / 40 * 2) }
  let image = PixelImage(trusted: pixels, width: 40, height: 30, channels: 1)
  let back = try PixelImage.decode(image.encodeJPEG(quality: 95))
  #expect((back.width, back.height, back.channels) == (40, 30, 1))
  #expect(zip(back.pixels, image.pixels).allSatisfy { abs(Int($0) - Int($1)) < 6 })
}

@Test func netpbmInAllItsForms() throws {
  let gray = "P2 # a comment\n# another\n3 2\n15\n0 5 10 15 1 2\n"
  #expect(try PixelImage.decode(Array(gray.utf8)).pixels == [0, 85, 170, 255, 17, 34])
  #expect(try PixelImage.decode(Array("P1\n4 1\n01 1\n0".utf8)).pixels == [255, 0, 0, 255])
  #expect(
    try PixelImage.decode(Array("P4 10 1\n".utf8) + [0b1010_0000, 0b0100_0000]).pixels
      == [0, 255, 0, 255, 255, 255, 255, 255, 255, 0])
  #expect(try PixelImage.decode(Array("P5 2 1 65535\n".utf8) + [0xFF, 0xFF, 0x80, 0]).pixels == [255, 128])
  #expect(try PixelImage.decode(Array("P6 1 1 255\n".utf8) + [1, 2, 3]).pixels == [1, 2, 3])
  #expect(try PixelImage.decode(Array("P3 1 1 255 9 8 7".utf8)).pixels == [9, 8, 7])
}

/// A pixel beyond what the header says is the largest was cut to it without a word.
@Test(arguments: [
  (Array("P2 2 2 255 1 300 2 3".utf8), "PGM", "pixel 1 is 300, more than its largest value 255"),
  (Array("P3 1 2 255 1 2 3 4 5 256".utf8), "PPM", "pixel 1 is 256, more than its largest value 255"),
  (Array("P5 2 1 100\n".utf8) + [100, 101], "PGM", "pixel 1 is 101, more than its largest value 100"),
  (Array("P5 1 1 1000\n".utf8) + [0x03, 0xE9], "PGM", "pixel 0 is 1001, more than its largest value 1000"),
  (Array("P6 1 1 1000\n".utf8) + [0, 1, 0, 2, 4, 0], "PPM", "pixel 0 is 1024, more than its largest value 1000"),
]) func pixelsBeyondTheLargestValueAreDamage(_ bytes: [UInt8], _ format: String, _ reason: String) {
  #expect(throws: ImageError.broken(file: "x", format: format, reason: reason)) {
    try PixelImage.decode(bytes, name: "x")
  }
}

@Test func errorsNameFileAndReason() throws {
  func words(_ bytes: [UInt8]) -> String {
    do {
      _ = try PixelImage.decode(bytes, name: "x")
      return "none"
    } catch { return error.explanation.message }
  }
  #expect(words([]) == "x is empty")
  #expect(words(Array("hello".utf8)) == "x is not an image that can be read")
  #expect(words(Array("GIF89a and more".utf8)) == "x is a GIF file, which is not read")
  #expect(words(Array("RIFF\u{1}\u{2}\u{3}\u{4}WEBPVP8 ".utf8)) == "x is a WebP file, which is not read")
  #expect(words(Array("RIFF\u{1}\u{2}\u{3}\u{4}WAVEfmt ".utf8)) == "x is not an image that can be read")
  #expect(words([0, 0, 0, 24] + Array("ftypheic".utf8)) == "x is a HEIF or video file, which is not read")
  #expect(words([0, 0, 0, 24] + Array("ftypavif".utf8)) == "x is an AVIF file, which is not read")
  #expect(words(Array("\n<!DOCTYPE html>\n<title>404</title>".utf8)) == "x is no picture, but a page of HTML")
  #expect(words(Array("<?xml version=\"1.0\"?>\n<svg/>".utf8)) == "x is no picture, but a drawing in SVG")
  #expect(words(Array("{ \"error\": 404 }".utf8)) == "x is no picture, but JSON")
  #expect(words(Array("%PDF-1.7".utf8)) == "x is no picture, but a PDF")
  #expect(words(Array("{x}".utf8)) == "x is not an image that can be read")
  #expect(words(Array("BM".utf8) + [9, 9, 9, 9, 0, 0, 0, 0, 54, 0]) == "x is a BMP file, which is not read")
  #expect(words(Array("BMW and others".utf8)) == "x is not an image that can be read")
  #expect(
    words(Array("P5 100000 100000 255\n".utf8))
      == "x claims 100000×100000 pixels, more than the 100 million that are read")
  #expect(
    words(Array("P5 4 4 255\nabc".utf8))
      == "x is a broken PGM: the file ends early: 3 bytes of pixels where 4×4 need 16")
  let png = try picture(50, 50, channels: 1).encodePNG()
  #expect(words(Array(png.prefix(png.count / 2))) == "x is a broken PNG: the file ends early")
  let jpeg = try picture(50, 50, channels: 3).encodeJPEG()
  #expect(words(Array(jpeg.prefix(jpeg.count / 2))) == "x is a broken JPEG: the file ends early")
  #expect(words(Array(jpeg.prefix(12))).hasPrefix("x is a broken JPEG: "))
}

@Test(arguments: 1...8)
func exifOrientationIsApplied(orientation: Int) throws {
  // A 2×3 picture, so that each orientation gives other pixels: its EXIF block is put behind the start marker.
  let image = picture(16, 8, channels: 1)
  let jpeg = try image.encodeJPEG(quality: 100)
  let tiff: [UInt8] =
    [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, UInt8(orientation), 0, 0, 0, 0, 0, 0, 0]
  let exif: [UInt8] = [0x45, 0x78, 0x69, 0x66, 0, 0] + tiff
  let segment: [UInt8] = [0xFF, 0xE1, 0, UInt8(exif.count + 2)] + exif
  let turned = try PixelImage.decode(Array(jpeg.prefix(2)) + segment + jpeg.dropFirst(2))
  let plain = try PixelImage.decode(jpeg)
  #expect(turned == plain.oriented(orientation))
  #expect(turned.width == (orientation < 5 ? 16 : 8))
}

@Test func orientationsAsTheStandardDrawsThem() throws {
  // Rows "12" / "34"; where the first row and column lie by EXIF's table.
  let image = PixelImage(trusted: [1, 2, 3, 4], width: 2, height: 2, channels: 1)
  let expected: [[UInt8]] = [
    [1, 2, 3, 4], [2, 1, 4, 3], [4, 3, 2, 1], [3, 4, 1, 2], [1, 3, 2, 4], [3, 1, 4, 2], [4, 2, 3, 1], [2, 4, 1, 3],
  ]
  for orientation in 1...8 { #expect(image.oriented(orientation).pixels == expected[orientation - 1]) }
}

@Test func damagedImagesNeverTrap() throws {
  let seeds: [[UInt8]] = [
    try picture(20, 17, channels: 1).encodePNG(), try picture(9, 30, channels: 3).encodePNG(),
    try picture(24, 20, channels: 1).encodeJPEG(), try picture(33, 18, channels: 3).encodeJPEG(),
    picture(12, 12, channels: 1).encodeNetpbm(), picture(5, 9, channels: 3).encodeNetpbm(),
    Array("P2 3 2 15 0 5 10 15 1 2".utf8), Array("P1 4 2 0 1 1 0 1 1 1 0".utf8),
    Array("P5 3 1 65535\n".utf8) + [1, 2, 3, 4, 5, 6],
  ]
  var random = FuzzRandom(state: 1)
  for _ in 0..<600 {
    for seed in seeds {
      if let image = try? PixelImage.decode(random.mutated(seed), limit: 4_000_000) {
        #expect(image.pixels.count == image.width * image.height * image.channels)
      }
    }
  }
}
