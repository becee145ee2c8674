import Tensors

/// N-way, K-shot recognition of classes never seen.
///
/// Each trial draws N classes, K references from each, and a query that is none of the references from the first; with a
/// gallery of its own the references come from there, whether or not anybody asks about their classes, and the query from
/// the others. The
/// prediction is the class with the least distance (K > 1: to the mean embedding); a tie is an error, so that a network
/// that maps everything to one point scores 0 and not 100 %.
public struct Episodes: Hashable, Sendable {
  /// Classes of an episode.
  public var ways: Int
  /// Images of each class that are shown.
  public var shots: Int
  /// Questions that were asked.
  public var trials: Int
  /// Questions that were answered right.
  public var hits: Int

  /// Share of the questions that were answered right, 0…1.
  public var accuracy: Double { Double(hits) / Double(trials) }

  /// Classes that have enough images, but stand in groups with fewer of them than a trial wants, and how many groups.
  public var leftOut: (classes: Int, groups: Int) { (leftOutClasses, leftOutGroups) }
  private var leftOutClasses = 0
  private var leftOutGroups = 0
  /// Hits and trials by the query's class.
  public var classes: [Cluster]

  /// Half of the 95 % interval of the accuracy on classes never seen: trials whose queries are of one class count
  /// together (see `Intervals`).
  public var margin: Double { Intervals.clustered(classes) }

  /// - Parameters:
  ///   - groups: where given, the group of each class label (`groups[label]`); all classes of a trial then come from
  ///     one group, drawn with a chance proportional to its classes that have queries (Omniglot's alphabets). Groups with
  ///     fewer than `ways` classes are left out; with none left this throws.
  public init(
    _ embeddings: Embeddings, ways: Int, shots: Int = 1, trials: Int = 1000, seed: UInt64 = 0,
    groups: [Int: String]? = nil
  ) throws {
    guard ways >= 2 else {
      throw MetricError.outOfRange(function: "episodes", argument: "ways", got: "\(ways)", expected: "2 or more")
    }
    guard shots >= 1 else {
      throw MetricError.outOfRange(function: "episodes", argument: "shots", got: "\(shots)", expected: "1 or more")
    }
    guard trials >= 1, trials <= 10_000_000 else {
      throw MetricError.outOfRange(
        function: "episodes", argument: "trials", got: "\(trials)", expected: "1 to 10000000")
    }
    let able = embeddings.roles().filter { $0.canBeShown(shots: shots) }
    let needed = embeddings.galleryStart == nil ? shots + 1 : shots
    var pools: [Pool] = []
    if let groups {
      var byGroup: [String: [Embeddings.Roles]] = [:]
      for entry in able { byGroup[groups[entry.label] ?? "", default: []].append(entry) }
      let sorted = byGroup.sorted { $0.key < $1.key }
      let wide = sorted.map(\.value).filter { $0.count >= ways }
      leftOutGroups = sorted.count - wide.count
      leftOutClasses = able.count - wide.reduce(0) { $0 + $1.count }
      pools = wide.map { Pool($0) }
      if wide.isEmpty {
        let largest = sorted.max { $0.value.count < $1.value.count }
        throw MetricError.tooFewClasses(
          function: "episodes", ways: ways, able: largest?.value.count ?? 0, imagesNeeded: needed, shots: shots,
          group: largest.map { "one group (the largest is \($0.key))" } ?? "one group")
      }
    } else {
      guard able.count >= ways else {
        throw MetricError.tooFewClasses(
          function: "episodes", ways: ways, able: able.count, imagesNeeded: needed, shots: shots,
          group: embeddings.galleryStart == nil ? nil : "the gallery")
      }
      pools = [Pool(able)]
    }
    pools.removeAll { $0.asking.isEmpty }
    guard !pools.isEmpty else { throw embeddings.noSharedClass(function: "episodes", shots: shots) }
    let total = pools.reduce(0) { $0 + $1.asking.count }
    let stream = RandomStream(seed: seed, stream: 0x657069)
    var hits = 0
    var clusters: [Int: Cluster] = [:]
    for trial in 0..<trials {
      if trial % 64 == 0 { try LongWork.check() }
      // One stream per trial: trial 7 is the same whether 10 or 1,000 are run.
      var random = stream.split(UInt64(trial))
      var pool = pools[0]
      if pools.count > 1 {
        var ticket = random.int(below: total)
        for candidate in pools {
          pool = candidate
          if ticket < candidate.asking.count { break }
          ticket -= candidate.asking.count
        }
      }
      let (isHit, label) = Self.trial(embeddings, pool: pool, ways: ways, shots: shots, &random)
      clusters[label, default: Cluster()].trials += 1
      if isHit {
        hits += 1
        clusters[label]?.hits += 1
      }
    }
    self.ways = ways
    self.shots = shots
    self.trials = trials
    self.hits = hits
    classes = clusters.sorted { $0.key < $1.key }.map(\.value)
  }

