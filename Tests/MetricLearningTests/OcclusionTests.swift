import Testing

@testable import MetricLearning

@Suite struct OcclusionTests {
  /// The "network" sees the mean of the upper left quarter alone: nothing else may matter.
  private func embed(_ images: [Float], _ count: Int) -> [Float] {
    (0..<count).map { image in
      var sum: Float = 0
      for y in 0..<4 { for x in 0..<4 { sum += images[image * 64 + y * 8 + x] } }
      return sum / 16
    }
  }

  @Test func partsThatMatterAreFound() throws {
    let dark = [Float](repeating: 0, count: 64)
    var light = dark
    for y in 0..<4 { for x in 0..<4 { light[y * 8 + x] = 1 } }
    let found = try Occlusion((dark, light), shape: [1, 8, 8], window: 2, embed: embed)
    #expect(found.distance == 1)
    // To cover what is light makes the two nearer; what is dark all over changes nothing.
    #expect(found.second[0] < 0 && found.second[63] == 0)
    #expect(found.first.allSatisfy { $0 == 0 })
    for y in 0..<8 { for x in 0..<8 where y > 4 || x > 4 { #expect(found.second[y * 8 + x] == 0) } }
  }

  /// Neither a broken image nor a damaged network is explained; distances whose squares are beyond a float are.
  @Test func onlyNumbersAreExplained() throws {
    let image = [Float](repeating: 1, count: 64)
    var broken = image
    broken[9] = .nan
    #expect(throws: MetricError.imagesNotFinite(function: "explain")) {
      try Occlusion((broken, image), shape: [1, 8, 8], window: 2, embed: embed)
    }
    #expect(throws: MetricError.notFinite(function: "explain", item: 1)) {
      try Occlusion((image, image), shape: [1, 8, 8], window: 2) { _, count in
        (0..<count).map { $0 == 1 ? .infinity : 0 }
      }
    }
    let dark = [Float](repeating: 0, count: 64)
    let far = try Occlusion((dark, image), shape: [1, 8, 8], window: 2) { images, count in
      embed(images, count).map { $0 * 1e25 }
    }
    #expect(far.distance == 1e25)
  }

  @Test func everyPixelIsCovered() throws {
    let image = (0..<63).map { Float($0 % 5) }
    for window in 1...7 {
      let found = try Occlusion((image, image), shape: [1, 9, 7], window: window) { images, count in
        (0..<count).map { images[$0 * 63..<($0 + 1) * 63].reduce(0) { $0 * 0.9 + $1 } }
      }
      #expect(found.distance == 0 && found.first.count == 63 && found.first == found.second)
      #expect(found.first.allSatisfy { $0 >= 0 && $0.isFinite })
    }
    for window in [0, 8] {
      #expect(throws: MetricError.self) {
        try Occlusion((image, image), shape: [1, 9, 7], window: window) { _, count in
          [Float](repeating: 0, count: count)
        }
      }
    }
  }
}
