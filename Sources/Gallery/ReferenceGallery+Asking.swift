extension ReferenceGallery {
  /// The answer to "who is this?".
  public struct Identification: Hashable, Sendable {
    /// Nil: unknown, nobody is nearer than the threshold.
    public var label: String?
    /// The nearest, whether near enough or not.
    public var nearest: Match
    public var threshold: Double
  }

  public struct Verdict: Hashable, Sendable {
    public var same: Bool
    public var distance: Double
    public var threshold: Double
  }

  /// The `k` nearest labels, nearest first (in the order of enrolment where distances are equal), each once.
  public func query(_ image: [Float], shape: [Int], k: Int = 3) throws -> [Match] {
    guard k >= 1 else {
      throw GalleryError.outOfRange(function: "query", argument: "k", got: "\(k)", expected: "1 or more")
    }
    guard !references.isEmpty else { throw GalleryError.empty(function: "query") }
    let embedding = try single(image, shape, "query")
    return Array(matches(embedding).prefix(k))
  }

  /// The nearest label if it is nearer than the threshold, else unknown.
  ///
  /// - Parameter threshold: the calibrated one where not given; with none this throws, because any figure made up here
  ///   would match strangers to somebody.
  public func identify(_ image: [Float], shape: [Int], threshold: Double? = nil) throws -> Identification {
    let threshold = try self.threshold(threshold, function: "identify")
    guard !references.isEmpty else { throw GalleryError.empty(function: "identify") }
    let nearest = matches(try single(image, shape, "identify"))[0]
    return Identification(
      label: nearest.distance < threshold ? nearest.label : nil, nearest: nearest, threshold: threshold)
  }

  /// Whether two images show the same: their distance is below the threshold.
  public func verify(_ a: [Float], _ b: [Float], shape: [Int], threshold: Double? = nil) throws -> Verdict {
    let threshold = try self.threshold(threshold, function: "verify")
    let distance = Self.distance(try single(a, shape, "verify"), try single(b, shape, "verify"))
    return Verdict(same: distance < threshold, distance: distance, threshold: threshold)
  }

  /// Sets the threshold to the greatest at which at most `far` of the different pairs pass, and remembers from what.
  ///
  /// - Parameters:
  ///   - source: in words, what the distances were measured on; best people who are not enrolled.
  ///   - strangers: where given, nearest distances of strangers' queries to this gallery (`nearestDistances`), of which at
  ///     most `far` are to pass, rather than of the different pairs.
  public func calibrate(
    same: [Float], different: [Float], far: Double, source: String, strangers: [Float]? = nil
  ) throws(GalleryError) {
    guard far >= 0, far <= 1 else {
      throw .outOfRange(function: "calibrate", argument: "far", got: "\(far)", expected: "a share from 0 to 1")
    }
    guard !same.isEmpty, !different.isEmpty else {
      throw .tooFewDistances(same: same.count, different: different.count)
    }
    guard same.allSatisfy(\.isFinite), different.allSatisfy(\.isFinite) else { throw .notFinite(function: "calibrate") }
    if let strangers, strangers.isEmpty || !strangers.allSatisfy(\.isFinite) { throw .notFinite(function: "calibrate") }
    let sorted = (strangers ?? different).sorted()
    // d < t passes: with t the (allowed + 1)-th distance, at most `allowed` are below.
    let allowed = Int((far * Double(sorted.count) + 1e-9).rounded(.down))
    let threshold =
      allowed < sorted.count ? Double(sorted[allowed]) : Double(max(sorted[sorted.count - 1], same.max() ?? 0).nextUp)
    let passing = same.count { Double($0) < threshold }
    calibration = Calibration(
      threshold: threshold, far: far, tar: Double(passing) / Double(same.count), samePairs: same.count,
      differentPairs: different.count, source: source, likelihood: Likelihood(same: same, different: different),
      counts: strangers == nil ? .pair : .query)
    calibratedVersion = network.version
    version += 1
  }

  /// How likely a distance is of the same, by the calibration's pairs, same and different being as likely beforehand;
  /// nil without a calibration.
  public func probability(_ distance: Double) -> Double? { calibration?.likelihood?.probability(distance) }

  /// Of each image the distance to the nearest label: what `identify` compares with the threshold.
  public func nearestDistances(_ images: [Float], shape: [Int]) throws -> [Float] {
    guard !references.isEmpty else { throw GalleryError.empty(function: "calibrate") }
    let (_, embeddings) = try embed(images, shape: shape, function: "calibrate")
    try refresh()
    return embeddings.map { Float(matches($0).first?.distance ?? .infinity) }
  }

  private func threshold(_ given: Double?, function: String) throws(GalleryError) -> Double {
    if let given {
      guard given.isFinite, given >= 0 else {
        throw .outOfRange(function: function, argument: "threshold", got: "\(given)", expected: "0 or more")
      }
      return given
    }
    guard let calibration else { throw .notCalibrated(function: function) }
    return calibration.threshold
  }

  private func single(_ image: [Float], _ shape: [Int], _ function: String) throws -> [Float] {
    let embeddings = try embed(image, shape: shape, function: function).embeddings
    guard embeddings.count == 1 else {
      throw GalleryError.wrongInput(function: function, expected: shape, got: [embeddings.count] + shape)
    }
    try refresh()
    return embeddings[0]
  }

  private func matches(_ embedding: [Float]) -> [Match] {
    var order: [String] = []
    var members: [String: [Int]] = [:]
    for (index, reference) in references.enumerated() {
      if members[reference.label] == nil { order.append(reference.label) }
      members[reference.label, default: []].append(index)
    }
    let all = order.map { label -> Match in
      let rows = members[label] ?? []
      var best = Match(label: label, distance: .infinity, reference: rows.first ?? 0)
      for row in rows {
        let d = Self.distance(embedding, references[row].embedding)
        if d < best.distance { best = Match(label: label, distance: d, reference: row) }
      }
      if comparison == .mean, rows.count > 1 {
        var mean = [Float](repeating: 0, count: embedding.count)
        for row in rows { for k in 0..<mean.count { mean[k] += references[row].embedding[k] / Float(rows.count) } }
        best.distance = Self.distance(embedding, mean)
      }
      if comparison == .medoid, rows.count > 1 {
        best.reference = medoid(rows)
        best.distance = Self.distance(embedding, references[best.reference].embedding)
      }
      return best
    }
    return all.enumerated().sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }
      .map(\.element)
  }

  static func distance(_ a: [Float], _ b: [Float]) -> Double {
    var sum = 0.0
    for (x, y) in zip(a, b) { sum += (Double(x) - Double(y)) * (Double(x) - Double(y)) }
    return sum.squareRoot()
  }
}
