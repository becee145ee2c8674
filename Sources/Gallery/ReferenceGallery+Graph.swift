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
  }

  /// What the index is like, for people.
  public struct IndexState: Hashable, Sendable {
    public var kind: GalleryIndex
    /// References in the graph.
    public var references: Int
    public var breadth: Int
    /// Of held-back questions the share whose nearest is found.
    public var recall: Double
    public var questions: Int
  }

  /// Below so many references a look at all of them takes no longer.
  private static let leastInGraph = 2000
  /// What a breadth is chosen for.
  private static let wantedRecall = 0.995
  private static let breadths = [24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768]

  /// The graph brought up to date; nil where none is wanted, or none is of use.
  ///
  /// - Parameter progress: told how many references are in.
  func graph(progress: ((Int) -> Void)? = nil) throws -> Graph? {
    guard indexKind == .hnsw, comparison == .nearest, let rows, rows.hasCodes, RowSearch.codes(measure.metric).are,
      referenceCount >= Self.leastInGraph
    else { return nil }
    if let known = cachedGraph, known.graph.rows === rows, known.cuts == rows.cuts {
      guard known.graph.count < rows.count else { return known }
      try known.graph.extend(progress: progress)
      // A few more change nothing of what is found; a tenth more might.
      if rows.count < known.graph.measured / 10 * 11 { return known }
    }
    var graph = HNSWGraph(rows)
    if let known = cachedGraph, known.graph.rows === rows, known.cuts == rows.cuts { graph = known.graph }
    try graph.extend(progress: progress)
    graph.measured = rows.count
    let made = try measured(graph, rows)
    cachedGraph = made
    return made
  }

  /// Chooses how far to look: as far as it takes that the nearest other label of some references is found.
  private func measured(_ graph: HNSWGraph, _ rows: EmbeddingRows) throws -> Graph {
    let count = min(400, referenceCount)
    let asked = (0..<count).map { row($0 * referenceCount / count) }
    let search = RowSearch(rows: rows, owners: owners, metric: measure.metric)
    let queries = asked.flatMap { rows.values($0) }
    let exact = try search.nearest(queries, k: 1, passingOver: asked.map { owners[$0] })
    var made = Graph(graph: graph, cuts: rows.cuts, breadth: 0, recall: 0, questions: count)
    for breadth in Self.breadths {
      made.breadth = breadth
      let found = try nearest(made, queries, k: 1, passingOver: asked.map { owners[$0] })
      var right = 0
      for (one, other) in zip(found, exact) where one.first?.distance == other.first?.distance { right += 1 }
      made.recall = Double(right) / Double(max(1, count))
      if made.recall >= Self.wantedRecall { break }
    }
    return made
  }

  /// The nearest owners that the graph finds, measured as `RowSearch` measures.
  func nearest(
    _ graph: Graph, _ queries: [Float], k: Int, passingOver: [Int32]? = nil
  ) throws -> [[RowSearch.Found]] {
    let rows = graph.graph.rows
    let owners = answering
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
          // Those that the eight bits put first are measured; behind them, what the bits can have confused.
          for seen in graph.graph.nearest(way, breadth: max(graph.breadth, 2 * k)) {
            let owner = owners[Int(seen.node)]
            if owner < 0 || owner == passingOver?[query] ?? -1 { continue }
            best.add(
              RowSearch.Found(owner: owner, row: seen.node, distance: search.measured(q, rows.row(Int(seen.node)))))
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
    guard let graph = try graph(progress: progress) else {
      return IndexState(kind: .exact, references: 0, breadth: 0, recall: 1, questions: 0)
    }
    return IndexState(
      kind: .hnsw, references: graph.graph.count, breadth: graph.breadth, recall: graph.recall,
      questions: graph.questions)
  }
}
