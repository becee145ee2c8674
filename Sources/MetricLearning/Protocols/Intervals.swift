import ElementaryFunctions

/// 95 % intervals of figures about classes that were never seen: what is drawn anew with other people or characters is the
/// classes, not the trials, which share them. Trials of one class are not independent, and to count them as if they were
/// promises far too much.
enum Intervals {
  /// 97.5 % quantiles of Student's t for 1, 2, … degrees of freedom.
  private static let student = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
    2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045,
  ]

  /// How many standard errors half an interval is, for so many classes: Student's quantile below 30, 1.96 from there on.
  static func quantile(classes: Int) -> Double {
    classes < 2 ? .infinity : classes - 2 < student.count ? student[classes - 2] : 1.96
  }

  /// Half of the interval of a share that is 0 or 1 in every class, in which nothing spreads: 1 − 0.05^(1/C).
  ///
  /// With μ the share of right answers over all classes there could be, a class drawn from them has only right ones with
  /// a chance of at most μ, and C classes with one of at most μ^C; so all of them being right has a chance below 5 % where
  /// μ < 0.05^(1/C). That is the exact bound of Clopper and Pearson (1934) to one side, the classes being the trials, and
  /// about 3/C, the "rule of three" (Hanley and Lippman-Hand 1983). It holds whatever the classes are like, and so it is
  /// wide. It does nothing where all but a few answers are right: there the spread between the classes is measured on
  /// those few, and the intervals are still too narrow.
  static func atTheEdge(classes: Int) -> Double {
    classes < 1 ? 1 : 1 - Elementary.exp(Elementary.log(0.05) / Double(classes))
  }

  /// Half of the interval of a share of hits, from the hits and trials of each class: with p the share,
  /// q·√(C/(C − 1)·Σ_c (hits_c − p·trials_c)²) / trials; where p is 0 or 1, `atTheEdge`. At most 1.
  static func clustered(_ classes: [Cluster]) -> Double {
    let trials = classes.reduce(0) { $0 + $1.trials }
    guard classes.count > 1, trials > 0 else { return 1 }
    let hits = classes.reduce(0) { $0 + $1.hits }
    if hits == 0 || hits == trials { return atTheEdge(classes: classes.count { $0.trials > 0 }) }
    let p = Double(hits) / Double(trials)
    let sum = classes.reduce(0.0) { sum, one in
      let excess = Double(one.hits) - p * Double(one.trials)
      return sum + excess * excess
    }
    let count = Double(classes.count)
    // Classes that are all alike, by chance: at least as wide as if all trials were independent.
    let square = sum > 1e-9 ? count / (count - 1) * sum : p * (1 - p) * Double(trials)
    return min(1, quantile(classes: classes.count) * square.squareRoot() / Double(trials))
  }

  /// Half of the interval of a figure, from its values with each class left out in turn (the jackknife):
  /// q·√((C − 1)/C·Σ_c (x_c − mean)²). Nil for fewer than two classes.
  static func jackknife(_ leftOut: [Double]) -> Double? {
    guard leftOut.count > 1, leftOut.allSatisfy(\.isFinite) else { return nil }
    let count = Double(leftOut.count)
    let mean = leftOut.reduce(0, +) / count
    let sum = leftOut.reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) }
    return quantile(classes: leftOut.count) * ((count - 1) / count * sum).squareRoot()
  }

  /// The same of a share: where it is 0 or 1, at least `atTheEdge` of the classes that it is over.
  static func jackknife(_ leftOut: [Double], of share: Double, classes: Int) -> Double? {
    guard let margin = jackknife(leftOut) else { return nil }
    return share > 0 && share < 1 ? margin : max(margin, atTheEdge(classes: classes))
  }

  /// Wilson's (1927) interval of a share, for trials that are independent.
  static func wilson(hits: Int, of trials: Int) -> (low: Double, high: Double) {
    guard trials > 0 else { return (0, 1) }
    let (n, z) = (Double(trials), 1.96)
    let p = Double(hits) / n
    let middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    let half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    return (max(0, middle - half), min(1, middle + half))
  }
}

/// What the trials of one class came to.
public struct Cluster: Hashable, Sendable {
  /// Questions that were answered right.
  public var hits: Int
  /// Questions that were asked.
  public var trials: Int

  /// So many of so many.
  public init(hits: Int = 0, trials: Int = 0) {
    self.hits = hits
    self.trials = trials
  }
}
