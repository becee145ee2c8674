import Foundation
import Testing

@testable import Images

/// Files of every kind give the pixels that Pillow reads from them; the figures are made by Tests/References/images.py.
struct PillowTests {
  struct Line: CustomTestStringConvertible, Sendable {
    var name: String
    var width: Int
    var height: Int
    var channels: Int
    var tolerance: Int
    var file: [UInt8]
    var pixels: [UInt8]
    var testDescription: String { name }
  }

  static let lines: [Line] = {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("References/images.txt")
    guard let text = try? String(contentsOf: path, encoding: .utf8) else { return [] }
    return text.split(separator: "\n").compactMap { line in
      let parts = line.split(separator: "\t").map(String.init)
      guard parts.count == 7, let width = Int(parts[1]), let height = Int(parts[2]), let channels = Int(parts[3]),
        let tolerance = Int(parts[4]), let pixels = Data(base64Encoded: parts[6])
      else { return nil }
      return Line(
        name: parts[0], width: width, height: height, channels: channels, tolerance: tolerance,
        file: Data(base64Encoded: parts[5]).map { Array($0) } ?? [], pixels: Array(pixels))
    }
  }()

  @Test func thereAreFigures() {
    #expect(Self.lines.filter { !$0.file.isEmpty }.count > 50)
    #expect(Self.lines.filter { $0.name.hasPrefix("resize") }.count > 5)
    #expect(Self.lines.filter { $0.name.hasPrefix("align") }.count > 5)
  }

  @Test(arguments: lines.filter { !$0.file.isEmpty }) func decodesAsPillowDoes(line: Line) throws {
    let image = try PixelImage.decode(line.file, name: line.name)
    #expect(image.width == line.width && image.height == line.height, "\(image.width)×\(image.height)")
    try #require(image.channels == line.channels && image.pixels.count == line.pixels.count)
    let farthest = zip(image.pixels, line.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 0
    #expect(farthest <= line.tolerance, "differs by \(farthest)")
  }

  /// Cut anywhere, and with any byte changed: words or a picture, never a trap; a cut file never passes for whole.
  @Test(arguments: lines.filter { !$0.file.isEmpty }) func damageIsToldOrHarmless(line: Line) throws {
    for length in stride(from: 0, to: line.file.count, by: max(1, line.file.count / 40)) {
      _ = try? PixelImage.decode(Array(line.file.prefix(length)), name: line.name)
    }
    for at in stride(from: 0, to: line.file.count, by: max(1, line.file.count / 60)) {
      for change in [UInt8(0xFF), 0x01, 0x80] {
        var damaged = line.file
        damaged[at] ^= change
        if let image = try? PixelImage.decode(damaged, name: line.name) {
          #expect(image.pixels.count == image.width * image.height * image.channels)
        }
      }
    }
    let half = Array(line.file.prefix(line.file.count / 2))
    #expect(throws: ImageError.self) { try PixelImage.decode(half, name: line.name) }
  }

  /// The picture that the script draws too.
  static func scene(_ width: Int, _ height: Int, _ channels: Int) throws -> PixelImage {
    var pixels: [UInt8] = []
    for y in 0..<height {
      for x in 0..<width {
        for c in 0..<channels { pixels.append(UInt8((x * 37 + y * 91 + c * 53 + (x * y) % 17 * 11) % 256)) }
      }
    }
    return try #require(PixelImage(width: width, height: height, channels: channels, pixels: pixels))
  }

  @Test(arguments: lines.filter { $0.name.hasPrefix("resize") }) func resizesAsPillowDoes(line: Line) throws {
    let size = line.name.split(separator: " ").compactMap { Int($0) }
    let source = try Self.scene(size[0], size[1], line.channels)
    let image = try source.resized(width: line.width, height: line.height)
    try #require(image.pixels.count == line.pixels.count)
    let farthest = zip(image.pixels, line.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 0
    #expect(farthest <= line.tolerance, "differs by \(farthest)")
  }

  /// The drawing that the script aligns, too.
  static func drawing(_ width: Int, _ height: Int, _ channels: Int) throws -> PixelImage {
    var pixels: [UInt8] = []
    for y in 0..<height {
      for x in 0..<width {
        let isInk =
          (width / 5..<width / 2).contains(x) && (height / 4..<height * 4 / 5).contains(y) && x * y % 5 < 2
        for c in 0..<channels { pixels.append(UInt8(isInk ? 20 + 15 * c : 230 + (x * 7 + y * 3) % 11 - 9 * c)) }
      }
    }
    return try #require(PixelImage(width: width, height: height, channels: channels, pixels: pixels))
  }

  /// The moments by NumPy, the resampling by Pillow on a picture with a margin.
  @Test(arguments: lines.filter { $0.name.hasPrefix("align") }) func alignsByMoments(line: Line) throws {
    let parts = line.name.split(separator: " ").compactMap { Double($0) }
    try #require(parts.count == 3)
    let image = try Self.drawing(Int(parts[0]), Int(parts[1]), line.channels)
      .aligned(width: line.width, height: line.height, spread: parts[2])
    try #require(image.pixels.count == line.pixels.count)
    let farthest = zip(image.pixels, line.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 0
    #expect(farthest <= line.tolerance, "differs by \(farthest)")
  }

  /// Where the drawing stood, how large it was and whether it is light on dark: all the same picture.
  @Test func placeSizeAndInkDoNotMatter() throws {
    func disc(_ side: Int, _ x: Int, _ y: Int, _ radius: Int, ink: UInt8, paper: UInt8) throws -> PixelImage {
      var pixels = [UInt8](repeating: paper, count: side * side)
      for row in 0..<side {
        for column in 0..<side where (row - y) * (row - y) + (column - x) * (column - x) <= radius * radius {
          pixels[row * side + column] = ink
        }
      }
      return try #require(PixelImage(width: side, height: side, channels: 1, pixels: pixels))
    }
    let first = try disc(100, 30, 40, 20, ink: 0, paper: 255).aligned(width: 32, height: 32, spread: 0.25)
    let second = try disc(160, 100, 90, 40, ink: 0, paper: 255).aligned(width: 32, height: 32, spread: 0.25)
    let third = try disc(100, 60, 70, 20, ink: 255, paper: 0).aligned(width: 32, height: 32, spread: 0.25).inverted()
    for other in [second, third] {
      let differences = zip(first.pixels, other.pixels).map { abs(Int($0) - Int($1)) }
      #expect(differences.reduce(0, +) < 4 * differences.count, "\(differences.reduce(0, +))")
    }
    let blank = try disc(20, 0, 0, 3, ink: 200, paper: 200).aligned(width: 8, height: 8, spread: 0.25)
    #expect(blank.pixels.allSatisfy { $0 == 200 })
    let dot = try disc(50, 25, 25, 0, ink: 0, paper: 255).aligned(width: 8, height: 8, spread: 0.25)
    #expect(dot.pixels.contains { $0 < 250 } && dot.pixels.contains(255))
  }
}
