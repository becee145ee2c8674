import Tensors

/// One thread's way through a graph: the question, who was met, and the nearest so far.
///
/// Unchecked: one thread has it at a time, until it gives it back.
final class GraphSearch: @unchecked Sendable {
  /// A node and how far it is: factor/2 · c² − c · d, which grows with the distance.
  struct Seen: Hashable, Comparable {
    var value: Int32
    var node: Int32

    static func < (_ a: Self, _ b: Self) -> Bool { a.value != b.value ? a.value < b.value : a.node < b.node }
  }

  private let rows: EmbeddingRows
  private let padded: Int
  private let question: UnsafeMutablePointer<Int16>
  /// factor/2 · d² / factor² of the question: what makes of a value the half of a squared distance, in units of the factor.
  private var half: Int64 = 0
  /// The square of the question's whole numbers, and what they lose.
  private var question16: (square: Double, lost: Double) = (0, 0)
  /// Rows that were measured since the memory of who was met was made: the work that questions took.
  private(set) var looked = 0
  /// Of each row in which round it was met last.
  private var met: [UInt16] = []
  private var round: UInt16 = 0
  /// The nearest so far, nearest first, and whether their links were followed.
  private var pool: UnsafeMutablePointer<Seen>
  private var isExpanded: UnsafeMutablePointer<Bool>
  private var room = 0
  private var count = 0
  private var first = 0
  private var breadth = 0
  /// Nodes that are measured together.
  static let together = 64
  private let nodes: UnsafeMutablePointer<Int32>
  private let places: UnsafeMutablePointer<UnsafePointer<Int8>>
  private let terms: UnsafeMutablePointer<Int32>
  private let values: UnsafeMutablePointer<Int32>

  init(_ rows: EmbeddingRows) {
    self.rows = rows
    padded = rows.padded
    question = .allocate(capacity: max(1, rows.padded))
    question.initialize(repeating: 0, count: max(1, rows.padded))
    pool = .allocate(capacity: 1)
    isExpanded = .allocate(capacity: 1)
    nodes = .allocate(capacity: Self.together)
    places = .allocate(capacity: Self.together)
    terms = .allocate(capacity: Self.together)
    values = .allocate(capacity: Self.together)
  }

  deinit {
    question.deallocate()
    pool.deallocate()
    isExpanded.deallocate()
    nodes.deallocate()
    places.deallocate()
    terms.deallocate()
    values.deallocate()
  }

  func ask(_ query: UnsafePointer<Float>) {
    question16 = rows.query(query, into: question)
    half = Int64(question16.square / Double(2 * rows.factor))
  }

  /// A node of this value or a greater one is farther from the question than `reach`, whatever the eight bits have lost.
  ///
  /// - Parameters:
  ///   - reach: a distance between rows as they stand in eight bits (`RowSearch.reach`).
  ///   - worst: how far the eight bits of any row are off at most.
  func value(beyond reach: Double, worst: Double) -> Int32 {
    let bound = rows.bound(reach, question16, worst: worst)
    return bound == .min ? .max : -bound
  }

  func ask(row: Int) {
    let codes = rows.codes(row)
    let factor = Int16(rows.factor)
    for k in 0..<rows.padded { question[k] = Int16(codes[k]) * factor }
    half = Int64(rows.term(row))
  }

  /// Twice the squared distance of the question to a node is this, in the units of `between`.
  func square(_ one: Seen) -> Int64 { Int64(one.value) + half }

  /// The same of two nodes.
  func between(_ a: Int32, _ b: Int32) -> Int64 {
    Int64(rows.term(Int(a))) + Int64(rows.term(Int(b)))
      - Int64(rows.factor) * Int64(kernels.byteProduct(rows.codes(Int(a)), rows.codes(Int(b)), rows.padded))
  }

  func measure(_ list: some Collection<Int32>) -> [Seen] {
    var seen: [Seen] = []
    seen.reserveCapacity(list.count)
    var rest = Array(list)[...]
    let tables = rows.tables
    while !rest.isEmpty {
      var taken = 0
      for node in rest.prefix(Self.together) {
        place(taken, node, tables)
        taken += 1
      }
      kernels.scatteredRows(places, terms: terms, count: taken, width: padded, query: question, values)
      for index in 0..<taken { seen.append(Seen(value: values[index], node: nodes[index])) }
      rest = rest.dropFirst(taken)
    }
    return seen
  }

  @inline(__always)
  private func place(_ index: Int, _ node: Int32, _ tables: RowTables) {
    let (chunk, row) = (Int(node) / EmbeddingRows.chunkRows, Int(node) % EmbeddingRows.chunkRows)
    nodes[index] = node
    places[index] = tables.codes[chunk] + row * padded
    terms[index] = tables.terms[chunk][row]
  }

  // MARK: A round

  func begin(_ breadth: Int, rowCount: Int) {
    self.breadth = breadth
    if room < breadth + 1 {
      pool.deallocate()
      isExpanded.deallocate()
      room = breadth + 1
      pool = .allocate(capacity: room)
      isExpanded = .allocate(capacity: room)
    }
    if met.count < rowCount {
      met = [UInt16](repeating: 0, count: rowCount)
      round = 0
    }
    if round == .max {
      met = [UInt16](repeating: 0, count: met.count)
      round = 0
    }
    round += 1
    count = 0
    first = 0
  }

  /// The nearest that were met, nearest first.
  var seen: [Seen] { Array(UnsafeBufferPointer(start: pool, count: count)) }

  /// Measures those that were not met yet, and keeps the nearest.
  func meet(_ list: some Collection<Int32>) {
    let (tables, round) = (rows.tables, round)
    var taken = 0
    met.withUnsafeMutableBufferPointer { met in
      for node in list where met[Int(node)] != round && taken < Self.together {
        met[Int(node)] = round
        place(taken, node, tables)
        taken += 1
      }
    }
    looked += taken
    kernels.scatteredRows(places, terms: terms, count: taken, width: padded, query: question, values)
    for index in 0..<taken { keep(Seen(value: values[index], node: nodes[index])) }
  }

  private func keep(_ one: Seen) {
    let pool = pool, flags = isExpanded
    var count = count
    if count == breadth {
      if !(one < pool[count - 1]) { return }
      count -= 1
    }
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if pool[middle] < one { low = middle + 1 } else { high = middle }
    }
    // Overlapping memory: from the end.
    (pool + low + 1).update(from: pool + low, count: count - low)
    (flags + low + 1).update(from: flags + low, count: count - low)
    pool[low] = one
    flags[low] = false
    self.count = count + 1
    first = min(first, low)
  }

  /// The nearest whose links were not followed yet.
  func next() -> Int32? {
    let (pool, flags, count) = (pool, isExpanded, count)
    var at = first
    while at < count {
      if !flags[at] {
        flags[at] = true
        first = at
        return pool[at].node
      }
      at += 1
    }
    first = at
    return nil
  }
}
