import TestSupport
import Testing

@testable import Images

/// Legal files, and slightly damaged ones, that Pillow and browsers read.
@Suite struct FormsTests {
  /// Every pixel of a picture of one colour.
  static func isEven(_ image: PixelImage, _ colour: [Int]) -> Bool {
    image.channels == colour.count
      && image.pixels.indices.allSatisfy { abs(Int(image.pixels[$0]) - colour[$0 % colour.count]) <= 1 }
  }

  /// Y 128 + 12, Cb 128 − 10, Cr 128 + 15 in RGB, as JFIF has it.
  static let tinted: [JPEGWriter.Component] = [
    .init(1, 1, level: 96), .init(1, 1, level: -80), .init(1, 1, level: 120),
  ]
  static let tint = [161, 133, 122]

  @Test(
    arguments: [
      (4, 1), (4, 2), (1, 4), (2, 4), (1, 2), (2, 1), (2, 2), (3, 1), (1, 3), (3, 2), (2, 3), (1, 1),
    ])
  func everySampling(across: Int, down: Int) throws {
    var components = Self.tinted
    (components[0].across, components[0].down) = (across, down)
    let image = try PixelImage.decode(JPEGWriter(width: 37, height: 29, components).baseline())
    #expect(image.width == 37 && image.height == 29)
    #expect(Self.isEven(image, Self.tint), "\(image.pixels.prefix(3))")
  }

  /// The colours finer than the light, and different from one another.
  @Test func samplingsTheOtherWayRound() throws {
    for factors in [
      [(1, 1), (2, 2), (1, 1)], [(1, 1), (2, 1), (2, 2)], [(2, 2), (1, 2), (2, 1)], [(2, 1), (1, 1), (2, 1)],
    ] {
      var components = Self.tinted
      for (index, factor) in factors.enumerated() { (components[index].across, components[index].down) = factor }
      let image = try PixelImage.decode(JPEGWriter(width: 20, height: 20, components).baseline())
      #expect(Self.isEven(image, Self.tint), "\(factors): \(image.pixels.prefix(3))")
    }
    // A gray picture's factors say nothing.
    let gray = JPEGWriter(width: 20, height: 20, [.init(2, 3, level: 96)])
    #expect(Self.isEven(try PixelImage.decode(gray.baseline()), [140]))
  }

  @Test func strayBytesBetweenMarkers() throws {
    for stray in [[0x00], [0x11, 0x22, 0x33], [0xFF], [0xFF, 0xFF, 0xFF], [UInt8](repeating: 0xAB, count: 500)]
      as [[UInt8]]
    {
      var writer = JPEGWriter(width: 17, height: 9, Self.tinted)
      writer.segments = JPEGWriter.segment(0xFE, Array("a remark".utf8))
      writer.stray = stray
      #expect(Self.isEven(try PixelImage.decode(writer.baseline()), Self.tint), "\(stray.prefix(3))")
      // An orientation behind stray bytes counts as any other.
      writer.segments += stray + JPEGWriter.exif(6)
      #expect(try PixelImage.decode(writer.baseline()).width == 9)
    }
  }

