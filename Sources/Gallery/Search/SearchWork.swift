import KernelInterface
import MetricLearning
import Synchronization
import Tensors

/// The shared part of one search: queries in sixteen bits, and of each what was found so far.
///
/// Tasks take a copy of what was found, go through a chunk, and put theirs in. Which task sees what depends on the clock;
/// the outcome does not: what is kept at the end is kept whenever it comes (`Best`).
///
/// Unchecked, because what tasks write is behind locks, and all else is written before they begin.
final class SearchWork: @unchecked Sendable {
  private let search: RowSearch
  private let queries: [Float]
  private let count: Int
  private let k: Int
  private let passingOver: [Int32]?
  /// Given where all rows within are wanted, however many.
  private let radius: Double?
  private let codes: UnsafeMutablePointer<Int16>
  /// Of each query the square of its whole numbers, and what they lose.
  private var squares: [(square: Double, lost: Double)] = []
  private let usesCodes: Bool
  private let shared: [TileBest]
  let tiles: Int
  let chunks: Int

  /// What a tile's queries have found.
  private final class TileBest: Sendable {
    let best: Mutex<[Best]>
    init(_ best: [Best]) { self.best = Mutex(best) }
  }

  init(
    _ search: RowSearch, _ queries: [Float], _ count: Int, _ k: Int, _ passingOver: [Int32]?, radius: Double? = nil,
    within: Double = .infinity
  ) {
    self.search = search
    self.queries = queries
    self.count = count
    self.k = k
    self.passingOver = passingOver
    self.radius = radius
    let rows = search.rows
    usesCodes = rows.hasCodes && RowSearch.codes(search.metric).are
    tiles = (count + RowSearch.tile - 1) / RowSearch.tile
    chunks = (rows.count + EmbeddingRows.chunkRows - 1) / EmbeddingRows.chunkRows
    codes = .allocate(capacity: max(1, count * rows.padded))
    codes.initialize(repeating: 0, count: max(1, count * rows.padded))
    shared = (0..<tiles).map { tile in
      TileBest(
        Array(
          repeating: Best(k: k, radius: radius, within: within),
          count: min(RowSearch.tile, count - tile * RowSearch.tile)))
    }
    if usesCodes {
      squares = queries.withUnsafeBufferPointer { queries in
        guard let base = queries.baseAddress else { return [] }
        return (0..<count).map { rows.query(base + $0 * rows.width, into: codes + $0 * rows.padded) }
      }
    }
  }

  deinit { codes.deallocate() }

  var found: [[RowSearch.Found]] {
    shared.flatMap { tile in tile.best.withLock { $0.map(\.list) } }
  }

  func run(tile: Int, chunk index: Int) {
    let first = tile * RowSearch.tile
    // All within a radius: what others found does not narrow it, and is not copied.
    var local = Local(
      shared[tile].best.withLock { best in
        radius == nil ? best : Array(repeating: Best(k: k, radius: radius), count: best.count)
      }, first: first)
    let rows = search.rows
    let row = index * EmbeddingRows.chunkRows
    let inChunk = min(EmbeddingRows.chunkRows, rows.count - row)
    queries.withUnsafeBufferPointer { queries in
      search.owners.withUnsafeBufferPointer { owners in
        guard let q = queries.baseAddress, let owners = owners.baseAddress else { return }
        if usesCodes {
          look(&local, q + first * rows.width, owners, rows.chunks[index], firstRow: row, inChunk)
        } else {
          measure(&local, q + first * rows.width, owners, firstRow: row, inChunk)
        }
      }
    }
    guard !local.added.isEmpty else { return }
    shared[tile].best.withLock { best in
      for (query, found) in local.added { best[query].add(found) }
    }
  }

  /// A task's own copy.
  private struct Local {
    var best: [Best]
    var added: [(query: Int, found: RowSearch.Found)] = []
    let first: Int

    init(_ best: [Best], first: Int) {
      self.best = best
      self.first = first
    }
  }

  /// Every row of the chunk.
  private func measure(
    _ local: inout Local, _ queries: UnsafePointer<Float>, _ owners: UnsafePointer<Int32>, firstRow: Int, _ count: Int
  ) {
    for row in firstRow..<firstRow + count where owners[row] >= 0 {
      for query in local.best.indices { consider(&local, query, queries, owners, row) }
    }
  }

