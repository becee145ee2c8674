/// Which cells were made from which, by the names that they read and give: so that `%rerun stale` knows what has to run
/// again, and what with it.
///
/// A cell builds on the last cell before it that gave or changed a name which it reads. It is stale where a later cell
/// that does not build on it has given one of these names anew, or where a cell that it builds on is stale. Training is
/// a change like any other; a cell that trained a network builds on the cell that made it.
struct CellDependencies {
  struct Cell {
    var reads: Set<String>
    /// Names that it gave or changed.
    var gives: Set<String>
    /// Two cells of the same code are the same step, done again.
    var source: String
    /// It may run again: code that came to its end.
    var isRepeatable = true
    /// What each name that it gives was made from; of one that does not stand here, all that it reads.
    var madeFrom: [String: Set<String>] = [:]
  }

  private let cells: [Cell]
  /// The cells that gave or changed a name, oldest first.
  private var writers: [String: [Int]] = [:]
  /// For each cell, those that it builds on, directly or not.
  private var foundations: [CellSet] = []
  /// The cells of one code, oldest first.
  private var repetitions: [String: [Int]] = [:]

  init(_ cells: [Cell]) {
    self.cells = cells
    for (index, cell) in cells.enumerated() {
      var foundation = CellSet()
      for name in cell.reads {
        guard let writer = writers[name]?.last else { continue }
        foundation.insert(writer)
        foundation.formUnion(foundations[writer])
      }
      foundations.append(foundation)
      for name in cell.gives { writers[name, default: []].append(index) }
      repetitions[cell.source, default: []].append(index)
    }
  }

  /// What is out of date.
  struct Stale: Equatable {
    /// The cells to run again, in this order, so that all that is shown follows from what the names stand for now: the
    /// same as if the script had been run from its start with the later definitions in the place of the earlier ones.
    var again: [Int] = []
    /// Cells that are out of date and cannot run again: they would take back what somebody has changed since.
    var left: [Left] = []
  }

  struct Left: Equatable {
    var cell: Int
    /// What running it again would take back, and the cell that gave it.
    var name: String
    var giver: Int
  }

  func stale() -> Stale {
    var left: [Int: Left] = [:]
    while true {
      let (again, refused) = closure(without: left)
      var new = refused
      var members = CellSet()
      for index in again { members.insert(index) }
      for index in again where new[index] == nil {
        new[index] = takenBack(by: index, again: members)
      }
      var order: [Int] = []
      if new.isEmpty {
        let inTurn = inOrder(again, members)
        order = inTurn.order
        // Each waits for the other: neither can see what the other gives.
        for (index, reason) in inTurn.waiting { new[index] = reason }
      }
      if new.isEmpty {
        for more in unreachable(again, left) { left[more.cell] = more }
        return Stale(again: order, left: left.values.sorted { $0.cell < $1.cell })
      }
      left.merge(new) { $1 }
    }
  }

  /// What is out of date, and what runs with it.
  /// - Parameter left: cells that do not run again.
  /// - Returns: also those that need one of `left` to run before them.
  private func closure(without left: [Int: Left]) -> (again: Set<Int>, refused: [Int: Left]) {
    var again: Set<Int> = []
    var refused: [Int: Left] = [:]
    let current = cells.indices.filter { cells[$0].isRepeatable && !isSuperseded($0) && left[$0] == nil }
    for index in current {
      if isOutdated(index) || sources(of: index).contains(where: again.contains) { again.insert(index) }
    }
    // A cell finds what it reads as it was then. Where it changed that itself (a training, a counter), what gave it
    // before runs again, too; and so does whatever reads that.
    var isComplete = false
    while !isComplete {
      isComplete = true
      for index in again.sorted().reversed() {
        for name in cells[index].reads {
          guard let source = writer(of: name, before: index), !again.contains(source), cells[source].isRepeatable,
            let latest = writers[name]?.last, latest == index || buildsOn(latest, index)
          else { continue }
          if let reason = left[source] {
            refused[index] = Left(cell: index, name: reason.name, giver: reason.giver)
            continue
          }
          again.insert(source)
          isComplete = false
        }
      }
      for index in current where !again.contains(index) && sources(of: index).contains(where: again.contains) {
        again.insert(index)
        isComplete = false
      }
    }
    return (again, refused)
  }

