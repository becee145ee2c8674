import Files
import Foundation
import MetricLearning
import NeuralNetworks
import Tensors
import TestSupport
import Testing

@testable import Gallery

/// A graph finds nearly all of the nearest, says how many, and does not depend on the number of threads.
@Suite struct GraphTests {
  private func gallery(
    _ count: Int, width: Int = 24, seed: UInt64 = 1, noise: Float = 0.5
  ) throws -> (ReferenceGallery, [Float]) {
    var stream = RandomStream(seed: seed)
    let centres: [[Float]] = (0..<count / 4).map { _ in (0..<width).map { _ in Float(stream.normal()) } }
    var (values, labels): ([Float], [String]) = ([], [])
    for row in 0..<count {
      labels.append("p\(row % centres.count)")
      for value in centres[row % centres.count] { values.append(value + noise * Float(stream.normal())) }
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
    let (people, values) = try gallery(12_000, width: 8)
    people.indexKind = .hnsw
    let state = try people.buildIndex()
    #expect(state.kind == .hnsw && state.references == 12_000 && state.recall >= 0.98, "\(state)")
    #expect(state.looked < 600 && state.own >= 0.99, "\(state)")
    var stream = RandomStream(seed: 9)
    var queries: [Float] = []
    for index in 0..<300 {
      for value in values[index * 17 * 8..<(index * 17 + 1) * 8] {
        queries.append(value + 0.3 * Float(stream.normal()))
      }
    }
    let found = try people.query(embeddings: queries, width: 8, k: 3)
    people.indexKind = .exact
    let exact = try people.query(embeddings: queries, width: 8, k: 3)
    let right = zip(found, exact).count { $0[0] == $1[0] }
    #expect(right >= 294, "\(right) of 300")
    // Distances are those of the exact search, to the last bit.
    for (one, other) in zip(found, exact) where one[0].label == other[0].label { #expect(one[0] == other[0]) }
    // Those who come later are found, those who went are not.
    people.indexKind = .hnsw
    try people.enroll(["new"], embeddings: [Float](repeating: 9, count: 8), width: 8)
    #expect(try people.query(embeddings: [Float](repeating: 9, count: 8), width: 8, k: 1)[0][0].label == "new")
    try people.remove("new")
    #expect(try people.query(embeddings: [Float](repeating: 9, count: 8), width: 8, k: 1)[0][0].label != "new")
  }

  /// Without classes, in many dimensions: the hardest case, where neighbours have nearer ones.
  @Test func rowsAreFoundByThemselves() throws {
    var stream = RandomStream(seed: 5)
    let graph = try graph((0..<8000 * 48).map { _ in Float(stream.normal()) }, width: 48)
    let way = graph.search()
    var lost = 0
    for row in 0..<8000 {
      way.ask(row: row)
      if graph.nearest(way, breadth: 64).first?.node != Int32(row) { lost += 1 }
    }
    #expect(lost <= 40, "\(lost) of 8000")
    // As if it were not there.
    way.ask(row: 17)
    let all = graph.nearest(way, breadth: 64).map(\.node)
    way.hidden = 17
    let others = graph.nearest(way, breadth: 64).map(\.node)
    #expect(all.first == 17 && !others.contains(17) && others.first == all[1])
  }

  /// Pictures of one person come one after another, and into the graph together: they have to know each other all the same.
  @Test func rowsThatComeTogetherAreLinked() throws {
    var stream = RandomStream(seed: 7)
    var values: [Float] = []
    for _ in 0..<2000 {
      let centre = (0..<24).map { _ in Float(stream.normal()) }
      for _ in 0..<4 { values += centre.map { $0 + 0.3 * Float(stream.normal()) } }
    }
    let graph = try graph(values, width: 24)
    let alone = (0..<Int32(8000)).count { row in !graph.neighbours(row).contains { $0 / 4 == row / 4 } }
    #expect(alone < 40, "\(alone) of 8000 know none of their own")
  }

  /// Whatever links are given up for nearer ones, a way leads to every row: also where many are alike.
  @Test func waysLeadToAllRows() throws {
    var stream = RandomStream(seed: 8)
    var values = (0..<3000 * 16).map { _ in Float(stream.normal()) }
    for row in 1000..<2000 { for k in 0..<16 { values[row * 16 + k] = values[k] } }
    let rows = EmbeddingRows(width: 16, isNormalised: false)
    try rows.append(Array(values[..<(2500 * 16)]))
    let graph = HNSWGraph(rows)
    try graph.extend()
    func unmet() -> Int {
      var (met, rest) = (Set([graph.entry]), [graph.entry])
      while let node = rest.popLast() {
        for other in Array(graph.neighbours(node)) + Array(graph.rescued(node)) where met.insert(other).inserted {
          rest.append(other)
        }
      }
      return rows.count - met.count
    }
    #expect(unmet() == 0 && graph.strays.isEmpty)
    #expect((0..<Int32(2500)).contains { !graph.rescued($0).isEmpty })
    // And to those who come later, alike or not.
    for row in 2500..<2600 { for k in 0..<16 { values[row * 16 + k] = values[k] } }
    for row in 2500..<3000 {
      try rows.append(Array(values[row * 16..<row * 16 + 16]))
      try graph.extend()
    }
    #expect(graph.strays.isEmpty)
    graph.reachAll()
    #expect(unmet() == 0 && graph.strays.isEmpty)
  }

  private func graph(_ values: [Float], width: Int) throws -> HNSWGraph {
    let rows = EmbeddingRows(width: width, isNormalised: false)
    try rows.append(values)
    let graph = HNSWGraph(rows)
    try graph.extend()
    return graph
  }

  /// Where the graph would have to look at so much that looking at all is less work, all are looked at.
  @Test func looksAtAllWhereThatIsLessWork() throws {
    var stream = RandomStream(seed: 6)
    let values = (0..<4000 * 64).map { _ in Float(stream.normal()) }
    let gallery = ReferenceGallery(network: try GraphTests.network(64))
    gallery.indexKind = .hnsw
    try gallery.enroll((0..<4000).map { "p\($0)" }, embeddings: values, width: 64)
    let state = try gallery.buildIndex()
    #expect(state.kind == .exact && state.recall == 1 && state.looked == 4000, "\(state)")
    let queries = (0..<200 * 64).map { _ in Float(stream.normal()) }
    let found = try gallery.query(embeddings: queries, width: 64, k: 2)
    gallery.indexKind = .exact
    #expect(try gallery.query(embeddings: queries, width: 64, k: 2) == found)
  }

  /// The next session finds the graph beside the gallery; one that is damaged, or of other rows, is made anew.
  @Test func standsBesideTheGallery() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/twinbook-graph-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (file, beside) = (folder + "/people.gallery", folder + "/people.gallery-graph")
    let network = try GraphTests.network(8)
    func opened() throws -> ReferenceGallery {
      let people = try ReferenceGallery.open(file, network: network, comparison: nil, measure: nil, keepsPictures: nil)
      people.indexKind = .hnsw
      return people
    }
    func links(_ people: ReferenceGallery) -> [[Int32]] { people.cachedGraph?.graph.allLinks ?? [] }
    let (_, values) = try gallery(10_000, width: 8, noise: 0.2)
    let labels = (0..<10_000).map { "p\($0 % 2500)" }
    let people = try opened()
    try people.enroll(labels, embeddings: values, width: 8)
    let state = try people.buildIndex()
    #expect(state.kind == .hnsw && FileSystem.exists(beside))
    let made = links(people)
    let written = try FileSystem.read(beside)

    let again = try opened()
    #expect(try again.buildIndex() == state && links(again) == made)
    #expect(try FileSystem.read(beside) == written)
    // Those who come later are added to it.
    try again.enroll(["new"], embeddings: [Float](repeating: 9, count: 8), width: 8)
    #expect(try again.query(embeddings: [Float](repeating: 9, count: 8), width: 8, k: 1)[0][0].label == "new")
    #expect(again.cachedGraph?.graph.count == 10_001)
    _ = try again.undo()

    // Every kind of damage: cut off, bits turned over anywhere, or nothing of a graph.
    var stream = RandomStream(seed: 3)
    for trial in 0..<8 {
      var bytes = written
      switch trial % 4 {
      case 0: bytes.removeLast(1 + Int(stream.uniform() * Double(bytes.count - 1)))
      case 1: bytes[Int(stream.uniform() * 160)] ^= UInt8(1 << Int(stream.uniform() * 8))
      case 2: bytes[Int(stream.uniform() * Double(bytes.count))] ^= UInt8(1 << Int(stream.uniform() * 8))
      default: bytes = [UInt8](repeating: 0xFF, count: trial * 3000)
      }
      try FileSystem.write(bytes, to: beside)
      let damaged = try opened()
      let found = try damaged.query(embeddings: Array(values[..<80]), width: 8, k: 1)
      #expect(found.enumerated().allSatisfy { $0.element[0].label == labels[$0.offset] }, "trial \(trial)")
    }

    // Of another gallery with as many rows.
    let (_, others) = try gallery(10_000, width: 8, seed: 2, noise: 0.2)
    let otherFile = folder + "/others.gallery"
    try FileSystem.write(written, to: otherFile + "-graph")
    let other = try ReferenceGallery.open(
      otherFile, network: network, comparison: nil, measure: nil, keepsPictures: nil)
    other.indexKind = .hnsw
    try other.enroll(labels, embeddings: others, width: 8)
    let otherState = try other.buildIndex()
    #expect(otherState.kind == .hnsw && links(other) != made, "\(otherState) beside \(state)")
    // Who is forgotten is in no graph either.
    _ = try other.forget("p0")
    #expect(!FileSystem.exists(otherFile + "-graph"))
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
