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
    public var breadth: Int
    /// Of held-back references the share whose nearest reference is found.
    public var recall: Double
    public var questions: Int
    /// Rows that a question measures, on average.
    public var looked: Int
  }

  /// Below so many references a look at all of them takes no longer.
  private static let leastInGraph = 2000
  /// A graph of fewer is made again sooner than it is read.
  static let leastInFile = 5000
  /// What a breadth is chosen for.
  private static let wantedRecall = 0.995
  private static let breadths = [HNSWGraph.leastBreadth, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768]

  /// The graph brought up to date; nil where none is wanted, or none is of use.
  ///
  /// - Parameter progress: told how many references are in.
  func graph(progress: ((Int) -> Void)? = nil) throws -> Graph? {
    guard indexKind == .hnsw, comparison == .nearest, let rows, rows.hasCodes, RowSearch.codes(measure.metric).are,
      referenceCount >= Self.leastInGraph
    else { return nil }
    if cachedGraph == nil, referenceCount >= Self.leastInFile {
      cachedGraph = graphFile(rows)?.read(rows, cuts: rows.cuts)
    }
    if let known = cachedGraph, known.graph.rows === rows, known.cuts == rows.cuts {
      guard known.graph.count < rows.count else { return known }
      try known.graph.extend(progress: progress)
      // A few more change nothing of what is found; a tenth more might.
      if rows.count < known.graph.measured / 10 * 11 { return known }
    }
    var graph = HNSWGraph(rows)
    if let known = cachedGraph, known.graph.rows === rows, known.cuts == rows.cuts {
      graph = known.graph
      graph.rescueAll()
    } else {
      try graph.extend(progress: progress)
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
  /// others is found.
  private func measured(_ graph: HNSWGraph, _ rows: EmbeddingRows) throws -> Graph {
    let count = min(400, referenceCount / 5)
    let asked = (0..<count).map { row($0 * referenceCount / count) }
    var others = answering
    for row in asked { others[row] = -1 }
    let queries = asked.flatMap { rows.values($0) }
    let exact = try RowSearch(rows: rows, owners: others, metric: measure.metric).nearest(queries, k: 1)
    var made = Graph(graph: graph, cuts: rows.cuts, breadth: 0, recall: 0, questions: count)
    for breadth in Self.breadths {
      made.breadth = breadth
      let before = graph.looked
      let found = try nearest(made, queries, k: 1, owners: others)
      made.looked = (graph.looked - before) / max(1, count)
      var right = 0
      for (one, other) in zip(found, exact) where one.first?.distance == other.first?.distance { right += 1 }
      made.recall = Double(right) / Double(max(1, count))
      // To look farther is no use where to look at all is less work.
      if made.recall >= Self.wantedRecall || !made.pays { break }
    }
    return made
  }

  /// The nearest owners that the graph finds, measured as `RowSearch` measures.
  ///
  /// - Parameter owners: of each row whose it is; −1: it does not answer.
  func nearest(_ graph: Graph, _ queries: [Float], k: Int, owners: [Int32]) throws -> [[RowSearch.Found]] {
    let rows = graph.graph.rows
    let worst = rows.worst
    let count = queries.count / max(1, rows.width)
    let results = RowMemory<[RowSearch.Found]>(count, [])
    let search = RowSearch(rows: rows, owners: owners, metric: measure.metric)
    let isGivenUp = LongWork.isGivenUp
    let slice = max(1, min(64, (count + 15) / 16))
    queries.withUnsafeBufferPointer { queries in
      guard let base = queries.baseAddress else { return }
      nonisolated(unsafe) let from = base
      Workers.shared.parallel(slices: (count + slice - 1) / slice) { part in
        let way = graph.graph.search()
        defer { graph.graph.giveBack(way) }
        for query in part * slice..<min(count, part * slice + slice) {
          if let isGivenUp, isGivenUp() { return }
          let q = from + query * rows.width
          way.ask(q)
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
      return IndexState(kind: .exact, references: 0, breadth: 0, recall: 1, questions: 0, looked: referenceCount)
    }
    return IndexState(
      kind: .hnsw, references: graph.graph.count, breadth: graph.breadth, recall: graph.recall,
      questions: graph.questions, looked: graph.looked)
  }
}
