import Foundation
import NeuralNetworks

extension ReferenceGallery {
  /// Whether a text is a database's address rather than a file's path.
  public static func isAddress(_ text: String) -> Bool { PostgresStore.isAddress(text) }

  /// A gallery in a database on a server: made where there is none.
  ///
  /// - Parameter network: nil: the database's.
  static func remote(
    _ address: String, network given: Network?, measure: Measure?, keepsPictures: Bool? = nil
  ) throws -> ReferenceGallery {
    var remote = try PostgresStore(address, metric: measure?.metric ?? .euclidean)
    // Whoever only opens a gallery makes none in a database that has another purpose.
    guard try given != nil || remote.hasTables() else { throw GalleryError.noGallery(path: remote.connection.address) }
    try remote.prepareTables()
    func bad(_ reason: String) -> GalleryError { .notAGallery(path: remote.connection.address, reason: reason) }
    var measure = measure
    if let text = try remote.text("measure") {
      guard let own = try? JSONDecoder().decode(Measure.self, from: Data(text.utf8)), (0...10_000).contains(own.views)
      else { throw bad("what it compares by makes no sense") }
      if let measure, measure != own {
        throw GalleryError.otherMeasure(path: remote.connection.address, file: own.words, given: measure.words)
      }
      measure = own
      if own.metric != remote.metric { remote = try PostgresStore(address, metric: own.metric) }
    }
    try remote.readWidth()
    remote.networkHash = try remote.text("network hash") ?? ""
    let network: Network
    if let given {
      network = given
    } else {
      guard let bytes = try remote.bytes("network"), !bytes.isEmpty else {
        throw GalleryError.noNetworkYet(path: remote.connection.address)
      }
      network = try Network.decoded(bytes, path: remote.connection.address)
    }
    let gallery = ReferenceGallery(network: network, measure: measure ?? Measure())
    gallery.remote = remote
    remote.now = { [unowned gallery] in gallery.now() }
    try remote.count()
    let hash = network.inputShape == nil ? "" : GalleryStore.hash(try network.encoded())
    if !remote.networkHash.isEmpty, hash != remote.networkHash {
      throw GalleryError.otherNetwork(path: remote.connection.address)
    }
    if let keepsPictures {
      try remote.set("pictures", keepsPictures ? 1 : 2)
    }
    remote.keepsPictures = try remote.number("pictures") != 2
    if let text = try remote.text("calibration") {
      guard let calibration = try? JSONDecoder().decode(Calibration.self, from: Data(text.utf8)),
        calibration.threshold.isFinite, calibration.threshold >= 0
      else { throw bad("its threshold is no distance") }
      gallery.calibration = calibration
      gallery.calibratedVersion = network.version
    }
    return gallery
  }

  func keepNetwork(_ remote: PostgresStore) throws {
    guard network.isBuilt else { throw GalleryError.networkNotBuilt(function: "enroll") }
    let bytes = try network.encoded()
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text = String(decoding: try encoder.encode(measure), as: UTF8.self)
    try remote.connection.transaction {
      try remote.set("network", bytes: bytes)
      try remote.set("network hash", text: GalleryStore.hash(bytes))
      try remote.set("measure", text: text)
    }
    remote.networkHash = GalleryStore.hash(bytes)
    embeddedVersion = network.version
  }

  /// All of a gallery on a server in memory here, for what goes over all pairs.
  func whole(pictures: Bool = false) throws -> ReferenceGallery {
    guard let remote else { return self }
    let whole = ReferenceGallery(network: network, comparison: comparison, measure: measure)
    whole.now = now
    var (labels, values, images): ([String], [Float], [[Float]]) = ([], [], [])
    var origins: [Origin] = []
    func flush() throws {
      guard !labels.isEmpty else { return }
      try whole.add(
        labels, images: [], imageSize: 0, embeddings: values, width: remote.width, Origin(), isKept: true)
      for (place, image) in images.enumerated() { whole.inputs[whole.inputs.count - images.count + place] = image }
      for (place, origin) in origins.enumerated() {
        whole.originOf[whole.originOf.count - origins.count + place] = whole.keep(origin)
      }
      (labels, values, images, origins) = ([], [], [], [])
    }
    try remote.all(pictures: pictures) { label, embedding, picture, origin in
      labels.append(label)
      values += embedding
      images.append(picture)
      origins.append(origin)
      if labels.count >= 8192 { try flush() }
    }
    try flush()
    whole.lookForExpiring()
    whole.calibration = calibration
    whole.calibratedVersion = calibratedVersion
    return whole
  }

  /// How a gallery is: counts, what has expired; of one on a server the index and what it finds.
  public struct Health: Hashable, Sendable {
    /// Where its references are.
    public enum Place: String, Sendable { case memory, file, database }

    public var place: Place
    public var labels: Int
    public var references: Int
    /// References that do not answer any more.
    public var expired: Int
    /// When the next expires, seconds since 1970; nil: none will.
    public var nextExpiry: Double?
    /// Of a gallery on a server.
    public var database: PostgresStore.Health?
  }

  /// - Throws: `PostgresError` where the database does not answer.
  public func health() throws -> Health {
    try follow()
    if let remote { try remote.count() }
    return Health(
      place: remote != nil ? .database : store != nil ? .file : .memory, labels: labelCount, references: referenceCount,
      expired: expiredCount, nextExpiry: try nextExpiry(), database: try remote?.health())
  }
}
