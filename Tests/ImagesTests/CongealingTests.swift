import Foundation
import Testing

@testable import Images

/// Pictures that lie over each other: what was moved is moved back, and nothing else happens.
@Suite struct CongealingTests {
  /// A head with eyes and a mouth, of which each picture shows a variation at another place.
  private func face(
    _ transform: SimilarityTransform, smile: Double, height: Int = 56, width: Int = 46, channels: Int = 1
  )
    -> PixelImage
  {
    var pixels: [UInt8] = []
    for row in 0..<height {
      for column in 0..<width {
        let place = transform.source(row: row, column: column, height: height, width: width)
        let y = (place.row - Double(height - 1) / 2) / Double(height)
        let x = (place.column - Double(width - 1) / 2) / Double(width)
        func spot(_ atY: Double, _ atX: Double, _ tall: Double, _ wide: Double) -> Double {
          exp(-((y - atY) * (y - atY) / (tall * tall) + (x - atX) * (x - atX) / (wide * wide)))
        }
        let light =
          40 + 150 * spot(0, 0, 0.38, 0.32) - 90 * spot(-0.1, -0.14, 0.04, 0.06) - 90 * spot(-0.1, 0.14, 0.04, 0.06)
          - 70 * spot(0.2, 0, 0.03, 0.1 + 0.05 * smile)
        for channel in 0..<channels { pixels.append(UInt8(max(0, min(255, light - 10 * Double(channel))))) }
      }
    }
    return PixelImage(trusted: pixels, width: width, height: height, channels: channels)
  }

  /// Reproducible movements of the size that is expected.
  private func movements(_ count: Int) -> [SimilarityTransform] {
    (0..<count).map { index in
      func wave(_ factor: Int) -> Double { sin(Double(index * factor + factor)) }
      return SimilarityTransform(
        growth: 0.08 * wave(3), turn: 0.1 * wave(5), down: 0.06 * wave(7), right: 0.06 * wave(11))
    }
  }

  /// The variance of each pixel over the pictures, summed.
  private func spread(_ images: [PixelImage]) -> Double {
    images[0].pixels.indices.reduce(0) { sum, at in
      let values = images.map { Double($0.pixels[at]) }
      let mean = values.reduce(0, +) / Double(values.count)
      return sum + values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    }
  }

  @Test(arguments: [(56, 46), (112, 92), (40, 40), (24, 30)])
  func movedPicturesComeTogether(height: Int, width: Int) throws {
    let images = movements(24).enumerated().map { index, movement in
      face(movement, smile: sin(Double(index)), height: height, width: width)
    }
    let template = try MeanTemplate(count: images.count, height: height, width: width, check: {}) { images[$0] }
    let aligned = try images.map(template.aligned)
    #expect(spread(aligned) < 0.35 * spread(images))
    // New pictures come to the same place.
    let others = movements(40).suffix(16).map { face($0, smile: 0.5, height: height, width: width) }
    #expect(try spread(others.map(template.aligned)) < 0.35 * spread(Array(others)))
  }

  /// The step is the minimum of the linearised objective: the naive objective falls, and a step at the end is almost nothing.
  @Test func stepsLessenTheDifference() {
    let window = AlignmentWindow(height: 56, width: 46)
    for blur in AlignmentImage.blurs {
      let mean = window.normalised(AlignmentImage(face(.identity, smile: 0), blur: blur))
      for movement in movements(12) {
        let image = AlignmentImage(face(movement, smile: 0.3), blur: blur)
        func difference(_ transform: SimilarityTransform) -> Double {
          zip(window.normalised(image.moved(by: transform)).values, mean.values).reduce(0) {
            $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
          }
        }
        let found = window.transform(of: image, to: mean, from: .identity, steps: 12)
        #expect(difference(found) < 0.5 * difference(.identity) || difference(.identity) < 30)
        let next = window.transform(of: image, to: mean, from: found, steps: 1)
        #expect(abs(next.growth - found.growth) + abs(next.turn - found.turn) < 0.01)
        #expect(abs(next.down - found.down) + abs(next.right - found.right) < 0.01)
      }
    }
  }

