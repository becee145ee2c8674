import Tensors

/// Queries and gallery as separate sets.
extension Embeddings {
  /// What the rows of a class are for.
  struct Roles {
    let label: Int
    /// Those that may ask.
    let queries: [Int]
    /// Those that may be shown.
    let references: [Int]
    /// Whether each row is both.
    let isOneSet: Bool

    /// Whether there are so many references; where one set is both, beside a query.
    func canBeShown(shots: Int) -> Bool { isOneSet ? references.count > shots : references.count >= shots }

    /// Whether any image asks. A class of the gallery that nobody asks about still stands there to be confused with.
    var asks: Bool { !queries.isEmpty }

    /// References that are drawn, in the order of the rows, and those that ask.
    func draw(shots: Int, _ random: inout RandomStream) -> (references: [Int], queries: [Int]) {
      let picks = Set(Episodes.distinct(shots, below: references.count, &random))
      let own = references.indices.filter { picks.contains($0) }.map { references[$0] }
      guard isOneSet else { return (own, queries) }
      return (own, references.indices.filter { !picks.contains($0) }.map { references[$0] })
    }
  }

  /// Of each class, in the order of their numbers.
  func roles() -> [Roles] {
    rowsByClass().map { label, rows in
      guard let start = galleryStart else {
        return Roles(label: label, queries: rows, references: rows, isOneSet: true)
      }
      return Roles(
        label: label, queries: rows.filter { $0 < start }, references: rows.filter { $0 >= start }, isOneSet: false)
    }
  }

  /// That no class of the queries stands in the gallery with so many references, as an error.
  func noSharedClass(function: String, shots: Int) -> MetricError {
    let classes = roles()
    return .noSharedClass(
      function: function, queries: classes.count { $0.asks }, gallery: classes.count { !$0.references.isEmpty },
      imagesNeeded: shots)
  }

  /// Queries and gallery, each as embeddings of its own; nil where they are one set.
  func parts() throws(MetricError) -> (queries: Embeddings, gallery: Embeddings)? {
    guard let start = galleryStart else { return nil }
    func part(_ rows: Range<Int>) throws(MetricError) -> Embeddings {
      try Embeddings(
        values: Array(values[rows.lowerBound * width..<rows.upperBound * width]), width: width,
        labels: Array(labels[rows]), metric: metric)
    }
    return (try part(0..<start), try part(start..<count))
  }
}
