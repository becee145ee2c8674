extension ReferenceGallery {
  /// Distances between references: of the same label, and of different ones. Of a large gallery every n-th reference is
  /// taken, so that at most `most` are compared with each other.
  public func referenceDistances(most: Int = 600) throws -> (same: [Float], different: [Float], references: Int) {
    try refresh()
    let step = max(1, (references.count + max(1, most) - 1) / max(1, most))
    let taken = stride(from: 0, to: references.count, by: step).map { references[$0] }
    var (same, different): ([Float], [Float]) = ([], [])
    for (index, reference) in taken.enumerated() {
      for other in taken[(index + 1)...] {
        let distance = Float(distance(reference.embedding, other.embedding))
        if reference.label == other.label { same.append(distance) } else { different.append(distance) }
      }
    }
    return (same, different, taken.count)
  }
}
