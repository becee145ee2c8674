import Files
import Foundation

/// A graph beside a gallery's file, `people.gallery-graph`, so that the next session need not make it again.
///
/// It is a copy: where it is missing, damaged or of other rows, the graph is made anew. Every number is checked before it
/// is followed, since a file may hold anything.
struct GraphFile {
  /// Of which rows the graph is.
  struct Key: Equatable {
    /// Of the database.
    var gallery: UUID
    /// How often all embeddings were replaced.
    var embeddings: Int64
  }

  let path: String
  let key: Key

  private static let magic: [UInt8] = Array("TWINGRAPH2".utf8)
  private static let headerBytes = 16 + 16 + 15 * 8

  // MARK: Writing

  func write(_ graph: ReferenceGallery.Graph) throws(FileError) {
    let (nodes, levels) = (graph.graph, graph.graph.upper)
    var header = Self.magic + [UInt8](repeating: 0, count: 16 - Self.magic.count)
    withUnsafeBytes(of: key.gallery.uuid) { header += $0 }
    let numbers: [Int64] = [
      key.embeddings, Int64(nodes.count), Int64(HNSWGraph.stride), Int64(HNSWGraph.groundLinks), Int64(nodes.entry),
      Int64(nodes.measured), Int64(graph.breadth), Int64(bitPattern: graph.recall.bitPattern), Int64(graph.looked),
      Int64(graph.questions), Int64(nodes.strays.count), Int64(levels.count),
      Int64(bitPattern: Self.sum(of: nodes.rows, nodes.count)), Int64(bitPattern: graph.own.bitPattern),
    ]
    for number in numbers { withUnsafeBytes(of: number.littleEndian) { header += $0 } }
    var rest = nodes.strays
    for level in levels {
      rest.append(Int32(level.count))
      for (node, links) in level.sorted(by: { $0.key < $1.key }) { rest += [node, Int32(links.count)] + links }
    }
    let ground = UnsafeRawBufferPointer(
      UnsafeBufferPointer(start: nodes.ground, count: nodes.count * HNSWGraph.stride))
    var sum = Self.sum(ground)
    rest.withUnsafeBytes { sum ^= Self.sum($0) &* 31 }
    withUnsafeBytes(of: sum.littleEndian) { header += $0 }
    let writer = try FileWriter(path, access: .owner)
    try writer.append(header)
    try writer.append(ground)
    try writer.append(rest.withUnsafeBytes { Array($0) })
    try writer.commit()
  }

  // MARK: Reading

  /// The graph of these rows; nil where the file has none.
  func read(_ rows: EmbeddingRows, cuts: Int) -> ReferenceGallery.Graph? {
    guard FileSystem.exists(path), let bytes = try? FileSystem.read(path), bytes.count >= Self.headerBytes,
      Array(bytes.prefix(Self.magic.count)) == Self.magic
    else { return nil }
    return bytes.withUnsafeBytes { bytes in
      guard withUnsafeBytes(of: key.gallery.uuid, { $0.elementsEqual(bytes[16..<32]) }) else { return nil }
      let numbers = (0..<15).map {
        Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 32 + 8 * $0, as: Int64.self))
      }
      let count = Int(numbers[1])
      let body = UnsafeRawBufferPointer(rebasing: bytes[Self.headerBytes...])
      guard numbers[0] == key.embeddings, count > 0, count <= rows.count, numbers[2] == Int64(HNSWGraph.stride),
        numbers[3] == Int64(HNSWGraph.groundLinks), count <= body.count / (4 * HNSWGraph.stride), body.count % 4 == 0,
        UInt64(bitPattern: numbers[12]) == Self.sum(of: rows, count)
      else { return nil }
      let groundBytes = count * HNSWGraph.stride * 4
      let ground = UnsafeRawBufferPointer(rebasing: body[..<groundBytes])
      let after = UnsafeRawBufferPointer(rebasing: body[groundBytes...])
      guard UInt64(bitPattern: numbers[14]) == Self.sum(ground) ^ Self.sum(after) &* 31 else { return nil }
      var rest = Words(after)
      guard let strays = rest.take(Int(clamping: numbers[10])) else { return nil }
      var upper: [[Int32: [Int32]]] = []
      guard (0...8).contains(numbers[11]) else { return nil }
      for _ in 0..<numbers[11] {
        guard let nodes = rest.next(), nodes >= 0, Int(nodes) <= count else { return nil }
        var level: [Int32: [Int32]] = [:]
        for _ in 0..<nodes {
          guard let node = rest.next(), let links = rest.next(), let list = rest.take(Int(links)) else { return nil }
          level[node] = list
        }
        upper.append(level)
      }
      guard rest.isAtEnd, let entry = Int32(exactly: numbers[4]), let measured = Int(exactly: numbers[5]),
        (1...100_000).contains(numbers[6]), (0...Int64(Int32.max)).contains(numbers[8]),
        let graph = HNSWGraph(rows, count: count, ground: ground, upper: upper, entry: entry, strays: strays)
      else { return nil }
      graph.measured = max(0, min(measured, count))
      let (recall, own) = (share(numbers[7]), share(numbers[13]))
      return ReferenceGallery.Graph(
        graph: graph, cuts: cuts, breadth: Int(numbers[6]), recall: recall, own: own,
        questions: Int(clamping: numbers[9]), looked: Int(numbers[8]))
    }
  }

  private func share(_ bits: Int64) -> Double {
    let share = Double(bitPattern: UInt64(bitPattern: bits))
    return share.isFinite ? share : 0
  }

  /// Whole numbers, one after another.
  private struct Words {
    private let bytes: UnsafeRawBufferPointer
    private var at = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { at == bytes.count }

    mutating func next() -> Int32? {
      guard at + 4 <= bytes.count else { return nil }
      defer { at += 4 }
      return Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: Int32.self))
    }

    mutating func take(_ count: Int) -> [Int32]? {
      guard count >= 0, count <= (bytes.count - at) / 4 else { return nil }
      return (0..<count).compactMap { _ in next() }
    }
  }

  // MARK: Sums

  private static func mixed(_ sum: UInt64, _ word: UInt64) -> UInt64 {
    let x = (sum ^ word) &* 0x9e37_79b9_7f4a_7c15
    return x ^ x >> 29
  }

  private static func sum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var sum = UInt64(bytes.count)
    for place in Swift.stride(from: 0, to: bytes.count & ~3, by: 4) {
      sum = mixed(sum, UInt64(bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
    }
    return sum
  }

  /// Of the lengths of rows in eight bits, which no two galleries share.
  private static func sum(of rows: EmbeddingRows, _ count: Int) -> UInt64 {
    var sum = rows.scale.bitPattern
    for row in 0..<count { sum = mixed(sum, UInt64(UInt32(bitPattern: rows.term(row)))) }
    return sum
  }
}
