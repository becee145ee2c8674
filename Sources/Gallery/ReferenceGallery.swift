import Diagnostics
import ElementaryFunctions
import MetricLearning
import NeuralNetworks

/// Known people (or characters, or things) by reference images, under one network. An object with identity.
///
/// References keep their prepared image, so that training the network further only makes them be embedded again. Not for
/// use by two threads at once.
public final class ReferenceGallery {
  /// How several references of one label are compared.
  public enum Comparison: String, Hashable, Sendable, Codable, CaseIterable {
    /// The nearest of them.
    case nearest
    /// Their mean embedding.
    case mean
    /// The one of them with the least sum of distances to the others: a real image, and no odd one.
    case medoid
  }

  public struct Reference: Hashable, Sendable {
    public var label: String
    /// As the network takes it: `network.inputShape` floats.
    public let input: [Float]
    public internal(set) var embedding: [Float]
  }

  /// One label's answer to a query.
  public struct Match: Hashable, Sendable {
    public var label: String
    /// Between embeddings, by the gallery's measure.
    public var distance: Double
    /// Index of the reference nearest to the query, among all of the gallery.
    public var reference: Int
  }

  /// Where a threshold came from, remembered and saved with it.
  public struct Calibration: Hashable, Sendable, Codable {
    public var threshold: Double
    /// The share of different pairs that was asked to pass at most.
    public var far: Double
    /// The share of same pairs that passed.
    public var tar: Double
    public var samePairs: Int
    public var differentPairs: Int
    /// What it was measured on, in words: "strangers, 100 images of 10 classes".
    public var source: String
    /// Of the chance that a distance is of a same pair; nil in files of older versions.
    public var likelihood: Likelihood?
    /// What `far` counts: pairs, or queries of strangers to the gallery as it was; nil: pairs.
    public var counts: Counts?
    /// That the network has learnt from those it was measured on, in words; nil: not as far as is known.
    public var learnt: String?
  }

  public enum Counts: String, Hashable, Sendable, Codable, CaseIterable { case pair, query }

  /// p(same | d) = σ(offset − slope · d), where same and different are as likely beforehand.
  public struct Likelihood: Hashable, Sendable, Codable {
    public var offset: Double
    public var slope: Double

    public func probability(_ distance: Double) -> Double { Elementary.sigmoid(offset - slope * distance) }
  }

  public let network: Network
  public var comparison: Comparison
  /// What distances it goes by.
  public let measure: Measure
  var cachedIndex: (version: Int, embedded: Int, comparison: Comparison, index: Index)?
  public internal(set) var references: [Reference] = []
  public internal(set) var calibration: Calibration?
  /// The network's state when the threshold was measured; another one makes it stale.
  var calibratedVersion = 0
  /// The network's state in which the embeddings were made.
  var embeddedVersion: Int
  /// Raised when something changes.
  public internal(set) var version = 0

  public init(network: Network, comparison: Comparison = .nearest, measure: Measure = Measure()) {
    self.network = network
    self.measure = measure
    self.comparison = comparison
    embeddedVersion = network.version
  }

  /// Labels in the order in which they were first enrolled.
  public var labels: [String] {
    var seen = Set<String>()
    return references.map(\.label).filter { seen.insert($0).inserted }
  }

  /// Whether the network was trained after the threshold was measured.
  public var isCalibrationStale: Bool { calibration != nil && calibratedVersion != network.version }

  /// Adds reference images under a label; a label may have several.
  ///
  /// - Parameters:
  ///   - images: prepared as the network takes them, one after the other.
  ///   - shape: of one image. The network is built for it where it is not built yet.
  public func enroll(_ label: String, images: [Float], shape: [Int]) throws {
    guard label.contains(where: { !$0.isWhitespace }) else { throw GalleryError.emptyLabel }
    let (inputs, embeddings) = try embed(images, shape: shape, function: "enroll")
    try refresh()
    for (input, embedding) in zip(inputs, embeddings) {
      references.append(Reference(label: label, input: input, embedding: embedding))
    }
    version += 1
  }

  /// Forgets a label with all its references; returns how many there were.
  @discardableResult
  public func remove(_ label: String) throws(GalleryError) -> Int {
    try check(label)
    let before = references.count
    references.removeAll { $0.label == label }
    version += 1
    return before - references.count
  }

  public func rename(_ label: String, to new: String) throws(GalleryError) {
    try check(label)
    guard new.contains(where: { !$0.isWhitespace }) else { throw .emptyLabel }
    guard new != label else { return }
    guard !references.contains(where: { $0.label == new }) else { throw .labelTaken(new) }
    for index in references.indices where references[index].label == label { references[index].label = new }
    version += 1
  }

  private func check(_ label: String) throws(GalleryError) {
    guard references.contains(where: { $0.label == label }) else {
      let labels = self.labels
      throw .unknownLabel(label, near: nearName(label, among: labels), count: labels.count)
    }
  }

  /// Embeddings of images; throws for a shape that the network does not take, or numbers that are not finite.
  func embed(_ images: [Float], shape: [Int], function: String) throws -> (inputs: [[Float]], embeddings: [[Float]]) {
    let size = shape.reduce(1, *)
    if let built = network.inputShape, built != shape {
      throw GalleryError.wrongInput(function: function, expected: built, got: shape)
    }
    guard size > 0, !images.isEmpty, images.count % size == 0 else {
      throw GalleryError.wrongInput(function: function, expected: shape, got: [images.count])
    }
    try network.build(inputShape: shape, seed: 0)
    let count = images.count / size
    let width = (network.outputShape ?? []).reduce(1, *)
    if case .weightedL1(let weights, _) = measure.metric, weights.count != width {
      throw MetricError.metricWidth(function: function, weights: weights.count, width: width)
    }
    let values = try embedded(images, shape: shape, count: count)
    guard values.allSatisfy(\.isFinite) else { throw GalleryError.notFinite(function: function) }
    return (
      (0..<count).map { Array(images[$0 * size..<($0 + 1) * size]) },
      (0..<count).map { Array(values[$0 * width..<($0 + 1) * width]) }
    )
  }

  /// Embeds the references again where the network has changed since.
  func refresh() throws {
    guard embeddedVersion != network.version else { return }
    if !references.isEmpty, let shape = network.inputShape {
      let (_, embeddings) = try embed(references.flatMap(\.input), shape: shape, function: "gallery")
      for (index, embedding) in embeddings.enumerated() { references[index].embedding = embedding }
    }
    embeddedVersion = network.version
  }
}
