import Diagnostics
import Tensors
import TestSupport
import Testing

@testable import MetricLearning

@Suite struct DistancesTests {
  /// The definitions of protocols.md, written as loops.
  static func naiveFAR(_ d: Distances, _ t: Double) -> Double {
    Double(d.different.filter { Double($0) < t }.count) / Double(d.different.count)
  }
  static func naiveFRR(_ d: Distances, _ t: Double) -> Double {
    Double(d.same.filter { Double($0) >= t }.count) / Double(d.same.count)
  }
  static func naiveAUC(_ d: Distances) -> Double {
    var wins = 0.0
    for s in d.same { for x in d.different { wins += s < x ? 1 : (s == x ? 0.5 : 0) } }
    return wins / Double(d.same.count * d.different.count)
  }
  static func naiveEER(_ d: Distances) -> Double {
    var thresholds = Array(Set(Array(d.same) + Array(d.different))).sorted().map(Double.init)
    thresholds.append(thresholds[thresholds.count - 1] + 1)
    for (low, high) in zip(thresholds, thresholds.dropFirst()) {
      let (a0, r0, a1, r1) = (naiveFAR(d, low), naiveFRR(d, low), naiveFAR(d, high), naiveFRR(d, high))
      if a1 >= r1 {
        if a1 == r1 { return a1 }
        let f = (r0 - a0) / ((r0 - a0) + (a1 - r1))
        return a0 + f * (a1 - a0)
      }
    }
    return 1
  }

  @Test(arguments: [0, 1, 2, 3, 4, 5])
  func agreesWithLoops(seed: Int) throws {
    var numbers = TestNumbers(UInt64(seed))
    // Rounded to tenths: many ties.
    let same = (0..<37).map { _ in ((numbers.float() + 1) * 5).rounded() / 10 }
    let different = (0..<53).map { _ in ((numbers.float() + 1.4) * 5).rounded() / 10 }
    let d = try Distances(same: same, different: different)
    #expect(abs(d.auc - Self.naiveAUC(d)) < 1e-12)
    #expect(abs(d.eer - Self.naiveEER(d)) < 1e-12)
    for t in stride(from: 0.0, through: 1.3, by: 0.05) {
      #expect(d.far(at: t) == Self.naiveFAR(d, t))
      #expect(d.frr(at: t) == Self.naiveFRR(d, t))
    }
    for far in [0, 0.01, 0.1, 0.5, 1] {
      let point = try d.point(atFAR: far)
      #expect(point.far <= far + 1e-12)
      #expect(abs(point.tar - (1 - Self.naiveFRR(d, point.threshold))) < 1e-12)
      // No greater threshold among those that occur would keep the promise.
      for t in Array(d.different) + Array(d.same) where Double(t) > point.threshold {
        #expect(Self.naiveFAR(d, Double(t)) > far)
      }
    }
  }

