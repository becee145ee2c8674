import TestSupport
import Testing

@testable import Images

#if canImport(Glibc)
  import Glibc
#endif

/// Pictures of a few bytes that claim much, or that go on for ever.
@Suite(.serialized) struct HostileTests {
  static func error(_ bytes: [UInt8], limit: Int = PixelImage.pixelLimit) -> ImageError? {
    do throws(ImageError) {
      _ = try PixelImage.decode(bytes, name: "x", limit: limit)
      return nil
    } catch { return error }
  }

  /// Runs `body`; how far the memory in use rose above what it was before, in megabytes.
  static func peak(_ body: () throws -> Void) rethrows -> Int {
    func kilobytes(_ field: String) -> Int {
      guard let file = fopen("/proc/self/status", "r") else { return 0 }
      defer { fclose(file) }
      var line = [CChar](repeating: 0, count: 256)
      while fgets(&line, 256, file) != nil {
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if text.hasPrefix(field) { return Int(text.split { !$0.isNumber }.first ?? "0") ?? 0 }
      }
      return 0
    }
    if let file = fopen("/proc/self/clear_refs", "w") {
      fputs("5", file)
      fclose(file)
    }
    let before = kilobytes("VmRSS:")
    try body()
    return (kilobytes("VmHWM:") - before) / 1024
  }

  @Test(arguments: [(0, 8), (2, 8), (6, 16), (3, 8), (4, 16)] as [(UInt8, UInt8)], [0, 1] as [UInt8])
  func wideClaimsCostNothing(kind: (colour: UInt8, depth: UInt8), interlace: UInt8) {
    for (width, height) in [(400_000_000, 1), (1, 400_000_000), (0x7FFF_FFFF, 1), (0x7FFF_FFFF, 0x7FFF_FFFF)] {
      let header = PNGWriter.header(
        width: width, height: height, depth: kind.depth, colour: kind.colour, interlace: interlace)
      let file = PNGWriter.file([header, PNGWriter.chunk("IDAT", PNGWriter.stored([0]))])
      let risen = Self.peak {
        #expect(
          Self.error(file)
            == .tooManyPixels(file: "x", width: width, height: height, limit: PixelImage.pixelLimit))
      }
      #expect(risen < 100, "\(risen) MB")
    }
    // Within the limit of pixels, and longer than any picture is.
    let long = PNGWriter.file([
      PNGWriter.header(width: 50_000_000, height: 1, depth: kind.depth, colour: kind.colour, interlace: interlace),
      PNGWriter.chunk("IDAT", PNGWriter.stored([UInt8](repeating: 0, count: 500_000))),
    ])
    let risen = Self.peak {
      #expect(Self.error(long) == .sideTooLong(file: "x", width: 50_000_000, height: 1, limit: 1_000_000))
    }
    #expect(risen < 100, "\(risen) MB")
    // Nor are pixels allocated that the file could not hold.
    let empty = PNGWriter.file([
      PNGWriter.header(width: 9000, height: 9000, depth: kind.depth, colour: kind.colour, interlace: interlace),
      PNGWriter.chunk("IDAT", PNGWriter.stored([0])),
    ])
    let small = Self.peak { #expect(Self.error(empty) != nil) }
    #expect(small < 60, "\(small) MB")
  }

  @Test func theLongestSideIsRead() throws {
    let row = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0) }
    #expect(try PixelImage.decode(PNGWriter.gray([row])).pixels == row)
    #expect(Self.error(PNGWriter.gray([row + [0]])) != nil)
  }

  /// What goes on behind the last pixel is not unpacked: were it, the damage in it would be found.
  @Test(arguments: [0, 1] as [UInt8]) func surplusIsNotUnpacked(interlace: UInt8) throws {
    let rows: [[UInt8]] = [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [13, 14, 15, 16]]
    // Adam7 of 4×4: pixels (0,0), then (2,0) of pass 4 and so on; here each pass's rows one after the other.
    let adam: [UInt8] = [0, 1, 0, 3, 0, 9, 11, 0, 2, 4, 0, 10, 12, 0, 5, 6, 7, 8, 0, 13, 14, 15, 16]
    let raw = interlace == 0 ? rows.flatMap { [0] + $0 } : adam
    var packed = PNGWriter.zeros(after: raw, packed: 400_000)
    for at in 200_000..<packed.count { packed[at] = 0xFF }
    let file = PNGWriter.file([
      PNGWriter.header(width: 4, height: 4, interlace: interlace), PNGWriter.chunk("IDAT", packed),
    ])
    #expect(try PixelImage.decode(file).pixels == rows.flatMap { $0 })
  }

  @Test func textsAndProfilesAreNotUnpacked() throws {
    // A profile that unpacks to damage, and one that claims more than any.
    let text = PNGWriter.chunk("zTXt", Array("a\0\0".utf8) + PNGWriter.zeros(after: [1], packed: 60_000))
    let profile = PNGWriter.chunk("iCCP", Array("a\0\0".utf8) + PNGWriter.zeros(after: [1], packed: 60_000))
    let file = PNGWriter.gray([[7, 8]], before: [profile] + Array(repeating: text, count: 200))
    let risen = try Self.peak {
      let image = try PixelImage.decode(file)
      #expect(image.pixels == [7, 8])
    }
    #expect(risen < 100, "\(risen) MB")
  }

  @Test func scansHaveABudget() throws {
    let large = JPEGWriter(width: 6000, height: 4000, [.init(1, 1)])
    #expect(try PixelImage.decode(large.progressive(scans: 5)).pixels.count == 24_000_000)
    guard case .tooMuchWork(_, "JPEG", _) = Self.error(large.progressive(scans: 60)) else {
      Issue.record("sixty scans were read")
      return
    }
    // Small pictures may do what they like.
    let small = JPEGWriter(width: 64, height: 48, [.init(1, 1)])
    #expect(try PixelImage.decode(small.progressive(scans: 400)).pixels == [UInt8](repeating: 128, count: 64 * 48))
  }

  @Test func jpegsTooShortForTheirClaims() {
    var file = JPEGWriter(width: 8, height: 8, [.init(1, 1)]).baseline()
    let frame = file.firstRange(of: [0xFF, 0xC0])?.lowerBound ?? 0
    file.replaceSubrange((frame + 5)..<(frame + 9), with: [0xC3, 0x50, 0x07, 0xD0])
    let risen = Self.peak {
      #expect(
        Self.error(file)
          == .broken(file: "x", format: "JPEG", reason: "the file is too short for 50000×2000 pixels"))
    }
    #expect(risen < 60, "\(risen) MB")
  }

  @Test func netpbmClaims() {
    for text in ["P5 99999999999 1 255\n", "P6 100000 100000 255\n", "P1 12345678901234567890 1\n", "P4 100000001 1\n"]
    {
      guard case .tooManyPixels = Self.error(Array(text.utf8)) else {
        Issue.record("\(text) was not refused for its size")
        continue
      }
    }
  }
}
