import Datasets
import Diagnostics
import Foundation
import MetricLearning
import Tensors
import TestSupport
import Testing

@Suite struct PairArraysTests {
  /// A dataset of the letters that pairs are drawn from, as training reads it.
  struct Source: ImageSource {
    let values: [Float]
    let labels: [Int]
    let shape = [1, 3, 2]
    let isAugmented = false
    var count: Int { labels.count }
    var classNames: [String] { ["a", "b", "c"] }
    func fill(_ out: UnsafeMutablePointer<Float>, items: [Int], draw: UInt64?) {
      for (place, item) in items.enumerated() { for k in 0..<6 { out[place * 6 + k] = values[item * 6 + k] } }
    }
  }

  static let source: Source = {
    var numbers = TestNumbers(4)
    return Source(values: numbers.floats(12 * 6), labels: [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
  }()

  @Test func arraysGiveThePairsBack() throws {
    let pairs = try Pairs(Self.source, count: 200, seed: 3)
    let images = try pairs.imageTensor()
    let same = try Tensor(pairs.same.map { $0 ? 1 : 0 }, shape: [200, 1])
    let read = try Pairs(images: images, same: same)
    #expect(read.same == pairs.same)
    #expect(try read.imageTensor().values == images.values)
    // Two hundred pairs show twelve images of three classes, and that is what is found again.
    #expect(read.source.count == 12 && read.source.classNames == ["class1", "class2", "class3"])
    for index in 0..<200 {
      let labels = read.source.labels
      #expect((labels[Int(read.first[index])] == labels[Int(read.second[index])]) == read.same[index])
    }
    #expect(try Pairs(images: images, same: same.reshaped([200])).same == pairs.same)
  }

  /// Nothing can be learnt from such an image, and a loss that is no number says nothing of where it stands.
  @Test(arguments: [Float.nan, .infinity, -.infinity]) func pixelsThatAreNoNumbers(_ value: Float) throws {
    var pixels = [Float](repeating: 0.5, count: 3 * 2 * 4)
    pixels[2 * 8 + 4 + 1] = value
    do {
      _ = try Pairs(images: Tensor(pixels, shape: [3, 2, 1, 2, 2]), same: Tensor([1, 0, 1], shape: [3]))
      Issue.record("\(value) is no pixel")
    } catch let error as MetricError {
      #expect(error.explanation.message.contains("in the second image of pair 2"), "\(error.explanation.message)")
    }
  }

  /// a is b, and b is c, but a is not c; and one image that is not itself.
  @Test func labelsThatContradictOneAnother() throws {
    func pairs(_ images: [(Float, Float)], _ same: [Float]) throws -> Pairs {
      try Pairs(
        images: Tensor(images.flatMap { [$0.0, $0.1] }, shape: [images.count, 2, 1, 1, 1]),
        same: Tensor(same, shape: [images.count]))
    }
    #expect(try pairs([(1, 2), (2, 3), (4, 1), (1, 3)], [1, 1, 0, 0]).contradictions == [3])
    #expect(try pairs([(1, 1), (2, 3)], [0, 0]).contradictions == [0])
    #expect(try pairs([(1, 2), (1, 2)], [1, 0]).contradictions == [1])
    #expect(try pairs([(1, 2), (2, 3), (1, 4)], [1, 1, 0]).contradictions == [])
  }

  @Test func whatDoesNotFitIsAnErrorInWords() throws {
    func words(_ shape: [Int], _ labels: Tensor) throws -> String {
      do {
        _ = try Pairs(images: try Tensor(shape: shape) { $0.update(repeating: 0) }, same: labels)
        return "read"
      } catch let error as any ExplainedError { return error.explanation.message }
    }
    let two = try Tensor([1, 0], shape: [2, 1])
    #expect(try words([2, 2, 1, 3, 2], two) == "read")
    #expect(
      try words([2, 3, 1, 3, 2], two).hasSuffix("of shape [pairs, 2, channels, height, width], got [2, 3, 1, 3, 2]"))
    #expect(try words([2, 2, 3, 2], two).contains("[2, 2, 3, 2]"))
    #expect(try words([0, 2, 1, 3, 2], two) != "read")
    #expect(try words([3, 2, 1, 3, 2], two).hasSuffix("[3, 1], one for each pair, got [2, 1]"))
    #expect(try words([2, 2, 1, 3, 2], try Tensor([1, 0.5], shape: [2])).contains("1 for same and 0 for different"))
  }
}
