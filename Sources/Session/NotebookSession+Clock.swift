import Interpreter

/// Which names hold what was made from the time. A saved cell that shows one of them is marked `[varies]`, as the cell is
/// that asked for the time: its result is another one with every run.
extension NotebookSession {
  /// Marks a cell that has run, and notes which names hold such values after it.
  /// - Parameter shown: the cell's value.
  func noteClock(_ entry: inout EvaluatedCell, shown: Value?) {
    let known = entries.last { $0.cell.kind != .markdown }?.namesFromClock ?? []
    let readClock = engine.context.hasReadClock
    if readClock {
      entry.cell.varies = true
    } else if !known.isEmpty, entry.cell.result != nil {
      let code = entries.filter { $0.cell.kind == .code }
      let needed = namesNeeded(by: entry, at: code.count, in: code)
      if !needed.isDisjoint(with: known) { entry.cell.varies = true }
    }
    guard readClock || !known.isEmpty || entry.names.reads.contains("now") else { return }
    let clock: Set<String> = engine.value(of: "now") == nil ? ["now"] : []
    entry.namesFromClock = entry.names.madeFromClock(clock, known: known, readClock: readClock) { name in
      let isResult = name == "_" || name == "_\(entry.number)"
      guard let value = isResult ? shown : self.engine.value(of: name) else { return false }
      // A network that was trained while somebody looked at the clock is made from its data, and so are other objects.
      if case .object = value { return false }
      return true
    }
  }
}

extension CellNames {
  /// - Parameters:
  ///   - clock: what asks for the time.
  ///   - known: the names that held such values before the cell.
  ///   - readClock: something that the cell called asked for the time.
  ///   - mayHold: whether a name's value is of a kind that can hold a time.
  func madeFromClock(
    _ clock: Set<String>, known: Set<String>, readClock: Bool, mayHold: (String) -> Bool
  ) -> Set<String> {
    func sources(_ name: String) -> Set<String> { madeFrom[name] ?? reads }
    let candidates = assigns.filter(mayHold)
    var all = clock.union(known)
    var made: Set<String> = []
    while true {
      let more = candidates.filter { !made.contains($0) && !sources($0).isDisjoint(with: all) }
      if more.isEmpty { break }
      made.formUnion(more)
      all.formUnion(more)
    }
    // The time was asked for somewhere else, as in a file that the cell includes.
    if readClock, reads.isDisjoint(with: clock.union(known)) { made.formUnion(candidates) }
    return known.subtracting(overwrites).union(made)
  }
}
