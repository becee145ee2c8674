import Foundation
import TestSupport
import Testing

@testable import MetricLearning

/// For Scripts/bench.sh: `BENCH distances milliseconds peak-MB` for all pairs of 10,000 embeddings of 64, sorted, with
/// their verification figures. Judges nothing by time.
@Suite struct DistancesBenchmark {
  @Test(.enabled(if: ProcessInfo.processInfo.environment["TWINBOOK_BENCH"] == "distances"))
  func allPairs() throws {
    let (count, width) = (10_000, 64)
    var numbers = TestNumbers(1)
    let labels = (0..<count).map { $0 % 500 }
    let centres = (0..<500 * width).map { _ in numbers.float() }
    let values = (0..<count * width).map { index in
      centres[labels[index / width] * width + index % width] + 0.5 * numbers.float()
    }
    let embeddings = try Embeddings(values: values, width: width, labels: labels)
    let clock = ContinuousClock()
    var times: [Double] = []
    for round in 0..<5 {
      let start = clock.now
      let distances = try Distances(embeddings)
      times.append((clock.now - start) / .milliseconds(1))
      // The result is checked before a time is told.
      guard round == 0 else { continue }
      try #require(distances.same.count == 500 * 190)
      try #require(distances.different.count == count * (count - 1) / 2 - 500 * 190)
      let loop = (1..<count).map { embeddings.distance(0, $0) }
      try #require(distances.different.count > loop.count)
      let least = loop.enumerated().filter { labels[$0.offset + 1] != 0 }.map(\.element).min() ?? 0
      try #require((distances.different.first ?? .infinity) <= least * 1.0001)
    }
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    print("BENCH distances \(times.sorted()[2]) \(usage.ru_maxrss / 1024)")
  }
}
