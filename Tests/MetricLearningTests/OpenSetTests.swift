import Diagnostics
import MetricLearning
import Testing

/// Open-set identification, confusion and one-shot runs against the definitions as loops.
@Suite struct OpenSetTests {
  /// All queries of all trials, from a fixed choice: two classes known by their first row, one class of strangers.
  @Test func ratesAgreeWithLoops() throws {
    for seed in 0..<6 {
      let e = try clouds(classes: 9, each: 6, width: 4, noise: 0.7, seed: UInt64(seed))
      let open = try Identification(e, known: 0.4, shots: 2, trials: 5, seed: UInt64(seed))
      #expect(open.enrolled == 4 && open.trials == 5)
      #expect(open.known == 5 * 4 * 4)
      #expect(open.strangers.count == 5 * 5 * 6)
      for far in [0, 0.01, 0.05, 0.2, 0.7, 1] {
        let point = try open.point(atFalseAlarms: far)
        let alarms = Double(open.strangers.filter { Double($0) < point.threshold }.count) / Double(open.strangers.count)
        #expect(point.far == alarms)
        #expect(alarms <= far + 1e-12)
        #expect(point.dir == Double(open.right.filter { Double($0) < point.threshold }.count) / Double(open.known))
        // No greater threshold that a stranger's distance marks would keep the promise.
        for t in open.strangers where Double(t) > point.threshold {
          #expect(Double(open.strangers.filter { $0 < t }.count) / Double(open.strangers.count) > far)
        }
      }
      #expect(try open.dir(far: 1) == open.rank1)
      #expect(try open == Identification(e, known: 0.4, shots: 2, trials: 5, seed: UInt64(seed)))
    }
  }

  @Test func rankOneOfAllButOneClassIsTheNearestReference() throws {
    // Two rows a class, so that with one shot the reference is the other row: rank 1 is known without drawing.
    let values: [Float] = [0, 0.1, 5, 5.2, 9, 9.1, 20, 3]
    let e = try Embeddings(values: values, width: 1, labels: [0, 0, 1, 1, 2, 2, 3, 3])
    let open = try Identification(e, known: 0.75, trials: 200, seed: 1)
    var least = 1.0
    // Class 3 lies across the others: whenever it is enrolled, its query is misnamed.
    for trials in [open] { least = min(least, trials.rank1) }
    #expect(least > 0.6 && least < 0.95)
    let close = try Embeddings(values: [0, 0.1, 5, 5.2, 9, 9.1], width: 1, labels: [0, 0, 1, 1, 2, 2])
    #expect(try Identification(close, known: 0.6, trials: 20).rank1 == 1)
    #expect(try Identification(close, known: 0.6, trials: 20).dir(far: 0) == 1)
  }

  @Test func collapseNamesNobody() throws {
    let flat = try Embeddings(values: [Float](repeating: 2, count: 12), width: 1, labels: (0..<12).map { $0 / 3 })
    let open = try Identification(flat, trials: 3)
    #expect(open.rank1 == 0)
    #expect(try open.dir(far: 0.5) == 0)
  }

