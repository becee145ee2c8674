import Tensors

/// Which classes are taken for which: `shots` references of each class, every other image asks (with a gallery of its own
/// every image that is not of the gallery), and is given to the class
/// with the least distance (to the mean of its references). Where the own class ties with others, the image goes to the
/// first of those. Every class of the gallery can be taken for another, whether or not anybody asks about it.
public struct Confusion: Hashable, Sendable {
  /// Of each row and column.
  public let names: [String]
  /// Images of class i that were given to class j: row-major.
  public let counts: [Int]
  /// Images that could have asked, and did not: their class has too few images, or none in the gallery.
  public let leftOut: Int

  /// How many of class i were taken for class j.
  public func count(_ i: Int, _ j: Int) -> Int { counts[i * names.count + j] }
  /// All questions.
  public var total: Int { counts.reduce(0, +) }
  /// Questions that were answered right.
  public var hits: Int { names.indices.reduce(0) { $0 + count($1, $1) } }
  /// Share of the questions that were answered right, 0…1.
  public var accuracy: Double { Double(hits) / Double(total) }

  /// Pairs of classes by how often one was taken for the other, most first; those never mixed up are left out.
  public var worst: [(from: Int, to: Int, count: Int)] {
    var list: [(from: Int, to: Int, count: Int)] = []
    for i in names.indices {
      for j in names.indices where i != j && count(i, j) > 0 { list.append((i, j, count(i, j))) }
    }
    return list.sorted { ($1.count, $0.from, $0.to) < ($0.count, $1.from, $1.to) }
  }

  /// The most classes of which a matrix is made: 4,096, 128 MB.
  public static let classLimit = 4096

  /// - Parameters:
  ///   - names: of each label.
  public init(
    _ embeddings: Embeddings, names: [String], shots: Int = 1, seed: UInt64 = 0
  ) throws {
    guard shots >= 1 else {
      throw MetricError.outOfRange(function: "confusion", argument: "shots", got: "\(shots)", expected: "1 or more")
    }
    let able = embeddings.roles().filter { $0.canBeShown(shots: shots) }
    guard able.count >= 2 else {
      let isOneSet = embeddings.galleryStart == nil
      throw MetricError.tooFewClasses(
        function: "confusion", ways: 2, able: able.count, imagesNeeded: isOneSet ? shots + 1 : shots, shots: shots,
        group: isOneSet ? nil : "the gallery")
    }
    guard able.contains(where: \.asks) else {
      throw embeddings.noSharedClass(function: "confusion", shots: shots)
    }
    guard able.count <= Self.classLimit else {
      throw MetricError.outOfRange(
        function: "confusion", argument: "the number of classes", got: "\(able.count)",
        expected: "at most \(Self.classLimit)")
    }
    var random = RandomStream(seed: seed, stream: 0x636F6E66)
    var references: [[Int]] = []
    var queries: [(row: Int, place: Int)] = []
    for (place, group) in able.enumerated() {
      let (own, asking) = group.draw(shots: shots, &random)
      references.append(own)
      queries += asking.map { ($0, place) }
    }
    var counts = [Int](repeating: 0, count: able.count * able.count)
    let winners = RowResults(queries.count, 0)
    let asked = queries
    try embeddings.means(of: references).forEachRow(of: embeddings.numbers(of: queries.map(\.row))) {
      query, distances in
      let place = asked[query].place
      var best = distances[place]
      var winner = place
      for candidate in 0..<able.count where candidate != place {
        let d = distances[candidate]
        if d < best || (d == best && winner == place) {
          best = d
          winner = candidate
        }
      }
      winners[query] = winner
    }
    for (query, asked) in queries.enumerated() { counts[asked.place * able.count + winners[query]] += 1 }
    self.names = able.map { names.indices.contains($0.label) ? names[$0.label] : "\($0.label)" }
    self.counts = counts
    let known = Set(able.map(\.label))
    leftOut = embeddings.labels.prefix(embeddings.galleryStart ?? embeddings.count).count { !known.contains($0) }
  }
}
