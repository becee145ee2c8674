import Tensors

/// Open-set identification: who is it, if anybody known? Some classes are enrolled, the others are strangers to the
/// gallery.
///
/// For each trial a share of the classes is known, `shots` references of each are enrolled, and all other images ask. A
/// query's nearest class is the one with the least distance (to the mean of its references); a tie names nobody.
/// At a threshold t: false-alarm rate = queries of strangers with their nearest below t, over all queries of strangers;
/// detection and identification rate = queries of known classes with their nearest below t *and* right, over all queries
/// of known classes. Phillips, Grother and Micheals 2011 (Handbook of Face Recognition, chapter 21).
public struct Identification: Hashable, Sendable {
  /// Nearest distances of strangers' queries, ascending, over all trials.
  public let strangers: [Float]
  /// Nearest distances of known classes' queries that were named rightly, ascending.
  public let right: [Float]
  /// Queries of known classes.
  public let known: Int
  public let trials: Int
  /// Classes enrolled in a trial.
  public let enrolled: Int

  /// Share of known classes' queries whose nearest class is theirs, without any threshold.
  public var rank1: Double { Double(right.count) / Double(known) }

  /// - Parameters:
  ///   - share: of the classes that are known, 0…1; at least one on either side.
  public init(
    _ embeddings: Embeddings, known share: Double = 0.5, shots: Int = 1, trials: Int = 20, seed: UInt64 = 0
  ) throws(MetricError) {
    let function = "identification"
    guard share > 0, share < 1 else {
      throw .outOfRange(function: function, argument: "known", got: "\(share)", expected: "between 0 and 1")
    }
    guard shots >= 1 else {
      throw .outOfRange(function: function, argument: "shots", got: "\(shots)", expected: "1 or more")
    }
    guard trials >= 1, trials <= 100_000 else {
      throw .outOfRange(function: function, argument: "trials", got: "\(trials)", expected: "1 to 100000")
    }
    let groups = embeddings.rowsByClass()
    let able = groups.indices.filter { groups[$0].rows.count > shots }
    let enrolled = min(groups.count - 1, max(1, Int((Double(groups.count) * share).rounded())))
    guard groups.count >= 2, able.count >= enrolled else {
      throw .tooFewClasses(
        function: function, ways: max(enrolled, 1), able: able.count, imagesNeeded: shots + 1, group: nil)
    }
    let stream = RandomStream(seed: seed, stream: 0x6F70656E)
    var strangers: [Float] = []
    var right: [Float] = []
    var known = 0
    for trial in 0..<trials {
      var random = stream.split(UInt64(trial))
      let chosen = Episodes.distinct(enrolled, below: able.count, &random).map { able[$0] }
      var references: [[Int]] = []
      var rest: [(row: Int, place: Int?)] = []
      let isChosen = Set(chosen)
      for (place, index) in chosen.enumerated() {
        let rows = groups[index].rows
        let picks = Set(Episodes.distinct(shots, below: rows.count, &random))
        references.append(rows.indices.filter { picks.contains($0) }.map { rows[$0] })
        for position in rows.indices where !picks.contains(position) { rest.append((rows[position], place)) }
      }
      for index in groups.indices where !isChosen.contains(index) { rest += groups[index].rows.map { ($0, nil) } }
      for (row, place) in rest {
        var best = Float.infinity
        var winner: Int?
        for (candidate, rows) in references.enumerated() {
          let d = embeddings.distance(from: row, toMeanOf: rows)
          if d < best {
            best = d
            winner = candidate
          } else if d == best {
            winner = nil
          }
        }
        if embeddings.metric == .euclidean { best = best.squareRoot() }
        if let place {
          known += 1
          if winner == place { right.append(best) }
        } else {
          strangers.append(best)
        }
      }
    }
    self.strangers = strangers.sorted()
    self.right = right.sorted()
    self.known = known
    self.trials = trials
    self.enrolled = enrolled
  }

  /// The greatest threshold at which at most a share `far` of the strangers' queries are taken for somebody, and the
  /// detection and identification rate there.
  public func point(atFalseAlarms far: Double) throws(MetricError) -> (threshold: Double, far: Double, dir: Double) {
    guard far >= 0, far <= 1 else {
      throw .outOfRange(function: "dir", argument: "far", got: "\(far)", expected: "a share from 0 to 1")
    }
    let allowed = Int((far * Double(strangers.count) + 1e-9).rounded(.down))
    // d < t alarms: with t the (allowed + 1)-th distance, at most `allowed` are below it.
    let threshold: Float
    if allowed < strangers.count {
      threshold = strangers[allowed]
    } else {
      threshold = max(strangers.last ?? 0, right.last ?? 0).nextUp
    }
    func below(_ list: [Float]) -> Int {
      var (low, high) = (0, list.count)
      while low < high {
        let middle = (low + high) / 2
        if list[middle] < threshold { low = middle + 1 } else { high = middle }
      }
      return low
    }
    return (
      Double(threshold), Double(below(strangers)) / Double(max(1, strangers.count)),
      Double(below(right)) / Double(known)
    )
  }

  /// Detection and identification rate at a false-alarm rate.
  public func dir(far: Double) throws(MetricError) -> Double { try point(atFalseAlarms: far).dir }

  /// Whether there are enough queries of strangers to speak of a rate so small: ten that may alarm by mistake.
  public func supports(far: Double) -> Bool { far * Double(strangers.count) >= 10 }
}
