import Tensors

extension ReferenceGallery {
  /// Two references that are nearer than a threshold.
  public struct NearPair: Hashable, Sendable {
    /// What such a pair means.
    public enum Kind: String, Sendable {
      /// One embedding twice: the same picture, most likely.
      case duplicate
      /// Different labels: the same person under two names, or two who look alike.
      case labels
    }

    public var kind: Kind
    /// Whose the two references are: one label twice for a duplicate.
    public var label: String
    public var other: String
    /// Between the two embeddings, by the gallery's measure.
    public var distance: Double
    /// Indexes among all references of the gallery.
    public var reference: Int
    public var otherReference: Int
  }

  /// What may be in the gallery twice: embeddings that are there several times, and of each two labels the nearest
  /// references where they are nearer than the threshold. The nearest first.
  ///
  /// - Parameters:
  ///   - threshold: the calibrated one where not given.
  ///   - most: so many pairs at most; duplicates come first, being nearest.
  ///   - progress: told the share that is done.
  public func near(
    threshold: Double? = nil, most: Int = 1000, progress: ((Double) -> Void)? = nil
  ) throws -> [NearPair] {
    try refresh()
    let threshold = try self.threshold(threshold, function: "near")
    if remote != nil { return try whole().near(threshold: threshold, most: most, progress: progress) }
    guard let rows, referenceCount > 0 else { return [] }
    let owners = answering
    let search = RowSearch(rows: rows, owners: owners, metric: measure.metric)
    struct Pair: Hashable {
      var low: Int32
      var high: Int32
    }
    var best: [Pair: (distance: Double, row: Int32, other: Int32)] = [:]
    let living = owners.indices.filter { owners[$0] >= 0 }
    for start in stride(from: 0, to: living.count, by: Self.askedAtOnce) {
      let batch = living[start..<min(living.count, start + Self.askedAtOnce)]
      let found = try search.nearest(
        batch.flatMap { rows.values($0) }, k: 1, passingOver: batch.map { owners[$0] }, within: threshold)
      for (row, list) in zip(batch, found) {
        guard let other = list.first, Self.isBelow(other.distance, threshold) else { continue }
        let own = owners[row]
        let pair = Pair(low: min(own, other.owner), high: max(own, other.owner))
        // Met from both sides; the lower row tells it.
        let (low, high) = (min(Int32(row), other.row), max(Int32(row), other.row))
        if let known = best[pair], (known.distance, known.row, known.other) <= (other.distance, low, high) { continue }
        best[pair] = (other.distance, low, high)
      }
      progress?(Double(start + batch.count) / Double(living.count))
    }
    var pairs = try duplicates(rows, living, most: most)
    let sorted = best.values.sorted { ($0.distance, $0.row, $0.other) < ($1.distance, $1.row, $1.other) }
    for one in sorted.prefix(max(0, most - pairs.count)) {
      pairs.append(
        NearPair(
          kind: .labels, label: try name(of: owners[Int(one.row)]), other: try name(of: owners[Int(one.other)]),
          distance: one.distance, reference: position(Int(one.row)), otherReference: position(Int(one.other))))
    }
    return pairs
  }

  /// Embeddings that a label has several times, each with the first that is equal.
  private func duplicates(_ rows: EmbeddingRows, _ living: [Int], most: Int) throws -> [NearPair] {
    let hashes = RowMemory<Int64>(living.count, 0)
    Workers.shared.parallel(slices: (living.count + 1023) / 1024) { slice in
      for place in slice * 1024..<min(living.count, slice * 1024 + 1024) {
        hashes[place] = GalleryStore.hash(
          UnsafeRawBufferPointer(start: rows.row(living[place]), count: 4 * rows.width))
      }
    }
    let order = living.indices.sorted { (hashes[$0], $0) < (hashes[$1], $1) }
    var pairs: [(row: Int, other: Int)] = []
    var first = 0
    for place in order.indices.dropFirst() {
      if hashes[order[place]] != hashes[order[first]] {
        first = place
        continue
      }
      let (row, other) = (living[order[first]], living[order[place]])
      if owners[row] == owners[other], rows.values(row) == rows.values(other) { pairs.append((row, other)) }
    }
    return try pairs.sorted { ($0.row, $0.other) < ($1.row, $1.other) }.prefix(most).map { row, other in
      let label = try name(of: owners[row])
      return NearPair(
        kind: .duplicate, label: label, other: label, distance: 0, reference: position(row),
        otherReference: position(other))
    }
  }
}
