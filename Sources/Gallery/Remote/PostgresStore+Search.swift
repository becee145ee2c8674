import MetricLearning
import Postgres

/// The nearest labels.
extension PostgresStore {
  /// The `k` nearest labels to an embedding, nearest first.
  ///
  /// - Parameter now: seconds since 1970; what has expired then does not answer.
  func nearest(_ query: [Float], k: Int, now: Double) throws -> [ReferenceGallery.Match] {
    var limit = max(Self.reranked, k * 4)
    var isExact = false
    while true {
      let rows = try isExact ? looking { try ordered(query, limit) } : ordered(query, limit)
      var best: [Int64: (distance: Double, id: Int64, name: String)] = [:]
      for row in 0..<rows.count {
        guard let id = rows.number(row, 0), let label = rows.number(row, 1), let embedding = rows.vector(row, 2),
          embedding.count == query.count, rows.real(row, 4).map({ $0 > now }) ?? true
        else { continue }
        let distance = measured(query, embedding)
        if let known = best[label], (known.distance, known.id) <= (distance, id) { continue }
        best[label] = (distance, id, rows.text(row, 3) ?? "")
      }
      // Labels with very many references, or what has expired, may fill the list alone: a longer one then. The index gives
      // no more than it looks through: where that is too little, all are looked at.
      let isShort = rows.count < min(limit, known.references)
      if best.count >= min(k, max(1, known.labels)) || limit > 1 << 20 || (isExact || !isShort) && rows.count < limit {
        return best.sorted { ($0.value.distance, $0.key) < ($1.value.distance, $1.key) }.prefix(k).map {
          ReferenceGallery.Match(label: $0.value.name, distance: $0.value.distance, reference: Int($0.value.id))
        }
      }
      if isShort { isExact = true }
      limit *= 4
    }
  }

  /// Without the index.
  func looking<Value>(_ body: () throws -> Value) throws -> Value {
    try connection.transaction {
      // A statement that was asked often has a plan of before, which would go on with the index.
      try connection.run("SET LOCAL enable_indexscan = off; SET LOCAL plan_cache_mode = force_custom_plan")
      return try body()
    }
  }

  /// id, label, embedding, name, and when it expires.
  func ordered(_ query: [Float], _ limit: Int) throws -> PostgresRows {
    let values: [PostgresValue] = [.vector(query), .number(Int64(limit))]
    switch (metric, hasConsent) {
    case (.cosine, true):
      return try connection.ask(
        """
        SELECT near.id, near.label, near.embedding, l.name, near.expires FROM (
          SELECT id, label, embedding, expires FROM twinbook_reference ORDER BY embedding <=> $1::vector
          LIMIT $2::bigint) AS near
        JOIN twinbook_label AS l ON l.id = near.label
        """, values)
    case (_, true):
      return try connection.ask(
        """
        SELECT near.id, near.label, near.embedding, l.name, near.expires FROM (
          SELECT id, label, embedding, expires FROM twinbook_reference ORDER BY embedding <-> $1::vector
          LIMIT $2::bigint) AS near
        JOIN twinbook_label AS l ON l.id = near.label
        """, values)
    case (.cosine, false):
      return try connection.ask(
        """
        SELECT near.id, near.label, near.embedding, l.name, NULL::float8 FROM (
          SELECT id, label, embedding FROM twinbook_reference ORDER BY embedding <=> $1::vector LIMIT $2::bigint) AS near
        JOIN twinbook_label AS l ON l.id = near.label
        """, values)
    case (_, false):
      return try connection.ask(
        """
        SELECT near.id, near.label, near.embedding, l.name, NULL::float8 FROM (
          SELECT id, label, embedding FROM twinbook_reference ORDER BY embedding <-> $1::vector LIMIT $2::bigint) AS near
        JOIN twinbook_label AS l ON l.id = near.label
        """, values)
    }
  }

  func measured(_ a: [Float], _ b: [Float]) -> Double {
    guard metric == .euclidean else { return metric.distance(a, b).map(Double.init) ?? .infinity }
    var sum = 0.0
    for (x, y) in zip(a, b) {
      let difference = Double(x) - Double(y)
      sum += difference * difference
    }
    return sum.squareRoot()
  }
}
