extension ReferenceGallery {
  /// Distances between references: of the same label, and of different ones. Of a large gallery every n-th reference is
  /// taken, so that at most `most` are compared with each other. Hardly two of these are of one label; those of the same are
  /// between the first few references of each label that was met.
  public func referenceDistances(most: Int = 600) throws -> (same: [Float], different: [Float], references: Int) {
    try refresh()
    let found = try measuredReferences(most)
    for distance in [found.same, found.different].joined() {
      try checkDistance(Double(distance), function: "distances")
    }
    return found
  }

  private func measuredReferences(
    _ most: Int
  ) throws -> (same: [Float], different: [Float], references: Int) {
    if let remote { return try remote.sample(most, function: distance) }
    var (same, different): ([Float], [Float]) = ([], [])
    guard let rows else { return (same, different, 0) }
    let step = max(1, (referenceCount + max(1, most) - 1) / max(1, most))
    let owners = answering
    let taken = stride(from: 0, to: referenceCount, by: step).map { row($0) }.filter { owners[$0] >= 0 }
    let search = RowSearch(rows: rows, owners: owners, metric: measure.metric)
    func measured(_ row: Int, _ other: Int) -> Float { Float(search.measured(rows.row(row), rows.row(other))) }
    for (index, row) in taken.enumerated() {
      for other in taken[(index + 1)...] {
        if owners[row] != owners[other] {
          different.append(measured(row, other))
        } else if step == 1 {
          same.append(measured(row, other))
        }
      }
    }
    if step > 1 {
      let members = Members(owners)
      for owner in Set(taken.map { owners[$0] }).sorted() {
        let own = members.rows(owner).prefix(Self.ofOneLabel).map(Int.init)
        for (index, row) in own.enumerated() { same += own[(index + 1)...].map { measured(row, $0) } }
      }
    }
    return (same, different, taken.count)
  }

  /// References of one label that are compared with each other, where not all are.
  static let ofOneLabel = 8
}
