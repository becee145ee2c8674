import MetricLearning
import Testing

@Suite struct HalvingTests {
  /// Eight settings whose score is known at each rung: 8, 4, 2, 1 go on, and the best at the end wins.
  @Test func halvesAtEachRung() {
    var asked: [[Int]] = [[], [], [], []]
    var dropped: [Int] = []
    let scores: [Double] = [3, 1, 4, 1.5, 9, 2.5, 6, 5]
    let halving = Halving(count: 8, rungs: 4, keep: 0.5) { index, rung in
      asked[rung].append(index)
      return scores[index] * Double(rung + 1)
    } dropped: {
      dropped.append($0)
    }
    #expect(asked == [Array(0..<8), [2, 4, 6, 7], [4, 6], [4]])
    #expect(dropped == [0, 1, 3, 5, 2, 7, 6])
    #expect(halving.best?.index == 4)
    #expect(halving.best?.scores == [9, 18, 27, 36])
    #expect(halving.ranking.map(\.index) == [4, 6, 7, 2, 0, 5, 3, 1])
  }

  @Test func ofEqualsTheFirstGoesOnAndFailuresNever() {
    let halving = Halving(count: 5, rungs: 2, keep: 0.4) { index, _ in index == 0 ? .nan : 1 }
    #expect(halving.trials.map(\.scores.count) == [1, 2, 2, 1, 1])
    #expect(halving.ranking.map(\.index) == [1, 2, 3, 4, 0])
    let failed = Halving(count: 3, rungs: 3, keep: 1) { _, _ in .nan }
    #expect(failed.best == nil)
    #expect(failed.trials.allSatisfy { $0.scores.count == 1 })
  }

  @Test func oneIsAlwaysKept() {
    let halving = Halving(count: 3, rungs: 3, keep: 0.01) { index, _ in Double(index) }
    #expect(halving.trials.map(\.scores.count) == [1, 1, 3])
  }
}
