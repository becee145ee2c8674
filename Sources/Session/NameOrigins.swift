/// Which cell gave each name its value, or changed it last.
struct NameOrigins {
  /// What a cell changed in here, for `%undo`.
  struct Change {
    fileprivate var name: String
    fileprivate var cell: Int?
  }

  private var cells: [String: Int] = [:]

  /// The cell's number.
  func cell(of name: String) -> Int? { cells[name] }

  /// - Parameters:
  ///   - cell: its number.
  ///   - hasValue: whether a name has one now.
  /// - Returns: how it was before.
  mutating func note(_ names: CellNames, cell: Int, hasValue: (String) -> Bool) -> [Change] {
    let before = names.assigns.union(names.changes).map { Change(name: $0, cell: cells[$0]) }
    for name in names.assigns where hasValue(name) { cells[name] = cell }
    for name in names.changes where cells[name] != nil { cells[name] = cell }
    return before
  }

  mutating func takeBack(_ changes: [Change]) {
    for change in changes { cells[change.name] = change.cell }
  }
}
