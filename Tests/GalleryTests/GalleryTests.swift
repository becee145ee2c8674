import Datasets
import Diagnostics
import Glibc
import MetricLearning
import NeuralNetworks
import TestSupport
import Testing

@testable import Gallery

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
    #expect(try people.labels == ["ann", "bob", "cid"])
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
    #expect(try people.labels == ["bo", "cid"])
    #expect(throws: GalleryError.labelTaken("cid")) { try people.rename("bo", to: "cid") }
    for blank in ["", "  "] {
      #expect(throws: GalleryError.emptyNewLabel) { try people.rename("bo", to: blank) }
    }
    #expect(GalleryError.emptyNewLabel.explanation.message.hasPrefix("rename expects"))
    for blank in ["bo ", " bo", "bo\n"] {
      #expect(throws: GalleryError.blanksAround(function: "rename", label: blank)) {
        try people.rename("bo", to: blank)
      }
      #expect(throws: GalleryError.blanksAround(function: "enroll", label: blank)) {
        try people.checkGiven(["bo", blank])
      }
    }
    #expect(
      GalleryError.blanksAround(function: "enroll", label: "a\nb ").explanation.help?.hasPrefix("write \"a\\nb\"")
        == true)
    #expect(throws: GalleryError.unknownLabel("cyd", near: "cid", count: 2)) { try people.remove("cyd") }
    #expect(
      GalleryError.unknownLabel("cyd", near: "cid", count: 2).explanation
        == Explanation("nobody named \"cyd\" is in the gallery of 2", help: "did you mean \"cid\"?"))
    #expect(throws: GalleryError.emptyLabel) { try people.enroll("  ", images: [1, 2], shape: Self.shape) }
    #expect(throws: GalleryError.wrongInput(function: "enroll", expected: [1, 1, 2], got: [1, 2, 2])) {
      try people.enroll("dan", images: [1, 2, 3, 4], shape: [1, 2, 2])
    }
  }

  @Test func medoidIsTheReferenceInTheMiddle() throws {
    let people = ReferenceGallery(network: try Self.identity(), comparison: .medoid)
    // On a line at 0, 1, 10: 1 has the least sum of distances.
    try people.enroll("ann", images: [0, 0, 1, 0, 10, 0], shape: Self.shape)
    try people.enroll("bob", images: [0, 5], shape: Self.shape)
    let match = try people.query([10, 0], shape: Self.shape, k: 1)[0]
    #expect(match.label == "ann" && match.distance == 9 && match.reference == 1)
  }

  @Test func oddReferencesAreNamed() throws {
    let people = ReferenceGallery(network: try Self.identity())
    try people.enroll("ann", images: [0, 0, 0, 1, 8, 8], shape: Self.shape)
    try people.enroll("bob", images: [8, 9, 8, 10], shape: Self.shape)
    try people.enroll("cid", images: [50, 50], shape: Self.shape)
    let odd = try people.oddReferences()
    // ann's third is beside bob; bob's first is as near to it as to bob's second.
    #expect(odd.map(\.label) == ["ann", "bob"])
    #expect(odd[0].number == 2 && odd[0].reference == 2 && odd[0].other == "bob" && odd[0].otherDistance == 1)
    #expect(abs(odd[0].own - (64.0 + 49).squareRoot()) < 1e-6)
    // Beyond the threshold from its own: odd even where nobody else is near.
    let far = ReferenceGallery(network: try Self.identity())
    try far.enroll("ann", images: [0, 0, 0, 30], shape: Self.shape)
    #expect(try far.oddReferences().isEmpty)
    try far.calibrate(same: [1], different: [5], far: 0, source: "numbers")
    #expect(try far.oddReferences().map(\.number) == [0, 1])
  }

  /// Equal pictures of one label, and labels that are near each other: what comparing all pairs finds.
  @Test func nearReferencesAreFound() throws {
    let people = ReferenceGallery(network: try Self.identity())
    var numbers = TestNumbers(11)
    let values = numbers.floats(800).map { $0 * 5 }
    let labels = (0..<400).map { "p\($0 % 130)" }
    try people.enroll(labels, embeddings: values, width: 2)
    // As an older file may have it.
    try people.add(
      ["p3"], images: [], imageSize: 0, embeddings: [Float](values[6..<8]), width: 2, .init(), isKept: true)
    var expected: [Set<String>: Double] = [:]
    for a in people.references {
      for b in people.references where a.label != b.label {
        let d = people.distance(a.embedding, b.embedding)
        let pair: Set = [a.label, b.label]
        // Of each reference the nearest of another label counts.
        let nearest = people.references.filter { $0.label != a.label }.map {
          people.distance(a.embedding, $0.embedding)
        }
        if d < 0.05, d == nearest.min() { expected[pair] = min(expected[pair] ?? .infinity, d) }
      }
    }
    let pairs = try people.near(threshold: 0.05)
    #expect(pairs[0].kind == .duplicate && pairs[0].label == "p3" && pairs[0].otherReference == 400)
    let found = pairs.dropFirst()
    #expect(Dictionary(found.map { (Set([$0.label, $0.other]), $0.distance) }) { a, _ in a } == expected)
    #expect(!expected.isEmpty && found.map(\.distance) == found.map(\.distance).sorted())
    #expect(throws: GalleryError.notCalibrated(function: "near")) { try people.near() }
  }

  /// Against a grid search of the same likelihood.
  @Test func probabilityIsTheBestLogisticCurve() throws {
    var numbers = TestNumbers(3)
    let same = (0..<60).map { _ in 0.5 + 0.4 * numbers.float() }
    let different = (0..<200).map { _ in 1.1 + 0.6 * numbers.float() }
    let fit = try ReferenceGallery.Likelihood(same: same, different: different)
    func cost(_ offset: Double, _ slope: Double) -> Double {
      func mean(_ list: [Float], _ target: Double) -> Double {
        list.reduce(0.0) { sum, d in
          let p = 1 / (1 + exp(slope * Double(d) - offset))
          return sum - target * log(p) - (1 - target) * log(1 - p)
        } / Double(list.count)
      }
      return (mean(same, 61.0 / 62) + mean(different, 1.0 / 202)) / 2
    }
    let best = cost(fit.offset, fit.slope)
    for step in [0.01, 0.1, 1] {
      for (x, y) in [(1.0, 0.0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1)] {
        #expect(cost(fit.offset + x * step, fit.slope + y * step) >= best - 1e-9)
      }
    }
    // Apart: finite, and right on both sides.
    let apart = try ReferenceGallery.Likelihood(same: [0.1, 0.2], different: [0.9, 1])
    #expect(apart.slope.isFinite && apart.probability(0.1) > 0.6 && apart.probability(1) < 0.4)
    let equal = try ReferenceGallery.Likelihood(same: [0.5, 0.5], different: [0.5])
    for d in [0, 0.4, 0.5, 2] { #expect(equal.probability(d) == 0.5) }
  }

  /// One same pair that happens to be farther than most different ones: equal pictures were almost surely different.
  @Test func nearerIsNeverLessLikely() throws {
    for (same, different) in [([0.9], [0.1, 0.4, 0.5, 0.7]), ([0.8, 0.9], [0.1, 0.2, 1])] as [([Float], [Float])] {
      let fit = try ReferenceGallery.Likelihood(same: same, different: different)
      #expect(!fit.isInformative)
      for d in [0, 0.5, 0.9, 3] { #expect(fit.probability(d) == 0.5) }
    }
    #expect(try ReferenceGallery.Likelihood(same: [0.1], different: [0.5, 0.9]).isInformative)
    // Of an older file.
    var old = try ReferenceGallery.Likelihood(same: [0.1], different: [0.9])
    (old.slope, old.offset) = (-8, -4)
    #expect(old.probability(0) == 0.5 && old.probability(1) == 0.5)
  }

  /// One picture under two names: whoever was enrolled first was named.
  @Test func aTieNamesNobody() throws {
    let people = try Self.people()
    try people.enroll("dan", images: [3, 0], shape: Self.shape)
    let tied = try people.identify([3, 0.25], shape: Self.shape, threshold: 1)
    #expect(tied.label == nil && tied.nearest.label == "bob" && tied.tied == "dan")
    let alone = try people.identify([0, 0.25], shape: Self.shape, threshold: 1)
    #expect(alone.label == "ann" && alone.tied == nil)
    let far = try people.identify([30, 0], shape: Self.shape, threshold: 1)
    #expect(far.label == nil && far.tied == nil)
    let all = try people.identify(embeddings: [3, 0.25, 0, 0.25], width: 2, threshold: 1)
    #expect(all.map(\.label) == [nil, "ann"] && all.map(\.tied) == ["dan", nil])
    people.comparison = .mean
    #expect(try people.identify([3, 0.25], shape: Self.shape, threshold: 1).tied == "dan")
    #expect(throws: GalleryError.embeddingNotFinite(function: "identify")) {
      try people.identify(embeddings: [.nan, 0], width: 2, threshold: 1)
    }
  }

  @Test func strangersQueriesCalibrateIdentify() throws {
    let people = try Self.people()
    let strangers: [Float] = [0, 3, 1, 1, 4, 4, 9, 9]
    let nearest = try people.nearestDistances(strangers, shape: Self.shape)
    #expect(nearest.map { ($0 * 1000).rounded() } == [2000, 1000, 4123, 9849])
    try people.calibrate(same: [0.1], different: [1, 2], far: 0.25, source: "numbers", strangers: nearest)
    #expect(people.calibration?.threshold == 2 && people.calibration?.counts == .query)
    var named = 0
    for at in stride(from: 0, to: 8, by: 2) {
      if try people.identify(Array(strangers[at..<at + 2]), shape: Self.shape).label != nil { named += 1 }
    }
    #expect(named == 1)
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

  /// Answers, odd references and calibration go by the gallery's distance, which its file keeps.
  @Test(arguments: [
    Metric.l1, .squared, .cosine, .weightedL1(weights: [1, 2], bias: -1),
  ])
  func goesByItsDistance(metric: Metric) throws {
    for comparison in ReferenceGallery.Comparison.allCases {
      let people = ReferenceGallery(
        network: try Self.identity(), comparison: comparison, measure: .init(metric: metric))
      try people.enroll("ann", images: [1, 0.5, 1, 1], shape: Self.shape)
      try people.enroll("bob", images: [3, 1, 2, 5, 4, 4], shape: Self.shape)
      let question: [Float] = [2, 2]
      let matches = try people.query(question, shape: Self.shape, k: 2)
      func nearest(_ rows: [[Float]]) -> Double {
        func d(_ a: [Float], _ b: [Float]) -> Double { Double(metric.distance(a, b) ?? .nan) }
        switch comparison {
        case .nearest: return rows.map { d(question, $0) }.min() ?? .nan
        case .mean:
          return d(question, (0..<2).map { k in rows.reduce(0) { $0 + $1[k] } / Float(rows.count) })
        case .medoid:
          let sums = rows.map { row in rows.reduce(0) { $0 + d(row, $1) } }
          return d(question, rows[sums.firstIndex(of: sums.min() ?? 0) ?? 0])
        }
      }
      let expected = [
        "ann": nearest([[1, 0.5], [1, 1]]), "bob": nearest([[3, 1], [2, 5], [4, 4]]),
      ]
      for match in matches {
        #expect(abs(match.distance - (expected[match.label] ?? .nan)) < 1e-5, "\(match) \(expected)")
      }
      #expect(abs(Double(try people.nearestDistances(question, shape: Self.shape)[0]) - matches[0].distance) < 1e-6)
      let back = try ReferenceGallery.decoded(try people.encoded(), path: "people.gallery")
      #expect(back.measure == people.measure)
      #expect(try back.query(question, shape: Self.shape, k: 2) == matches)
    }
    let narrow = ReferenceGallery(
      network: try Self.identity(), measure: .init(metric: .weightedL1(weights: [1], bias: 0)))
    #expect(throws: MetricError.metricWidth(function: "enroll", weights: 1, width: 2)) {
      try narrow.enroll("ann", images: [1, 2], shape: Self.shape)
    }
  }

  /// The mean of an image's views, the same ones whenever it is seen.
  @Test func looksAtSeveralViews() throws {
    let network = try Network([.flatten, .dense(units: 3), .normalize])
    try network.build(inputShape: [1, 6, 6], seed: 2)
    var augmentation = Augmentation()
    augmentation.shift = 1
    let measure = ReferenceGallery.Measure(views: 4, augmentation: augmentation)
    let people = ReferenceGallery(network: network, measure: measure)
    var numbers = TestNumbers(1)
    let images = (0..<3).map { _ in numbers.floats(36).map { abs($0) } }
    for (index, image) in images.enumerated() { try people.enroll("p\(index)", images: image, shape: [1, 6, 6]) }
    for (index, image) in images.enumerated() {
      let match = try people.query(image, shape: [1, 6, 6], k: 1)[0]
      #expect(match.label == "p\(index)" && match.distance == 0)
    }
    let alone = ReferenceGallery(network: network)
    try alone.enroll("p0", images: images[0], shape: [1, 6, 6])
    #expect(alone.references[0].embedding != people.references[0].embedding)
    #expect(abs(people.references[0].embedding.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
    let back = try ReferenceGallery.decoded(try people.encoded(), path: "people.gallery")
    #expect(back.measure == measure && back.references == people.references)
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
