import Foundation
import MetricLearning
import NeuralNetworks
import Postgres
import Tensors

/// A gallery in a PostgreSQL database with pgvector: for more than one machine, and more than one machine's memory.
///
/// The database finds the nearest by its index; this side measures them again with the gallery's own distance, so that
/// distances and thresholds are the same bits as on one machine. Nothing is kept here but the connection and counts.
public final class PostgresStore {
  /// Of the tables: raised with each change of them, and older ones are migrated.
  static let schema: Int64 = 2

  let connection: PostgresConnection
  var networkHash = ""
  let metric: Metric
  var width = 0
  /// Counts as they were a moment ago; others may be adding.
  private(set) var known = (references: 0, labels: 0, expired: 0)
  /// Whether the tables say what was agreed to. Those of a version before do not, where this role may not change them.
  var hasConsent = true
  /// The time, seconds since 1970.
  var now: () -> Double = { Date().timeIntervalSince1970 }
  private var lookedAt: ContinuousClock.Instant?
  /// What `hnsw.ef_search` is.
  var breadth = PostgresStore.breadths[0]

  /// Looks how many there are, at most every few seconds.
  func follow() throws {
    if let lookedAt, ContinuousClock.now - lookedAt < .seconds(5) { return }
    try count()
  }

  func count() throws {
    known = (try referenceCount(), try labelCount(), try expiredCount())
    try takeBreadth()
    lookedAt = .now
  }

  /// The nearest by the index that are measured again.
  static let reranked = 50
  /// References at which an index is worth its making.
  static let indexed = 5000

  /// As it was given, with what it may say of a password.
  let given: String
  var keepsPictures = true

  init(_ address: String, metric: Metric) throws {
    given = address
    switch metric {
    case .euclidean, .squared, .cosine: break
    case .l1, .snr, .weightedL1: throw GalleryError.noDatabaseMeasure(metric.text)
    }
    self.metric = metric
    connection = try PostgresConnection(address, greeting: "SET client_min_messages = warning")
    try connection.set(Self.breadthSetting, to: Self.breadths[0])
  }

  static func isAddress(_ text: String) -> Bool {
    text.hasPrefix("postgresql://") || text.hasPrefix("postgres://")
  }

  func keep(_ calibration: ReferenceGallery.Calibration?) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try connection.transaction {
      try set("calibration", text: try calibration.map { String(decoding: try encoder.encode($0), as: UTF8.self) })
      try enter("calibrated")
    }
  }
}
