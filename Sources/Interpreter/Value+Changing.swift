/// Changes in place, for the methods of lists and records. What others hold too is copied first.
extension Value {
  /// Changes the items of a list. The list is empty while `body` runs, so that a callback sees no half-done work; it is
  /// put back also where `body` fails.
  public mutating func changeItems<R>(_ body: (inout [Value]) throws -> R) throws -> R {
    guard case .list(var box) = self else { throw RuntimeError.changedWhileUsed }
    self = .none
    if !isKnownUniquelyReferenced(&box) { box = ListBox(box.items) }
    self = .list(box)
    var items: [Value] = []
    swap(&items, &box.items)
    defer { box.items = items }
    return try body(&items)
  }

  /// Sets a field of a record; nil removes it.
  public mutating func setField(_ name: String, _ value: Value?) {
    guard case .record(var box) = self else { return }
    self = .none
    if !isKnownUniquelyReferenced(&box) { box = box.copy() }
    box[name] = value
    self = .record(box)
  }
}

/// A number with a fixed count of places after the point, rounded as C does.
public func formatFixed(_ number: Double, _ digits: Int) -> String {
  withCFormat("%.*f", digits, number)
}

extension Value {
  /// Records with the same names, which they share; no name may come twice.
  package static func records(names: [String], _ rows: some Sequence<[Value]>) -> [Value] {
    let keys = RecordKeys(names.map { StringBox($0) })
    keys.isShared = true
    return rows.map { .record(RecordBox(keys: keys, values: $0)) }
  }
}
