import MetricLearning
import Tensors

/// How a gallery finds the nearest.
public enum GalleryIndex: String, Hashable, Sendable, CaseIterable {
  /// By looking at all: the answer is exact.
  case exact
  /// By a graph (`HNSWGraph`): most of the answers are exact, in a fraction of the time.
  case hnsw
}

extension ReferenceGallery {
  /// A graph with how far it is looked through, and what that finds.
  struct Graph {
    var graph: HNSWGraph
    var cuts: Int
    /// Nodes that are kept in view.
    var breadth: Int
    var recall: Double
    var own: Double
    var questions: Int
    /// Rows that a question measured, on average.
    var looked = 0

    /// Whether it is less work than looking at all. A row somewhere in memory takes as long as some twenty that follow one
    /// another, in eight bits.
    var pays: Bool { looked * 20 < graph.rows.count }
  }

  /// What the index is like, for people.
  public struct IndexState: Hashable, Sendable {
    public var kind: GalleryIndex
    /// References in the graph.
    public var references: Int
    /// References that a question keeps in view: more find more, and take longer.
    public var breadth: Int
    /// Of held-back references the share whose nearest reference is found.
    public var recall: Double
    /// Of the same references the share that is found when it is asked for itself.
    public var own: Double
    /// How many were asked to measure `recall` and `own`.
    public var questions: Int
    /// Rows that a question measures, on average.
    public var looked: Int
  }

  /// Below so many references a look at all of them takes no longer.
  private static let leastInGraph = 2000
  /// A graph of fewer is made again sooner than it is read.
  static let leastInFile = 5000
  /// What a breadth is chosen for. Who is held back leaves links behind that lead nowhere: pictures that were never enrolled
  /// find a little more.
  private static let wantedRecall = 0.99
  private static let breadths = [HNSWGraph.leastBreadth, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536]

  /// Whether an index can find its nearest at all: by other distances, and to means, every reference is looked at.
  public var canHaveIndex: Bool { remote != nil || comparison == .nearest && RowSearch.codes(measure.metric).are }

  /// The graph brought up to date; nil where none is wanted, or none is of use.
  ///
  /// - Parameter progress: told how many references are in.
  func graph(progress: ((Int) -> Void)? = nil) throws -> Graph? {
    guard indexKind == .hnsw, canHaveIndex, let rows, rows.hasCodes, referenceCount >= Self.leastInGraph else {
      return nil
    }
    if cachedGraph == nil, referenceCount >= Self.leastInFile {
      cachedGraph = graphFile(rows)?.read(rows, cuts: rows.cuts)
    }
    // A graph of rows that are gone is made anew.
    let known = cachedGraph.flatMap { $0.graph.rows === rows && $0.cuts == rows.cuts ? $0 : nil }
    if let known, known.graph.count == rows.count { return known }
    let graph = known?.graph ?? HNSWGraph(rows)
    try graph.extend(progress: progress)
    if let known {
      // A few more change nothing of what is found; a tenth more might.
      if rows.count < graph.measured / 10 * 11 { return known }
      graph.reachAll()
    }
    graph.measured = rows.count
    let made = try measured(graph, rows)
    cachedGraph = made
    // A copy, which the next session makes again where it could not be written.
    if rows.count >= Self.leastInFile, let store, !store.isReadOnly { try? graphFile(rows)?.write(made) }
    return made
  }

  /// Where the graph of a gallery in a file is kept.
  private func graphFile(_ rows: EmbeddingRows) -> GraphFile? {
    guard let store, let header = rows.file?.header else { return nil }
    return GraphFile(
      path: store.graphPath, key: GraphFile.Key(gallery: header.gallery, embeddings: header.embeddings))
  }

