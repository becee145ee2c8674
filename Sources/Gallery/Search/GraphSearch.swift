import Tensors

/// One thread's way through a graph: the question, who was met, and the nearest so far.
///
/// Unchecked: one thread has it at a time, until it gives it back.
final class GraphSearch: @unchecked Sendable {
  /// A node and how far it is: factor/2 · c² − c · d, which grows with the distance.
  struct Seen: Hashable, Comparable {
    var value: Int32
    var node: Int32

    @inline(__always)
    static func < (_ a: Self, _ b: Self) -> Bool { a.value != b.value ? a.value < b.value : a.node < b.node }
  }

  private let rows: EmbeddingRows
  /// Where the rows are, as of the last question.
  private var tables: RowTables
  private let padded: Int
  private let factor: Int64
  private let question: UnsafeMutablePointer<Int16>
  /// factor/2 · d² / factor² of the question: what makes of a value the half of a squared distance, in units of the factor.
  private var half: Int64 = 0
  /// The square of the question's whole numbers, and what they lose.
  private var question16: (square: Double, lost: Double) = (0, 0)
  /// Rows that were measured since the memory of who was met was made: the work that questions took.
  private(set) var looked = 0
  /// A row that is not there: as if it had never been enrolled, though its links are. −1: all are.
  var hidden: Int32 = -1
  /// Of each row in which round it was met last.
  private var met: UnsafeMutablePointer<UInt16>
  private var metCount = 0
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
    tables = rows.tables
    padded = rows.padded
    factor = Int64(rows.factor)
    question = .allocate(capacity: max(1, rows.padded))
    question.initialize(repeating: 0, count: max(1, rows.padded))
    met = .allocate(capacity: 1)
    pool = .allocate(capacity: 1)
    isExpanded = .allocate(capacity: 1)
    nodes = .allocate(capacity: Self.together)
    places = .allocate(capacity: Self.together)
    terms = .allocate(capacity: Self.together)
    values = .allocate(capacity: Self.together)
  }

  deinit {
    question.deallocate()
    met.deallocate()
    pool.deallocate()
    isExpanded.deallocate()
    nodes.deallocate()
    places.deallocate()
    terms.deallocate()
    values.deallocate()
  }

  func ask(_ query: UnsafePointer<Float>) {
    tables = rows.tables
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
    tables = rows.tables
    let codes = rows.codes(row)
    let factor = Int16(rows.factor)
    for k in 0..<padded { question[k] = Int16(codes[k]) * factor }
    half = Int64(rows.term(row))
  }

  /// The first of some nodes, nearest first, that lie in different directions: one is left out that is nearer to one that
  /// was taken than to the question.
  func apart(_ seen: [Seen], most: Int) -> [Seen] {
    var chosen: [Seen] = []
    chosen.reserveCapacity(most)
    let (tables, factor, padded, half) = (tables, factor, padded, half)
    for one in seen {
      if chosen.count == most { break }
      let (codes, term) = (tables.codes(one.node, padded), Int64(tables.term(one.node)))
      // The half of a squared distance, in units of the factor, as of two nodes below.
      let square = Int64(one.value) + half
      var isApart = true
      for other in chosen {
        let product = kernels.byteProduct(codes, tables.codes(other.node, padded), padded)
        if term + Int64(tables.term(other.node)) - factor * Int64(product) <= square {
          isApart = false
          break
        }
      }
      if isApart { chosen.append(one) }
    }
    return chosen
  }

  func measure(_ list: [Int32]) -> [Seen] {
    var seen: [Seen] = []
    seen.reserveCapacity(list.count)
    for start in Swift.stride(from: 0, to: list.count, by: Self.together) {
      let taken = min(Self.together, list.count - start)
      for index in 0..<taken { place(index, list[start + index]) }
      kernels.scatteredRows(places, terms: terms, count: taken, width: padded, query: question, values)
      for index in 0..<taken { seen.append(Seen(value: values[index], node: nodes[index])) }
    }
    return seen
  }

  @inline(__always)
  private func place(_ index: Int, _ node: Int32) {
    nodes[index] = node
    places[index] = tables.codes(node, padded)
    terms[index] = tables.term(node)
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
    if metCount < rowCount {
      met.deallocate()
      met = .allocate(capacity: rowCount)
      metCount = rowCount
      round = .max
    }
    if round == .max {
      met.initialize(repeating: 0, count: metCount)
      round = 0
    }
    round += 1
    count = 0
    first = 0
    if hidden >= 0, hidden < metCount { met[Int(hidden)] = round }
  }

  /// The nearest that were met, nearest first.
  var seen: [Seen] { Array(UnsafeBufferPointer(start: pool, count: count)) }

  var nearest: Seen? { count > 0 ? pool[0] : nil }

  /// Measures those that were not met yet, and keeps the nearest.
  func meet(_ list: UnsafeBufferPointer<Int32>) {
    let (met, round) = (met, round)
    var taken = 0
    for node in list where met[Int(node)] != round {
      met[Int(node)] = round
      place(taken, node)
      taken += 1
      if taken == Self.together {
        keep(taken)
        taken = 0
      }
    }
    keep(taken)
  }

  func meet(_ list: [Int32]) { list.withUnsafeBufferPointer { meet($0) } }

  /// The same of the first nodes that were placed.
  private func keep(_ taken: Int) {
    guard taken > 0 else { return }
    looked += taken
    kernels.scatteredRows(places, terms: terms, count: taken, width: padded, query: question, values)
    for index in 0..<taken { keep(Seen(value: values[index], node: nodes[index])) }
  }

  @inline(__always)
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

extension RowTables {
  @inline(__always)
  fileprivate func codes(_ node: Int32, _ padded: Int) -> UnsafePointer<Int8> {
    codes[Int(node) / EmbeddingRows.chunkRows] + Int(node) % EmbeddingRows.chunkRows * padded
  }

  @inline(__always)
  fileprivate func term(_ node: Int32) -> Int32 {
    terms[Int(node) / EmbeddingRows.chunkRows][Int(node) % EmbeddingRows.chunkRows]
  }
}
