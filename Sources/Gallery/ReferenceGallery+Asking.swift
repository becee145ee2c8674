import Diagnostics
import MetricLearning

extension ReferenceGallery {
  /// The answer to "who is this?".
  public struct Identification: Hashable, Sendable {
    /// Nil: unknown, nobody is nearer than the threshold, or two are who are equally near.
    public var label: String?
    /// The nearest, whether near enough or not.
    public var nearest: Match
    /// The distance below which `nearest` counts as known.
    public var threshold: Double
    /// Who is as near as `nearest`, to the bit, where both are near enough: a tie names nobody.
    public var tied: String?
  }

  /// The answer to "are these two the same?".
  public struct Verdict: Hashable, Sendable {
    /// Whether the distance is below the threshold.
    public var same: Bool
    /// Between the two embeddings, by the gallery's measure.
    public var distance: Double
    public var threshold: Double
  }

  /// The `k` nearest labels, nearest first (in the order of enrolment where distances are equal), each once.
  public func query(_ image: [Float], shape: [Int], k: Int = 3) throws -> [Match] {
    try checkAsking("query", k)
    return try checked(matches(try single(image, shape, "query"), k: k), function: "query").first ?? []
  }

  /// The same for each of several images, one after the other in `images`; the same answers as one by one.
  public func query(all images: [Float], shape: [Int], k: Int = 3) throws -> [[Match]] {
    try checkAsking("query", k)
    let embeddings = try embed(images, shape: shape, function: "query")
    try refresh()
    return try checked(matches(embeddings, k: k), function: "query")
  }

  /// The same for embeddings that were made elsewhere, [count, width].
  public func query(embeddings: [Float], width: Int, k: Int = 3) throws -> [[Match]] {
    try ask("query", embeddings, width: width, k)
    return try checked(matches(embeddings, k: k), function: "query")
  }

  private func ask(_ function: String, _ embeddings: [Float], width: Int, _ k: Int = 1) throws {
    try checkAsking(function, k)
    try checkEmbeddings(embeddings, width: width, function: function)
    try refresh()
  }

  private func checkAsking(_ function: String, _ k: Int = 1) throws {
    guard k >= 1 else {
      throw GalleryError.outOfRange(function: function, argument: "k", got: "\(k)", expected: "1 or more")
    }
    try follow()
    guard referenceCount > 0 else { throw GalleryError.empty(function: function) }
    guard answeringCount > 0 else { throw GalleryError.allExpired(function: function, count: referenceCount) }
  }

  /// The nearest label if it is nearer than the threshold, else unknown.
  ///
  /// - Parameter threshold: the calibrated one where not given; with none this throws, because any figure made up here
  ///   would match strangers to somebody.
  public func identify(_ image: [Float], shape: [Int], threshold: Double? = nil) throws -> Identification {
    try follow()
    let threshold = try self.threshold(threshold, function: "identify")
    try checkAsking("identify")
    return try identification(try nearestTwo(try single(image, shape, "identify")).first ?? [], threshold)
  }

  /// The same for each of several images, or of embeddings that were made elsewhere.
  public func identify(all images: [Float], shape: [Int], threshold: Double? = nil) throws -> [Identification] {
    try follow()
    let threshold = try self.threshold(threshold, function: "identify")
    try checkAsking("identify")
    let embeddings = try embed(images, shape: shape, function: "identify")
    try refresh()
    return try nearestTwo(embeddings).map { try identification($0, threshold) }
  }

  /// The same for embeddings that were made elsewhere, [count, width].
  public func identify(embeddings: [Float], width: Int, threshold: Double? = nil) throws -> [Identification] {
    try follow()
    let threshold = try self.threshold(threshold, function: "identify")
    try ask("identify", embeddings, width: width)
    return try nearestTwo(embeddings).map { try identification($0, threshold) }
  }

  private func identification(_ matches: [Match], _ threshold: Double) throws -> Identification {
    // The last may have been removed by another a moment ago.
    guard let nearest = matches.first else { throw GalleryError.empty(function: "identify") }
    try checkDistance(nearest.distance, function: "identify")
    var found = Identification(label: nil, nearest: nearest, threshold: threshold)
    guard Self.isBelow(nearest.distance, threshold) else { return found }
    if matches.count > 1, matches[1].distance == nearest.distance {
      found.tied = matches[1].label
    } else {
      found.label = nearest.label
    }
    return found
  }

  /// The nearest label, and the next where one was found: links that are followed may lead past it.
  private func nearestTwo(_ embeddings: [Float]) throws -> [[Match]] { try matches(embeddings, k: 2, atLeast: 1) }

  /// Whether two images show the same: their distance is below the threshold.
  public func verify(_ a: [Float], _ b: [Float], shape: [Int], threshold: Double? = nil) throws -> Verdict {
    try follow()
    let threshold = try self.threshold(threshold, function: "verify")
    let distance = distance(try single(a, shape, "verify"), try single(b, shape, "verify"))
    try checkDistance(distance, function: "verify")
    return Verdict(same: Self.isBelow(distance, threshold), distance: distance, threshold: threshold)
  }

