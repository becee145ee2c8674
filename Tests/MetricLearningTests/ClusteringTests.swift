import Foundation
import Testing

@testable import MetricLearning

@Suite struct ClusteringTests {
  /// Against scikit-learn; the figures are made by Tests/References/clustering.py.
  @Test func agreesWithScikitLearn() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "References/clustering.txt")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    #expect(lines.count > 5)
    for line in lines {
      let words = line.split(separator: " ")
      let numbers = words.prefix(2).map { $0.split(separator: ",").compactMap { Int($0) } }
      let found = Clustering(numbers[1], classes: numbers[0])
      let (nmi, ami) = (try #require(Double(words[2])), try #require(Double(words[3])))
      #expect(
        abs(found.nmi - nmi) < 1e-9 && abs(found.ami - ami) < 1e-9, "\(line.suffix(40)): \(found.nmi) \(found.ami)")
    }
  }

  @Test func cloudsAreFound() throws {
    let near = try clouds(classes: 8, each: 12, width: 6, noise: 0.01, seed: 1)
    let found = try Clustering(near, seed: 3)
    #expect(found.clusters == 8 && found.ami > 0.9 && found.purity > 0.85)
    // The best of a few starts are the clouds themselves.
    #expect(try (0..<8).contains { try Clustering(near, seed: UInt64($0)).ami == 1 })
    #expect(try Clustering(near, seed: 3) == found)
    let fewer = try Clustering(near, clusters: 2, seed: 1)
    #expect(fewer.clusters == 2 && fewer.nmi < 0.7)
    #expect(try Clustering(near, clusters: near.count).purity == 1)
    #expect(throws: MetricError.self) { try Clustering(near, clusters: near.count + 1) }
    #expect(throws: MetricError.self) { try Clustering(near, clusters: 0) }
  }

  /// As many groups as images are the classes where each has one image, whatever the network.
  @Test func classesOfOneImageAreRefused() throws {
    let each = try Embeddings(values: [1, 5, 2, 9], width: 1, labels: [0, 1, 2, 3])
    #expect(throws: MetricError.noSamePairs(function: "clustering", classes: 4, items: 4)) { try Clustering(each) }
    #expect(try Clustering(each, clusters: 2, seed: 1).clusters == 2)
    #expect(try Clustering(Embeddings(values: [1, 5, 2], width: 1, labels: [0, 1, 1]), seed: 1).clusters == 2)
  }

  @Test func copiesAreNoTrap() throws {
    let flat = try Embeddings(values: [Float](repeating: 1, count: 20), width: 1, labels: (0..<20).map { $0 % 4 })
    let found = try Clustering(flat, clusters: 5, seed: 1)
    #expect(found.assignment.count == 20 && found.purity <= 1)
  }
}

@Suite struct RetrievalRankTests {
  /// Against a sort of everything, wrong ones first among equals.
  @Test(arguments: [UInt64(1), 2, 3]) func ranksAreThoseOfASort(seed: UInt64) throws {
    let queries = try clouds(classes: 7, each: 3, width: 4, noise: 2, seed: seed)
    let gallery = try clouds(classes: 9, each: 5, width: 4, noise: 2, seed: seed + 10)
    let found = try Retrieval(queries, in: gallery)
    var ranks: [[Int]] = []
    for query in 0..<queries.count {
      let row = Array(queries.values[query * 4..<query * 4 + 4])
      let order = (0..<gallery.count).map { item -> (Float, Bool) in
        let other = Array(gallery.values[item * 4..<item * 4 + 4])
        let square = zip(row, other).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return (square, gallery.labels[item] == queries.labels[query])
      }.sorted { ($0.0, $0.1 ? 1 : 0) < ($1.0, $1.1 ? 1 : 0) }
      ranks.append(order.indices.filter { order[$0].1 }.map { $0 + 1 })
    }
    #expect(found.queries == queries.count && found.leftOut == 0)
    for k in [1, 2, 5, 10, 45, 1000] {
      let hits = ranks.filter { ($0.first ?? .max) <= k }.count
      #expect(found.cmc(k) == Double(hits) / Double(queries.count))
      let all = ranks.reduce(0) { $0 + $1.filter { $0 <= k }.count }
      #expect(found.precision(at: k) == Double(all) / Double(queries.count * k))
    }
    #expect(found.cmc(1) == found.precisionAt1)
    #expect(found.classes.map(\.queries) == [Int](repeating: 3, count: 7))
    let mean = found.classes.reduce(0) { $0 + $1.mapAtR } / 7
    #expect(abs(mean - found.mapAtR) < 1e-12)
  }

  @Test func aGalleryOfItsOwn() throws {
    let near = try clouds(classes: 5, each: 4, width: 8, noise: 0.01, seed: 1)
    #expect(try Retrieval(near, in: near).precisionAt1 == 1)
    let others = try Embeddings(values: near.values, width: 8, labels: near.labels.map { $0 + 100 })
    #expect(throws: MetricError.self) { try Retrieval(near, in: others) }
    let narrow = try Embeddings(values: [1, 2], width: 1, labels: [0, 0])
    #expect(throws: MetricError.self) { try Retrieval(near, in: narrow) }
  }
}