  /// Chooses how far to look: as far as it takes that of some references, which are held back for that, the nearest of all
  /// others is found, and that each is found when it is asked for itself.
  private func measured(_ graph: HNSWGraph, _ rows: EmbeddingRows) throws -> Graph {
    let asked = heldBack()
    var others = answering
    for row in asked { others[row] = -1 }
    let queries = asked.flatMap { rows.values($0) }
    let exact = try RowSearch(rows: rows, owners: others, metric: measure.metric).nearest(queries, k: 1)
    var made = Graph(graph: graph, cuts: rows.cuts, breadth: 0, recall: 0, own: 0, questions: asked.count)
    for breadth in Self.breadths {
      made.breadth = breadth
      let before = graph.looked
      let found = try nearest(made, queries, k: 1, owners: others, hiding: asked)
      made.looked = (graph.looked - before) / max(1, asked.count)
      made.recall = share(zip(found, exact).map { $0.first?.distance == $1.first?.distance })
      let selves = try nearest(made, queries, k: 1, owners: answering)
      made.own = share(
        zip(asked, selves).map { row, found in
          // Or another that is as near.
          let own = RowSearch(rows: rows, owners: [], metric: measure.metric).measured(rows.row(row), rows.row(row))
          return found.first.map { $0.distance <= own } ?? false
        })
      // To look farther is no use where to look at all is less work.
      if min(made.recall, made.own) >= Self.wantedRecall || !made.pays { break }
    }
    return made
  }

  /// Some references from everywhere, of those that stand on no level above the ground: the ways there would lead to
  /// somebody who is held back.
  private func heldBack() -> [Int] {
    let count = min(1000, referenceCount / 5)
    let answering = answering
    return (0..<count).compactMap { place in
      (place * referenceCount / count..<(place + 1) * referenceCount / count).lazy.map { self.row($0) }
        .first { HNSWGraph.level($0) == 0 && answering[$0] >= 0 }
    }
  }

  private func share(_ right: [Bool]) -> Double { Double(right.count { $0 }) / Double(max(1, right.count)) }

  /// The nearest owners that the graph finds, measured as `RowSearch` measures.
  ///
  /// - Parameters:
  ///   - owners: of each row whose it is; −1: it does not answer.
  ///   - hiding: of each query a row that is not there.
  func nearest(
    _ graph: Graph, _ queries: [Float], k: Int, owners: [Int32], hiding: [Int]? = nil
  ) throws -> [[RowSearch.Found]] {
    let rows = graph.graph.rows
    let worst = rows.worst
    let count = queries.count / max(1, rows.width)
    let results = RowMemory<[RowSearch.Found]>(count, [])
    let search = RowSearch(rows: rows, owners: owners, metric: measure.metric)
    let isGivenUp = LongWork.isGivenUp
    let slice = max(1, min(64, (count + 15) / 16))
    queries.withUnsafeBufferPointer { queries in
      guard let base = queries.baseAddress else { return }
      // Read by all, written by none.
      nonisolated(unsafe) let from = base
      Workers.shared.parallel(slices: (count + slice - 1) / slice) { part in
        let way = graph.graph.search()
        defer {
          way.hidden = -1
          graph.graph.giveBack(way)
        }
        for query in part * slice..<min(count, part * slice + slice) {
          if let isGivenUp, isGivenUp() { return }
          let q = from + query * rows.width
          way.ask(q)
          if let hiding { way.hidden = Int32(hiding[query]) }
          var best = Best(k: k)
          var last = Int32.max
          // In the order of the eight bits, until not even what they lose makes a row near enough.
          for seen in graph.graph.nearest(way, breadth: max(graph.breadth, 2 * k)) {
            if seen.value >= last { break }
            let owner = owners[Int(seen.node)]
            if owner < 0 { continue }
            let limit = best.limit
            best.add(
              RowSearch.Found(owner: owner, row: seen.node, distance: search.measured(q, rows.row(Int(seen.node)))))
            if best.limit < limit { last = way.value(beyond: search.reach(best.limit), worst: worst) }
          }
          results[query] = best.list
        }
      }
    }
    try LongWork.check()
    return results.values
  }

  /// Makes the graph now rather than with the next question, and says what it is like.
  public func buildIndex(progress: ((Int) -> Void)? = nil) throws -> IndexState {
    try refresh()
    guard let graph = try graph(progress: progress), graph.pays else {
      return IndexState(
        kind: .exact, references: 0, breadth: 0, recall: 1, own: 1, questions: 0, looked: referenceCount)
    }
    return IndexState(
      kind: .hnsw, references: graph.graph.count, breadth: graph.breadth, recall: graph.recall, own: graph.own,
      questions: graph.questions, looked: graph.looked)
  }
}