  /// A name that the cell would give its old value again, though a later cell has given it another which stays.
  private func takenBack(by index: Int, again: CellSet) -> Left? {
    for name in cells[index].gives.sorted() {
      let later = writers[name]?.reversed().prefix { $0 > index }.first { !again.contains($0) && !buildsOn($0, index) }
      guard let later else { continue }
      // Its step was done again, and gave it.
      if isFollowed(index, among: repetitions[cells[index].source]) { continue }
      return Left(cell: index, name: name, giver: later)
    }
    return nil
  }

  /// Oldest first, but for cells that read what a later one gives which runs again, too: they come after it.
  private func inOrder(_ again: Set<Int>, _ members: CellSet) -> (order: [Int], waiting: [Int: Left]) {
    let oldestFirst = again.sorted()
    var waitsFor: [Int: [(cell: Int, name: String)]] = [:]
    for index in oldestFirst {
      for name in cells[index].reads {
        for later in writers[name]?.reversed().prefix(while: { $0 > index }) ?? []
        where members.contains(later) && !buildsOn(later, index) {
          waitsFor[index, default: []].append((later, name))
        }
      }
    }
    if waitsFor.isEmpty { return (oldestFirst, [:]) }
    var order: [Int] = []
    var done: Set<Int> = []
    var rest = oldestFirst
    while !rest.isEmpty {
      let next = rest.firstIndex { index in
        let late = waitsFor[index] ?? []
        return late.allSatisfy { done.contains($0.cell) }
          && cells[index].reads.union(cells[index].gives).allSatisfy { name in
            guard let source = writer(of: name, before: index), again.contains(source) else { return true }
            return done.contains(source)
          }
      }
      guard let next else {
        var waiting: [Int: Left] = [:]
        for index in rest {
          guard let late = waitsFor[index]?.first(where: { !done.contains($0.cell) }) else { continue }
          waiting[index] = Left(cell: index, name: late.name, giver: late.cell)
        }
        return (order, waiting)
      }
      done.insert(rest[next])
      order.append(rest.remove(at: next))
    }
    return (order, [:])
  }

  /// Cells with stale names that nothing makes new: what such a name was made from is given in the same cell, and again
  /// in a later one.
  private func unreachable(_ again: Set<Int>, _ left: [Int: Left]) -> [Left] {
    var found: [Left] = []
    for (name, causes) in staleNames().sorted(by: { $0.key < $1.key }) {
      guard let index = writers[name]?.last, !again.contains(index), left[index] == nil, cells[index].isRepeatable,
        let cause = causes.first(where: { isFollowed(index, among: writers[$0]) && cells[index].gives.contains($0) }),
        let giver = writers[cause]?.last
      else { continue }
      found.append(Left(cell: index, name: cause, giver: giver))
    }
    return found
  }

