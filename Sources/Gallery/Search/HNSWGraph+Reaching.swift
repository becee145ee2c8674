/// Ways to all rows. A node that has as many links as it may gives up some for nearer ones; so a row, or a few that know each
/// other alone, can lose the last link that leads to it, and nobody would find it again. Copies of one picture do: one of
/// them lies in every other's direction.
extension HNSWGraph {
  /// Goes along all links from the entry. A row that is not met gets a link, which is never given up, from the nearest of
  /// those that it is linked to itself: whoever looks for such a row comes by there. Where that cannot be, it is a stray.
  func reachAll() {
    reached = count
    strays = []
    guard entry >= 0 else { return }
    var isMet = [Bool](repeating: false, count: count)
    spread(from: entry, &isMet)
    var lost = (0..<Int32(count)).filter { !isMet[Int($0)] }
    var before = lost.count + 1
    // One that is met may lead to more, and these to those that nobody met before.
    while lost.count < before {
      before = lost.count
      for row in lost where !isMet[Int(row)] && rescue(row, from: { isMet[Int($0)] }) { spread(from: row, &isMet) }
      lost.removeAll { isMet[Int($0)] }
    }
    for row in lost where !isMet[Int(row)] {
      strays.append(row)
      spread(from: row, &isMet)
    }
  }

  /// The same for rows that came since, in no more time than it took to take them in: they have a way to them where one that
  /// they are linked to has kept the link back.
  func reachNew() {
    for row in Int32(reached)..<Int32(count) {
      let isLinked = neighbours(row).contains { neighbours($0).contains(row) || rescued($0).contains(row) }
      if !isLinked, !rescue(row, from: { $0 < row }) { strays.append(row) }
    }
    reached = count
  }

  /// - Parameter may: which of the rows that it is linked to are to rescue it, or one of those whom they have rescued.
  /// - Returns: whether one had room.
  private func rescue(_ row: Int32, from may: (Int32) -> Bool) -> Bool {
    for var host in neighbours(row) where may(host) {
      // Where many are alike, all of them have their only link to the same one: a tree of theirs grows from it.
      var turn = UInt32(bitPattern: row)
      for _ in 0..<24 {
        let base = ground + Int(host) * Self.stride
        let taken = Int(base[1])
        if taken < Self.rescues {
          base[2 + Self.groundLinks + taken] = row
          base[1] += 1
          return true
        }
        host = base[2 + Self.groundLinks + Int(turn % UInt32(Self.rescues))]
        turn = turn &* 0x9e37_79b9 &+ 0x7f4a_7c15
        turn ^= turn >> 15
        if host == row { break }
      }
    }
    return false
  }

  private func spread(from start: Int32, _ isMet: inout [Bool]) {
    isMet[Int(start)] = true
    var rest = [start]
    while let node = rest.popLast() {
      for list in [neighbours(node), rescued(node)] {
        for other in list where !isMet[Int(other)] {
          isMet[Int(other)] = true
          rest.append(other)
        }
      }
    }
  }
}
