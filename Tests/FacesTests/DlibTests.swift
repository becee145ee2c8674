import Datasets
import Diagnostics
import Foundation
import Images
import TensorFiles
import TestSupport
import Testing

@testable import FaceDetection

/// dlib's files as data, and what they say; no weights of anybody's are needed. What dlib itself says of the real ones:
/// Scripts/judge-networks.sh faces.
struct DlibTests {
  /// Writes as dlib's serialize does.
  struct Writer {
    var bytes: [UInt8] = []

    mutating func int(_ value: Int) {
      var rest = UInt64(value.magnitude)
      var digits: [UInt8] = []
      repeat {
        digits.append(UInt8(truncatingIfNeeded: rest))
        rest >>= 8
      } while rest > 0
      bytes.append(UInt8(digits.count) | (value < 0 ? 0x80 : 0))
      bytes += digits
    }

    mutating func float(_ value: Float) {
      // Sixty-four parts are exact for what these tests write.
      int(Int(value * 64))
      int(-6)
    }

    mutating func column(_ values: [Float]) {
      int(-values.count)
      int(-1)
      for value in values { float(value) }
    }
  }

  /// Two levels of two trees of three nodes, over three pixels; two points.
  static func predictor() -> [UInt8] {
    var writer = Writer()
    writer.int(1)
    writer.column([0.25, 0.25, 0.75, 0.5])
    writer.int(2)
    for level in 0..<2 {
      writer.int(2)
      for tree in 0..<2 {
        writer.int(3)
        for node in 0..<3 {
          writer.int(node)
          writer.int((node + 1 + tree) % 3)
          writer.float(Float(4 * node - 3))
        }
        writer.int(4)
        for leaf in 0..<4 {
          writer.column((0..<4).map { Float(leaf - 2 + level + $0 % 2) / 32 })
        }
      }
    }
    writer.int(2)
    for _ in 0..<2 {
      writer.int(3)
      for anchor in [0, 1, 1] { writer.int(anchor) }
    }
    writer.int(2)
    for _ in 0..<2 {
      writer.int(3)
      for index in 0..<3 {
        writer.float(Float(index) / 16)
        writer.float(Float(1 - index) / 8)
      }
    }
    return writer.bytes
  }

  private static func picture(_ width: Int, _ height: Int) -> PixelImage {
    let pixels = (0..<width * height * 3).map { UInt8(truncatingIfNeeded: ($0 &* 37) ^ ($0 >> 3) &* 11) }
    return PixelImage(width: width, height: height, channels: 3, pixels: pixels) ?? PixelImage.black
  }

  @Test func predictorsAreReadAndKept() throws {
    let read = try ShapePredictor(dlib: Self.predictor(), file: "a")
    #expect(read.pointCount == 2)
    let kept = try ShapePredictor(
      Safetensors.decode(read.checkpoint(metadata: [:]).encode(), name: "b"), file: "b")
    let box = FaceBox(left: 5, top: 8, right: 44, bottom: 47)
    let points = read.points(in: Self.picture(60, 50), box: box)
    #expect(points == kept.points(in: Self.picture(60, 50), box: box))
    #expect(points.count == 2)
    // By hand: the first guess, and the leaves that the trees choose.
    #expect(points == Self.naive(Self.picture(60, 50), box, read))
    // A box that lies outside, or is none, does no harm.
    _ = read.points(in: Self.picture(9, 9), box: FaceBox(left: -80, top: 20, right: -20, bottom: 90))
    #expect(read.points(in: Self.picture(9, 9), box: FaceBox(left: 4, top: 4, right: 4, bottom: 8)).isEmpty)
    #expect(read.points(in: Self.picture(9, 9), box: FaceBox(left: .nan, top: 4, right: 4, bottom: 8)).isEmpty)
  }