  /// The names that are out of date, each with those that it was made from and that were changed since, or are out of
  /// date themselves.
  func staleNames() -> [String: [String]] {
    // Of each cell, in turn: what it builds on is known by then.
    var found: [[String: Set<String>]] = []
    for (index, cell) in cells.enumerated() {
      var stale: [String: Set<String>] = [:]
      func isStale(_ name: String) -> Bool {
        if cell.gives.contains(name), !cell.reads.contains(name) { return stale[name] != nil }
        return writer(of: name, before: index).map { found[$0][name] != nil } ?? false
      }
      var isComplete = false
      while !isComplete {
        isComplete = true
        for name in cell.gives {
          var causes: Set<String> = []
          for other in cell.madeFrom[name] ?? cell.reads where other != name {
            if isFollowed(index, among: writers[other]) || isStale(other) { causes.insert(other) }
          }
          // It is what it was before, and more.
          if cell.reads.contains(name), let source = writer(of: name, before: index) {
            causes.formUnion(found[source][name] ?? [])
          }
          guard !causes.isEmpty, stale[name] != causes else { continue }
          stale[name] = causes
          isComplete = false
        }
      }
      found.append(stale)
    }
    var names: [String: [String]] = [:]
    for (name, cells) in writers {
      if let last = cells.last, let causes = found[last][name] { names[name] = causes.sorted() }
    }
    return names
  }

  private func buildsOn(_ cell: Int, _ other: Int) -> Bool { foundations[cell].contains(other) }

  /// By bisection: a name may have been given by each of thousands of cells.
  private func writer(of name: String, before index: Int) -> Int? {
    guard let all = writers[name] else { return nil }
    var (low, high) = (0, all.count)
    while low < high {
      let middle = (low + high) / 2
      if all[middle] < index { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? all[low - 1] : nil
  }

  /// The cells that gave what it reads.
  private func sources(of index: Int) -> [Int] { cells[index].reads.compactMap { writer(of: $0, before: index) } }

  private func isOutdated(_ index: Int) -> Bool {
    cells[index].reads.contains { isFollowed(index, among: writers[$0]) }
  }

  /// Whether one of the cells came later, and does not build on this one.
  private func isFollowed(_ index: Int, among others: [Int]?) -> Bool {
    // The last ones are those that most likely do.
    others?.reversed().prefix { $0 > index }.contains { !buildsOn($0, index) } ?? false
  }

  /// Its step was done again since, or nobody can read any more what it gave.
  private func isSuperseded(_ index: Int) -> Bool {
    let cell = cells[index]
    if isFollowed(index, among: repetitions[cell.source]) { return true }
    return !cell.gives.isEmpty && cell.gives.allSatisfy { isFollowed(index, among: writers[$0]) }
  }
}

extension NotebookSession {
  /// What the session's cells of code were made from, and these cells.
  func cellDependencies() -> (dependencies: CellDependencies, code: [EvaluatedCell]) {
    let code = entries.filter { $0.cell.kind == .code }
    let cells = code.enumerated().map { index, entry in
      // A name that is bound anew is not read by that, though its object is another one. `_` is another with every cell,
      // and `_3` the same for ever.
      CellDependencies.Cell(
        reads: namesNeeded(by: entry, at: index, in: code).subtracting(
          entry.names.assigns.subtracting(entry.names.reads)
        )
        .filter { !Self.isResultName($0) },
        gives: entry.names.assigns.union(entry.names.changes).filter { !Self.isResultName($0) },
        source: entry.cell.source,
        isRepeatable: entry.status == .finished || entry.cell.pauseAfter != nil,
        madeFrom: sources(of: entry, at: index, in: code))
    }
    return (CellDependencies(cells), code)
  }

  /// What each name that a cell gave or changed was made from, and what the functions read that were called for it.
  private func sources(of entry: EvaluatedCell, at index: Int, in code: [EvaluatedCell]) -> [String: Set<String>] {
    var sources: [String: Set<String>] = [:]
    for name in entry.names.assigns.union(entry.names.changes) where !Self.isResultName(name) {
      // A function reads the session's names anew whenever it is called.
      if engine.value(of: name)?.asFunction != nil {
        sources[name] = []
        continue
      }
      let made =
        entry.names.assigns.contains(name)
        ? entry.names.madeFrom[name] ?? entry.names.reads : entry.names.standsWith[name] ?? entry.names.reads
      sources[name] = withFunctions(made, upTo: index + 1, in: code).filter { !Self.isResultName($0) }
    }
    return sources
  }
}
