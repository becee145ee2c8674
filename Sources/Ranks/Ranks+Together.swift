/// What all ranks do together, each of these functions at the same place of the same work.
extension Ranks {
  /// An array of which each rank has made some units.
  public struct Shared {
    let base: UnsafeMutableRawPointer
    /// Bytes of one unit.
    let unit: Int

    public init<Element: BitwiseCopyable>(_ base: UnsafeMutablePointer<Element>, each: Int) {
      self.base = UnsafeMutableRawPointer(base)
      unit = each * MemoryLayout<Element>.stride
    }

    func bytes(_ units: Range<Int>) -> UnsafeMutableRawBufferPointer {
      UnsafeMutableRawBufferPointer(start: base + units.lowerBound * unit, count: units.count * unit)
    }
  }

  /// Each rank has made the units of its part; afterwards all ranks have all of them.
  ///
  /// - Parameter parts: of each rank, the same on all.
  public func exchange(_ arrays: [Shared], parts: [Range<Int>]) throws(RankError) {
    guard count > 1 else { return }
    try together { () throws(RankError) in
      var transfers: [RankTransfer] = []
      if arrays.count == 1 {
        for other in 0..<count where other != rank && !parts[other].isEmpty {
          try receive(arrays[0].bytes(parts[other]), from: other, tag: .part, &transfers)
        }
        if !parts[rank].isEmpty {
          let own = UnsafeRawBufferPointer(arrays[0].bytes(parts[rank]))
          for other in others { try send(own, to: other, tag: .part, &transfers) }
        }
        try finish(&transfers)
        return
      }
      // Small arrays go in one message: what a message costs, not its bytes, is what they would wait for.
      let each = arrays.reduce(0) { $0 + $1.unit }
      let units = parts.reduce(0) { $0 + $1.count }
      let packed = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, each * units), alignment: 64)
      defer { packed.deallocate() }
      var starts: [Int] = [0]
      for part in parts { starts.append(starts[starts.count - 1] + part.count * each) }
      func stretch(_ rank: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: packed[starts[rank]..<starts[rank + 1]])
      }
      for other in 0..<count where other != rank && !parts[other].isEmpty {
        try receive(stretch(other), from: other, tag: .part, &transfers)
      }
      if !parts[rank].isEmpty {
        walk(arrays, parts[rank], stretch(rank)) { $1.copyMemory(from: UnsafeRawBufferPointer($0)) }
        let own = UnsafeRawBufferPointer(stretch(rank))
        for other in others { try send(own, to: other, tag: .part, &transfers) }
      }
      try finish(&transfers)
      for other in 0..<count where other != rank {
        walk(arrays, parts[other], stretch(other)) { $0.copyMemory(from: UnsafeRawBufferPointer($1)) }
      }
    }
  }

  private func walk(
    _ arrays: [Shared], _ part: Range<Int>, _ packed: UnsafeMutableRawBufferPointer,
    _ body: (_ array: UnsafeMutableRawBufferPointer, _ packed: UnsafeMutableRawBufferPointer) -> Void
  ) {
    var place = 0
    for array in arrays {
      let bytes = array.bytes(part)
      body(bytes, UnsafeMutableRawBufferPointer(rebasing: packed[place..<place + bytes.count]))
      place += bytes.count
    }
  }

  /// The other ranks, from the next one round: so that not all send to the first at once.
  var others: [Int] { (1..<max(1, count)).map { (rank + $0) % count } }

  /// Adds up in the ranks' order: a stretch of the sum goes from the first rank to the last, each adds its own terms, and
  /// what the last one has goes to all. The order of additions is that of one process that has all terms, and so are the
  /// bits. Stretches follow one another closely: each rank sends no more than twice the sum, however many ranks there
  /// are, as with the best orders that are not fixed.
  ///
  /// - Parameter add: adds this rank's terms to a stretch; on the first rank it begins with 0 or what is there.
  public func sum(
    _ values: UnsafeMutableBufferPointer<Float>, stretch: Int = 1 << 16, add: (Range<Int>) -> Void
  ) throws(RankError) {
    let pieces = stride(from: 0, to: values.count, by: stretch).map { $0..<min(values.count, $0 + stretch) }
    guard count > 1 else {
      for piece in pieces { add(piece) }
      return
    }
    try together { () throws(RankError) in try SumPipeline(ranks: self, values: values, pieces: pieces).run(add) }
  }

  // MARK: Words

  /// As many words of each rank, the same number on all.
  ///
  /// - Throws: `RankError.astray` where a rank is at another place of the script.
  public func gather(_ words: [UInt64]) throws(RankError) -> [[UInt64]] {
    guard count > 1 else { return [words] }
    // Before the words, how many things all have done together, and how many words are meant.
    let place = completed << 8 | UInt64(words.count & 0xFF)
    let all = try gatherPlain([place] + words)
    if let other = all.firstIndex(where: { $0[0] != all[0][0] }) { throw .astray(rank: name(other)) }
    return all.map { Array($0.dropFirst()) }
  }

  private func gatherPlain(_ words: [UInt64]) throws(RankError) -> [[UInt64]] {
    return try together { () throws(RankError) in
      let size = words.count
      let all = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: max(1, size * count))
      defer { all.deallocate() }
      for (place, word) in words.enumerated() { all[rank * size + place] = word }
      func of(_ rank: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: all[rank * size..<(rank + 1) * size]))
      }
      let whole = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: all[..<(size * count)]))
      var transfers: [RankTransfer] = []
      if isFirst {
        for other in 1..<count { try receive(of(other), from: other, tag: .words, &transfers) }
        try finish(&transfers)
        for other in 1..<count { try send(UnsafeRawBufferPointer(whole), to: other, tag: .answer, &transfers) }
      } else {
        try send(UnsafeRawBufferPointer(of(rank)), to: 0, tag: .words, &transfers)
        try finish(&transfers)
        try receive(whole, from: 0, tag: .answer, &transfers)
      }
      try finish(&transfers)
      return (0..<count).map { rank in (0..<size).map { all[rank * size + $0] } }
    }
  }

  /// Bytes of each rank, as many as each has, known to all afterwards.
  public func gather(_ bytes: [UInt8]) throws(RankError) -> [[UInt8]] {
    guard count > 1 else { return [bytes] }
    let lengths = try gather([UInt64(bytes.count)]).map { Int($0[0]) }
    let size = lengths.reduce(0, +)
    let base = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, size))
    defer { base.deallocate() }
    let whole = UnsafeMutableRawBufferPointer(start: base, count: size)
    var parts: [Range<Int>] = []
    for length in lengths {
      let start = parts.last?.upperBound ?? 0
      parts.append(start..<start + length)
    }
    UnsafeMutableRawBufferPointer(rebasing: whole[parts[rank]]).copyBytes(from: bytes)
    try exchange([Shared(base, each: 1)], parts: parts)
    return parts.map { Array(whole[$0]) }
  }

  /// The first rank's bytes, on all.
  public func fromFirst(_ bytes: [UInt8]) throws(RankError) -> [UInt8] {
    try gather(isFirst ? bytes : [])[0]
  }

  /// Goes on once all have come here.
  public func meet() throws(RankError) { _ = try gather([UInt64(0)]) }
}