  @Test func unusualAdobeMarkers() throws {
    for transform in [1, 2, 3, 77, 255] as [UInt8] {
      var writer = JPEGWriter(width: 9, height: 9, Self.tinted)
      writer.segments = JPEGWriter.segment(0xEE, Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, transform])
      #expect(Self.isEven(try PixelImage.decode(writer.baseline()), Self.tint), "\(transform)")
    }
    // 0 says RGB.
    var writer = JPEGWriter(width: 9, height: 9, Self.tinted)
    writer.segments = JPEGWriter.segment(0xEE, Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, 0])
    #expect(Self.isEven(try PixelImage.decode(writer.baseline()), [140, 118, 143]))
    // So do the components' names.
    writer.segments = []
    writer.firstName = 0x41
    #expect(Self.isEven(try PixelImage.decode(writer.baseline()), Self.tint))
  }

  @Test func fourInksAreInverted() throws {
    let inks: [JPEGWriter.Component] = [
      .init(1, 1, level: 96), .init(1, 1, level: -80), .init(1, 1, level: 120), .init(1, 1, level: 127),
    ]
    // With and without Adobe's marker: 140, 118, 143 of 255 of the paper's light, through 144 of 255 of the black's.
    for adobe in [false, true] {
      var writer = JPEGWriter(width: 9, height: 9, inks)
      if adobe { writer.segments = JPEGWriter.segment(0xEE, Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, 0]) }
      #expect(Self.isEven(try PixelImage.decode(writer.baseline()), [79, 67, 81]))
    }
  }

  @Test func componentsThatMakeNoPicture() {
    let two = JPEGWriter(width: 9, height: 9, [.init(1, 1), .init(1, 1)]).baseline()
    #expect(
      HostileTests.error(two)
        == .broken(file: "x", format: "JPEG", reason: "it has 2 components, where 1, 3 or 4 make a picture"))
  }

  @Test func onlyTheEndMarkerIsMissing() throws {
    var writer = JPEGWriter(width: 40, height: 30, Self.tinted)
    writer.hasEnd = false
    #expect(Self.isEven(try PixelImage.decode(writer.baseline()), Self.tint))
    #expect(HostileTests.error(Array(writer.baseline().dropLast(6))) != nil)
    var gray = JPEGWriter(width: 40, height: 30, [.init(1, 1)])
    gray.hasEnd = false
    #expect(Self.isEven(try PixelImage.decode(gray.progressive(scans: 1)), [128]))
    // Its fine scans never came.
    #expect(
      HostileTests.error(gray.progressive(scans: 0))
        == .broken(file: "x", format: "JPEG", reason: "the file ends early"))
  }

  @Test(arguments: [1, 3, 4, 6, 8, 9], [true, false]) func orientationsInEveryType(type: Int, isLittle: Bool) throws {
    for orientation in 1...8 {
      var writer = JPEGWriter(width: 16, height: 8, [.init(1, 1)])
      writer.segments = JPEGWriter.exif(orientation, type: type, isLittle: isLittle)
      #expect(try PixelImage.decode(writer.baseline()).width == (orientation < 5 ? 16 : 8))
      let chunk = PNGWriter.chunk("eXIf", JPEGWriter.tiff(orientation, type: type, isLittle: isLittle))
      let rows: [[UInt8]] = [[1, 2, 3], [4, 5, 6]]
      let plain = try PixelImage.decode(PNGWriter.gray(rows))
      #expect(try PixelImage.decode(PNGWriter.gray(rows, before: [chunk])) == plain.oriented(orientation))
      #expect(try PixelImage.decode(PNGWriter.gray(rows, behind: [chunk])) == plain.oriented(orientation))
    }
  }

  /// Of several numbers the first counts, in the entry or where it says, as in Pillow.
  @Test(arguments: [(2, 0), (3, 26)]) func theFirstOfSeveralNumbersCounts(count: Int, offset: Int) throws {
    var block: [UInt8] = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, UInt8(count), 0, 0, 0]
    block += offset == 0 ? [6, 0, 1, 0] : [UInt8(offset), 0, 0, 0]
    block += [0, 0, 0, 0] + [6, 0, 1, 0, 1, 0]
    #expect(EXIFOrientation.read(block) == 6)
    #expect(EXIFOrientation.read(block.prefix(26)) == (offset == 0 ? 6 : nil))
  }

  @Test func theFirstOfTwoSegmentsCounts() throws {
    func width(_ segments: [UInt8]) throws -> Int {
      var writer = JPEGWriter(width: 16, height: 8, [.init(1, 1)])
      writer.segments = segments
      return try PixelImage.decode(writer.baseline()).width
    }
    #expect(try width(JPEGWriter.exif(6) + JPEGWriter.exif(1)) == 8)
    #expect(try width(JPEGWriter.exif(1) + JPEGWriter.exif(6)) == 16)
    // Other kinds of segments share the marker.
    let words = JPEGWriter.segment(0xE1, Array("http://ns.adobe.com/xap/1.0/\0<x/>".utf8))
    #expect(try width(words + JPEGWriter.exif(6)) == 8)
    // What is no orientation turns nothing.
    #expect(try width(JPEGWriter.exif(0)) == 16)
    #expect(try width(JPEGWriter.exif(9)) == 16)
    #expect(try width(JPEGWriter.exif(6, type: 2)) == 16)
    #expect(try width(JPEGWriter.segment(0xE1, Array("Exif\0\0".utf8) + Array("XX".utf8))) == 16)
  }
}
