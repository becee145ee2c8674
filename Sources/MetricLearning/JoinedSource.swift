import NeuralNetworks

/// The images of two sources, one behind the other: those that ask, then those that are looked through. Classes are the same
/// where their names are.
public struct JoinedSource: ImageSource {
  /// Whose images ask.
  public let queries: any ImageSource
  /// Whose images are looked through.
  public let gallery: any ImageSource
  /// Places in `classNames`; below 0 for images of the gallery whose class has no name.
  public let labels: [Int]
  /// The queries' classes, then the gallery's other ones.
  public let classNames: [String]

  /// - Throws: `outOfRange` where their images differ in shape; `emptyData` where either has no image.
  public init(_ queries: any ImageSource, gallery: any ImageSource, function: String) throws(MetricError) {
    guard queries.count > 0, gallery.count > 0 else { throw .emptyData(function: function) }
    guard queries.shape == gallery.shape else {
      throw .outOfRange(
        function: function, argument: "gallery", got: "images of shape \(gallery.shape)",
        expected: "of images of shape \(queries.shape), as the first dataset is: resize one of them")
    }
    self.queries = queries
    self.gallery = gallery
    var names = queries.classNames
    var places = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let moved = gallery.classNames.map { name in
      if let known = places[name] { return known }
      places[name] = names.count
      names.append(name)
      return names.count - 1
    }
    classNames = names
    labels = queries.labels + gallery.labels.map { moved.indices.contains($0) ? moved[$0] : -1 - $0 }
  }

  public var count: Int { queries.count + gallery.count }
  public var shape: [Int] { queries.shape }
  public var isAugmented: Bool { queries.isAugmented || gallery.isAugmented }
  public var augmentationText: String { "\(queries.augmentationText) | \(gallery.augmentationText)" }

  /// How many of the queries stand in the gallery, too, pixel by pixel: each of those finds itself.
  public func queriesInGallery() throws -> Int {
    let shown = Set(try LearningRecord.fingerprints(of: gallery))
    return try LearningRecord.fingerprints(of: queries).count { shown.contains($0) }
  }

  public func imageFingerprints() throws -> [UInt64]? {
    guard let first = try queries.imageFingerprints(), let second = try gallery.imageFingerprints() else { return nil }
    return first + second
  }

  public func fill(_ out: UnsafeMutablePointer<Float>, items: [Int], draw: UInt64?) throws {
    let start = queries.count
    for (source, isOwn, offset) in [(queries, { $0 < start }, 0), (gallery, { $0 >= start }, start)] {
      let places = items.indices.filter { isOwn(items[$0]) }
      if places.isEmpty { continue }
      if places.count == items.count { return try source.fill(out, items: items.map { $0 - offset }, draw: draw) }
      // Draws go by the place in the list: where there are any, the other source's places are kept for it.
      let list = draw == nil ? places.map { items[$0] - offset } : items.map { isOwn($0) ? $0 - offset : 0 }
      var images = [Float](repeating: 0, count: list.count * itemSize)
      try images.withUnsafeMutableBufferPointer { images in
        guard let base = images.baseAddress else { return }
        try source.fill(base, items: list, draw: draw)
        for (index, place) in places.enumerated() {
          (out + place * itemSize).update(from: base + (draw == nil ? index : place) * itemSize, count: itemSize)
        }
      }
    }
  }
}
