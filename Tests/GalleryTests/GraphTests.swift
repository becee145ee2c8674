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
    let (people, values) = try gallery(6000)
    people.indexKind = .hnsw
    let state = try people.buildIndex()
    #expect(state.kind == .hnsw && state.references == 6000 && state.recall >= 0.98, "\(state)")
    #expect(state.looked < 300, "\(state)")
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

  /// A row that its own codes do not find would never answer for the very picture that was enrolled.
  @Test func everyRowIsFoundByItself() throws {
    // Without classes, in many dimensions: the hardest case, where neighbours have nearer ones.
    var stream = RandomStream(seed: 5)
    let values = (0..<8000 * 48).map { _ in Float(stream.normal()) }
    let gallery = ReferenceGallery(network: try GraphTests.network(48))
    try gallery.enroll((0..<8000).map { "p\($0)" }, embeddings: values, width: 48)
    let graph = HNSWGraph(try #require(gallery.rows))
    try graph.extend()
    let way = graph.search()
    var lost = 0
    for row in 0..<8000 {
      way.ask(row: row)
      if graph.nearest(way, breadth: HNSWGraph.leastBreadth).first?.node != Int32(row) { lost += 1 }
    }
    #expect(lost <= 1, "\(lost) of 8000")
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
    let network = try GraphTests.network(24)
    func opened() throws -> ReferenceGallery {
      let people = try ReferenceGallery.open(file, network: network, comparison: nil, measure: nil, keepsPictures: nil)
      people.indexKind = .hnsw
      return people
    }
    func links(_ people: ReferenceGallery) -> [[Int32]] { people.cachedGraph?.graph.allLinks ?? [] }
    let (_, values) = try gallery(10_000, noise: 0.2)
    let labels = (0..<10_000).map { "p\($0 % 2500)" }
    let people = try opened()
    try people.enroll(labels, embeddings: values, width: 24)
    let state = try people.buildIndex()
    #expect(state.kind == .hnsw && FileSystem.exists(beside))
    let made = links(people)
    let written = try FileSystem.read(beside)

    let again = try opened()
    #expect(try again.buildIndex() == state && links(again) == made)
    #expect(try FileSystem.read(beside) == written)
    // Those who come later are added to it.
    try again.enroll(["new"], embeddings: [Float](repeating: 9, count: 24), width: 24)
    #expect(try again.query(embeddings: [Float](repeating: 9, count: 24), width: 24, k: 1)[0][0].label == "new")
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
      let found = try damaged.query(embeddings: Array(values[..<240]), width: 24, k: 1)
      #expect(found.enumerated().allSatisfy { $0.element[0].label == labels[$0.offset] }, "trial \(trial)")
    }

    // Of another gallery with as many rows.
    let (_, others) = try gallery(10_000, seed: 2, noise: 0.2)
    let otherFile = folder + "/others.gallery"
    try FileSystem.write(written, to: otherFile + "-graph")
    let other = try ReferenceGallery.open(
      otherFile, network: network, comparison: nil, measure: nil, keepsPictures: nil)
    other.indexKind = .hnsw
    try other.enroll(labels, embeddings: others, width: 24)
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
