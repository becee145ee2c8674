extension Value {
  /// Changes the items of a list in the place where it stands: without a copy when nothing else refers to it. Nil, and
  /// no change, where this is no list.
  public mutating func changeItems<Result>(_ body: (inout [Value]) throws -> Result) rethrows -> Result? {
    guard case .list(var box) = self else { return nil }
    self = .none
    if !isKnownUniquelyReferenced(&box) { box = ListBox(box.items) }
    defer { self = .list(box) }
    return try body(&box.items)
  }

  /// Changes the fields of a record in the place where it stands; as `changeItems`.
  public mutating func changeRecord<Result>(_ body: (RecordEditor) throws -> Result) rethrows -> Result? {
    guard case .record(var box) = self else { return nil }
    self = .none
    if !isKnownUniquelyReferenced(&box) { box = box.copy() }
    defer { self = .record(box) }
    return try body(RecordEditor(box: box))
  }
}

/// Gives bindings leave to change the fields of one record, during one call.
public struct RecordEditor {
  let box: RecordBox
  public subscript(name: String) -> Value? {
    get { box[name] }
    nonmutating set { box[name] = newValue }
  }
  public var names: [String] { box.names }
}
