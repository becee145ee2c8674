import Foundation
import TestSupport
import Testing

@testable import MetricLearning

/// Intervals of figures about classes never seen cover the truth as often as they say: samples of a world of classes that
/// differ in how easily they are told apart.
@Suite struct IntervalsTests {
  /// Classes of the world: number, centre and noise follow from the seed.
  private static func world(
    _ classes: Range<Int>, each: Int = 5, width: Int = 3, apart: Float = 2
  ) throws -> Embeddings {
    var values: [Float] = []
    var labels: [Int] = []
    for number in classes {
      var numbers = TestNumbers(UInt64(number) &* 7919 &+ 13)
      for _ in 0..<5 { _ = numbers.next() }
      let centre = numbers.floats(width).map { apart * $0 }
      let noise = 0.2 + 1.3 * abs(numbers.float())
      for _ in 0..<each {
        values += centre.map { $0 + noise * numbers.float() }
        labels.append(number)
      }
    }
    return try Embeddings(values: values, width: width, labels: labels)
  }

  /// How often the interval covers the truth, over samples of so many classes.
  private static func coverage(
    classes: Int, samples: Int, truth: Double, _ measure: (Embeddings, UInt64) throws -> (value: Double, half: Double)
  ) throws -> Double {
    var covered = 0
    for sample in 0..<samples {
      let start = 100_000 + sample * classes
      let (value, half) = try measure(world(start..<start + classes), UInt64(sample))
      if abs(value - truth) <= half { covered += 1 }
    }
    return Double(covered) / Double(samples)
  }

  @Test(arguments: [10, 30]) func episodesCover(classes: Int) throws {
    let truth = try Episodes(Self.world(0..<800), ways: 5, trials: 8000, seed: 1).accuracy
    #expect(truth > 0.5 && truth < 0.9)
    let (samples, trials) = (60, 200)
    var (covered, naive) = (0, 0)
    for sample in 0..<samples {
      let start = 100_000 + sample * classes
      let episodes = try Episodes(
        Self.world(start..<start + classes), ways: 5, trials: trials, seed: UInt64(sample))
      #expect(episodes.classes.reduce(0) { $0 + $1.trials } == trials)
      #expect(episodes.classes.reduce(0) { $0 + $1.hits } == episodes.hits)
      let p = episodes.accuracy
      if abs(p - truth) <= episodes.margin { covered += 1 }
      // Trials counted as if they were independent.
      if abs(p - truth) <= 1.96 * (p * (1 - p) / Double(trials)).squareRoot() { naive += 1 }
    }
    #expect(Double(covered) >= 0.88 * Double(samples), "\(covered) of \(samples)")
    #expect(naive < covered - 5, "\(naive), not much less than \(covered)")
  }

  /// Near 100 % they cover less than they say. In a third of these samples of ten classes no trial is wrong: without the
  /// bound for those, half of the intervals hold the truth; with it, about three of four do.
  @Test func nearOneEpisodesCoverLess() throws {
    let truth = try Episodes(Self.world(0..<800, apart: 6), ways: 5, trials: 8000, seed: 1).accuracy
    #expect(truth > 0.96 && truth < 0.99)
    let samples = 60
    var (covered, faultless) = (0, 0)
    for sample in 0..<samples {
      let start = 100_000 + sample * 10
      let episodes = try Episodes(
        Self.world(start..<start + 10, apart: 6), ways: 5, trials: 200, seed: UInt64(sample))
      if episodes.hits == 200 { faultless += 1 }
      if abs(episodes.accuracy - truth) <= episodes.margin { covered += 1 }
    }
    #expect(faultless >= 6, "\(faultless) of \(samples) have no error")
    #expect(Double(covered) >= 0.6 * Double(samples), "\(covered) of \(samples)")
    #expect(Double(covered - faultless) < 0.75 * Double(samples), "without the bound \(covered - faultless)")
  }

  /// No figure is printed as if it were certain, where nothing spreads; only equal distances are.
  @Test func nothingThatSpreadsIsNotCertainty() throws {
    func edge(_ classes: Int) -> Double { 1 - pow(0.05, 1 / Double(classes)) }
    let near = try Self.world(0..<10, apart: 500)
    let distances = try Distances(near)
    #expect(distances.eer == 0 && abs((distances.eerMargin ?? 0) - edge(10)) < 1e-9)
    #expect(try distances.tar(far: 0.1) == 1 && abs((distances.tarMargin(far: 0.1) ?? 0) - edge(10)) < 1e-9)
    let open = try Identification(near, trials: 20, seed: 1)
    #expect(open.rank1 == 1 && abs((open.rank1Margin ?? 0) - edge(10)) < 1e-9)
    #expect(try open.dir(far: 0.1) == 1 && abs((open.dirMargin(far: 0.1) ?? 0) - edge(10)) < 1e-9)
    let same = (0..<40).map { $0 % 2 == 0 }
    let verified = try Verification(
      distances: same.map { $0 ? 1 : 2 }, same: same, folds: 4,
      classes: ((0..<40).map { $0 / 2 % 5 }, (0..<40).map { $0 % 2 == 0 ? $0 / 2 % 5 : ($0 / 2 + 1) % 5 }))
    #expect(verified.accuracy == 1 && abs((verified.margin ?? 0) - edge(5)) < 1e-9)
    let flat = try Distances(
      Embeddings(values: [Float](repeating: 1, count: 50), width: 1, labels: (0..<50).map { $0 / 5 }))
    #expect(flat.eer == 0.5 && (flat.eerMargin ?? 1) < 1e-9 && (flat.tarMargin(far: 0.1) ?? 1) < 1e-9)
  }

