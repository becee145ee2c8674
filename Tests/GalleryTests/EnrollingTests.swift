import Diagnostics
import MetricLearning
import NeuralNetworks
import TestSupport
import Testing

@testable import Gallery

/// What comes into a gallery: how wide it is, how large, and whether it is there already.
@Suite struct EnrollingTests {
  private let folder: TemporaryFolder
  private let shape = GalleryTests.shape

  init() throws { folder = try TemporaryFolder() }

  private func made(
    inFile: Bool, _ network: Network? = nil, comparison: ReferenceGallery.Comparison = .nearest,
    measure: ReferenceGallery.Measure = .init()
  ) throws -> ReferenceGallery {
    let network = try network ?? GalleryTests.identity()
    guard inFile else { return ReferenceGallery(network: network, comparison: comparison, measure: measure) }
    return try ReferenceGallery.open(
      folder.path + "/people.gallery", network: network, comparison: comparison, measure: measure)
  }

  // MARK: How large

  /// All were infinitely far, and whoever came first was the nearest.
  @Test(arguments: [(Metric.squared, Float(1e20)), (.l1, 3e38), (.euclidean, 3e38)], [false, true])
  func distancesBeyondAnyNumberAreRefused(_ of: (Metric, Float), inFile: Bool) throws {
    let (metric, size) = of
    let people = try made(inFile: inFile, measure: .init(metric: metric))
    let tooLarge = GalleryError.distanceTooLarge(function: "enroll", metric: metric.text)
    try people.enroll(["a", "b"], embeddings: [1, 0, 3, 0], width: 2)
    #expect(throws: tooLarge) { try people.enroll(["c"], embeddings: [size, 0], width: 2) }
    #expect(throws: tooLarge) { try people.enroll("c", images: [1, 1, size, 0], shape: shape) }
    #expect(people.referenceCount == 2 && people.labelCount == 2)
    let far: [Float] = [size, metric == .squared ? 0 : size]
    if metric != .euclidean {
      #expect(throws: GalleryError.distanceTooLarge(function: "query", metric: metric.text)) {
        try people.query(embeddings: far, width: 2)
      }
      #expect(throws: GalleryError.distanceTooLarge(function: "identify", metric: metric.text)) {
        try people.identify(embeddings: far, width: 2, threshold: 1)
      }
      #expect(throws: GalleryError.distanceTooLarge(function: "calibrate", metric: metric.text)) {
        try people.nearestDistances(far, shape: shape)
      }
    }
    #expect(tooLarge.explanation.help?.contains("normalize") == true)
    #expect(try people.query(embeddings: [2.5, 0], width: 2, k: 1)[0][0].label == "b")
  }

  /// Large ones whose distances can be told are compared as ever.
  @Test func largeEmbeddingsAreCompared() throws {
    let people = try made(inFile: false)
    try people.enroll(["a", "b"], embeddings: [1e20, 0, 3e20, 0], width: 2)
    #expect(try people.query(embeddings: [2.9e20, 0], width: 2, k: 1)[0][0].label == "b")
    let cosine = try made(inFile: false, measure: .init(metric: .cosine))
    try cosine.enroll(["a", "b"], embeddings: [1e20, 0, 0, 3e20], width: 2)
    #expect(try cosine.query(embeddings: [0, 1], width: 2, k: 1)[0][0].label == "b")
  }

  /// Of a gallery of before, in which they stand already.
  @Test func distancesOfReferencesAreNumbers() throws {
    let people = try made(inFile: false, measure: .init(metric: .squared))
    try people.add(
      ["a", "b"], images: [], imageSize: 0, embeddings: [-1e20, 0, 1e20, 0], width: 2, .init(), isKept: true)
    #expect(throws: GalleryError.distanceTooLarge(function: "distances", metric: "squared")) {
      try people.referenceDistances()
    }
  }

  // MARK: How wide

  /// A network that has seen nothing yet: embeddings were cut where their number divides by that of the labels.
  @Test func embeddingsKeepTheirWidth() throws {
    func fresh() throws -> ReferenceGallery {
      ReferenceGallery(network: try Network([.flatten, .dense(units: 2), .normalize]))
    }
    let people = try fresh()
    try people.enroll(["a"], embeddings: [1, 0, 0, 1], width: 2)
    #expect(people.references.map(\.embedding) == [[1, 0], [0, 1]])
    #expect(try people.referenceCount(of: "a") == 2)
    #expect(throws: GalleryError.wrongWidth(function: "enroll", expected: 2, got: 6)) {
      try fresh().enroll(["ann", "bob"], embeddings: [1, 2, 3, 4, 5, 6], width: 6)
    }
    #expect(throws: GalleryError.labelCount(labels: 3, references: 2)) {
      try fresh().enroll(["a", "b", "c"], embeddings: [1, 0, 0, 1], width: 2)
    }
    // Whose width depends on what comes first.
    let flat = ReferenceGallery(network: try Network([.flatten]))
    #expect(throws: GalleryError.labelCount(labels: 2, references: 1)) {
      try flat.enroll(["ann", "bob"], embeddings: [1, 2, 3, 4, 5, 6], width: 6)
    }
    try flat.enroll(["ann"], embeddings: [1, 2, 3, 4, 5, 6], width: 3)
    #expect(flat.referenceCount == 2)
  }

  @Test func aFileWantsANetworkWithSizes() throws {
    let people = try made(inFile: true, try Network([.flatten]))
    #expect(throws: GalleryError.networkNotBuilt(function: "enroll")) {
      try people.enroll(["a"], embeddings: [1, 2], width: 2)
    }
    #expect(people.referenceCount == 0)
    #expect(throws: GalleryError.networkNotBuilt(function: "save")) {
      try ReferenceGallery(network: try Network([.flatten])).save(folder.path + "/other.gallery")
    }
    #expect(GalleryError.networkNotBuilt(function: "save").explanation.help?.contains("net(zeros([1, 1, 28") == true)
    try people.network.build(inputShape: shape, seed: 1)
    try people.enroll(["a"], embeddings: [1, 2], width: 2)
    #expect(people.referenceCount == 1)
  }

  // MARK: What is there already

  /// The same in memory as in a file: what is there, bit by bit, is not added twice.
  @Test(arguments: [false, true]) func equalReferencesOfALabelAreOne(inFile: Bool) throws {
    let people = try made(inFile: inFile, comparison: .mean)
    #expect(try people.enroll("a", images: [0, 0], shape: shape) == .init(added: 1))
    let version = people.version
    #expect(try people.enroll("a", images: [0, 0], shape: shape) == .init())
    #expect(people.version == version)
    let names = ["a", "a", "b", "a"]
    #expect(try people.enroll(names, embeddings: [3, 0, 0, 0, 2.5, 0, 3, 0], width: 2) == .init(added: 2))
    #expect(people.referenceCount == 3 && people.references.map(\.label) == ["a", "a", "b"])
    #expect(try people.query([1.75, 0], shape: shape, k: 1)[0].label == "a")
    // Another label has its own; so has a zero of the other sign.
    #expect(try people.enroll("c", images: [0, 0], shape: shape) == .init(added: 1))
    #expect(try people.enroll(["c"], embeddings: [-0.0, 0], width: 2) == .init(added: 1))
    // What was agreed to is renewed.
    #expect(try people.enroll("a", images: [0, 0], shape: shape, consent: "yes") == .init(renewed: 1))
    #expect(try people.enroll("a", images: [0, 0], shape: shape, consent: "yes") == .init())
    #expect(try people.origin(ofReference: 0)?.consent == "yes" && people.origin(ofReference: 1)?.consent == nil)
    // Whoever was taken out comes in again, and so does a name of before.
    try people.rename("b", to: "d")
    #expect(try people.enroll(["b", "d"], embeddings: [2.5, 0, 2.5, 0], width: 2) == .init(added: 1))
    try people.remove("a")
    #expect(try people.enroll("a", images: [0, 0], shape: shape) == .init(added: 1))
    #expect(try people.labels.sorted() == ["a", "b", "c", "d"] && people.referenceCount == 5)
  }

  /// `%undo` takes rows away that were known.
  @Test func whatWasTakenBackIsNotThere() throws {
    let people = try made(inFile: false)
    try people.enroll("a", images: [0, 0], shape: shape)
    let state = people.state
    try people.enroll("a", images: [1, 1], shape: shape)
    try people.restore(state)
    #expect(try people.enroll("a", images: [1, 1], shape: shape) == .init(added: 1))
    #expect(people.referenceCount == 2)
    try people.forget("a")
    #expect(try people.enroll("a", images: [1, 1], shape: shape) == .init(added: 1))
  }

  // MARK: By strangers alone

  /// A share of strangers' queries is one without two pictures of anybody.
  @Test(arguments: [false, true]) func strangersAloneSetAThreshold(inFile: Bool) throws {
    let people = try made(inFile: inFile)
    try people.enroll("a", images: [0, 0], shape: shape)
    try people.calibrate(strangers: [4, 1, 3, 2], far: 0.5, source: "four")
    #expect(people.calibration?.threshold == 3 && people.calibration?.counts == .query)
    #expect(people.calibration?.samePairs == 0 && people.calibration?.likelihood == nil)
    #expect(people.probability(1) == nil)
    try people.calibrate(strangers: [4, 1], far: 1, source: "two")
    #expect(people.calibration?.threshold == Double(Float(4).nextUp))
    guard inFile else { return }
    #expect(try ReferenceGallery.load(folder.path + "/people.gallery").calibration == people.calibration)
  }
}
