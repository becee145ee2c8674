import Files
import Foundation
import NeuralNetworks
import SQLite

extension ReferenceGallery {
  /// Where it is, for words; nil: in memory.
  public var path: String? { store?.path ?? remote?.connection.address }

  /// Whether pictures of references are kept.
  public var keepsPictures: Bool { store?.keepsPictures ?? remote?.keepsPictures ?? true }

  /// Opens a gallery's database: what is enrolled from now on is in it at once. The network comes from it.
  public static func open(_ path: String) throws -> ReferenceGallery {
    if PostgresStore.isAddress(path) { return try remote(path, network: nil, measure: nil) }
    let store = try GalleryStore(path, making: false)
    try store.readSettings()
    // The network and the embeddings of one moment, also where another program is changing both.
    return try store.database.snapshot {
      guard let bytes = try store.settingBytes("network"), !bytes.isEmpty else {
        throw GalleryError.noNetworkYet(path: path)
      }
      return try opened(store, try Network.decoded(bytes, path: path), nil, nil)
    }
  }

  /// Opens a gallery's database under a network that is given, or makes one. A file of an older version is turned over.
  ///
  /// - Parameters:
  ///   - comparison, measure: nil: as the file has them.
  ///   - keepsPictures: nil: as the file has it; of a new one true.
  public static func open(
    _ path: String, network: Network, comparison: Comparison?, measure: Measure?, keepsPictures: Bool? = nil
  ) throws -> ReferenceGallery {
    if PostgresStore.isAddress(path) {
      guard comparison == nil || comparison == .nearest else {
        throw GalleryError.noDatabaseMeasure(comparison?.rawValue ?? "")
      }
      return try remote(path, network: network, measure: measure, keepsPictures: keepsPictures)
    }
    let full = FileSystem.expanded(path)
    let start = FileSystem.exists(full) ? try FileSystem.readStart(full, count: 16) : []
    if !start.isEmpty {
      if !GalleryStore.recognises(start) {
        let old = try decoded(try FileSystem.read(full), path: path)
        try old.save(path)
      }
      let store = try GalleryStore(path, making: false)
      // Where another program has just begun to make it, the two agree on who does.
      return try store.isReadOnly || !store.isEmpty()
        ? opened(store, network, comparison, measure, keepsPictures)
        : made(store, network, comparison, measure, keepsPictures)
    }
    // The words for a folder that is not there or closed are the writer's.
    if !FileSystem.exists(full) { _ = try FileWriter(path) }
    return try made(try GalleryStore(path, making: true), network, comparison, measure, keepsPictures)
  }

  /// A new gallery in a file without tables; the one that another program made there meanwhile, where one did.
  private static func made(
    _ store: GalleryStore, _ network: Network, _ comparison: Comparison?, _ measure: Measure?, _ keepsPictures: Bool?
  ) throws -> ReferenceGallery {
    let gallery = ReferenceGallery(
      network: network, comparison: comparison ?? .nearest, measure: measure ?? Measure())
    let isNew = try store.makeTables(isLogged: true) {
      if keepsPictures == false { try store.keepPictures(false) }
      try store.writeMeasure(gallery)
    }
    guard isNew else { return try opened(store, network, comparison, measure, keepsPictures) }
    try store.readSettings()
    gallery.store = store
    try store.database.snapshot { try store.load(gallery) }
    return gallery
  }

  /// - Parameter keepsPictures: changed where it is given and the file may be written.
  private static func opened(
    _ store: GalleryStore, _ network: Network, _ comparison: Comparison?, _ measure: Measure?, _ keepsPictures: Bool?
  ) throws -> ReferenceGallery {
    try store.readSettings()
    let gallery = try store.database.snapshot { try opened(store, network, comparison, measure) }
    if let keepsPictures, keepsPictures != store.keepsPictures, !store.isReadOnly {
      try store.keepPictures(keepsPictures)
    }
    return gallery
  }

  /// Within a snapshot.
  private static func opened(
    _ store: GalleryStore, _ network: Network, _ comparison: Comparison?, _ measure: Measure?
  ) throws -> ReferenceGallery {
    store.networkHash = try store.setting("network hash") ?? ""
    func bad(_ reason: String) -> GalleryError { .notAGallery(path: store.path, reason: reason) }
    guard let word = try store.setting("comparison"), let kept = Comparison(rawValue: word),
      let text = try store.setting("measure"), let own = try? JSONDecoder().decode(Measure.self, from: Data(text.utf8)),
      (0...10_000).contains(own.views), own.augmentation?.isSound ?? (own.views == 0)
    else { throw bad("what it compares by makes no sense") }
    if let measure, measure != own {
      throw GalleryError.otherMeasure(path: store.path, file: own.words, given: measure.words)
    }
    if let comparison, comparison != kept {
      throw GalleryError.otherComparison(path: store.path, file: kept, given: comparison)
    }
    let gallery = ReferenceGallery(network: network, comparison: kept, measure: own)
    gallery.store = store
    let hash = network.inputShape == nil ? "" : GalleryStore.hash(try network.encoded())
    let isOther = !store.networkHash.isEmpty && hash != store.networkHash
    // Another network than that of the embeddings: they are made again before anything is asked.
    if isOther { gallery.embeddedVersion = -1 }
    try store.load(gallery)
    try store.readCalibration(gallery)
    if isOther, gallery.calibration != nil { gallery.calibratedVersion = -1 }
    return gallery
  }

  /// A gallery of the same content and a network of its own, for somebody who works beside this one. Of a gallery in a file:
  /// the file opened once more.
  public func copy() throws -> ReferenceGallery {
    try refresh()
    if let store {
      let copy = try Self.open(store.path)
      copy.indexKind = indexKind
      return copy
    }
    if let remote {
      // A connection of its own: each is used by one thread.
      return try Self.remote(remote.given, network: nil, measure: nil)
    }
    let copy = ReferenceGallery(
      network: try Network.decoded(try network.encoded(), path: "the gallery"), comparison: comparison, measure: measure
    )
    if let rows {
      let own = EmbeddingRows(width: rows.width, isNormalised: rows.isNormalised)
      for start in stride(from: 0, to: owners.count, by: EmbeddingRows.chunkRows) {
        let part = min(EmbeddingRows.chunkRows, owners.count - start)
        try own.append(UnsafeBufferPointer(start: rows.row(start), count: part * rows.width))
      }
      copy.rows = own
    }
    (copy.owners, copy.passed, copy.labelTable, copy.inputs) = (owners, passed, labelTable, inputs)
    (copy.origins, copy.originOf, copy.expiring, copy.now) = (origins, originOf, expiring, now)
    copy.calibration = calibration
    copy.calibratedVersion = isCalibrationStale ? copy.network.version - 1 : copy.network.version
    copy.embeddedVersion = copy.network.version
    copy.indexKind = indexKind
    return copy
  }

  // MARK: The journal

  /// Takes back the last change of a gallery in a file, and says which it was; nil: there is none.
  public func undo() throws -> GalleryStore.Entry? {
    guard let store else { throw GalleryError.notInAFile(function: "undo", path: path) }
    try follow()
    return try store.undo(self)
  }

  /// The last changes of a gallery in a file, the newest first.
  public func history(_ most: Int) throws -> [GalleryStore.Entry] {
    guard let store else { throw GalleryError.notInAFile(function: "history", path: path) }
    try follow()
    return try store.entries(most)
  }
}
