import TestSupport
import Testing

@testable import MetricLearning

/// The tiles and the sort behind `Distances` against loops over pairs and the library's sort.
@Suite struct PairDistancesTests {
  @Test(arguments: [2, 3, 5, 16, 17, 33, 130], [1, 7, 8, 64])
  func allPairsAgreeWithLoops(count: Int, width: Int) throws {
    var numbers = TestNumbers(UInt64(count * 100 + width))
    var values = (0..<count * width).map { _ in numbers.float() }
    // The last row equals the first: its distance is 0 exactly.
    for k in 0..<width { values[(count - 1) * width + k] = values[k] }
    let labels = (0..<count).map { $0 == count - 1 ? 0 : $0 % 3 }
    var same: [Double] = []
    var different: [Double] = []
    for i in 0..<count {
      for j in i + 1..<max(count, i + 1) {
        var square = 0.0
        for k in 0..<width {
          let difference = Double(values[i * width + k]) - Double(values[j * width + k])
          square += difference * difference
        }
        if labels[i] == labels[j] { same.append(square.squareRoot()) } else { different.append(square.squareRoot()) }
      }
    }
    let embeddings = try Embeddings(values: values, width: width, labels: labels)
    guard !different.isEmpty else {
      #expect(throws: MetricError.self) { try Distances(embeddings) }
      return
    }
    let got = try Distances(embeddings)
    try #require(got.same.count == same.count && got.different.count == different.count)
    #expect(got.same[0] == 0)
    for (a, b) in zip(got.same, same.sorted()) { #expect(abs(Double(a) - b) < 1e-5) }
    for (a, b) in zip(got.different, different.sorted()) { #expect(abs(Double(a) - b) < 1e-5) }
  }

  @Test(arguments: [0, 1, 300, 65_535, 65_536, 200_001]) func sortsAsTheLibraryDoes(count: Int) throws {
    var numbers = TestNumbers(7)
    let spread = (0..<count).map { _ in numbers.float() * 3 }
    #expect(try sortedAscending(spread) == spread.sorted())
    // Many ties, and one far away: nearly all in one bucket.
    var tied = spread.map { ($0 * 4).rounded() }
    if count > 0 { tied[count / 2] = 1e6 }
    #expect(try sortedAscending(tied) == tied.sorted())
    let equal = [Float](repeating: 2, count: count)
    #expect(try sortedAscending(equal) == equal)
  }

  @Test(arguments: [0, 1, 2, 1000, 70_001]) func ordersAsTheLibraryDoes(count: Int) throws {
    var numbers = TestNumbers(9)
    let values = (0..<count).map { _ in (numbers.float() * 50).rounded() / 8 }
    #expect(try ascendingOrder(of: values) == values.indices.sorted { (values[$0], $0) < (values[$1], $1) })
  }
}
