import MetricLearning
import Tensors

extension ReferenceGallery {
  /// Who stands for each label, found once for as long as nothing changes.
  struct Index {
    /// In the order in which they were first enrolled.
    var labels: [String] = []
    /// Rows of each label's references.
    var members: [[Int]] = []
    /// What a query is compared with for each label: the mean of its references, or the embedding of their medoid; nil
    /// where that is each reference by itself.
    var centres: [[Float]]?
    /// The references that are medoids, label by label.
    var medoids: [Int] = []
  }

  func index() throws -> Index {
    if let found = cachedIndex, found.version == version, found.embedded == embeddedVersion,
      found.comparison == comparison
    {
      return found.index
    }
    var index = Index()
    var place: [String: Int] = [:]
    for (row, reference) in references.enumerated() {
      if let known = place[reference.label] {
        index.members[known].append(row)
      } else {
        place[reference.label] = index.labels.count
        index.labels.append(reference.label)
        index.members.append([row])
      }
    }
    switch comparison {
    case .nearest: break
    case .mean: index.centres = index.members.map(mean)
    case .medoid:
      for rows in index.members {
        try LongWork.check()
        index.medoids.append(try medoid(rows))
      }
      index.centres = index.medoids.map { references[$0].embedding }
    }
    cachedIndex = (version, embeddedVersion, comparison, index)
    return index
  }

  private func mean(_ rows: [Int]) -> [Float] {
    guard rows.count > 1 else { return references[rows[0]].embedding }
    var mean = [Float](repeating: 0, count: references[rows[0]].embedding.count)
    for row in rows { for k in 0..<mean.count { mean[k] += references[row].embedding[k] / Float(rows.count) } }
    return mean
  }

  /// Of some references the one with the least sum of distances to the others, the first of several.
  private func medoid(_ rows: [Int]) throws -> Int {
    guard rows.count > 2 else { return rows[0] }
    var sums = [Double](repeating: 0, count: rows.count)
    for (place, row) in rows.enumerated() {
      try LongWork.check()
      for (other, column) in rows.enumerated() where other > place {
        let d = distance(references[row].embedding, references[column].embedding)
        sums[place] += d
        sums[other] += d
      }
    }
    var best = 0
    for place in sums.indices where sums[place] < sums[best] { best = place }
    return rows[best]
  }

  /// All labels, nearest first.
  func matches(_ embedding: [Float]) throws -> [Match] {
    let index = try index()
    let all = try index.labels.indices.map { place -> Match in
      if place % 1024 == 0 { try LongWork.check() }
      let rows = index.members[place]
      var best = Match(label: index.labels[place], distance: .infinity, reference: rows[0])
      if let centres = index.centres {
        best.distance = distance(embedding, centres[place])
        if comparison == .medoid {
          best.reference = index.medoids[place]
          return best
        }
      }
      // Which of them is shown.
      var nearest = Double.infinity
      for row in rows {
        let d = distance(embedding, references[row].embedding)
        if d < nearest { (nearest, best.reference) = (d, row) }
      }
      if index.centres == nil { best.distance = nearest }
      return best
    }
    return all.enumerated().sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }
      .map(\.element)
  }

  /// Of each embedding the distance to the nearest label: what `identify` compares with the threshold. On all threads.
  func nearestDistances(_ queries: [[Float]]) throws -> [Float] {
    let index = try index()
    let candidates = index.centres ?? references.map(\.embedding)
    let nearest = try places(of: queries, among: candidates) { line, _ in
      var best = 0
      for place in candidates.indices where line[place] < line[best] { best = place }
      return best
    }
    return zip(queries, nearest).map { Float(distance($0, candidates[$1])) }
  }

  /// Something that is found on the line of distances of each query to all candidates.
  func places<Found>(
    of queries: [[Float]], among candidates: [[Float]],
    _ find: @escaping (_ line: UnsafePointer<Float>, _ query: Int) -> Found
  ) throws -> [Found] {
    guard let width = candidates.first?.count, !queries.isEmpty else { return [] }
    let columns = try Embeddings(
      values: candidates.flatMap { $0 }, width: width, labels: Array(candidates.indices), metric: measure.metric,
      function: "gallery")
    let found = RowResults<Found?>(queries.count, nil)
    try columns.forEachRow(of: queries.flatMap { $0 }) { query, line in found[query] = find(line, query) }
    return found.all.compactMap { $0 }
  }
}
