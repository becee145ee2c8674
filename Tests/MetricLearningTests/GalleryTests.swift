import Diagnostics
import Gallery
import NeuralNetworks
import Testing

@Suite struct GalleryTests {
  /// A network whose embedding of a 1×1×2 image is the image itself.
  static func identity() throws -> Network {
    let network = try Network([.flatten, .dense(units: 2)])
    try network.build(inputShape: [1, 1, 2], seed: 1)
    #expect(network.weights[0].set([1, 0, 0, 1]))
    #expect(network.weights[1].set([0, 0]))
    return network
  }
  static let shape = [1, 1, 2]

  static func people() throws -> ReferenceGallery {
    let gallery = ReferenceGallery(network: try identity())
    try gallery.enroll("ann", images: [0, 0, 0, 1], shape: shape)
    try gallery.enroll("bob", images: [3, 0], shape: shape)
    try gallery.enroll("cid", images: [0, 5], shape: shape)
    return gallery
  }

  @Test func answersWithTheNearestLabels() throws {
    let people = try Self.people()
    #expect(people.labels == ["ann", "bob", "cid"])
    let matches = try people.query([0, 2], shape: Self.shape, k: 2)
    #expect(matches.map(\.label) == ["ann", "cid"])
    #expect(matches.map(\.distance) == [1, 3])
    #expect(matches[0].reference == 1)
    people.comparison = .mean
    #expect(try people.query([0, 2], shape: Self.shape, k: 9).map(\.distance) == [1.5, 3, 13.0.squareRoot()])
  }

  @Test func strangersAreUnknown() throws {
    let people = try Self.people()
    #expect(throws: GalleryError.notCalibrated(function: "identify")) {
      try people.identify([0, 0], shape: Self.shape)
    }
    try people.calibrate(same: [0.1, 0.4, 2], different: [1, 3, 4, 5], far: 0.25, source: "numbers")
    #expect(people.calibration?.threshold == 3)
    #expect(people.calibration?.tar == 1)
    #expect(try people.identify([0, 0.5], shape: Self.shape).label == "ann")
    #expect(try people.identify([50, 50], shape: Self.shape).label == nil)
    #expect(try people.verify([0, 0], [0, 1], shape: Self.shape).same)
    #expect(try !people.verify([0, 0], [0, 1], shape: Self.shape, threshold: 1).same)
    try people.calibrate(same: [0.1], different: [1, 3], far: 0, source: "numbers")
    #expect(people.calibration?.threshold == 1)
  }

  @Test func removesAndRenames() throws {
    let people = try Self.people()
    #expect(try people.remove("ann") == 2)
    try people.rename("bob", to: "bo")
    #expect(people.labels == ["bo", "cid"])
    #expect(throws: GalleryError.labelTaken("cid")) { try people.rename("bo", to: "cid") }
    #expect(throws: GalleryError.unknownLabel("cyd", near: "cid", count: 2)) { try people.remove("cyd") }
    #expect(
      GalleryError.unknownLabel("cyd", near: "cid", count: 2).explanation
        == Explanation("nobody named \"cyd\" is in the gallery of 2", help: "did you mean \"cid\"?"))
    #expect(throws: GalleryError.emptyLabel) { try people.enroll("  ", images: [1, 2], shape: Self.shape) }
    #expect(throws: GalleryError.wrongInput(function: "enroll", expected: [1, 1, 2], got: [1, 2, 2])) {
      try people.enroll("dan", images: [1, 2, 3, 4], shape: [1, 2, 2])
    }
  }

  /// Training the network further moves the references with it, and the threshold is known to be stale.
  @Test func followsItsNetwork() throws {
    let people = try Self.people()
    try people.calibrate(same: [1], different: [2], far: 0, source: "numbers")
    #expect(!people.isCalibrationStale)
    let snapshot = people.network.snapshot()
    #expect(people.network.weights[0].set([2, 0, 0, 2]))
    people.network.restore(people.network.snapshot())
    #expect(people.isCalibrationStale)
    let match = try people.query([3, 0], shape: Self.shape, k: 1)[0]
    #expect(match.label == "bob" && match.distance == 0)
    people.network.restore(snapshot)
    #expect(try people.query([2, 0], shape: Self.shape, k: 1)[0].distance == 1)
  }

  @Test func emptyGalleriesSaySo() throws {
    let people = ReferenceGallery(network: try Self.identity())
    #expect(throws: GalleryError.empty(function: "query")) { try people.query([0, 0], shape: Self.shape) }
  }
}

@Suite struct GalleryFileTests {
  @Test func comesBackWhole() throws {
    let people = try GalleryTests.people()
    people.comparison = .mean
    try people.calibrate(same: [0.5], different: [1, 3], far: 0, source: "two numbers")
    people.network.preprocessing = "{}"
    let bytes = try people.encoded()
    #expect(try people.encoded() == bytes)
    let back = try ReferenceGallery.decoded(bytes, path: "people.gallery")
    #expect(back.references == people.references)
    #expect(back.calibration == people.calibration && !back.isCalibrationStale)
    #expect(back.comparison == .mean && back.network.preprocessing == "{}")
    let question: [Float] = [0.25, 2]
    #expect(
      try back.query(question, shape: GalleryTests.shape, k: 3)
        == people.query(question, shape: GalleryTests.shape, k: 3))
    #expect(ReferenceGallery.recognises(bytes))
    #expect(try !ReferenceGallery.recognises(people.network.encoded()))
    // The network alone can be read from it too.
    #expect(try Network.decoded(bytes, path: "people.gallery").weights.count == 2)
  }

  /// Cut at any length or with any byte changed: an error, or a gallery; never a trap.
  @Test func damagedFilesAreErrors() throws {
    let bytes = try GalleryTests.people().encoded()
    for length in 0..<bytes.count {
      #expect(throws: (any Error).self) {
        try ReferenceGallery.decoded(Array(bytes[..<length]), path: "people.gallery")
      }
    }
    for position in bytes.indices {
      for change: UInt8 in [1, 0x80] {
        var damaged = bytes
        damaged[position] ^= change
        _ = try? ReferenceGallery.decoded(damaged, path: "people.gallery")
      }
    }
    let network = try GalleryTests.identity().encoded()
    #expect(
      throws: GalleryError.notAGallery(path: "net.safetensors", reason: "it has no gallery in its metadata")
    ) { try ReferenceGallery.decoded(network, path: "net.safetensors") }
  }
}