  @Test func errorsInWords() throws {
    let one = try Embeddings(values: [1, 2, 3], width: 1, labels: [0, 0, 0])
    #expect(throws: MetricError.noDifferentPairs(function: "identification", classes: 1, items: 3)) {
      try Identification(one)
    }
    #expect(
      throws: MetricError.tooFewClasses(
        function: "confusion", ways: 2, able: 1, imagesNeeded: 2, shots: 1, group: nil)
    ) { try Confusion(one, names: ["a"]) }
    let lonely = try Embeddings(values: [1, 2, 3], width: 1, labels: [0, 1, 2])
    #expect(
      throws: MetricError.tooFewClasses(
        function: "identification", ways: 2, able: 0, imagesNeeded: 2, shots: 1, group: nil)
    ) { try Identification(lonely) }
    let e = try clouds(classes: 4, each: 3, width: 2, noise: 0.1, seed: 1)
    #expect(
      throws: MetricError.outOfRange(
        function: "identification", argument: "known", got: "1",
        expected: "more than 0 and less than 1, so that some classes are strangers")
    ) { try Identification(e, known: 1) }
    #expect(throws: MetricError.self) { try Identification(e, shots: 3) }
    #expect(throws: MetricError.self) { try Identification(e, trials: 2).dir(far: 1.5) }
  }

  /// More trials ask with the same images again: they make no small rate measurable.
  @Test func strangersAreCountedByImage() throws {
    let e = try clouds(classes: 10, each: 3, width: 4, noise: 0.5, seed: 2)
    let open = try Identification(e, trials: 400, seed: 1)
    #expect(open.strangers.count == 400 * 15 && open.strangerImages == 30)
    #expect(open.supports(far: 0.01) && !open.hasImages(far: 0.01) && open.hasImages(far: 0.4))
  }

  /// What is advised exists in the function, and would help.
  @Test func adviceFits() throws {
    func said(_ error: MetricError) -> String {
      let words = error.explanation
      return words.message + " | " + (words.help ?? "")
    }
    let episodes = said(
      .tooFewClasses(function: "episodes", ways: 2, able: 1, imagesNeeded: 2, shots: 1, group: nil))
    #expect(!episodes.contains("fewer") && episodes.contains("add classes"))
    let open = said(
      .tooFewClasses(function: "identification", ways: 4, able: 2, imagesNeeded: 3, shots: 2, group: nil))
    #expect(!open.contains("ways=") && open.contains("known=") && open.contains("fewer shots"))
    #expect(said(.noPositives(function: "prototypical(shots=4)", needed: 5)).contains("needs 5 items"))
    #expect(said(.noPositives(function: "prototypical(shots=4)", needed: 5)).contains("perclass=5"))
    #expect(said(.noPositives(function: "supcon()")).contains("needs two items"))
    #expect(said(.noViews(function: "oneshotruns")).contains("like="))
    #expect(!said(.noSamePairs(function: "distances", classes: 6, items: 6)).contains("augment"))
    let shared = said(.noSharedClass(function: "retrieval", queries: 1, gallery: 60, imagesNeeded: 1))
    #expect(shared.contains("queries are of 1 class, the gallery of 60 classes"))
  }

  @Test func confusionCountsWhatIsTakenForWhat() throws {
    // One dimension, one shot: class 2 has its second image beside class 0.
    let e = try Embeddings(values: [0, 0.1, 5, 5.1, 9, 0.3], width: 1, labels: [0, 0, 1, 1, 2, 2])
    for seed in 0..<4 {
      let c = try Confusion(e, names: ["a", "b", "c"], seed: UInt64(seed))
      #expect(c.total == 3)
      #expect(c.count(0, 0) == 1 || c.count(0, 2) == 1)
      #expect(c.count(1, 1) == 1)
      #expect(c.count(2, 2) == 0)
      #expect(c.worst.first?.from == 2 || c.worst.first?.from == 0)
      #expect(c.accuracy == Double(c.hits) / 3)
    }
    let flat = try Embeddings(values: [1, 1, 1, 1], width: 1, labels: [0, 0, 1, 1])
    #expect(try Confusion(flat, names: ["a", "b"]).hits == 0)
    let single = try Embeddings(values: [0, 0.1, 5, 5.1, 9], width: 1, labels: [0, 0, 1, 1, 2])
    let two = try Confusion(single, names: ["a", "b", "c"])
    #expect(two.names == ["a", "b"] && two.total == 2 && two.leftOut == 1)
  }

  @Test func oneShotRunsCountTiesAsErrors() throws {
    // Rows 0, 1: references; 2…4: questions.
    let e = try Embeddings(values: [0, 10, 1, 9, 5], width: 1, labels: [0, 1, 2, 3, 4])
    let runs = try OneShotRuns(
      e, runs: [("run01", [0, 1], [(2, 0), (3, 1), (4, 0)]), ("run02", [0, 1], [(2, 1), (3, 1)])])
    #expect(runs.runs.map(\.errors) == [1, 1])
    #expect(abs(runs.error - (1.0 / 3 + 1.0 / 2) / 2) < 1e-12)
  }

  @Test func reportLeavesOutWhatDataIsTooSmallFor() throws {
    let e = try clouds(classes: 6, each: 4, width: 5, noise: 0.3, seed: 3)
    let report = try Report(e, name: "clouds", names: (0..<6).map { "c\($0)" }, trials: 50)
    #expect(report.episodes.map(\.ways) == [5])
    #expect(report.missing.count == 3)
    #expect(report.distances.eer == (try Distances(e).eer))
    #expect(report.retrieval == (try Retrieval(e)))
    // Whoever is enrolled alone is found by any network.
    #expect(!report.missing.contains { $0.hasPrefix("rank 1") })
    let few = try Report(
      Embeddings(values: [0, 9, 5], width: 1, labels: [0, 0, 1]), name: "few", names: ["a", "b"], trials: 50)
    #expect(few.identification?.enrolled == 1)
    #expect(few.missing.contains("rank 1 of half (one class is enrolled)"))
    #expect(few.missing.contains("5-way 1-shot (1 class has 2 images)"))
    #expect(throws: MetricError.noDifferentPairs(function: "report", classes: 1, items: 3)) {
      try Report(Embeddings(values: [1, 2, 3], width: 1, labels: [0, 0, 0]), name: "one", names: ["a"])
    }
  }

  @Test func otherDistancesJudgeToo() throws {
    let values: [Float] = [1, 0, 2, 0.1, 0, 1, 0.1, 3]
    let cosine = try Distances(Embeddings(values: values, width: 2, labels: [0, 0, 1, 1], metric: .cosine))
    #expect(cosine.eer == 0)
    #expect(abs(Double(cosine.same[1]) - (1 - 2 / (4.01).squareRoot())) < 1e-4)
    let learnt = Metric.weightedL1(weights: [-1, -2], bias: 0.5)
    let d = try Distances(Embeddings(values: values, width: 2, labels: [0, 0, 1, 1], metric: learnt))
    #expect(d.same.allSatisfy { $0 > 0 && $0 < 1 })
    #expect(throws: MetricError.metricWidth(function: "distances", weights: 2, width: 1)) {
      try Embeddings(values: [1, 2], width: 1, labels: [0, 0], metric: learnt)
    }
  }
}
