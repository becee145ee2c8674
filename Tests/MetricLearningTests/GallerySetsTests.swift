import NeuralNetworks
import Tensors
import TestSupport
import Testing

@testable import MetricLearning

/// Protocols in which queries and gallery are separate sets, against plain loops.
@Suite struct GallerySetsTests {
  /// Eight classes; the last is of queries alone, the one before it of the gallery alone.
  private static func embeddings(metric: Metric = .euclidean) throws -> Embeddings {
    let all = try clouds(classes: 8, each: 9, width: 6, noise: 1.2, seed: 4)
    let asking = (0..<all.count).filter { $0 % 9 < 5 && all.labels[$0] != 6 }
    let shown = (0..<all.count).filter { $0 % 9 >= 5 && all.labels[$0] != 7 }
    var values: [Float] = []
    for row in asking + shown { values += all.values[row * 6..<row * 6 + 6] }
    return try Embeddings(
      values: values, width: 6, labels: (asking + shown).map { all.labels[$0] },
      metric: metric, galleryStart: asking.count)
  }

  private static func pairs(_ e: Embeddings) -> (same: [Float], different: [Float]) {
    let start = e.galleryStart ?? 0
    var (same, different): ([Float], [Float]) = ([], [])
    for q in 0..<start {
      for g in start..<e.count {
        if e.labels[q] == e.labels[g] { same.append(e.distance(q, g)) } else { different.append(e.distance(q, g)) }
      }
    }
    return (same.sorted(), different.sorted())
  }