  @inline(__always)
  private func consider(
    _ local: inout Local, _ query: Int, _ queries: UnsafePointer<Float>, _ owners: UnsafePointer<Int32>, _ row: Int
  ) {
    let owner = owners[row]
    if owner < 0 { return }
    if let passingOver, passingOver[local.first + query] == owner { return }
    let distance = search.measured(queries + query * search.rows.width, search.rows.row(row))
    guard distance <= local.best[query].limit else { return }
    let found = RowSearch.Found(owner: owner, row: Int32(row), distance: distance)
    if local.best[query].add(found) { local.added.append((query, found)) }
  }

  /// Those rows of the chunk that the eight bits leave.
  private func look(
    _ local: inout Local, _ queries: UnsafePointer<Float>, _ owners: UnsafePointer<Int32>, _ chunk: RowChunk,
    firstRow: Int, _ count: Int
  ) {
    let rows = search.rows
    let tile = local.best.count
    let groupsAtOnce = RowSearch.block / 8
    withUnsafeTemporaryAllocation(of: Int16.self, capacity: 8 * rows.padded) { scratch in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: tile) { bounds in
        // Looked at eight bytes at a time, and so with room behind.
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: (groupsAtOnce * tile + 7) / 8 + 1) { words in
          guard let scratch = scratch.baseAddress, let bounds = bounds.baseAddress, let words = words.baseAddress else {
            return
          }
          let hits = UnsafeMutableRawPointer(words).assumingMemoryBound(to: UInt8.self)
          for query in 0..<tile { bounds[query] = bound(local, query, chunk.worst) }
          // Where nothing is known of what is near, few rows at first.
          var size = local.best[0].limit.isInfinite ? 64 : RowSearch.block
          var start = 0
          while start < count {
            let taken = min(size, count - start)
            let groups = (taken + 7) / 8
            let bytes = groups * tile
            words[bytes / 8] = 0
            kernels.nearRows(
              chunk.codes + start * rows.padded, width: rows.padded, groups: groups, terms: chunk.terms + start,
              queries: codes + local.first * rows.padded, count: tile, bounds: bounds, scratch: scratch, hits: hits)
            if bytes % 8 != 0 { for at in bytes..<(bytes + 7) / 8 * 8 { hits[at] = 0 } }
            for word in 0..<(bytes + 7) / 8 where words[word] != 0 {
              for at in word * 8..<word * 8 + 8 where hits[at] != 0 {
                let (group, query) = at.quotientAndRemainder(dividingBy: tile)
                let before = local.best[query].limit
                var bits = hits[at]
                while bits != 0 {
                  let place = start + group * 8 + bits.trailingZeroBitCount
                  bits &= bits - 1
                  if place < count { consider(&local, query, queries, owners, firstRow + place) }
                }
                if local.best[query].limit < before { bounds[query] = bound(local, query, chunk.worst) }
              }
            }
            start += taken
            size = min(RowSearch.block, size * 2)
          }
        }
      }
    }
  }

  /// What row · query − term has to exceed for a row that may be near enough.
  private func bound(_ local: Local, _ query: Int, _ worst: Double) -> Int32 {
    search.rows.bound(search.reach(local.best[query].limit), squares[local.first + query], worst: worst)
  }
}

/// The best of what a query has met: the k nearest owners each with its nearest row, or all within a radius. Whatever the
/// order in which rows come, the same are left at the end.
struct Best {
  private let k: Int
  private let radius: Double?
  /// Nearest first, where it is the k nearest.
  private(set) var list: [RowSearch.Found] = []
  /// Beyond this nothing can be added.
  private(set) var limit: Double

  init(k: Int, radius: Double? = nil, within: Double = .infinity) {
    self.k = k
    self.radius = radius
    limit = radius ?? within
  }

  /// - Returns: whether it was taken.
  @discardableResult
  mutating func add(_ found: RowSearch.Found) -> Bool {
    if radius != nil {
      list.append(found)
      return true
    }
    if let place = list.firstIndex(where: { $0.owner == found.owner }) {
      let old = list[place]
      guard found.distance < old.distance || (found.distance == old.distance && found.row < old.row) else {
        return false
      }
      list.remove(at: place)
    } else if list.count == k {
      guard let last = list.last, found < last else { return false }
      list.removeLast()
    }
    var place = list.count
    while place > 0, found < list[place - 1] { place -= 1 }
    list.insert(found, at: place)
    if list.count == k, let last = list.last { limit = last.distance }
    return true
  }
}
