extension ReferenceGallery {
  /// Distances between references: of the same label, and of different ones. Of a large gallery every n-th reference is
  /// taken, so that at most `most` are compared with each other.
  public func referenceDistances(most: Int = 600) throws -> (same: [Float], different: [Float], references: Int) {
    try refresh()
    if let remote { return try remote.sample(most, function: distance) }
    var (same, different): ([Float], [Float]) = ([], [])
    guard let rows else { return (same, different, 0) }
    let step = max(1, (referenceCount + max(1, most) - 1) / max(1, most))
    let owners = answering
    let taken = stride(from: 0, to: referenceCount, by: step).map { row($0) }.filter { owners[$0] >= 0 }
    let search = RowSearch(rows: rows, owners: owners, metric: measure.metric)
    for (index, row) in taken.enumerated() {
      for other in taken[(index + 1)...] {
        let distance = Float(search.measured(rows.row(row), rows.row(other)))
        if owners[row] == owners[other] { same.append(distance) } else { different.append(distance) }
      }
    }
    return (same, different, taken.count)
  }
}
