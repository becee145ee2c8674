import FaceDetection
import Images
import Tensors
import Testing

@testable import Datasets

/// When two datasets are the same, and what becomes of one without images.
@Suite struct EqualityTests {
  @Test func pixelsAndPreparationCount() throws {
    let data = try Datasets.glyphs(classes: 3, each: 2, seed: 1, size: 12)
    let again = try Datasets.glyphs(classes: 3, each: 2, seed: 1, size: 12)
    #expect(data.store !== again.store && data.isLike(again))
    #expect(try !data.isLike(Datasets.glyphs(classes: 3, each: 2, seed: 2, size: 12)))
    #expect(try !data.isLike(data.normalised()) && data.normalised().isLike(again.normalised()))
    var turning = Augmentation()
    turning.rotate = 10
    #expect(!data.isLike(data.augmented(turning)) && data.augmented(turning).isLike(again.augmented(turning)))
    #expect(try !data.isLike(data.inverted()) && data.inverted().isLike(again.inverted()))
    #expect(try !data.isLike(data.subset([0, 1, 2])) && !data.isLike(data.subset([5, 4, 3, 2, 1, 0])))
    #expect(try data.subset([0, 1, 2, 3, 4, 5]).isLike(again))
    // The same pixels in classes of other names.
    let pictures = try (0..<2).map { try data.image($0) }
    let one = try Dataset(images: pictures, labels: [0, 1], classNames: ["a", "b"])
    #expect(try one.isLike(Dataset(images: pictures, labels: [0, 1], classNames: ["a", "b"], name: "other")))
    #expect(try !one.isLike(Dataset(images: pictures, labels: [0, 1], classNames: ["a", "c"])))
    #expect(try !one.isLike(Dataset(images: pictures, labels: [1, 0], classNames: ["a", "b"])))
  }

  /// An image that is seen turned is like one whose pixels were turned.
  @Test func turnedImagesAreAsTheyAreSeen() throws {
    let image = try #require(PixelImage(width: 2, height: 2, channels: 1, pixels: [1, 2, 3, 4]))
    let turned = try Dataset(images: [image], labels: [0], classNames: ["a"]).rotations()
    let pictures = try (0..<turned.count).map { try turned.image($0) }
    let plain = try Dataset(images: pictures, labels: turned.labels, classNames: turned.classNames)
    #expect(turned.isLike(plain) && plain.isLike(turned))
  }

  /// Without images a dataset has a shape all the same, and what was done to it is remembered.
  @Test func noImagesHaveAShape() throws {
    let data = try Datasets.glyphs(classes: 2, each: 2, seed: 1)
    let none = data.filter { _, _ in false }
    #expect(try none.resized(height: 5, width: 6).shape == [1, 5, 6])
    #expect(try none.resized(height: 5, width: 6).preprocessing.steps == [.resize(height: 5, width: 6)])
    #expect(try none.halved().shape == [1, 14, 14])
    #expect(try none.cropped(top: 2, left: 3, height: 4, width: 5).shape == [1, 4, 5])
    #expect(try none.aligned(height: 9, width: 8, spread: 0.2).shape == [1, 9, 8])
    #expect(try none.withFacesAligned(size: 20, padding: 0.25).shape == [3, 20, 20])
    #expect(try none.inverted().shape == [1, 28, 28])
    let known = try data.congealed(like: nil)
    #expect(try none.congealed(like: known).preprocessing == known.preprocessing)
    #expect(try none.resized(height: 5, width: 6).halved().count == 0)
  }

  @Test func tooLargeIsSaidByItsName() throws {
    let data = try Datasets.glyphs(classes: 1, each: 1, seed: 1)
    let error = #expect(throws: DatasetError.self) { try data.aligned(height: 16384, width: 16384, spread: 0.2) }
    #expect(error?.explanation.message.hasPrefix("align needs height and width") == true)
    #expect(error?.explanation.message.contains("100 million in all") == true)
  }

  /// Images out of an array, in 256 steps, with classes in natural order.
  @Test func imagesOutOfArrays() throws {
    let values = (0..<2 * 3 * 2 * 2).map { Float($0) / 23 }
    let data = try Dataset(pixels: Tensor(values, shape: [2, 3, 2, 2]), labels: ["10", "9"])
    #expect(data.shape == [3, 2, 2] && data.classNames == ["9", "10"] && data.labels == [1, 0])
    for (got, wanted) in zip(try data.tensor().values, values) { #expect(abs(got - wanted) <= 0.5 / 255 + 1e-6) }
    let gray = try Dataset(pixels: Tensor([0, 0.5, 1, 1.001], shape: [1, 2, 2]), labels: ["a"])
    #expect(gray.shape == [1, 2, 2] && gray.store.pixels == [0, 128, 255, 255])
    #expect(throws: DatasetError.self) { try Dataset(pixels: Tensor(values, shape: [24]), labels: ["a"]) }
    #expect(throws: DatasetError.self) { try Dataset(pixels: Tensor(values, shape: [2, 3, 2, 2]), labels: ["a"]) }
  }
}
