import ElementaryFunctions
import Tensors

/// How well groups that are found without the classes' names are the classes: k-means on the embeddings, and what its
/// clusters and the classes know of each other.
///
/// k-means++ (Arthur and Vassilvitskii 2007) begins, Lloyd's steps follow until nothing changes. For embeddings of length
/// 1 that is nearly spherical k-means; the distance is always Euclidean.
public struct Clustering: Hashable, Sendable {
  /// The cluster of each embedding.
  public let assignment: [Int]
  /// How many clusters there are.
  public let clusters: Int
  /// Mutual information of clusters and classes over the mean of their entropies, 0…1 (Strehl and Ghosh 2002). Grows
  /// with the number of clusters even by chance.
  public let nmi: Double
  /// The same, less what chance gives: 0 for clusters drawn at random, 1 for the classes themselves (Vinh, Epps and
  /// Bailey 2010).
  public let ami: Double
  /// Share of the images that are of the commonest class of their cluster.
  public let purity: Double

  /// The most clusters times images times numbers of one step: a minute or so.
  private static let greatestSteps = 100

  /// - Parameters:
  ///   - clusters: how many to look for, from 1 to the number of embeddings; as many as there are classes where nil.
  ///   - seed: of the first centres.
  /// - Throws: `emptyData`, `outOfRange`, `noDifferentPairs` where all are of one class and `clusters` is nil,
  ///   `noSamePairs` where each is of its own and `clusters` is nil.
  public init(_ embeddings: Embeddings, clusters wanted: Int? = nil, seed: UInt64 = 0) throws {
    guard embeddings.count > 0 else { throw MetricError.emptyData(function: "clustering") }
    let classes = Set(embeddings.labels).count
    // One group of one class agrees with it, whatever the network. Groups that somebody asks for may be looked at.
    guard classes > 1 || wanted != nil else {
      throw MetricError.noDifferentPairs(function: "clustering", classes: classes, items: embeddings.count)
    }
    // As many groups as images are the classes, too, where each class has one image.
    guard classes < embeddings.count || wanted != nil else {
      throw MetricError.noSamePairs(function: "clustering", classes: classes, items: embeddings.count)
    }
    let clusters = wanted ?? classes
    guard (1...embeddings.count).contains(clusters) else {
      throw MetricError.outOfRange(
        function: "clustering", argument: "clusters", got: "\(clusters)",
        expected: "1 to \(embeddings.count), the number of images")
    }
    let euclidean = try Embeddings(
      values: embeddings.values, width: embeddings.width, labels: embeddings.labels, function: "clustering")
    let assignment = try Self.kMeans(euclidean, clusters, seed)
    self.init(assignment, classes: embeddings.labels)
  }

  /// What clusters and classes know of each other.
  /// - Parameters: the cluster and the class of each item, as many of the one as of the other.
  init(_ assignment: [Int], classes: [Int]) {
    let places = Dictionary(uniqueKeysWithValues: Set(classes).sorted().enumerated().map { ($1, $0) })
    let found = Dictionary(uniqueKeysWithValues: Set(assignment).sorted().enumerated().map { ($1, $0) })
    let (rows, columns) = (found.count, places.count)
    var table = [Int](repeating: 0, count: rows * columns)
    for (cluster, label) in zip(assignment, classes) {
      table[(found[cluster] ?? 0) * columns + (places[label] ?? 0)] += 1
    }
    let a = (0..<rows).map { row in table[row * columns..<(row + 1) * columns].reduce(0, +) }
    let b = (0..<columns).map { column in (0..<rows).reduce(0) { $0 + table[$1 * columns + column] } }
    let n = Double(classes.count)
    var information = 0.0
    for row in 0..<rows {
      for column in 0..<columns where table[row * columns + column] > 0 {
        let both = Double(table[row * columns + column])
        information += both / n * Elementary.log(n * both / (Double(a[row]) * Double(b[column])))
      }
    }
    information = max(0, information)
    func entropy(_ counts: [Int]) -> Double {
      counts.reduce(0) { $0 - Double($1) / n * Elementary.log(Double($1) / n) }
    }
    let mean = (entropy(a) + entropy(b)) / 2
    let expected = Self.expectedInformation(a, b, classes.count)
    self.assignment = assignment
    clusters = rows
    // One cluster and one class, or as many of each as items: they agree, and there is nothing to divide by.
    let isTrivial = rows == columns && (rows == 1 || rows == classes.count)
    nmi = isTrivial ? 1 : mean > 0 ? min(1, information / mean) : 0
    let room = mean - expected
    ami = isTrivial ? 1 : (information - expected) / (room < 0 ? min(room, -2.2e-16) : max(room, 2.2e-16))
    purity =
      Double((0..<rows).reduce(0) { $0 + (table[$1 * columns..<($1 + 1) * columns].max() ?? 0) }) / n
  }

