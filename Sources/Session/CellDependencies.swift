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

  /// The cells to run again, oldest first, so that all that is shown follows from what the names stand for now: the same
  /// as if the script had been run from its start with the later definitions in the place of the earlier ones.
  func stale() -> [Int] {
    var again: Set<Int> = []
    let current = cells.indices.filter { cells[$0].isRepeatable && !isSuperseded($0) }
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
          again.insert(source)
          isComplete = false
        }
      }
      for index in current where !again.contains(index) && sources(of: index).contains(where: again.contains) {
        again.insert(index)
        isComplete = false
      }
    }
    return again.sorted()
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
  /// The cells to run again, oldest first.
  func staleEntries() -> [EvaluatedCell] {
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
        isRepeatable: entry.status == .finished || entry.cell.pauseAfter != nil)
    }
    return CellDependencies(cells).stale().map { code[$0] }
  }
}
