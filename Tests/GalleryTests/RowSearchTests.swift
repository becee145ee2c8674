import MetricLearning
import KernelInterface
import Tensors
import TestSupport
import Testing

@testable import Gallery

/// The search in eight bits with a bound finds what measuring everything finds, to the last bit.
@Suite struct RowSearchTests {
  /// Everything measured and sorted.
  private func naive(
    _ values: [Float], _ width: Int, _ owners: [Int32], _ metric: Metric, _ query: [Float], k: Int,
    passingOver: Int32 = -1
  ) -> [RowSearch.Found] {
    var best: [Int32: RowSearch.Found] = [:]
    for (row, owner) in owners.enumerated() where owner >= 0 && owner != passingOver {
      let distance = distance(Array(values[row * width..<(row + 1) * width]), query, metric)
      if best[owner].map({ distance < $0.distance }) ?? true {
        best[owner] = RowSearch.Found(owner: owner, row: Int32(row), distance: distance)
      }
    }
    return Array(best.values.sorted { ($0.distance, $0.owner) < ($1.distance, $1.owner) }.prefix(k))
  }

  private func distance(_ a: [Float], _ b: [Float], _ metric: Metric) -> Double {
    guard metric == .euclidean else { return Double(metric.distance(a, b) ?? .nan) }
    var sum = 0.0
    for (x, y) in zip(a, b) { sum += (Double(x) - Double(y)) * (Double(x) - Double(y)) }
    return sum.squareRoot()
  }

  /// People as clouds around centres, some twice the same, some gone.
  private func people(_ count: Int, width: Int, seed: UInt64) -> (values: [Float], owners: [Int32]) {
    var stream = RandomStream(seed: seed)
    let centres = (0..<max(1, count / 3)).map { _ in (0..<width).map { _ in Float(stream.normal()) } }
    var (values, owners): ([Float], [Int32]) = ([], [])
    for row in 0..<count {
      let owner = Int(stream.nextUInt64() % UInt64(centres.count))
      if row > 4, row % 11 == 0 {
        values += values[(row - 3) * width..<(row - 2) * width]
      } else {
        values += centres[owner].map { $0 + 0.3 * Float(stream.normal()) }
      }
      owners.append(row % 17 == 3 ? -1 : Int32(owner))
    }
    return (values, owners)
  }

  @Test(arguments: [Metric.euclidean, .squared, .cosine, .l1], [1, 5, 31, 64, 130])
  func findsWhatMeasuringEverythingFinds(metric: Metric, width: Int) throws {
    for (round, count) in [1, 7, 300, 4096, 9001].enumerated() {
      if count > 5000, width != 64 { continue }
      let (values, owners) = people(count, width: width, seed: UInt64(width * 10 + round))
      let rows = EmbeddingRows(width: width, isNormalised: RowSearch.codes(metric).ofLength1)
      // In pieces, so that the scale grows under rows that are there.
      let cut = count / 3 * width
      if cut > 0 { try rows.append(Array(values[..<cut])) }
      try rows.append(Array(values[cut...]))
      let search = RowSearch(rows: rows, owners: owners, metric: metric)
      var stream = RandomStream(seed: 5)
      // Of a row itself, beside one, from far away, and nothing.
      var queries = (0..<37).map { index -> [Float] in
        let row = Int(stream.nextUInt64() % UInt64(count))
        let scale: Float = [0, 0.2, 3, 40][index % 4]
        return (0..<width).map { values[row * width + $0] + scale * Float(stream.normal()) }
      }
      queries.append([Float](repeating: 0, count: width))
      let several = count > 5000 ? Array(queries.prefix(9)) : queries
      for k in [1, 3, 60, 500] {
        let found = try search.nearest(several.flatMap { $0 }, k: k)
        for (query, list) in zip(several, found) {
          #expect(list == naive(values, width, owners, metric, query, k: k))
        }
        // Alone the same as in a batch.
        #expect(try search.nearest(several[1], k: k) == [found[1]])
      }
      let over = several.indices.map { Int32($0 % 3) }
      let others = try search.nearest(several.flatMap { $0 }, k: 1, passingOver: over)
      for (place, query) in several.enumerated() {
        #expect(others[place] == naive(values, width, owners, metric, query, k: 1, passingOver: over[place]))
      }
    }
  }