  /// The trees as sentences say them.
  private static func naive(_ picture: PixelImage, _ box: FaceBox, _ predictor: ShapePredictor) -> [DetectedFace.Point]
  {
    var shape = predictor.initial.map(Double.init)
    let (w, h) = (box.right - box.left, box.bottom - box.top)
    for level in predictor.levels {
      let start = predictor.initial.map(Double.init)
      // The similarity between two pairs of points is a division of complex numbers.
      let (fx, fy) = (start[2] - start[0], start[3] - start[1])
      let (tx, ty) = (shape[2] - shape[0], shape[3] - shape[1])
      let square = fx * fx + fy * fy
      let (a, b) = ((fx * tx + fy * ty) / square, (fx * ty - fy * tx) / square)
      let values = level.anchors.enumerated().map { index, anchor -> Float in
        let (u, v) = (Double(level.offsets[2 * index]), Double(level.offsets[2 * index + 1]))
        let x = Int((box.left + (a * u - b * v + shape[2 * anchor]) * w + 0.5).rounded(.down))
        let y = Int((box.top + (b * u + a * v + shape[2 * anchor + 1]) * h + 0.5).rounded(.down))
        guard x >= 0, y >= 0, x < picture.width, y < picture.height else { return 0 }
        let at = (y * picture.width + x) * 3
        return Float((Int(picture.pixels[at]) + Int(picture.pixels[at + 1]) + Int(picture.pixels[at + 2])) / 3)
      }
      for tree in 0..<level.first.count / level.nodes {
        var node = 0
        while node < level.nodes {
          let place = tree * level.nodes + node
          let isFirst = values[level.first[place]] - values[level.second[place]] > level.thresholds[place]
          node = 2 * node + (isFirst ? 1 : 2)
        }
        let leaf = (tree * (level.nodes + 1) + node - level.nodes) * 4
        for index in 0..<4 { shape[index] += Double(level.leaves[leaf + index]) }
      }
    }
    return [0, 2].map {
      DetectedFace.Point(
        x: (box.left + shape[$0] * w + 0.5).rounded(.down), y: (box.top + shape[$0 + 1] * h + 0.5).rounded(.down))
    }
  }

  @Test func brokenFilesAreRefused() {
    let bytes = Self.predictor()
    for count in 0..<bytes.count {
      #expect(throws: FacesError.self) { _ = try ShapePredictor(dlib: Array(bytes[..<count]), file: "a") }
    }
    var random = FuzzRandom(state: 3)
    let times = ProcessInfo.processInfo.environment["TWINBOOK_FUZZ"].flatMap { Int($0) } ?? 1
    for _ in 0..<4000 * times {
      let changed = random.mutated(bytes)
      if let read = try? ShapePredictor(dlib: changed, file: "a") {
        _ = read.points(in: Self.picture(30, 20), box: FaceBox(left: 2, top: 1, right: 25, bottom: 18))
      }
      _ = try? DlibFaceNetwork.read(changed, file: "a")
    }
  }

