/// The items of a list.
public final class ListBox {
  public internal(set) var items: [Value]

  public init(_ items: [Value]) { self.items = items }

  deinit {
    if items.contains(where: \.holdsOthers) { dismantle(&items) }
  }
}

/// The fields of a record, in the order in which they were added.
public final class RecordBox {
  /// Shared between records of one literal; the machine remembers where a field stands by the identity of this object.
  var keys: RecordKeys
  var values: [Value]

  public init() {
    keys = RecordKeys([])
    values = []
  }

  init(keys: RecordKeys, values: [Value]) {
    self.keys = keys
    self.values = values
  }

  /// A name that comes twice keeps its first place and its last value.
  public convenience init(_ fields: [(String, Value)]) {
    self.init()
    for (name, value) in fields { self[name] = value }
  }

  /// A copy whose changes the original does not see.
  public func copy() -> RecordBox {
    keys.isShared = true
    return RecordBox(keys: keys, values: values)
  }

  public var count: Int { values.count }
  public var names: [String] { keys.names }
  public var fields: [(name: String, value: Value)] { zip(keys.names, values).map { (name: $0, value: $1) } }

  public func has(_ name: String) -> Bool { keys.find(name) != nil }

  /// Setting nil removes the field.
  public internal(set) subscript(name: String) -> Value? {
    get { keys.find(name).map { values[$0] } }
    set {
      if let newValue {
        if let index = keys.find(name) {
          values[index] = newValue
        } else {
          if keys.isShared { keys = RecordKeys(keys.names) }
          keys.append(name)
          values.append(newValue)
        }
      } else if let index = keys.find(name) {
        var names = keys.names
        names.remove(at: index)
        keys = RecordKeys(names)
        values.remove(at: index)
      }
    }
  }

  deinit {
    if values.contains(where: \.holdsOthers) { dismantle(&values) }
  }
}

/// The names of a record's fields. Never changes once it is shared.
final class RecordKeys {
  private(set) var names: [String]
  var isShared = false
  /// Only for records of many fields: a few names are found faster by looking at each.
  private var places: [String: Int]?

  init(_ names: [String]) {
    self.names = names
    if names.count > 8 { index() }
  }

  func find(_ name: String) -> Int? {
    if let places { return places[name] }
    for index in names.indices where names[index] == name { return index }
    return nil
  }

  func append(_ name: String) {
    names.append(name)
    if places != nil {
      places?[name] = names.count - 1
    } else if names.count > 8 {
      index()
    }
  }

  private func index() {
    places = Dictionary(zip(names, names.indices), uniquingKeysWith: { first, _ in first })
  }
}

extension Value {
  /// Whether releasing it may release a long chain of others.
  var holdsOthers: Bool {
    switch self {
    case .list, .record, .function, .object: true
    default: false
    }
  }
}

/// Releases nested lists and records in a loop: by recursion, a list nested a million deep would overflow the stack.
func dismantle(_ items: inout [Value]) {
  var pending: [Value] = []
  swap(&pending, &items)
  while let value = pending.popLast() {
    switch consume value {
    case .list(var box):
      if isKnownUniquelyReferenced(&box) {
        pending.append(contentsOf: box.items)
        box.items = []
      }
    case .record(var box):
      if isKnownUniquelyReferenced(&box) {
        pending.append(contentsOf: box.values)
        box.values = []
      }
    case .function(var function):
      if isKnownUniquelyReferenced(&function) { function.handOver(to: &pending) }
    case .object(var object):
      if isKnownUniquelyReferenced(&object) { object.handOver(to: &pending) }
    default: break
    }
  }
}