  @Test func allPairsAgreeWithLoops() throws {
    let e = try clouds(classes: 5, each: 31, width: 13, noise: 0.8, seed: 4)
    var same: [Float] = []
    var different: [Float] = []
    for i in 0..<e.count {
      for j in 0..<i {
        var sum = 0.0
        for k in 0..<13 {
          let x = Double(e.values[i * 13 + k]) - Double(e.values[j * 13 + k])
          sum += x * x
        }
        if e.labels[i] == e.labels[j] {
          same.append(Float(sum.squareRoot()))
        } else {
          different.append(Float(sum.squareRoot()))
        }
      }
    }
    let d = try Distances(e)
    #expect(d.same.count == same.count && d.different.count == different.count)
    for (x, y) in zip(d.same, same.sorted()) { #expect(abs(x - y) < 1e-5) }
    for (x, y) in zip(d.different, different.sorted()) { #expect(abs(x - y) < 1e-5) }
  }

  @Test func perfectSeparationHasItsThresholdInTheGap() throws {
    let d = try Distances(same: [0.1, 0.2], different: [0.8, 0.9])
    #expect(d.eer == 0)
    #expect(d.auc == 1)
    #expect(abs(d.threshold - 0.5) < 1e-6)
    #expect(d.accuracy(at: d.threshold) == 1)
  }

  @Test func collapseIsSeen() throws {
    let d = try Distances(same: [0, 0, 0], different: [0, 0])
    #expect(d.isCollapsed)
    #expect(d.auc == 0.5)
    #expect(d.eer == 0.5)
  }

  @Test func errorsInWords() throws {
    // One image is not none, and whoever asked is named.
    #expect(throws: MetricError.noSamePairs(function: "report", classes: 1, items: 1)) {
      try Report(Embeddings(values: [1], width: 1, labels: [0]), name: "one", names: ["a"])
    }
    #expect(throws: MetricError.noSamePairs(function: "distances", classes: 1, items: 1)) {
      try Distances(Embeddings(values: [1], width: 1, labels: [0]))
    }
    #expect(throws: MetricError.noSamePairs(function: "distances", classes: 3, items: 3)) {
      try Distances(Embeddings(values: [1, 2, 3], width: 1, labels: [0, 1, 2]))
    }
    #expect(throws: MetricError.notFinite(function: "distances", item: 1)) {
      try Embeddings(values: [1, 2, .nan, 4], width: 2, labels: [0, 1])
    }
  }

  /// Counted, because too many to be kept: every measure has the bits that the list gives.
  @Test(arguments: [(0, Float(1)), (1, 0.05), (2, 20)], [Metric.euclidean, .l1, .cosine])
  func countsMeasureAsListsDo(setting: (seed: Int, noise: Float), metric: Metric) throws {
    let e = try clouds(classes: 9, each: 20, width: 3, noise: setting.noise, seed: UInt64(setting.seed))
    // Rounded, so that many are equal; and one far from all.
    var values = e.values.map { ($0 * 4).rounded() / 4 }
    values[0] = 1000
    let rough = try Embeddings(values: values, width: 3, labels: e.labels, metric: metric)
    let fine = try Embeddings(values: e.values, width: 3, labels: e.labels, metric: metric)
    for embeddings in [rough, fine] {
      let listed = try Distances(embeddings)
      let counted = try Distances(embeddings, limit: 10)
      #expect(listed.same.list != nil && counted.same.list == nil && counted.different.list == nil)
      #expect(Array(counted.same) == Array(listed.same) && Array(counted.different) == Array(listed.different))
      #expect(counted.equalError == listed.equalError && counted.auc == listed.auc)
      #expect(counted.curve() == listed.curve() && counted.roc(count: 20) == listed.roc(count: 20))
      #expect(counted.isCollapsed == listed.isCollapsed)
      #expect(counted.different.sample(50) == listed.different.sample(50))
      for far in [0, 0.001, 0.1, 1] { #expect(try counted.point(atFAR: far) == listed.point(atFAR: far)) }
      for t in stride(from: 0.0, through: 3, by: 0.17) {
        #expect(counted.far(at: t) == listed.far(at: t) && counted.frr(at: t) == listed.frr(at: t))
        #expect(counted.accuracy(at: t) == listed.accuracy(at: t))
      }
    }
  }

  /// A page of counters takes over from its list, and carries what 32 bits cannot hold.
  @Test func muchUsedPagesCount() throws {
    let builder = DistanceCounts.Builder()
    var all = (0..<200_000).map { Float(1) + Float($0 % 7000) * 1e-6 } + [0, 0.5, 3e38]
    for start in stride(from: 0, to: all.count, by: 30_000) {
      var part = Array(all[start..<min(all.count, start + 30_000)])
      part.withUnsafeMutableBufferPointer { builder.add($0) }
    }
    let counted = RankedDistances(try builder.finish {})
    all.sort()
    #expect(counted.count == all.count && counted.sample(counted.count) == all)
    #expect(counted.runs.reduce(0) { $0 + $1.count } == all.count)
    #expect(counted.below(1) == 2 && counted.below(2) == 200_002)
  }

  @Test func givesUpWhenAsked() throws {
    let e = try clouds(classes: 20, each: 20, width: 16, noise: 1, seed: 3)
    for work in [
      { _ = try Distances(e) }, { _ = try Distances(e, limit: 10) }, { _ = try Retrieval(e) },
      { _ = try Episodes(e, ways: 5, trials: 1000) }, { _ = try Identification(e) },
      { _ = try Confusion(e, names: (0..<20).map { "c\($0)" }) },
      { _ = try Report(e, name: "clouds", names: (0..<20).map { "c\($0)" }) },
      {
        _ = try Verification(
          distances: (0..<100_000).map(Float.init), same: (0..<100_000).map { $0 % 2 == 0 }, folds: 10)
      },
      { _ = try Pairs(Prototypes(classes: 4, each: 4), count: 100_000, seed: 1) },
    ] as [() throws -> Void] {
      #expect(throws: TensorError.interrupted) { try LongWork.run(until: { true }) { try work() } }
    }
  }

  @Test func rocKeepsItsEnds() throws {
    let d = try Distances(clouds(classes: 8, each: 12, width: 4, noise: 1, seed: 9))
    let roc = d.roc(count: 50)
    #expect(roc.count <= 51)
    #expect(roc.first?.far == 0 && roc.last?.far == 1 && roc.last?.tar == 1)
    for (a, b) in zip(roc, roc.dropFirst()) { #expect(a.far <= b.far && a.tar <= b.tar) }
  }

  @Test func retrievalAgreesWithLoops() throws {
    let e = try clouds(classes: 6, each: 7, width: 3, noise: 0.9, seed: 2)
    var p1 = 0.0
    var rp = 0.0
    var map = 0.0
    for q in 0..<e.count {
      let ranked = (0..<e.count).filter { $0 != q }.sorted { e.distance(q, $0) < e.distance(q, $1) }
      let relevant = ranked.map { e.labels[$0] == e.labels[q] }
      if relevant[0] { p1 += 1 }
      rp += Double(relevant.prefix(6).filter { $0 }.count) / 6
      for i in 0..<6 where relevant[i] { map += Double(relevant.prefix(i + 1).filter { $0 }.count) / Double(i + 1) / 6 }
    }
    let r = try Retrieval(e)
    #expect(abs(r.precisionAt1 - p1 / 42) < 1e-12)
    #expect(abs(r.rPrecision - rp / 42) < 1e-12)
    #expect(abs(r.mapAtR - map / 42) < 1e-12)
    let collapsed = try Retrieval(Embeddings(values: [1, 1, 1, 1, 1, 1], width: 1, labels: [0, 0, 0, 1, 1, 1]))
    #expect(collapsed.precisionAt1 == 0)
  }

  /// Ranks among many ties, by sorting: at one distance the others stand first.
  @Test(arguments: [1, 2, 3, 4]) func retrievalRanksTiesLast(seed: Int) throws {
    var numbers = TestNumbers(UInt64(seed))
    let labels = (0..<60).map { _ in Int(numbers.next() % 5) }
    let e = try Embeddings(
      values: (0..<60).map { _ in (numbers.float() * 3).rounded() }, width: 1, labels: labels + [])
    var (map, queries) = (0.0, 0)
    for q in 0..<60 {
      let r = labels.count { $0 == labels[q] } - 1
      guard r > 0 else { continue }
      queries += 1
      let ranked = (0..<60).filter { $0 != q }.sorted {
        (e.distance(q, $0), labels[$0] == labels[q] ? 1 : 0, $0) < (
          e.distance(q, $1), labels[$1] == labels[q] ? 1 : 0, $1
        )
      }
      var found = 0
      for (rank, item) in ranked.prefix(r).enumerated() where labels[item] == labels[q] {
        found += 1
        map += Double(found) / Double(rank + 1) / Double(r)
      }
    }
    let got = try Retrieval(e)
    #expect(got.queries == queries && abs(got.mapAtR - map / Double(queries)) < 1e-12)
  }
}