  /// Rows that come nearer and nearer, of sizes that eight bits cannot hold side by side, and all alike.
  @Test func awkwardRowsAreFoundAllTheSame() throws {
    let width = 24
    var stream = RandomStream(seed: 1)
    var nearer: [Float] = []
    for row in 0..<5000 {
      nearer.append(Float(5000 - row) / 100)
      for _ in 1..<width { nearer.append(Float(stream.normal()) * 1e-3) }
    }
    let scales: [Float] = [1e-30, 1e-3, 1, 1e6, 1e30]
    var sizes: [Float] = []
    for row in 0..<600 {
      for _ in 0..<width { sizes.append(Float(stream.normal()) * scales[row % 5]) }
    }
    let alike = [Float](repeating: 0.25, count: 700 * width)
    let nothing = [Float](repeating: 0, count: 400 * width)
    for (name, values) in [("nearer", nearer), ("sizes", sizes), ("alike", alike), ("nothing", nothing)] {
      for metric in [Metric.euclidean, .cosine] {
        let rows = EmbeddingRows(width: width, isNormalised: RowSearch.codes(metric).ofLength1)
        try rows.append(values)
        let owners = (0..<Int32(values.count / width)).map { $0 }
        let search = RowSearch(rows: rows, owners: owners, metric: metric)
        for row in [0, 1, 2, 3, 4, 311] {
          let query = Array(values[row * width..<(row + 1) * width])
          #expect(try search.nearest(query, k: 4) == [naive(values, width, owners, metric, query, k: 4)], "\(name)")
        }
      }
    }
  }

  @Test func rowsWithinARadius() throws {
    let (values, owners) = people(5000, width: 16, seed: 9)
    let rows = EmbeddingRows(width: 16, isNormalised: false)
    try rows.append(values)
    let search = RowSearch(rows: rows, owners: owners, metric: .euclidean)
    for row in [5, 1700, 4999] {
      let query = Array(values[row * 16..<(row + 1) * 16])
      let found = try search.within(1.8, of: query)[0]
      let expected = owners.indices.filter {
        owners[$0] >= 0 && distance(Array(values[$0 * 16..<($0 + 1) * 16]), query, .euclidean) <= 1.8
      }
      #expect(Set(found.map { Int($0.row) }) == Set(expected) && found.count == expected.count && !expected.isEmpty)
      #expect(found.map(\.distance) == found.map(\.distance).sorted())
    }
  }

  /// Every compilation of the kernel passes the same rows, those that a naive sum passes.
  @Test func theFirstLookIsTheSameByEverySet() {
    var stream = RandomStream(seed: 3)
    for (width, groups) in [(32, 1), (64, 3), (96, 2), (128, 5), (2048, 1)] {
      for count in [1, 2, 3, 4, 5, 7, 8, 32] {
        func whole(_ most: Int) -> Int { Int(stream.nextUInt64() % UInt64(2 * most + 1)) - most }
        let rows: [Int8] = (0..<groups * 8 * width).map { _ in Int8(whole(127)) }
        let most = width > 1000 ? 4000 : 32000
        let queries: [Int16] = (0..<count * width).map { _ in Int16(whole(most)) }
        let terms: [Int32] = (0..<groups * 8).map { _ in Int32(whole(100_000)) }
        var bounds: [Int32] = (0..<count).map { _ in Int32(whole(10_000_000)) }
        if count > 1 { bounds[1] = .min }
        var expected = [UInt8](repeating: 0, count: groups * count)
        for row in 0..<groups * 8 {
          for query in 0..<count {
            var sum = 0
            for k in 0..<width { sum += Int(rows[row * width + k]) * Int(queries[query * width + k]) }
            if sum - Int(terms[row]) > Int(bounds[query]) { expected[row / 8 * count + query] |= 1 << UInt8(row % 8) }
          }
        }
        #expect(count < 8 || expected.contains { $0 != 0 && $0 != 255 })
        for kernels in Processor.kernelSets {
          var hits = [UInt8](repeating: 7, count: groups * count)
          var scratch = [Int16](repeating: 0, count: 8 * width)
          kernels.nearRows(
            rows, width: width, groups: groups, terms: terms, queries: queries, count: count, bounds: bounds,
            scratch: &scratch, hits: &hits)
          #expect(hits == expected, "\(kernels.name) \(width) \(count)")
          var values = [Int32](repeating: 0, count: groups * 8)
          rows.withUnsafeBufferPointer { rows in
            guard let base = rows.baseAddress else { return }
            kernels.scatteredRows(
              (0..<groups * 8).map { base + $0 * width }, terms: terms, count: groups * 8, width: width,
              query: Array(queries[..<width]), &values)
            var product: Int32 = 0
            for k in 0..<width { product += Int32(base[k]) * Int32(base[7 * width + k]) }
            #expect(kernels.byteProduct(base, base + 7 * width, width) == product)
          }
          for row in values.indices {
            var sum: Int32 = 0
            for k in 0..<width { sum += Int32(rows[row * width + k]) * Int32(queries[k]) }
            #expect(values[row] == terms[row] - sum)
          }
        }
      }
    }
  }
}
