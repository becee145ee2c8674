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
  public var names: [String] { keys.names.map(\.text) }
  /// The names as the strings that a script sees.
  var nameValues: [Value] { keys.names.map(Value.string) }
  public var fields: [(name: String, value: Value)] { zip(keys.names, values).map { (name: $0.text, value: $1) } }

  public func has(_ name: String) -> Bool { value(StringBox(name)) != nil }

  /// The value of a field.
  public func value(_ name: StringBox) -> Value? { keys.find(name).map { values[$0] } }

  func set(_ name: StringBox, to value: Value) {
    if let index = keys.find(name) {
      values[index] = value
    } else {
      if keys.isShared { keys = RecordKeys(keys.names) }
      keys.append(name)
      values.append(value)
    }
  }

  /// Setting nil removes the field.
  public internal(set) subscript(name: String) -> Value? {
    get { value(StringBox(name)) }
    set {
      let box = StringBox(name)
      if let newValue {
        set(box, to: newValue)
      } else if let index = keys.find(box) {
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
  private(set) var names: [StringBox]
  /// The same, to be looked at without counting references.
  private var unmanaged: [Unmanaged<StringBox>]
  var isShared = false
  private var hashes: [UInt32]
  /// Places among `names` by hash, with open addressing; -1 where there is none. Only for records of many fields: a few
  /// hashes are found faster by looking at each.
  private var table: [Int32] = []
  private static let fewest = 9

  init(_ names: [StringBox]) {
    self.names = names
    unmanaged = names.map(Unmanaged.passUnretained)
    hashes = names.map(\.hash)
    if names.count >= Self.fewest { buildTable() }
  }

  func find(_ name: StringBox) -> Int? {
    let hash = name.hash
    guard !table.isEmpty else {
      for index in 0..<hashes.count where hashes[index] == hash {
        if isName(index, name) { return index }
      }
      return nil
    }
    let mask = table.count - 1
    var slot = Int(hash) & mask
    while table[slot] >= 0 {
      let index = Int(table[slot])
      if hashes[index] == hash, isName(index, name) { return index }
      slot = (slot + 1) & mask
    }
    return nil
  }

  @inline(__always)
  private func isName(_ index: Int, _ name: StringBox) -> Bool {
    unmanaged[index]._withUnsafeGuaranteedRef { $0.isSame(as: name) }
  }

  /// A name that is not among them yet.
  func append(_ name: StringBox) {
    names.append(name)
    unmanaged.append(Unmanaged.passUnretained(name))
    hashes.append(name.hash)
    if names.count * 2 > table.count {
      if names.count >= Self.fewest { buildTable() }
    } else {
      put(names.count - 1)
    }
  }

  private func buildTable() {
    var size = 32
    while size < names.count * 4 { size *= 2 }
    table = Array(repeating: -1, count: size)
    for index in names.indices { put(index) }
  }

  private func put(_ index: Int) {
    let mask = table.count - 1
    var slot = Int(hashes[index]) & mask
    while table[slot] >= 0 { slot = (slot + 1) & mask }
    table[slot] = Int32(truncatingIfNeeded: index)
  }
}