  @Test func chipsTurnAndScale() throws {
    // A face whose points are the mean's, in a picture of the chip's own size: the chip is the picture.
    let chip = FaceChip(size: 40, padding: 0.25)
    let picture = Self.picture(40, 40)
    let places = FaceChip.mean.map {
      DetectedFace.Point(x: (0.25 + $0.x) / 1.5 * 40, y: (0.25 + $0.y) / 1.5 * 40)
    }
    let same = try chip.cut(places, from: picture)
    #expect((same.width, same.height, same.channels) == (40, 40, 3))
    // Turned by a half: the picture upside down.
    let turned = try chip.cut(places.map { .init(x: 40 - $0.x, y: 40 - $0.y) }, from: picture)
    let upright = try chip.cut(places.map { .init(x: 40 - $0.x, y: 40 - $0.y) }, from: picture.rotated(quarters: 2))
    #expect(turned != upright)
    #expect(try chip.cut(places.map { .init(x: $0.x + 500, y: $0.y) }, from: picture).pixels.allSatisfy { $0 == 0 })
    #expect(throws: FacesError.cannotAlign) { try chip.cut(places.map { _ in .init(x: 3, y: 3) }, from: picture) }
    #expect(throws: FacesError.cannotAlign) { try chip.cut([], from: picture) }
    #expect(throws: FacesError.cannotAlign) {
      try chip.cut(places.map { .init(x: $0.x * 1e9, y: $0.y * 1e9) }, from: picture)
    }
  }

  @Test func halvingAgainstLoops() throws {
    let picture = Self.picture(17, 12)
    let half = try #require(FaceChip.halved(picture))
    #expect((half.width, half.height) == (7, 4))
    let taps = [1, 4, 6, 4, 1]
    for row in 0..<4 {
      for column in 0..<7 {
        var sum = 0
        for i in 0..<5 {
          for j in 0..<5 {
            sum += taps[i] * taps[j] * Int(picture.pixels[((2 * row + i) * 17 + 2 * column + j) * 3 + 1])
          }
        }
        #expect(Int(half.pixels[(row * 7 + column) * 3 + 1]) == sum / 256)
      }
    }
    #expect(FaceChip.halved(Self.picture(4, 9)) == nil)
  }

  /// Three files of 5, 1280 and 4 bytes, the last one's name in two parts.
  private static let archive =
    "H4sIAAAAAAACAyvQNdRP1CupKGGgHTAAAjMTEzANBOg0EJgisUHi5saGZgwKBgx0AKXFJYlFQCsZRiZIyywqLmEYBSMVFADzf25+SmpOsX6SXkpiyQDkfyMTlLIAyDY0MDU2Gc3/dAGMTMwsrGzsHJxc3Dy8fPwCgkLCIqJi4hKSUtIysnLyCopKyiqqauoamlraOrp6+gaGRsYmpmbmFpZW1ja2dvYOjk7OLq5u7h6eXt4+vn7+AYFBwSGhYeERkVHRMbFx8QmJSckpqWnpGZlZ2Tm5efkFhcDyprSsvKKyqrqmtq6+obGpuaW1rb2js6u7p7evf8LESZOnTJ02fcbMWbPnzJ03f8HCRYuXLF22fMXKVavXrF23fsPGTZu3bN22fcfOXbv37N23/8DBQ4ePHD12/MTJU6fPnD13/sLFS5evXL12/cbNW7fv3L13/8HDR4+fPH32/MXLV6/fvH33/sPHT5+/fP32/cfPX7///P33f9T/o/4f9f8I9v8IB8m0qvRJav+boNb/xmZmhgZDvP4HNaxSBgiQ4MyU1NSC0VbwKBgFo2AUjIJRMApGwSgYBaNgFIyCUTAKRsEoGAWjYBSMglEwCkbB8AEAI/NaIgAoAAA="

  @Test func archives() throws {
    let bytes = [UInt8](try #require(Data(base64Encoded: Self.archive)))
    let deep = "p-1/" + String(repeating: "d", count: 120) + "/c.dat"
    let found = try TarArchive.read(["p-1/models/b.dat", "nowhere", deep], fromGzip: bytes, name: "a")
    #expect(found[0]?.count == 1280)
    #expect(found[0]?.prefix(3) == [0, 1, 2])
    #expect(found[1] == nil)
    #expect(found[2] == Array("deep".utf8))
    for count in stride(from: 0, to: bytes.count * 3 / 4, by: 3) {
      #expect(throws: DatasetError.self) {
        _ = try TarArchive.read(["nowhere"], fromGzip: Array(bytes[..<count]), name: "a")
      }
    }
    var random = FuzzRandom(state: 8)
    for _ in 0..<2000 { _ = try? TarArchive.read([deep], fromGzip: random.mutated(bytes), name: "a") }
    #expect(throws: CancellationError.self) {
      _ = try TarArchive.read([deep], fromGzip: bytes, name: "a") { true }
    }
  }
}

extension PixelImage {
  /// Never asked for: sizes of tests are sizes.
  fileprivate static var black: PixelImage { fatalError("a picture of no size") }
}
