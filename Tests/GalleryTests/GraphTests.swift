import MetricLearning
import NeuralNetworks
import Tensors
import TestSupport
import Testing

@testable import Gallery

/// A graph finds nearly all of the nearest, says how many, and does not depend on the number of threads.
@Suite struct GraphTests {
  private func gallery(_ count: Int, width: Int = 24, seed: UInt64 = 1) throws -> (ReferenceGallery, [Float]) {
    var stream = RandomStream(seed: seed)
    let centres: [[Float]] = (0..<count / 4).map { _ in (0..<width).map { _ in Float(stream.normal()) } }
    var (values, labels): ([Float], [String]) = ([], [])
    for row in 0..<count {
      labels.append("p\(row % centres.count)")
      for value in centres[row % centres.count] { values.append(value + 0.5 * Float(stream.normal())) }
    }
    let gallery = ReferenceGallery(network: try GraphTests.network(width))
    try gallery.enroll(labels, embeddings: values, width: width)
    return (gallery, values)
  }

  static func network(_ width: Int) throws -> Network {
    let network = try Network([.flatten, .dense(units: width)])
    try network.build(inputShape: [1, 1, 2], seed: 1)
    return network
  }

  @Test func findsNearlyAllAndSaysHowMany() throws {
    let (people, values) = try gallery(6000)
    people.indexKind = .hnsw
    let state = try people.buildIndex()
    #expect(state.kind == .hnsw && state.references == 6000 && state.recall >= 0.98, "\(state)")
    var stream = RandomStream(seed: 9)
    var queries: [Float] = []
    for index in 0..<300 {
      for value in values[index * 17 * 24..<(index * 17 + 1) * 24] {
        queries.append(value + 0.3 * Float(stream.normal()))
      }
    }
    let found = try people.query(embeddings: queries, width: 24, k: 3)
    people.indexKind = .exact
    let exact = try people.query(embeddings: queries, width: 24, k: 3)
    let right = zip(found, exact).count { $0[0] == $1[0] }
    #expect(right >= 294, "\(right) of 300")
    // Distances are those of the exact search, to the last bit.
    for (one, other) in zip(found, exact) where one[0].label == other[0].label { #expect(one[0] == other[0]) }
    // Those who come later are found, those who went are not.
    people.indexKind = .hnsw
    try people.enroll(["new"], embeddings: [Float](repeating: 9, count: 24), width: 24)
    #expect(try people.query(embeddings: [Float](repeating: 9, count: 24), width: 24, k: 1)[0][0].label == "new")
    try people.remove("new")
    #expect(try people.query(embeddings: [Float](repeating: 9, count: 24), width: 24, k: 1)[0][0].label != "new")
  }

  /// Row by row on one thread, and in batches on several: the same links.
  @Test func theGraphIsTheSameForAnyNumberOfThreads() throws {
    let (people, _) = try gallery(3000)
    let rows = try #require(people.rows)
    let first = HNSWGraph(rows)
    try first.extend()
    // From within a task of the pool everything runs on that one thread.
    let second = HNSWGraph(rows)
    let failures = RowMemory<Int>(2, 0)
    Workers.shared.parallel(slices: 2) { slice in
      if slice == 0 { do { try second.extend() } catch { failures[0] = 1 } }
    }
    #expect(failures[0] == 0)
    #expect(first.allLinks == second.allLinks && first.allLinks.count > 3000)
  }
}
