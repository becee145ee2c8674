import Synchronization

/// How often each float of 0 or more occurs among numbers far too many to keep.
///
/// The bits of such floats are in the order of the floats. Their upper half names one of 32,768 pages, the lower half a
/// place on it. A page holds its few places as a list, and a counter for each place once they are more than such
/// counters: 256 KB for each page that is much used, some hundred of them for the distances of a network.
final class DistanceCounts: Sendable {
  static let pages = 1 << 15
  /// Places of a page.
  private static let places = 1 << 16

  private enum Page: Sendable {
    case list([UInt16])
    case table([UInt32])
  }

  private let sorted: [Page]
  /// Numbers on the pages before.
  private let starts: [Int]
  let count: Int

  /// Takes numbers from several threads at a time.
  final class Builder: Sendable {
    private final class Cell: Sendable {
      /// `carries`: places that were counted over 2³², and how often.
      let state = Mutex((page: Page.list([]), carries: [UInt16: Int](), count: 0))
    }
    private let cells = (0..<DistanceCounts.pages).map { _ in Cell() }

    /// - Parameter numbers: 0 or more, finite. Their order is lost.
    func add(_ numbers: UnsafeMutableBufferPointer<Float>) {
      // By page, so that a lock is taken once for the many that go there.
      withUnsafeTemporaryAllocation(of: UInt32.self, capacity: max(1, numbers.count)) { ordered in
        withUnsafeTemporaryAllocation(of: Int.self, capacity: DistanceCounts.pages + 1) { ends in
          ends.initialize(repeating: 0)
          for number in numbers { ends[Int(number.magnitude.bitPattern >> 16)] += 1 }
          var place = 0
          for page in 0..<DistanceCounts.pages {
            let length = ends[page]
            ends[page] = place
            place += length
          }
          for number in numbers {
            let bits = number.magnitude.bitPattern
            let page = Int(bits >> 16)
            ordered.baseAddress.map { $0 + ends[page] }?.initialize(to: bits)
            ends[page] += 1
          }
          var start = 0
          while start < numbers.count {
            let page = Int(ordered[start] >> 16)
            add(UnsafeBufferPointer(rebasing: ordered[start..<ends[page]]), to: page)
            start = ends[page]
          }
        }
      }
    }

    private func add(_ bits: UnsafeBufferPointer<UInt32>, to page: Int) {
      cells[page].state.withLock { state in
        state.count += bits.count
        if case .list(var list) = state.page {
          state.page = .list([])
          list.append(contentsOf: bits.lazy.map { UInt16(truncatingIfNeeded: $0) })
          guard list.count > DistanceCounts.places else {
            state.page = .list(list)
            return
          }
          var table = [UInt32](repeating: 0, count: DistanceCounts.places)
          for place in list { table[Int(place)] += 1 }
          state.page = .table(table)
          return
        }
        guard case .table(var table) = state.page else { return }
        state.page = .list([])
        for bits in bits {
          let place = UInt16(truncatingIfNeeded: bits)
          table[Int(place)] &+= 1
          if table[Int(place)] == 0 { state.carries[place, default: 0] += 1 }
        }
        state.page = .table(table)
      }
    }

    /// - Parameter check: called now and then; what it throws ends the work.
    func finish(check: () throws -> Void) throws -> DistanceCounts {
      var pages: [Page] = []
      var starts: [Int] = []
      var carries: [Int: Int] = [:]
      var total = 0
      for (index, cell) in cells.enumerated() {
        if index % 64 == 0 { try check() }
        starts.append(total)
        cell.state.withLock { state in
          total += state.count
          for (place, times) in state.carries { carries[index << 16 | Int(place)] = times }
          if case .list(let list) = state.page { pages.append(.list(list.sorted())) } else { pages.append(state.page) }
          state.page = .list([])
        }
      }
      return DistanceCounts(sorted: pages, starts: starts, carries: carries, count: total)
    }
  }

  private let carries: [Int: Int]

  private init(sorted: [Page], starts: [Int], carries: [Int: Int], count: Int) {
    (self.sorted, self.starts, self.carries, self.count) = (sorted, starts, carries, count)
  }

  private static func value(_ page: Int, _ place: Int) -> Float { Float(bitPattern: UInt32(page << 16 | place)) }

  private func occurrences(_ page: Int, _ place: Int, _ counted: UInt32) -> Int {
    carries.isEmpty ? Int(counted) : Int(counted) + (carries[page << 16 | place] ?? 0) << 32
  }

  /// The number of a rank, from 0.
  subscript(rank: Int) -> Float {
    // The last page that begins at or before the rank.
    var (low, high) = (0, Self.pages)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= rank { low = middle } else { high = middle }
    }
    var rest = rank - starts[low]
    switch sorted[low] {
    case .list(let list): return Self.value(low, Int(list[rest]))
    case .table(let table):
      for place in 0..<Self.places {
        let times = occurrences(low, place, table[place])
        if rest < times { return Self.value(low, place) }
        rest -= times
      }
      return Self.value(low, Self.places - 1)
    }
  }

  var runs: Runs { Runs(self) }

  struct Runs: IteratorProtocol {
    private let counts: DistanceCounts
    private var page = 0
    private var place = 0

    fileprivate init(_ counts: DistanceCounts) { self.counts = counts }

    mutating func next() -> (value: Float, count: Int)? {
      while page < DistanceCounts.pages {
        switch counts.sorted[page] {
        case .list(let list):
          guard place < list.count else { break }
          let low = list[place]
          var end = place + 1
          while end < list.count, list[end] == low { end += 1 }
          defer { place = end }
          return (DistanceCounts.value(page, Int(low)), end - place)
        case .table(let table):
          while place < DistanceCounts.places {
            let times = counts.occurrences(page, place, table[place])
            place += 1
            if times > 0 { return (DistanceCounts.value(page, place - 1), times) }
          }
        }
        page += 1
        place = 0
      }
      return nil
    }
  }
}