  /// Sets the threshold to the greatest at which at most `far` of the different pairs pass, and remembers from what.
  ///
  /// - Parameters:
  ///   - source: in words, what the distances were measured on; best people who are not enrolled.
  ///   - strangers: where given, nearest distances of strangers' queries to this gallery (`nearestDistances`), of which at
  ///     most `far` are to pass, rather than of the different pairs.
  public func calibrate(
    _ distances: Distances, far: Double, source: String, strangers: [Float]? = nil, learnt: String? = nil
  ) throws {
    try calibrate(pairs: distances, far: far, source: source, strangers: strangers, learnt: learnt)
  }

  /// The same by strangers' queries alone, where there are no pairs of the same to tell a probability by.
  public func calibrate(strangers: [Float], far: Double, source: String, learnt: String? = nil) throws {
    try calibrate(pairs: nil, far: far, source: source, strangers: strangers, learnt: learnt)
  }

  private func calibrate(
    pairs: Distances?, far: Double, source: String, strangers: [Float]?, learnt: String?
  ) throws {
    guard far >= 0, far <= 1 else {
      throw GalleryError.outOfRange(
        function: "calibrate", argument: "far", got: NumberText.written(far), expected: "a share from 0 to 1")
    }
    if let strangers, strangers.isEmpty || !strangers.allSatisfy(\.isFinite) {
      throw GalleryError.notFinite(function: "calibrate")
    }
    let sorted = strangers?.sorted()
    let count = sorted?.count ?? pairs?.different.count ?? 0
    func passing(_ rank: Int) -> Float { sorted?[rank] ?? pairs?.different[rank] ?? 0 }
    // d < t passes: with t the (allowed + 1)-th distance, at most `allowed` are below.
    let allowed = Int((far * Double(count) + 1e-9).rounded(.down))
    let threshold: Double
    if allowed < count {
      threshold = Double(passing(allowed))
    } else {
      let farthest = pairs.map { $0.same[$0.same.count - 1] } ?? 0
      threshold = Double(max(passing(count - 1), farthest).nextUp)
    }
    calibration = Calibration(
      threshold: threshold, far: far, tar: pairs.map { Double($0.same.below(threshold)) / Double($0.same.count) } ?? 0,
      samePairs: pairs?.same.count ?? 0, differentPairs: pairs?.different.count ?? 0, source: source,
      likelihood: try pairs.map {
        try Likelihood(same: $0.same.sample(Self.fitted), different: $0.different.sample(Self.fitted))
      }, counts: strangers == nil ? .pair : .query, learnt: learnt)
    calibratedVersion = network.version
    version += 1
    try store?.keepCalibration(self)
    try remote?.keep(calibration)
  }

  /// The same from lists in any order.
  public func calibrate(
    same: [Float], different: [Float], far: Double, source: String, strangers: [Float]? = nil
  ) throws {
    guard !same.isEmpty, !different.isEmpty else {
      throw GalleryError.tooFewDistances(same: same.count, different: different.count)
    }
    guard same.allSatisfy(\.isFinite), different.allSatisfy(\.isFinite) else {
      throw GalleryError.notFinite(function: "calibrate")
    }
    try calibrate(Distances(same: same, different: different), far: far, source: source, strangers: strangers)
  }

  /// Distances of each kind that the likelihood is fitted to; of more, so many at even ranks.
  private static let fitted = 1 << 20

  /// Whether a distance is nearer than a threshold, which was measured in floats: a stranger that set it is not.
  public static func isBelow(_ distance: Double, _ threshold: Double) -> Bool {
    Double(Float(distance)) < threshold
  }

  /// How likely a distance is of the same, by the calibration's pairs, same and different being as likely beforehand;
  /// nil without a calibration.
  public func probability(_ distance: Double) -> Double? { calibration?.likelihood?.probability(distance) }

  /// Of each image the distance to the nearest label: what `identify` compares with the threshold.
  public func nearestDistances(_ images: [Float], shape: [Int]) throws -> [Float] {
    try checkAsking("calibrate")
    let embeddings = try embed(images, shape: shape, function: "calibrate")
    try refresh()
    let nearest = try nearestDistances(embeddings)
    for distance in nearest { try checkDistance(Double(distance), function: "calibrate") }
    return nearest
  }

  func threshold(_ given: Double?, function: String) throws(GalleryError) -> Double {
    if let given {
      guard given.isFinite, given >= 0 else {
        throw .outOfRange(
          function: function, argument: "threshold", got: NumberText.written(given), expected: "0 or more")
      }
      return given
    }
    guard let calibration else { throw .notCalibrated(function: function) }
    return calibration.threshold
  }

  private func single(_ image: [Float], _ shape: [Int], _ function: String) throws -> [Float] {
    let embedding = try embed(image, shape: shape, function: function)
    guard image.count == shape.reduce(1, *) else {
      throw GalleryError.wrongInput(
        function: function, expected: shape, got: [image.count / max(1, shape.reduce(1, *))] + shape)
    }
    try refresh()
    return embedding
  }
}
