import Postgres
import Tensors

/// How far the database's index looks: pgvector's `hnsw.ef_search`, chosen by what it finds.
///
/// What a hundred rows in view find falls with the number of references and with how alike they are. So whoever enrols asks for
/// the nearest other reference of some that are there, by each breadth, and the database keeps the least one that finds nearly
/// all of what the widest one finds; all who use the database take it from there.
extension PostgresStore {
  /// pgvector allows no more than a thousand.
  static let breadths = [100, 200, 400, 700, 1000]
  static let breadthSetting: StaticString = "SET hnsw.ef_search = #"
  /// Of what the widest look finds.
  private static let wantedShare = 0.99
  /// Questions by which a breadth is chosen.
  private static let questions = 100

  /// The breadth that the database keeps.
  func takeBreadth() throws {
    let kept = Int(try number("breadth"))
    breadth = Self.breadths.last { $0 <= kept } ?? Self.breadths[0]
    try connection.set(Self.breadthSetting, to: breadth)
  }

  /// Chooses it when an index is new, and again whenever the references have doubled.
  func chooseBreadth() throws {
    let count = try referenceCount()
    guard count >= Self.indexed, try indexState() == "ready", count >= 2 * Int(try number("breadth of")) else { return }
    let questions = try sampledEmbeddings(Self.questions)
    func distances(_ breadth: Int) throws -> [Double] {
      try connection.set(Self.breadthSetting, to: breadth)
      return try questions.map { question in
        try LongWork.check()
        return try nearestOther(question)
      }
    }
    guard let widest = Self.breadths.last else { return }
    let best = try distances(widest)
    var chosen = widest
    for breadth in Self.breadths.dropLast() {
      let found = zip(try distances(breadth), best).count { $0 <= $1 }
      if Double(found) >= Self.wantedShare * Double(questions.count) {
        chosen = breadth
        break
      }
    }
    try set("breadth", Int64(chosen))
    try set("breadth of", Int64(count))
    try takeBreadth()
  }

  /// Some references' embeddings, evenly over all.
  func sampledEmbeddings(_ count: Int) throws -> [[Float]] {
    let rows = try connection.ask(
      """
      SELECT id, embedding FROM twinbook_reference
      WHERE id IN (SELECT low + (high - low) * i / $1::bigint FROM generate_series(0, $1::bigint - 1) AS i,
        (SELECT min(id) AS low, max(id) AS high FROM twinbook_reference) AS ends)
      """, [.number(Int64(count))])
    return (0..<rows.count).compactMap { rows.vector($0, 1) }
  }

  /// The distance of the nearest reference but the first, which is the question itself.
  func nearestOther(_ question: [Float]) throws -> Double {
    let near = try ordered(question, Self.reranked)
    return (0..<near.count).compactMap { near.vector($0, 2) }.map { measured(question, $0) }.sorted().dropFirst().first
      ?? .infinity
  }
}