  @Test(arguments: [10, 25]) func equalErrorRatesCover(classes: Int) throws {
    let truth = try Distances(Self.world(0..<200))
    let (eer, tar) = (truth.eer, try truth.tar(far: 0.05))
    let samples = 50
    var (covered, tarCovered) = (0, 0)
    for sample in 0..<samples {
      let start = 100_000 + sample * classes
      let distances = try Distances(Self.world(start..<start + classes))
      if abs(distances.eer - eer) <= (try #require(distances.eerMargin)) { covered += 1 }
      if abs(try distances.tar(far: 0.05) - tar) <= (try #require(distances.tarMargin(far: 0.05))) { tarCovered += 1 }
    }
    #expect(covered >= 42 && tarCovered >= 40, "\(covered) and \(tarCovered) of \(samples)")
  }

  @Test func identificationAndVerificationCover() throws {
    func identified(_ embeddings: Embeddings, _ seed: UInt64) throws -> Identification {
      try Identification(embeddings, known: 0.5, trials: 4, seed: seed)
    }
    // The gallery's size decides how hard it is: the truth is that of many galleries of the same size.
    var (rank, dir) = (0.0, 0.0)
    for world in 0..<60 {
      let found = try identified(Self.world(world * 12..<world * 12 + 12), UInt64(world))
      rank += found.rank1 / 60
      dir += try found.dir(far: 0.1) / 60
    }
    let covered = try Self.coverage(classes: 12, samples: 50, truth: rank) { embeddings, seed in
      let found = try identified(embeddings, seed)
      return (found.rank1, try #require(found.rank1Margin))
    }
    #expect(covered >= 0.84, "\(covered)")
    let dirCovered = try Self.coverage(classes: 12, samples: 50, truth: dir) { embeddings, seed in
      let found = try identified(embeddings, seed)
      return (try found.dir(far: 0.1), try #require(found.dirMargin(far: 0.1)))
    }
    #expect(dirCovered >= 0.8, "\(dirCovered)")

    func verified(_ embeddings: Embeddings, _ seed: UInt64, pairs count: Int) throws -> Verification {
      var numbers = TestNumbers(seed &+ 5)
      var (first, second, same): ([Int], [Int], [Bool]) = ([], [], [])
      let groups = embeddings.rowsByClass()
      for pair in 0..<count {
        let a = Int(numbers.next() % UInt64(groups.count))
        let b = pair % 2 == 0 ? a : (a + 1 + Int(numbers.next() % UInt64(groups.count - 1))) % groups.count
        let i = Int(numbers.next() % 5)
        first.append(groups[a].rows[i])
        second.append(groups[b].rows[pair % 2 == 0 ? (i + 1) % 5 : Int(numbers.next() % 5)])
        same.append(pair % 2 == 0)
      }
      return try Verification(
        distances: zip(first, second).map { embeddings.distance($0, $1) }, same: same, folds: 5, seed: seed,
        classes: (first.map { embeddings.labels[$0] }, second.map { embeddings.labels[$0] }))
    }
    let truth = try verified(Self.world(0..<300), 1, pairs: 6000).accuracy
    let verifiedCovered = try Self.coverage(classes: 12, samples: 50, truth: truth) { embeddings, seed in
      let found = try verified(embeddings, seed, pairs: 400)
      return (found.accuracy, try #require(found.margin))
    }
    #expect(verifiedCovered >= 0.85, "\(verifiedCovered)")
  }

  @Test func formulas() throws {
    // Two classes, 10 of 10 and 0 of 10: nothing is known.
    #expect(Intervals.clustered([Cluster(hits: 10, trials: 10), Cluster(hits: 0, trials: 10)]) == 1)
    #expect(Intervals.clustered([Cluster(hits: 3, trials: 10)]) == 1)
    let equal = Intervals.clustered((0..<40).map { _ in Cluster(hits: 6, trials: 10) })
    // All alike, by chance: as if the 400 trials were independent.
    #expect(abs(equal - 1.96 * (0.6 * 0.4 / 400).squareRoot()) < 1e-12)
    for hits in [0, 10] {
      let edge = Intervals.clustered((0..<40).map { _ in Cluster(hits: hits, trials: 10) })
      #expect(edge == Intervals.atTheEdge(classes: 40))
    }
    // scipy.stats.binomtest(10, 10, alternative="greater").proportion_ci(0.95).low is 0.741134.
    #expect(abs(1 - Intervals.atTheEdge(classes: 10) - 0.741134) < 1e-6 && Intervals.atTheEdge(classes: 0) == 1)
    let mixed = Intervals.clustered((0..<40).map { Cluster(hits: $0 % 2 == 0 ? 5 : 7, trials: 10) })
    // Standard deviation 0.1 over 40 classes.
    #expect(abs(mixed - 1.96 * 0.1 * (40.0 / 39).squareRoot() / 40.0.squareRoot()) < 1e-12)
    #expect(Intervals.quantile(classes: 2) == 12.706 && Intervals.quantile(classes: 30) == 2.045)
    #expect(Intervals.quantile(classes: 31) == 1.96)
    // The jackknife of a mean is its standard error.
    let values = [1.0, 2, 4, 7]
    let leftOut = values.map { (14 - $0) / 3 }
    let error = (values.reduce(0) { $0 + ($1 - 3.5) * ($1 - 3.5) } / 3 / 4).squareRoot()
    #expect(abs((Intervals.jackknife(leftOut) ?? 0) - 3.182 * error) < 1e-9)
    // statsmodels.stats.proportion.proportion_confint(389, 400, method="wilson")
    let (low, high) = Intervals.wilson(hits: 389, of: 400)
    #expect(abs(low - 0.951434) < 1e-5 && abs(high - 0.984577) < 1e-5)
  }
}
