/// Successive halving: all trials get a little training, the best part of them more, and so on (Karnin, Koren and Somekh
/// 2013; Jamieson and Talwalkar 2016).
public struct Halving: Hashable, Sendable {
  /// One of the settings, and how far it came.
  public struct Trial: Hashable, Sendable {
    /// Place among the settings.
    public var index: Int
    /// One score for each rung that it reached, the greater the better; not a number: its training failed.
    public var scores: [Double]

    /// The score of the last rung that it reached.
    public var score: Double { scores.last ?? .nan }
  }

  /// In the order of the settings.
  public private(set) var trials: [Trial]

  /// - Parameters:
  ///   - count: how many settings there are.
  ///   - rungs: how many rounds of training.
  ///   - keep: the share that goes on to the next rung, at least one; in (0, 1].
  ///   - score: trains trial `index` up to a rung and scores it. Trials come in the order of their settings.
  ///   - dropped: told of each trial that does not go on.
  public init(
    count: Int, rungs: Int, keep: Double, score: (_ index: Int, _ rung: Int) throws -> Double,
    dropped: (_ index: Int) -> Void = { _ in }
  ) rethrows {
    try self.init(
      count: count, rungs: rungs, keep: keep, scores: { alive, rung in try alive.map { try score($0, rung) } },
      dropped: dropped)
  }

  /// - Parameter scores: trains trials up to a rung and scores them, in their order.
  public init(
    count: Int, rungs: Int, keep: Double, scores: (_ indices: [Int], _ rung: Int) throws -> [Double],
    dropped: (_ index: Int) -> Void = { _ in }
  ) rethrows {
    trials = (0..<count).map { Trial(index: $0, scores: []) }
    var alive = Array(0..<count)
    for rung in 0..<rungs {
      for (index, score) in zip(alive, try scores(alive, rung)) { trials[index].scores.append(score) }
      let going = rung == rungs - 1 ? alive : kept(of: alive, share: keep)
      for index in alive where !going.contains(index) { dropped(index) }
      alive = going
    }
  }

  /// The best of `alive`, in the order of their settings: those whose training failed never go on, and of equals the
  /// first does.
  private func kept(of alive: [Int], share: Double) -> [Int] {
    let sound = alive.filter { !trials[$0].score.isNaN }
    let count = max(1, Int((share * Double(alive.count)).rounded(.up)))
    return sound.sorted { (trials[$0].score, $1) > (trials[$1].score, $0) }.prefix(count).sorted()
  }

  /// Best first: who got further stands before who did not, then by score; failed ones at the end.
  public var ranking: [Trial] {
    trials.sorted { one, other in
      if one.score.isNaN != other.score.isNaN { return other.score.isNaN }
      if one.scores.count != other.scores.count { return one.scores.count > other.scores.count }
      if one.score != other.score, !one.score.isNaN { return one.score > other.score }
      return one.index < other.index
    }
  }

  /// The best trial; nil where every training failed.
  public var best: Trial? { ranking.first.flatMap { $0.score.isNaN ? nil : $0 } }
}