  @Test(arguments: [Metric.euclidean, .cosine]) func distances(metric: Metric) throws {
    let e = try Self.embeddings(metric: metric)
    let (same, different) = Self.pairs(e)
    let d = try Distances(e)
    #expect(d.same.list?.count == same.count && d.different.list?.count == different.count)
    for (one, other) in zip((d.same.list ?? []) + (d.different.list ?? []), same + different) {
      #expect(abs(one - other) < 1e-4)
    }
    // Counted, every measure is the same.
    let counted = try Distances(e, limit: 10)
    #expect(counted.same.list == nil && counted.eer == d.eer && counted.auc == d.auc)
    // The interval is that of the figures with one class left out in turn, from the queries and from the gallery.
    let start = e.galleryStart ?? 0
    let left = try Set(e.labels).sorted().map { label -> Double in
      let kept = e.labels.indices.filter { e.labels[$0] != label }
      var rows: [Float] = []
      for row in kept { rows += e.values[row * 6..<row * 6 + 6] }
      return try Distances(
        Embeddings(
          values: rows, width: 6, labels: kept.map { e.labels[$0] },
          metric: metric, galleryStart: kept.count { $0 < start })
      ).eer
    }
    let expected = try #require(Intervals.jackknife(left))
    #expect(abs((d.eerMargin ?? 9) - expected) < 0.2 * expected + 0.02)
    #expect(
      throws: MetricError.noSharedClass(function: "distances", queries: 1, gallery: 1, imagesNeeded: 1)
    ) {
      try Distances(Embeddings(values: [1, 2, 3, 4], width: 1, labels: [0, 0, 1, 1], galleryStart: 2))
    }
    #expect(throws: MetricError.noDifferentPairs(function: "distances", classes: 1, items: 2)) {
      try Distances(Embeddings(values: [1, 2], width: 1, labels: [0, 0], galleryStart: 1))
    }
  }

  @Test func retrieval() throws {
    let e = try Self.embeddings()
    let start = e.galleryStart ?? 0
    let r = try Retrieval(e)
    var (hits, count) = (0, 0)
    for q in 0..<start where e.labels[q] != 7 {
      count += 1
      let nearest = (start..<e.count).min { e.distance(q, $0) < e.distance(q, $1) } ?? 0
      if e.labels[nearest] == e.labels[q] { hits += 1 }
    }
    #expect(r.queries == count && r.leftOut == 5)
    #expect(abs(r.precisionAt1 - Double(hits) / Double(count)) < 1e-9)
  }

  /// With as many shots as the gallery has of each class nothing but the classes and the query is drawn: each trial is
  /// found again by a loop over all there can be.
  @Test func episodes() throws {
    let e = try Self.embeddings()
    let start = e.galleryStart ?? 0
    // Six classes have both, the seventh only references; of seven ways every class is in every trial.
    let found = try Episodes(e, ways: 7, shots: 4, trials: 4000, seed: 3)
    var hits: [Int: Bool] = [:]
    for q in 0..<start where e.labels[q] < 6 {
      let distances = (0..<7).map { label in
        e.distance(from: q, toMeanOf: (start..<e.count).filter { e.labels[$0] == label })
      }
      let own = distances[e.labels[q]]
      hits[q] = distances.enumerated().allSatisfy { $0.offset == e.labels[q] || own < $0.element }
    }
    let expected = Double(hits.values.count { $0 }) / Double(hits.count)
    #expect(abs(found.accuracy - expected) < 0.03)
    #expect(found.classes.count == 6)
    #expect(
      throws: MetricError.tooFewClasses(
        function: "episodes", ways: 8, able: 7, imagesNeeded: 4, shots: 4, group: "the gallery")
    ) { try Episodes(e, ways: 8, shots: 4, trials: 10) }
    #expect(try Episodes(e, ways: 7, shots: 4, trials: 4000, seed: 3) == found)
  }

  @Test func confusion() throws {
    let e = try Self.embeddings()
    let start = e.galleryStart ?? 0
    let c = try Confusion(e, names: (0..<8).map { "c\($0)" }, shots: 4, seed: 1)
    var counts = [Int](repeating: 0, count: 49)
    for q in 0..<start where e.labels[q] < 6 {
      let nearest = (0..<7).min { one, other in
        func reach(_ label: Int) -> Double {
          e.distance(from: q, toMeanOf: (start..<e.count).filter { e.labels[$0] == label })
        }
        return reach(one) < reach(other)
      }
      counts[e.labels[q] * 7 + (nearest ?? 0)] += 1
    }
    #expect(c.names == (0..<7).map { "c\($0)" } && c.counts == counts && c.total == 30)
    // Whoever asks and is in no reference is counted.
    #expect(c.leftOut == start - c.total && c.leftOut > 0)
  }

  /// Few ask among many: whoever is not asked about can still be taken for somebody who is.
  @Test func classesWithoutQueriesAreCandidates() throws {
    // Two classes ask; their queries lie beside two other classes of the gallery.
    let e = try Embeddings(
      values: [0.9, 5.9, 0, 5, 1, 6, 20, 30], width: 1, labels: [0, 1, 0, 1, 2, 3, 4, 5], galleryStart: 2)
    let c = try Confusion(e, names: ["a", "b", "c", "d", "e", "f"])
    #expect(c.names.count == 6 && c.total == 2 && c.hits == 0 && c.count(0, 2) == 1 && c.count(1, 3) == 1)
    let all = try Episodes(e, ways: 6, trials: 50, seed: 1)
    #expect(all.hits == 0 && all.classes.count == 2)
    // Of two ways the neighbour is drawn in one of five trials.
    let two = try Episodes(e, ways: 2, trials: 2000, seed: 1)
    #expect(abs(two.accuracy - 0.8) < 0.05)
    // Within groups only a group with a query gives trials.
    let groups = [0: "x", 1: "y", 2: "x", 3: "y", 4: "z", 5: "z"]
    let within = try Episodes(e, ways: 2, trials: 40, seed: 1, groups: groups)
    #expect(within.hits == 0 && within.leftOut.groups == 0 && within.leftOut.classes == 0)
    let strangers = try Embeddings(values: [1, 2, 3, 4], width: 1, labels: [0, 1, 2, 3], galleryStart: 2)
    for function in ["episodes", "confusion", "identification", "retrieval"] {
      #expect(
        throws: MetricError.noSharedClass(function: function, queries: 2, gallery: 2, imagesNeeded: 1)
      ) {
        switch function {
        case "episodes": _ = try Episodes(strangers, ways: 2, trials: 4)
        case "confusion": _ = try Confusion(strangers, names: ["a", "b", "c", "d"])
        case "identification": _ = try Identification(strangers)
        default: _ = try Retrieval(strangers)
        }
      }
    }
  }

  /// All of the gallery is enrolled: the queries of the class that it has not are the strangers.
  @Test func identification() throws {
    let e = try Self.embeddings()
    let start = e.galleryStart ?? 0
    let all = try Identification(e, known: 1, shots: 4, trials: 1, seed: 2)
    #expect(all.enrolled == 7 && all.known == 30 && all.strangers.count == 5)
    var (right, strangers): ([Float], [Float]) = ([], [])
    for q in 0..<start {
      let reach = (0..<7).map { label -> Float in
        let squared = e.distance(from: q, toMeanOf: (start..<e.count).filter { e.labels[$0] == label })
        return Float(squared).squareRoot()
      }
      let least = reach.min() ?? 0
      if e.labels[q] == 7 { strangers.append(least) } else if reach[e.labels[q]] == least { right.append(least) }
    }
    #expect(all.right.count == right.count)
    for (one, other) in zip(all.right + all.strangers, right.sorted() + strangers.sorted()) {
      #expect(abs(one - other) < 1e-4)
    }
    // A share of them: every query asks in every trial.
    let half = try Identification(e, known: 0.5, shots: 2, trials: 6, seed: 2)
    #expect(half.enrolled == 4 && half.known + half.strangers.count == 6 * 35)
    // The interval is that of the classes that ask: it is no narrower for more people in the gallery.
    var (values, labels): ([Float], [Int]) = ([0, 10, 20, 20.4, 0, 10, 20.5], [0, 1, 2, 2, 0, 1, 2])
    let few = try Embeddings(values: values, width: 1, labels: labels, galleryStart: 4)
    for more in 3..<40 {
      values.append(20.3 + Float(more))
      labels.append(more)
    }
    let many = try Embeddings(values: values, width: 1, labels: labels, galleryStart: 4)
    let one = try Identification(few, known: 0.9, trials: 60, seed: 1)
    let other = try Identification(many, known: 0.9, trials: 60, seed: 1)
    #expect(one.rank1 == 1 && other.rank1 == 1)
    #expect((other.rank1Margin ?? 0) == (one.rank1Margin ?? 1) && (one.rank1Margin ?? 0) > 0.6)
    // Without strangers somebody has to stay outside.
    let two = try Embeddings(
      values: [0, 5, 0.1, 5.1], width: 1, labels: [0, 1, 0, 1], galleryStart: 2)
    #expect(throws: MetricError.self) { try Identification(two, known: 1) }
    #expect(try Identification(two, known: 0.9, trials: 3, seed: 1).enrolled == 1)
  }

  private struct Named: ImageSource {
    let base: Prototypes
    let classNames: [String]
    let labels: [Int]
    var count: Int { base.count }
    var shape: [Int] { base.shape }
    var isAugmented: Bool { base.isAugmented }
    func fill(_ out: UnsafeMutablePointer<Float>, items: [Int], draw: UInt64?) throws {
      try base.fill(out, items: items, draw: draw)
    }

    init(_ base: Prototypes, names: [String]) {
      (self.base, classNames, labels) = (base, names, base.labels)
    }
  }

  /// Two sources as one: labels by the classes' names, and every image where its own source puts it, drawn or not.
  @Test func joinedSources() throws {
    let queries = Named(Prototypes(classes: 3, each: 4, isAugmented: true), names: ["a", "b", "c"])
    let gallery = Named(Prototypes(classes: 3, each: 2, isAugmented: true), names: ["c", "d", "a"])
    let joined = try JoinedSource(queries, gallery: gallery, function: "x")
    #expect(joined.classNames == ["a", "b", "c", "d"])
    #expect(joined.labels == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 0, 0])
    func filled(_ source: any ImageSource, _ items: [Int], _ draw: UInt64?) throws -> [Float] {
      var out = [Float](repeating: .nan, count: items.count * 64)
      try out.withUnsafeMutableBufferPointer { try source.fill(try #require($0.baseAddress), items: items, draw: draw) }
      return out
    }
    for draw in [nil, UInt64(9)] {
      let both = try filled(joined, [13, 2, 11, 12, 0], draw)
      let (one, other) = (try filled(queries, [0, 2, 11, 0, 0], draw), try filled(gallery, [1, 0, 0, 0, 0], draw))
      for (place, source) in [other, one, one, other, one].enumerated() {
        #expect(both[place * 64..<place * 64 + 64] == source[place * 64..<place * 64 + 64], "\(place)")
      }
      #expect(try filled(joined, [14, 15], draw) == filled(gallery, [2, 3], draw))
    }
    // The first two items are drawn alike in both.
    #expect(try joined.queriesInGallery() == 2)
    let twice = try JoinedSource(queries, gallery: queries, function: "x")
    #expect(try twice.queriesInGallery() == 12)
    let own = Pairs(source: twice, first: [0, 1, 2, 1], second: [12, 14, 15, 14], same: [true, true, true, true])
    #expect(try own.repeats() == 1 && own.showingOneImageTwice() == 1)
    let network = try Network([.flatten, .dense(units: 3)])
    let e = try Embeddings(network, joined, function: "x")
    #expect(e.galleryStart == 12 && e.labels == joined.labels)
    #expect(Array(e.values[36...]) == (try Embeddings(network, gallery, function: "x")).values)
    // Pairs across both.
    let pairs = try Pairs(joined, count: 400, seed: 2, same: 0.25)
    #expect(pairs.sameCount == 100)
    #expect(pairs.first.allSatisfy { $0 < 12 } && pairs.second.allSatisfy { $0 >= 12 })
    for i in 0..<400 {
      let (a, b) = (joined.labels[Int(pairs.first[i])], joined.labels[Int(pairs.second[i])])
      #expect((a == b) == pairs.same[i])
    }
    #expect(Set(pairs.second).count == 6 && Set(pairs.first).count == 12)
    #expect(throws: MetricError.self) {
      try Pairs(
        JoinedSource(queries, gallery: Named(Prototypes(classes: 1, each: 2), names: ["z"]), function: "x"), count: 4,
        seed: 1)
    }
  }
}
