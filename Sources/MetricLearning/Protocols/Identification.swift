import Diagnostics
import Tensors

/// Open-set identification: who is it, if anybody known? Some classes are enrolled, the others are strangers to the
/// gallery.
///
/// For each trial a share of the classes is known, `shots` references of each are enrolled, and all other images ask; with a
/// gallery of its own, its classes are enrolled from it, and all images that are not of it ask. A
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
  /// Draws of a gallery that were made.
  public let trials: Int
  /// Classes enrolled in a trial.
  public let enrolled: Int
  /// Different images among the strangers' queries: more trials ask with the same ones again.
  public let strangerImages: Int

  /// The same distances by the query's class, ascending, with how many queries of it were of known classes: for
  /// intervals.
  private let classes: [OfClass]

  private struct OfClass: Hashable, Sendable {
    var strangers: [Float] = []
    var right: [Float] = []
    var known = 0
  }

  /// Share of known classes' queries whose nearest class is theirs, without any threshold.
  public var rank1: Double { Double(right.count) / Double(known) }

  /// - Parameters:
  ///   - share: of the classes that are known, 0…1; at least one on either side. With a gallery 1 is possible where there
  ///     are queries of classes that it does not have.
  public init(
    _ embeddings: Embeddings, known share: Double = 0.5, shots: Int = 1, trials: Int = 20, seed: UInt64 = 0
  ) throws {
    let function = "identification"
    let groups = embeddings.roles()
    // Strangers even where all of the gallery is enrolled.
    let hasStrangers = groups.contains { $0.references.isEmpty && !$0.queries.isEmpty }
    let isOneSet = embeddings.galleryStart == nil
    guard share > 0, share < 1 || share == 1 && hasStrangers else {
      throw MetricError.outOfRange(
        function: function, argument: "known", got: NumberText.written(share),
        expected: hasStrangers
          ? "more than 0 and at most 1"
          : isOneSet
            ? "more than 0 and less than 1, so that some classes are strangers"
            : "more than 0 and less than 1: all queries are of classes of the gallery, and some have to be strangers")
    }
    guard shots >= 1 else {
      throw MetricError.outOfRange(function: function, argument: "shots", got: "\(shots)", expected: "1 or more")
    }
    guard trials >= 1, trials <= 100_000 else {
      throw MetricError.outOfRange(function: function, argument: "trials", got: "\(trials)", expected: "1 to 100000")
    }
    guard groups.count >= 2 else {
      guard !groups.isEmpty else { throw MetricError.emptyData(function: function) }
      throw MetricError.noDifferentPairs(function: function, classes: groups.count, items: embeddings.count)
    }
    let able = groups.indices.filter { groups[$0].canBeShown(shots: shots) }
    let listed = groups.count { !$0.references.isEmpty }
    let enrolled = min(listed - (hasStrangers ? 0 : 1), max(1, Int((Double(listed) * share).rounded())))
    guard enrolled >= 1, able.count >= enrolled else {
      throw MetricError.tooFewClasses(
        function: function, ways: max(enrolled, 1), able: able.count, imagesNeeded: isOneSet ? shots + 1 : shots,
        shots: shots, group: isOneSet ? nil : "the gallery")
    }
    guard able.contains(where: { groups[$0].asks }) else {
      throw embeddings.noSharedClass(function: function, shots: shots)
    }
    let stream = RandomStream(seed: seed, stream: 0x6F70656E)
    var strangers: [Float] = []
    var right: [Float] = []
    var known = 0
    var isStranger = [Bool](repeating: false, count: embeddings.count)
    var classes = [OfClass](repeating: OfClass(), count: groups.count)
    for trial in 0..<trials {
      var random = stream.split(UInt64(trial))
      let chosen = Episodes.distinct(enrolled, below: able.count, &random).map { able[$0] }
      var references: [[Int]] = []
      var rest: [(row: Int, place: Int?, group: Int)] = []
      let isChosen = Set(chosen)
      for (place, index) in chosen.enumerated() {
        let (own, asking) = groups[index].draw(shots: shots, &random)
        references.append(own)
        rest += asking.map { ($0, place, index) }
      }
      for index in groups.indices where !isChosen.contains(index) {
        rest += groups[index].queries.map { ($0, nil, index) }
      }
      let asked = rest
      let answers = RowResults(rest.count, (distance: Float.infinity, winner: Int?.none))
      try embeddings.means(of: references).forEachRow(of: embeddings.numbers(of: rest.map(\.row))) { query, distances in
        var best = Float.infinity
        var winner: Int?
        for candidate in 0..<chosen.count {
          let d = distances[candidate]
          if d < best {
            best = d
            winner = candidate
          } else if d == best {
            winner = nil
          }
        }
        answers[query] = (best, winner)
      }
      for (query, asked) in asked.enumerated() {
        let (best, winner) = answers[query]
        if let place = asked.place {
          known += 1
          classes[asked.group].known += 1
          if winner == place {
            right.append(best)
            classes[asked.group].right.append(best)
          }
        } else {
          strangers.append(best)
          isStranger[asked.row] = true
          classes[asked.group].strangers.append(best)
        }
      }
    }
    guard known > 0 else {
      throw MetricError.outOfRange(
        function: function, argument: "trials", got: "\(trials)",
        expected: "more, or known nearer to 1: in none was a class of the queries enrolled")
    }
    self.strangers = try sortedAscending(strangers)
    self.right = try sortedAscending(right)
    for index in classes.indices {
      try LongWork.check()
      classes[index].strangers.sort()
      classes[index].right.sort()
    }
    self.classes = classes
    self.known = known
    self.trials = trials
    self.enrolled = enrolled
    strangerImages = isStranger.count { $0 }
  }

  /// The greatest threshold at which at most a share `far` of the strangers' queries are taken for somebody, and the
  /// detection and identification rate there.
  public func point(atFalseAlarms far: Double) throws(MetricError) -> (threshold: Double, far: Double, dir: Double) {
    guard far >= 0, far <= 1 else {
      throw .outOfRange(function: "dir", argument: "far", got: NumberText.written(far), expected: "a share from 0 to 1")
    }
    let allowed = Int((far * Double(strangers.count) + 1e-9).rounded(.down))
    // d < t alarms: with t the (allowed + 1)-th distance, at most `allowed` are below it.
    let threshold: Float
    if allowed < strangers.count {
      threshold = strangers[allowed]
    } else {
      threshold = max(strangers.last ?? 0, right.last ?? 0).nextUp
    }
    return (
      Double(threshold), Double(Self.below(threshold, strangers)) / Double(max(1, strangers.count)),
      Double(Self.below(threshold, right)) / Double(known)
    )
  }

  private static func below(_ threshold: Float, _ list: [Float]) -> Int {
    var (low, high) = (0, list.count)
    while low < high {
      let middle = (low + high) / 2
      if list[middle] < threshold { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Half of the 95 % interval of `rank1`, by leaving out the queries of one class at a time.
  public var rank1Margin: Double? {
    Intervals.jackknife(
      asking.map { left in
        Double(right.count - left.right.count) / Double(known - left.known)
      }, of: rank1, classes: knownClasses)
  }

  /// Classes that asked: those of a gallery that nobody asks about spread nothing.
  private var asking: [OfClass] { classes.filter { $0.known > 0 || !$0.strangers.isEmpty } }

  /// How many classes were enrolled in some trial and asked.
  private var knownClasses: Int { classes.count { $0.known > 0 } }

  /// The same of the detection and identification rate at a false-alarm rate, the threshold being found anew each time.
  public func dirMargin(far: Double) -> Double? {
    guard let whole = try? dir(far: far) else { return nil }
    return Intervals.jackknife(
      asking.map { left in
        let remaining = strangers.count - left.strangers.count
        let allowed = Int((far * Double(remaining) + 1e-9).rounded(.down))
        guard known > left.known else { return .nan }
        var threshold = Float.infinity
        if allowed < remaining {
          // The place of the (allowed + 1)-th that is of another class: as many further on as of this class are before it.
          var place = allowed
          var passed = 0
          while true {
            let before = Self.below(strangers[place].nextUp, left.strangers)
            if before == passed { break }
            place = min(strangers.count - 1, allowed + before)
            passed = before
          }
          threshold = strangers[place]
        }
        let hits = Self.below(threshold, right) - Self.below(threshold, left.right)
        return Double(hits) / Double(known - left.known)
      }, of: whole, classes: knownClasses)
  }

  /// Detection and identification rate at a false-alarm rate.
  public func dir(far: Double) throws(MetricError) -> Double { try point(atFalseAlarms: far).dir }

  /// Whether there are enough queries of strangers to speak of a rate so small: ten that may alarm by mistake.
  public func supports(far: Double) -> Bool { far * Double(strangers.count) >= 10 }

  /// Whether there are enough different images of strangers for it: more trials make no more of these.
  public func hasImages(far: Double) -> Bool { far * Double(strangerImages) >= 10 }
}
