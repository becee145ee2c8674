import Foundation
import Images
import TestSupport
import Testing

@testable import FaceDetection
@testable import Faces

/// The fast networks against loops in double precision, on weights drawn from a seed.
@Suite struct NetworkTests {
  static func noise(_ seed: UInt64, width: Int, height: Int, channels: Int = 3) throws -> PixelImage {
    var random = FuzzRandom(state: seed)
    return try #require(
      PixelImage(
        width: width, height: height, channels: channels,
        pixels: (0..<width * height * channels).map { _ in UInt8(random.below(256)) }))
  }

  /// The mean of what lies under each pixel, in double precision.
  static func shrunk(_ image: PixelImage, height: Int, width: Int) -> Maps {
    let (down, across) = (Double(image.height) / Double(height), Double(image.width) / Double(width))
    return Maps(3, height, width) { c, y, x in
      var sum = 0.0
      for i in 0..<image.height {
        let share = min(Double(i + 1), Double(y + 1) * down) - max(Double(i), Double(y) * down)
        if share <= 0 { continue }
        for j in 0..<image.width {
          let part = min(Double(j + 1), Double(x + 1) * across) - max(Double(j), Double(x) * across)
          if part > 0 { sum += share * part * Double(image.pixels[(i * image.width + j) * 3 + c]) }
        }
      }
      return (sum / down / across - 127.5) / 128
    }
  }

  @Test(arguments: [(40, 53, 24, 31), (61, 40, 60, 39), (33, 200, 14, 90), (30, 30, 12, 12), (90, 47, 29, 15)])
  func proposals(_ sizes: (Int, Int, Int, Int)) throws {
    let (height, width, smallHeight, smallWidth) = sizes
    let weights = try RandomWeights(seed: 3)
    let network = try DetectorWeights(try weights.safetensors, file: "w").proposalNetwork()
    let image = try Self.noise(UInt64(height), width: width, height: height)
    let found = network.run(image, sizes: [(smallHeight, smallWidth)], threshold: 0) { false }[0]
    var maps = Self.shrunk(image, height: smallHeight, width: smallWidth)
    maps = maps.convolved(weights("pnet.conv1.weight"), weights("pnet.conv1.bias"), filters: 10, side: 3)
      .prelu(weights("pnet.prelu1.weight")).pooled(2)
    maps = maps.convolved(weights("pnet.conv2.weight"), weights("pnet.conv2.bias"), filters: 16, side: 3)
      .prelu(weights("pnet.prelu2.weight"))
    maps = maps.convolved(weights("pnet.conv3.weight"), weights("pnet.conv3.bias"), filters: 32, side: 3)
      .prelu(weights("pnet.prelu3.weight"))
    let classes = maps.convolved(weights("pnet.conv4_1.weight"), weights("pnet.conv4_1.bias"), filters: 2, side: 1)
    let boxes = maps.convolved(weights("pnet.conv4_2.weight"), weights("pnet.conv4_2.bias"), filters: 4, side: 1)
    // Every window has a probability greater than 0, so all of them come, row by row.
    #expect(found.count == classes.height * classes.width)
    for (index, window) in found.enumerated() {
      let (y, x) = (index / classes.width, index % classes.width)
      #expect(window.row == y && window.column == x)
      let expected = 1 / (1 + exp(classes[0, y, x] - classes[1, y, x]))
      #expect(abs(Double(window.probability) - expected) < 1e-4)
      let c = window.corrections
      for (value, k) in zip([c.0, c.1, c.2, c.3], 0...) { #expect(abs(Double(value) - boxes[k, y, x]) < 1e-4) }
    }
  }

  /// What is past the threshold does not depend on how many sizes are asked for together.
  @Test func severalSizesAreLikeOneAtATime() throws {
    let network = try DetectorWeights(try RandomWeights(seed: 3).safetensors, file: "w").proposalNetwork()
    let image = try Self.noise(8, width: 300, height: 260)
    let sizes = [(180, 156), (127, 110), (90, 78), (11, 11), (2, 2)].map { (height: $0.1, width: $0.0) }
    let together = network.run(image, sizes: sizes, threshold: 0.3) { false }
    for (size, found) in zip(sizes, together) {
      let alone = network.run(image, sizes: [size], threshold: 0.3) { false }[0]
      #expect(alone.map(\.probability) == found.map(\.probability))
      #expect(alone.map(\.column) == found.map(\.column))
    }
    #expect(together[0].count > 0 && together[4].isEmpty)
  }

  static func answer(_ weights: RandomWeights, _ network: String, _ input: Maps) -> [Double] {
    var maps = input
    let refining: [(Int, Int, Int?)] = [(28, 3, 3), (48, 3, 3), (64, 2, nil)]
    let output: [(Int, Int, Int?)] = [(32, 3, 3), (64, 3, 3), (64, 3, 2), (128, 2, nil)]
    let sizes = network == "rnet" ? refining : output
    for (index, (filters, side, window)) in sizes.enumerated() {
      let name = "\(network).conv\(index + 1)"
      maps = maps.convolved(weights(name + ".weight"), weights(name + ".bias"), filters: filters, side: side)
        .prelu(weights("\(network).prelu\(index + 1).weight"))
      if let window { maps = maps.pooled(window) }
    }
    let number = sizes.count + 1
    let slope = weights("\(network).prelu\(number).weight")
    let dense = "\(network).dense\(number)"
    var middle: [Double] = linear(maps.flat, weights(dense + ".weight"), weights(dense + ".bias"))
    for index in middle.indices where middle[index] < 0 { middle[index] *= Double(slope[index]) }
    var answers: [Double] = []
    for part in 1...(network == "rnet" ? 2 : 3) {
      let name = "\(network).dense\(number + 1)_\(part)"
      answers += linear(middle, weights(name + ".weight"), weights(name + ".bias"))
    }
    return answers
  }

  /// Bilinear; 0 outside.
  static func sampled(_ image: PixelImage, _ channel: Int, _ y: Double, _ x: Double) -> Double {
    guard y >= 0, x >= 0, y <= Double(image.height - 1), x <= Double(image.width - 1) else { return 0 }
    func at(_ row: Double, _ column: Double) -> Double {
      Double(image.pixels[(Int(row) * image.width + Int(column)) * 3 + channel])
    }
    let (top, left) = (y.rounded(.down), x.rounded(.down))
    let (bottom, right) = (y.rounded(.up), x.rounded(.up))
    let upper = at(top, left) + (at(top, right) - at(top, left)) * (x - left)
    let lower = at(bottom, left) + (at(bottom, right) - at(bottom, left)) * (x - left)
    return (upper + (lower - upper) * (y - top) - 127.5) / 128
  }

  @Test(arguments: ["rnet", "onet"]) func crops(_ name: String) throws {
    let weights = try RandomWeights(seed: 5)
    let all = DetectorWeights(try weights.safetensors, file: "w")
    let network = name == "rnet" ? try all.refiningNetwork() : try all.outputNetwork()
    let image = try Self.noise(4, width: 70, height: 50)
    // Within, and over each border; more crops than one slice takes.
    var crops: [CropNetwork.Crop] = []
    for index in 0..<19 {
      let place = Float(index)
      crops.append(
        CropNetwork.Crop(
          top: place * 3 - 12, left: place * 5 - 20, rowStep: 0.3 + place * 0.11, columnStep: 1.7 - place * 0.07))
    }
    let answers = network.run(image, crops) { false }
    for (crop, answer) in zip(crops, answers) {
      let input = Maps(3, network.side, network.side) { c, i, j in
        let y = Double(crop.top + Float(i) * crop.rowStep)
        let x = Double(crop.left + Float(j) * crop.columnStep)
        return Self.sampled(image, c, y, x)
      }
      let expected = Self.answer(weights, name, input)
      #expect(abs(Double(answer.probability) - 1 / (1 + exp(expected[0] - expected[1]))) < 1e-3)
      #expect(answer.numbers.count == expected.count - 2)
      for (value, due) in zip(answer.numbers, expected.dropFirst(2)) { #expect(abs(Double(value) - due) < 1e-3) }
    }
  }

  @Test func pooledSidesAreTorchs() {
    // torch.nn.MaxPool2d(window, 2, ceil_mode=True) on these sides.
    let known = [
      (2, 22, 11), (3, 22, 11), (3, 9, 4), (3, 46, 23), (3, 21, 10), (2, 8, 4), (2, 7, 4), (3, 10, 5), (3, 3, 1),
    ]
    for (window, side, pooled) in known { #expect(CropNetwork.pooledSide(side, window: window) == pooled) }
  }
}