/// One sum on its way through the ranks, stretch by stretch.
private struct SumPipeline {
  let ranks: Ranks
  let values: UnsafeMutableBufferPointer<Float>
  let pieces: [Range<Int>]
  /// Pieces that a rank sends at a time.
  static let underWay = 2

  private func bytes(_ piece: Int) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: values[pieces[piece]]))
  }

  func run(_ add: (Range<Int>) -> Void) throws(RankError) {
    let (rank, count, link) = (ranks.rank, ranks.count, ranks.link)
    let (isFirst, isLast) = (rank == 0, rank == count - 1)
    // The finished sum goes round: from the last to the first, and on to the one before the last.
    let (before, after) = (isFirst ? count - 1 : rank - 1, isLast ? 0 : rank + 1)
    let passesOn = !isLast && after != count - 1
    var arriving: [RankTransfer] = []
    if !isFirst {
      for piece in pieces.indices { try ranks.receive(bytes(piece), from: before, tag: .sum, &arriving) }
    }
    var (leaving, totals, passed): ([RankTransfer], [RankTransfer], [RankTransfer]) = ([], [], [])
    var (added, gone, finished, over) = (0, 0, 0, 0)
    try ranks.wait { turns throws(RankError) -> Bool in
      // Pieces that are under way together share the wire: with all of them, the last rank would have the first one no sooner
      // than the last, and the total could not set out meanwhile.
      var isThere = added < min(pieces.count, gone + Self.underWay)
      if isThere, !isFirst { isThere = try link.advance(&arriving[added]) }
      if isThere {
        add(pieces[added])
        try ranks.send(UnsafeRawBufferPointer(bytes(added)), to: after, tag: isLast ? .total : .sum, &leaving)
        (added, turns) = (added + 1, 0)
      }
      // The total takes the place of the sum, so that has to be gone first.
      while gone < added, try link.advance(&leaving[gone]) {
        if !isLast { try ranks.receive(bytes(gone), from: before, tag: .total, &totals) }
        (gone, turns) = (gone + 1, 0)
      }
      while !isLast, finished < gone, try link.advance(&totals[finished]) {
        if passesOn { try ranks.send(UnsafeRawBufferPointer(bytes(finished)), to: after, tag: .total, &passed) }
        (finished, turns) = (finished + 1, 0)
      }
      while over < passed.count, try link.advance(&passed[over]) { over += 1 }
      return gone == pieces.count && (isLast || finished == pieces.count) && over == passed.count
    }
  }
}
