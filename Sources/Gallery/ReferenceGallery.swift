import Diagnostics
import ElementaryFunctions
import Foundation
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

    /// "mean".
    var words: String { self == .nearest ? "nearest reference" : rawValue }
  }

  /// One picture of somebody known.
  public struct Reference: Hashable, Sendable {
    public var label: String
    /// As the network takes it: `network.inputShape` floats; empty where no picture is kept.
    public let input: [Float]
    /// The network's output for it.
    public let embedding: [Float]
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
    /// Distances below it, by the gallery's measure, count as the same.
    public var threshold: Double
    /// The share of different pairs that was asked to pass at most.
    public var far: Double
    /// The share of same pairs that passed.
    public var tar: Double
    /// How many distances of each kind it was measured on.
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

  /// What a false-accept rate is a share of.
  public enum Counts: String, Hashable, Sendable, Codable, CaseIterable { case pair, query }

  /// p(same | d) = σ(offset − slope · d), where same and different are as likely beforehand.
  public struct Likelihood: Hashable, Sendable, Codable {
    /// The logarithm of the odds at distance 0.
    public var offset: Double
    public var slope: Double

    /// The chance, from 0 to 1, that a distance is of a same pair. Never greater for a greater distance: older files may
    /// hold a slope of the wrong sign, which tells nothing.
    public func probability(_ distance: Double) -> Double {
      slope >= 0 ? Elementary.sigmoid(offset - slope * distance) : 0.5
    }

    /// Whether it tells distances apart: not where the same pairs were no nearer than the different ones.
    public var isInformative: Bool { slope > 0 }
  }

  public let network: Network
  /// How several references of one label answer.
  public var comparison: Comparison
  /// What distances it goes by.
  public let measure: Measure
  var cachedIndex: (version: Int, embedded: Int, comparison: Comparison, expired: Int, index: Index)?
  /// How the nearest are found.
  public var indexKind = GalleryIndex.exact
  var cachedGraph: Graph?
  var cachedLiving: (version: Int, rows: [Int32])?
  var cachedAnswering: Answering?
  /// The time, seconds since 1970: what has expired is told by it.
  var now: () -> Double = { Date().timeIntervalSince1970 }
  var cachedKnown: KnownRows?
  /// The embeddings; nil before the first.
  var rows: EmbeddingRows?
  /// Whose each row is; −1: it was removed.
  var owners: [Int32] = []
  /// How many rows were removed.
  var passed = 0
  /// Of a gallery in memory; one in a file has its labels and pictures there.
  var labelTable = LabelTable()
  /// The prepared image of each row; empty where none is kept.
  var inputs: [[Float]] = []
  /// Of a gallery in memory: where references came from, and for each row which of these it is.
  var origins: [Origin] = []
  var originOf: [Int32] = []
  /// The rows that expire, and when.
  var expiring: [(row: Int32, time: Double)] = []
  /// What was given out to go back to: whoever is forgotten is forgotten there, too.
  var givenStates: [WeakState] = []
  /// The file that it is in.
  var store: GalleryStore?
  /// The database that it is in, on a server: nothing of it is in memory then.
  var remote: PostgresStore?
  /// Where the threshold came from; nil: none was measured yet.
  public internal(set) var calibration: Calibration?
  /// The network's state when the threshold was measured; another one makes it stale.
  var calibratedVersion = 0
  /// The network's state in which the embeddings were made.
  var embeddedVersion: Int
  /// Raised when something changes.
  public internal(set) var version = 0

  /// A gallery in memory with nobody in it.
  public init(network: Network, comparison: Comparison = .nearest, measure: Measure = Measure()) {
    self.network = network
    self.measure = measure
    self.comparison = comparison
    embeddedVersion = network.version
  }

  /// Whether the network was trained after the threshold was measured.
  public var isCalibrationStale: Bool { calibration != nil && calibratedVersion != network.version }

  /// Adds reference images under a label; a label may have several.
  ///
  /// - Parameters:
  ///   - images: prepared as the network takes them, one after the other.
  ///   - shape: of one image. The network is built for it where it is not built yet.
  ///   - source: where they came from.
  ///   - consent: what the person agreed to.
  ///   - expires: from then on they do not answer, seconds since 1970; nil: never.
  @discardableResult
  public func enroll(
    _ label: String, images: [Float], shape: [Int], source: String? = nil, consent: String? = nil,
    expires: Double? = nil
  ) throws -> Enrolled {
    try enroll([label], images: images, shape: shape, source: source, consent: consent, expires: expires)
  }

  /// Adds reference images.
  ///
  /// - Parameter labels: one for each image, or one for all.
  @discardableResult
  public func enroll(
    _ labels: [String], images: [Float], shape: [Int], source: String? = nil, consent: String? = nil,
    expires: Double? = nil
  ) throws -> Enrolled {
    try checkLabels(labels)
    let values = try embed(images, shape: shape, function: "enroll")
    try refresh()
    let size = shape.reduce(1, *)
    let width = values.count * size / images.count
    try checkDistances(ofNew: values, width: width)
    return try add(
      labels, images: images, imageSize: size, embeddings: values, width: width,
      Origin(enrolled: now(), source: source, consent: consent, expires: expires))
  }

  /// Adds embeddings that were made elsewhere, without pictures: they cannot be embedded again where the network changes.
  ///
  /// - Parameters:
  ///   - labels: one for each embedding, or one for all.
  ///   - embeddings: [count, width].
  @discardableResult
  public func enroll(
    _ labels: [String], embeddings: [Float], width: Int, source: String? = nil, consent: String? = nil,
    expires: Double? = nil
  ) throws -> Enrolled {
    try checkLabels(labels)
    try checkEmbeddings(embeddings, width: width, function: "enroll")
    try refresh()
    try checkDistances(ofNew: embeddings, width: width)
    return try add(
      labels, images: [], imageSize: 0, embeddings: embeddings, width: width,
      Origin(enrolled: now(), source: source, consent: consent, expires: expires))
  }

  /// What a call has enrolled.
  public struct Enrolled: Hashable, Sendable {
    /// References that were not there before.
    public var added = 0
    /// References that were there already, and for which something else is agreed to now.
    public var renewed = 0

    public init(added: Int = 0, renewed: Int = 0) { (self.added, self.renewed) = (added, renewed) }
  }

  /// Labels that a person types have no blanks at their ends: "ann " would be somebody beside "ann" whom nobody can tell
  /// from her. Those that a gallery has already stay as they are, and are enrolled further.
  public func checkGiven(_ labels: [String], function: String = "enroll") throws {
    for label in labels where label.first?.isWhitespace ?? false || label.last?.isWhitespace ?? false {
      // Nothing but blanks is an empty one.
      guard label.contains(where: { !$0.isWhitespace }) else { continue }
      if try !contains(label) { throw GalleryError.blanksAround(function: function, label: label) }
    }
  }

  private func checkLabels(_ labels: [String]) throws(GalleryError) {
    for label in labels where !label.contains(where: { !$0.isWhitespace }) { throw .emptyLabel }
  }

  /// Forgets a label with all its references; returns how many there were.
  @discardableResult
  public func remove(_ label: String) throws -> Int {
    try follow()
    try check(label)
    if let remote {
      version += 1
      return try remote.remove(label)
    }
    if let store { return try store.remove(self, label) }
    guard let number = labelTable.remove(label) else { return 0 }
    var count = 0
    for row in owners.indices where owners[row] == number {
      owners[row] = -1
      inputs[row] = []
      originOf[row] = -1
      count += 1
    }
    passed += count
    version += 1
    try compact()
    return count
  }

  /// Rows of removed references are left behind at first; when they are most of all, the others move together.
  func compact() throws {
    guard let old = rows, passed * 2 > owners.count else { return }
    let new = EmbeddingRows(width: old.width, isNormalised: old.isNormalised)
    var kept: [Int32] = []
    var pictures: [[Float]] = []
    var numbers: [Int32] = []
    for row in owners.indices where owners[row] >= 0 {
      try new.append(UnsafeBufferPointer(start: old.row(row), count: old.width))
      kept.append(owners[row])
      pictures.append(inputs[row])
      numbers.append(originOf[row])
    }
    (rows, owners, inputs, originOf, passed) = (new, kept, pictures, numbers, 0)
    lookForExpiring()
  }

  /// - Throws: `GalleryError` where nobody is called so, the new name is blank, or somebody else has it.
  public func rename(_ label: String, to new: String) throws {
    try follow()
    try check(label)
    guard new.contains(where: { !$0.isWhitespace }) else { throw GalleryError.emptyNewLabel }
    guard new != label else { return }
    try checkGiven([new], function: "rename")
    guard try !contains(new) else { throw GalleryError.labelTaken(new) }
    if let remote {
      version += 1
      return try remote.rename(label, to: new)
    }
    if let store { return try store.rename(self, label, to: new) }
    labelTable.rename(label, to: new)
    version += 1
  }

  func check(_ label: String) throws {
    guard try !contains(label) else { return }
    // Of very many names none is looked for that is like it.
    let near = labelCount <= 20_000 ? nearName(label, among: try labels) : nil
    throw GalleryError.unknownLabel(label, near: near, count: labelCount)
  }

  /// Takes in what others have done to its file.
  func follow() throws {
    try remote?.follow()
    try store?.follow(self)
  }
}
