/// Distances in ascending order: as a list or, where they are too many for one, as counts of each value that occurs.
/// Either way nothing is rounded: what is measured by one is measured by the other to the last bit.
public struct RankedDistances: Sendable {
  enum Storage: Sendable {
    case list([Float])
    case counts(DistanceCounts)
  }

  let storage: Storage

  init(sorted list: [Float]) { storage = .list(list) }
  init(_ counts: DistanceCounts) { storage = .counts(counts) }

  /// Nil where they are counted.
  public var list: [Float]? { if case .list(let list) = storage { list } else { nil } }

  /// How many are less than a threshold.
  public func below(_ threshold: Double) -> Int {
    var (low, high) = (0, count)
    switch storage {
    case .list(let sorted):
      while low < high {
        let middle = (low + high) / 2
        if Double(sorted[middle]) < threshold { low = middle + 1 } else { high = middle }
      }
    case .counts(let counts):
      while low < high {
        let middle = (low + high) / 2
        if Double(counts[middle]) < threshold { low = middle + 1 } else { high = middle }
      }
    }
    return low
  }

  /// At most so many of them, at even distances in rank, both ends included: for a picture or a fit.
  public func sample(_ most: Int) -> [Float] {
    if count <= most { return list ?? self.runs.flatMap { Array(repeating: $0.value, count: $0.count) } }
    guard most > 1 else { return Array(prefix(Swift.max(0, most))) }
    var result: [Float] = []
    result.reserveCapacity(most)
    var runs = self.runs
    var run: (value: Float, count: Int) = (0, 0)
    var passed = 0
    for place in 0..<most {
      let (whole, part) = (count - 1).quotientAndRemainder(dividingBy: most - 1)
      let rank = place * whole + place * part / (most - 1)
      while passed <= rank, let next = runs.next() {
        run = next
        passed += next.count
      }
      result.append(run.value)
    }
    return result
  }

  /// Each value that occurs once, with how often it does.
  var runs: Runs { Runs(self) }

  struct Runs: IteratorProtocol, Sequence {
    private var list: ArraySlice<Float>
    private var counts: DistanceCounts.Runs?

    fileprivate init(_ distances: RankedDistances) {
      switch distances.storage {
      case .list(let all): list = all[...]
      case .counts(let all): (list, counts) = ([], all.runs)
      }
    }

    mutating func next() -> (value: Float, count: Int)? {
      if counts != nil { return counts?.next() }
      guard let value = list.first else { return nil }
      var end = list.startIndex + 1
      while end < list.endIndex, list[end] == value { end += 1 }
      defer { list = list[end...] }
      return (value, end - list.startIndex)
    }
  }
}

extension RankedDistances: RandomAccessCollection {
  /// 0.
  public var startIndex: Int { 0 }
  /// Behind the last rank.
  public var endIndex: Int {
    switch storage {
    case .list(let list): list.count
    case .counts(let counts): counts.count
    }
  }
  /// By rank, from 0. Of counts it takes a search: who wants all goes over `runs`.
  public subscript(rank: Int) -> Float {
    switch storage {
    case .list(let list): list[rank]
    case .counts(let counts): counts[rank]
    }
  }
}