  /// The mean of the mutual information over all tables with these margins. Vinh, Epps and Bailey 2010, formula 24a.
  private static func expectedInformation(_ a: [Int], _ b: [Int], _ count: Int) -> Double {
    var logFactorial = [Double](repeating: 0, count: count + 1)
    for k in stride(from: 2, through: count, by: 1) {
      logFactorial[k] = logFactorial[k - 1] + Elementary.log(Double(k))
    }
    // Equal margins give equal terms.
    func groups(_ counts: [Int]) -> [(size: Int, times: Int)] {
      Dictionary(grouping: counts) { $0 }.map { ($0, $1.count) }.sorted { $0.0 < $1.0 }
    }
    let n = Double(count)
    var sum = 0.0
    for (x, timesX) in groups(a) {
      for (y, timesY) in groups(b) {
        var terms = 0.0
        for both in max(1, x + y - count)...max(1, min(x, y)) where both <= min(x, y) {
          let chance =
            logFactorial[x] + logFactorial[y] + logFactorial[count - x] + logFactorial[count - y]
            - logFactorial[count] - logFactorial[both] - logFactorial[x - both] - logFactorial[y - both]
            - logFactorial[count - x - y + both]
          terms +=
            Double(both) / n * Elementary.log(n * Double(both) / (Double(x) * Double(y))) * Elementary.exp(chance)
        }
        sum += terms * Double(timesX) * Double(timesY)
      }
    }
    return sum
  }

  // MARK: k-means

  private static func kMeans(_ embeddings: Embeddings, _ clusters: Int, _ seed: UInt64) throws -> [Int] {
    var centres = try firstCentres(embeddings, clusters, seed)
    var assignment = [Int](repeating: -1, count: embeddings.count)
    for _ in 0..<greatestSteps {
      try LongWork.check()
      let (next, distances) = try nearest(embeddings, centres)
      var groups = [[Int]](repeating: [], count: clusters)
      for (row, cluster) in next.enumerated() { groups[cluster].append(row) }
      // A centre that has lost all of its rows takes the one that is farthest from its own.
      var far = next.indices.sorted { (distances[$1], $0) < (distances[$0], $1) }[...]
      for cluster in groups.indices where groups[cluster].isEmpty {
        while let row = far.popFirst() {
          guard groups[next[row]].count > 1 else { continue }
          groups[next[row]].removeAll { $0 == row }
          groups[cluster] = [row]
          break
        }
      }
      if next == assignment { break }
      assignment = next
      centres = try embeddings.means(of: groups.filter { !$0.isEmpty })
    }
    return assignment
  }

  private static func nearest(_ embeddings: Embeddings, _ centres: Embeddings) throws -> ([Int], [Float]) {
    let found = RowResults(embeddings.count, (0, Float.infinity))
    let count = centres.count
    try centres.forEachRow(of: embeddings.values) { row, distances in
      var best = (0, distances[0])
      for cluster in 1..<max(1, count) where distances[cluster] < best.1 { best = (cluster, distances[cluster]) }
      found[row] = best
    }
    return ((0..<embeddings.count).map { found[$0].0 }, (0..<embeddings.count).map { found[$0].1 })
  }

  /// k-means++: each next centre is a row drawn with a chance that grows with the square of its distance.
  private static func firstCentres(_ embeddings: Embeddings, _ clusters: Int, _ seed: UInt64) throws -> Embeddings {
    var random = RandomStream(seed: seed, stream: 0x6B6D_6E73)
    var chosen = [random.int(below: embeddings.count)]
    var squares = [Double](repeating: .infinity, count: embeddings.count)
    var distances = [Float](repeating: 0, count: embeddings.count)
    while chosen.count < clusters {
      if chosen.count % 64 == 0 { try LongWork.check() }
      embeddings.distances(from: chosen[chosen.count - 1], into: &distances)
      var sum = 0.0
      for row in squares.indices {
        squares[row] = min(squares[row], Double(distances[row]) * Double(distances[row]))
        sum += squares[row]
      }
      guard sum > 0 else {
        // All that is left are copies of centres.
        let taken = Set(chosen)
        chosen += squares.indices.filter { !taken.contains($0) }.prefix(clusters - chosen.count)
        break
      }
      var ticket = random.uniform() * sum
      var next = squares.lastIndex { $0 > 0 } ?? 0
      for row in squares.indices where squares[row] > 0 {
        ticket -= squares[row]
        if ticket < 0 {
          next = row
          break
        }
      }
      chosen.append(next)
    }
    return try embeddings.means(of: chosen.map { [$0] })
  }
}
