extension ReferenceGallery {
  /// The one place where references come in: on the disk first, then in memory.
  ///
  /// - Parameters:
  ///   - labels: one for each embedding, or one for all.
  ///   - embeddings: [count, width].
  ///   - isKept: they come from where a gallery is kept, and are all taken as they stand there.
  @discardableResult
  func add(
    _ labels: [String], images: [Float], imageSize: Int, embeddings: [Float], width: Int, _ origin: Origin,
    isKept: Bool = false
  ) throws -> Enrolled {
    let count = embeddings.count / max(1, width)
    guard labels.count == count || labels.count == 1 else {
      throw GalleryError.labelCount(labels: labels.count, references: count)
    }
    if let remote {
      if remote.networkHash.isEmpty { try keepNetwork(remote) }
      let enrolled = try remote.enroll(
        labels, images: keepsPictures ? images : [], imageSize: keepsPictures ? imageSize : 0, embeddings: embeddings,
        width: width, origin)
      version += 1
      return enrolled
    }
    if let store {
      try follow()
      return try store.enroll(
        self, labels, images: images, imageSize: imageSize, embeddings: embeddings, width: width, origin)
    }
    let incoming = Incoming(labels: labels, values: embeddings, width: width)
    // A session that is replayed enrols the same again: it is there.
    let (new, again) = isKept ? (Array(0..<count), []) : sorted(incoming)
    try append(incoming, new, images, imageSize, origin)
    let renewal = Renewal(consent: origin.consent, expires: origin.expires.map { Renewal.End.at($0) })
    return Enrolled(added: new.count, renewed: try renew(rows: again, renewal))
  }

  /// What one call enrols.
  private struct Incoming {
    let labels: [String]
    let values: [Float]
    let width: Int

    func label(_ index: Int) -> String { labels.count == 1 ? labels[0] : labels[index] }
    func hash(_ index: Int) -> Int64 {
      values.withUnsafeBytes { bytes in
        GalleryStore.hash(UnsafeRawBufferPointer(rebasing: bytes[index * 4 * width..<(index + 1) * 4 * width]))
      }
    }
  }

  /// New rows at the end.
  private func append(
    _ incoming: Incoming, _ new: [Int], _ images: [Float], _ imageSize: Int, _ origin: Origin
  ) throws {
    guard !new.isEmpty else { return }
    let width = incoming.width
    let rows = self.rows ?? EmbeddingRows(width: width, isNormalised: RowSearch.codes(measure.metric).ofLength1)
    if new.count * width == incoming.values.count {
      try rows.append(incoming.values)
    } else {
      try rows.append(new.flatMap { incoming.values[$0 * width..<($0 + 1) * width] })
    }
    self.rows = rows
    let first = owners.count
    owners.reserveCapacity(first + new.count)
    let kept = keep(origin)
    if let time = origin.expires { expiring += new.indices.map { (row: Int32(first + $0), time: time) } }
    originOf += repeatElement(kept, count: new.count)
    var last: (name: String, number: Int32)?
    var known = cachedKnown?.version == version ? cachedKnown : nil
    cachedKnown = nil
    for index in new {
      let label = incoming.label(index)
      // Neighbours mostly have one label: it is looked up once.
      let number: Int32
      if let last, last.name == label {
        _ = labelTable.add(label, references: 1)
        number = last.number
      } else {
        number = labelTable.add(label, references: 1)
        last = (label, number)
      }
      known?.add(incoming.hash(index), of: number, row: owners.count)
      owners.append(number)
      inputs.append(imageSize > 0 ? Array(images[index * imageSize..<(index + 1) * imageSize]) : [])
    }
    version += 1
    known?.version = version
    cachedKnown = known
  }

  // MARK: What is there already

  /// The rows in memory by label and hash, found once for as long as nothing else changes than that rows are added.
  struct KnownRows {
    fileprivate struct Key: Hashable {
      var owner: Int32
      var hash: Int64
    }

    fileprivate var version: Int
    fileprivate let embedded: Int
    /// The first row of each key: hardly ever have two rows one hash.
    fileprivate var rows: [Key: Int32] = [:]

    fileprivate mutating func add(_ hash: Int64, of owner: Int32, row: Int) {
      let key = Key(owner: owner, hash: hash)
      if rows[key] == nil { rows[key] = Int32(row) }
    }
  }

  private func knownRows() -> KnownRows {
    if let known = cachedKnown, known.version == version, known.embedded == embeddedVersion { return known }
    var known = KnownRows(version: version, embedded: embeddedVersion)
    if let rows {
      for row in owners.indices where owners[row] >= 0 {
        let bytes = UnsafeRawBufferPointer(start: rows.row(row), count: 4 * rows.width)
        known.add(GalleryStore.hash(bytes), of: owners[row], row: row)
      }
    }
    cachedKnown = known
    return known
  }

  /// Which of those that come are new, and the rows of those that are there, bit by bit under the same label. As in a file
  /// (`GalleryStore.row(of:)`), equal ones of one call are one.
  private func sorted(_ incoming: Incoming) -> (new: [Int], again: [Int]) {
    let known = knownRows()
    // Labels that come with this call have numbers of its own, below zero.
    var fresh: [String: Int32] = [:]
    // Two embeddings of one hash that are not the same hardly ever come together; then both are new.
    var seen: [KnownRows.Key: Int] = [:]
    var (new, again): ([Int], [Int]) = ([], [])
    let width = incoming.width
    incoming.values.withUnsafeBytes { bytes in
      for index in 0..<bytes.count / max(1, 4 * width) {
        let label = incoming.label(index)
        let own = UnsafeRawBufferPointer(rebasing: bytes[index * 4 * width..<(index + 1) * 4 * width])
        let owner = labelTable.number(label) ?? fresh[label] ?? Int32(-1 - fresh.count)
        if owner == Int32(-1 - fresh.count) { fresh[label] = owner }
        let key = KnownRows.Key(owner: owner, hash: GalleryStore.hash(own))
        if let row = known.rows[key], let same = same(as: own, from: Int(row), of: owner) {
          again.append(same)
          continue
        }
        if let other = seen[key] {
          if bytes[other * 4 * width..<(other + 1) * 4 * width].elementsEqual(own) { continue }
        } else {
          seen[key] = index
        }
        new.append(index)
      }
    }
    return (new, again)
  }

  /// The first row of an owner, from one on, that has these bits.
  private func same(as bytes: UnsafeRawBufferPointer, from first: Int, of owner: Int32) -> Int? {
    guard let rows else { return nil }
    return (first..<owners.count).first { row in
      owners[row] == owner && UnsafeRawBufferPointer(start: rows.row(row), count: 4 * rows.width).elementsEqual(bytes)
    }
  }
}