  /// Classes of which a trial takes its own.
  private struct Pool {
    let classes: [Embeddings.Roles]
    /// Places of those that have a query.
    let asking: [Int]

    init(_ classes: [Embeddings.Roles]) {
      self.classes = classes
      asking = classes.indices.filter { classes[$0].asks }
    }

    /// Places of so many classes, the first one with a query. Where all have some, they are drawn together: sessions were
    /// recorded so.
    func draw(_ ways: Int, _ random: inout RandomStream) -> [Int] {
      guard asking.count < classes.count else { return Episodes.distinct(ways, below: classes.count, &random) }
      let first = asking[random.int(below: asking.count)]
      return [first]
        + Episodes.distinct(ways - 1, below: classes.count - 1, &random).map { $0 < first ? $0 : $0 + 1 }
    }
  }

  private static func trial(
    _ embeddings: Embeddings, pool: Pool, ways: Int, shots: Int, _ random: inout RandomStream
  ) -> (isHit: Bool, label: Int) {
    let chosen = pool.draw(ways, &random)
    var queryRow = 0
    var distances: [Double] = []
    distances.reserveCapacity(ways)
    for (position, classIndex) in chosen.enumerated() {
      let (rows, asking) = (pool.classes[classIndex].references, pool.classes[classIndex].queries)
      // The first class is the query's: of one set, one more row than the references.
      let asks = position == 0 && embeddings.galleryStart == nil
      var picked = distinct(asks ? shots + 1 : shots, below: rows.count, &random).map { rows[$0] }
      if asks { queryRow = picked.removeLast() }
      if position == 0, !asks { queryRow = asking[random.int(below: asking.count)] }
      distances.append(embeddings.distance(from: queryRow, toMeanOf: picked))
    }
    return (distances.dropFirst().allSatisfy { distances[0] < $0 }, pool.classes[chosen[0]].label)
  }

  /// `count` different numbers below `limit`, in random order.
  static func distinct(_ count: Int, below limit: Int, _ random: inout RandomStream) -> [Int] {
    guard count * 4 < limit else {
      var all = Array(0..<limit)
      for i in 0..<count { all.swapAt(i, i + random.int(below: limit - i)) }
      return Array(all.prefix(count))
    }
    var picked: [Int] = []
    while picked.count < count {
      let candidate = random.int(below: limit)
      if !picked.contains(candidate) { picked.append(candidate) }
    }
    return picked
  }
}

extension Embeddings {
  /// Distance of a row to the mean of others; squared where that is Euclidean, for only the order counts.
  func distance(from row: Int, toMeanOf others: [Int]) -> Double {
    values.withUnsafeBufferPointer { v -> Double in
      guard let base = v.baseAddress, let first = others.first else { return 0 }
      if others.count == 1 { return metric.ranking(base + row * width, base + first * width, width) }
      var mean = [Float](repeating: 0, count: width)
      for k in 0..<width {
        for other in others { mean[k] += base[other * width + k] }
        mean[k] /= Float(others.count)
        if !mean[k].isFinite {
          // The sum is beyond a float, the mean of floats never is.
          let sum = others.reduce(0.0) { $0 + Double(base[$1 * width + k]) }
          mean[k] = Float(sum / Double(others.count))
        }
      }
      return metric.ranking(base + row * width, mean, width)
    }
  }
}