  /// Moving by one movement and then by a small step is moving by both.
  @Test func movementsFollowEachOther() {
    let first = SimilarityTransform(growth: 0.1, turn: -0.2, down: 0.05, right: 0.1)
    let step = SimilarityTransform(growth: 0.02, turn: 0.03, down: -0.01, right: 0.02)
    let both = first.after(step)
    for (row, column) in [(0, 0), (30, 7), (55, 45)] {
      let between = step.source(row: row, column: column, height: 56, width: 46)
      // `first` of a place that is no whole number: it is affine, so two whole ones around it say it.
      func at(_ row: Double, _ column: Double) -> (Double, Double) {
        let origin = first.source(row: 0, column: 0, height: 56, width: 46)
        let down = first.source(row: 1, column: 0, height: 56, width: 46)
        let right = first.source(row: 0, column: 1, height: 56, width: 46)
        return (
          origin.row + row * (down.row - origin.row) + column * (right.row - origin.row),
          origin.column + row * (down.column - origin.column) + column * (right.column - origin.column)
        )
      }
      let expected = at(between.row, between.column)
      let found = both.source(row: row, column: column, height: 56, width: 46)
      // Products of two growths are left out.
      #expect(abs(found.row - expected.0) < 0.5 && abs(found.column - expected.1) < 0.5)
    }
  }

  @Test func picturesWithoutFormStay() throws {
    let images = movements(6).map { face($0, smile: 0, channels: 3) }
    let template = try MeanTemplate(count: 6, height: 56, width: 46, check: {}) { images[$0] }
    let flat = PixelImage(trusted: [UInt8](repeating: 77, count: 56 * 46), width: 46, height: 56, channels: 1)
    #expect(try template.aligned(flat) == flat)
    let dot = PixelImage(trusted: [1, 2, 3], width: 1, height: 1, channels: 3)
    #expect(try template.aligned(dot) == dot)
    // Colours move together, and a picture of another size is moved by the same shares.
    let moved = try template.aligned(images[1])
    #expect(moved.channels == 3 && moved.width == 46 && moved != images[1])
    for at in stride(from: 0, to: moved.pixels.count, by: 3) {
      #expect(abs(Int(moved.pixels[at]) - Int(moved.pixels[at + 2]) - 20) <= 1)
    }
    for size in [(1, 1), (1, 9), (9, 1), (2, 2)] {
      let tiny = try MeanTemplate(count: 2, height: size.0, width: size.1, check: {}) { index in
        PixelImage(
          trusted: (0..<size.0 * size.1).map { UInt8($0 * 20 + index) }, width: size.1, height: size.0, channels: 1)
      }
      _ = try tiny.aligned(images[0])
    }
  }

  @Test func filesKeepTheTemplate() throws {
    let images = movements(6).map { face($0, smile: 0) }
    let template = try MeanTemplate(count: 6, height: 56, width: 46, check: {}) { images[$0] }
    let read = try JSONDecoder().decode(MeanTemplate.self, from: JSONEncoder().encode(template))
    #expect(read == template)
    #expect(try read.aligned(images[3]) == template.aligned(images[3]))
    // A file that lies is refused.
    for text in [
      #"{"height":-1,"width":3,"pixels":""}"#, #"{"height":4611686018427387904,"width":4,"pixels":""}"#,
      #"{"height":1000000,"width":1000000,"pixels":"AAAA"}"#, #"{"height":0,"width":0,"pixels":""}"#,
    ] {
      #expect(throws: DecodingError.self) { try JSONDecoder().decode(MeanTemplate.self, from: Data(text.utf8)) }
    }
  }

  @Test func whoInterruptsIsHeard() {
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try MeanTemplate(count: 3, height: 8, width: 8, check: { throw Stop() }) { _ in
        PixelImage(trusted: [UInt8](repeating: 1, count: 64), width: 8, height: 8, channels: 1)
      }
    }
  }
}
