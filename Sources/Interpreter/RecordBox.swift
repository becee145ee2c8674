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
    close()
    keys.isShared = true
    return RecordBox(keys: keys, values: values)
  }

  public var count: Int { values.count - keys.holes }
  public var names: [String] {
    close()
    return keys.names.map(\.text)
  }
  /// The names as the strings that a script sees.
  var nameValues: [Value] {
    close()
    return keys.names.map(Value.string)
  }
  public var fields: [(name: String, value: Value)] {
    close()
    return zip(keys.names, values).map { (name: $0.text, value: $1) }
  }

  public func has(_ name: String) -> Bool { value(StringBox(name)) != nil }

  /// The value of a field.
  public func value(_ name: StringBox) -> Value? { place(of: name).map { values[$0] } }

  /// Where a field stands, found without counting a reference to the keys, which cannot change meanwhile.
  @inline(__always)
  func place(of name: StringBox) -> Int? {
    Unmanaged.passUnretained(keys)._withUnsafeGuaranteedRef { $0.place(of: name) }
  }

  func set(_ name: StringBox, to value: Value) {
    if let index = place(of: name) {
      values[index] = value
    } else {
      if keys.isShared { keys = RecordKeys(keys.names) }
      keys.append(name)
      values.append(value)
    }
  }

  /// Bytes that one field more may ask for: none while there is room, and for a few fields.
  @inline(__always)
  var bytesOfGrowth: Int {
    let count = values.count
    guard count >= 1 << 12 else { return 0 }
    return (count == values.capacity ? 2 * count * MemoryLayout<Value>.stride : 0) + keys.bytesOfGrowth
  }

  /// Setting nil removes the field.
  public internal(set) subscript(name: String) -> Value? {
    get { value(StringBox(name)) }
    set {
      let box = StringBox(name)
      if let newValue {
        set(box, to: newValue)
      } else if let index = place(of: box) {
        remove(index)
      }
    }
  }

  /// Leaves a hole where the field stood, so that taking out many costs no more than each of them; `close` moves the others
  /// together before anybody goes over them.
  private func remove(_ index: Int) {
    if keys.isShared { keys = RecordKeys(keys.names) }
    guard keys.remove(index) else {
      values.remove(at: index)
      return
    }
    values[index] = .unset
    if keys.holes > max(16, values.count / 2) { close() }
  }

  /// Without the holes that fields left behind.
  func close() {
    guard keys.holes > 0 else { return }
    var names: [StringBox] = []
    var kept: [Value] = []
    for (index, name) in keys.names.enumerated() where !keys.isHole(index) {
      names.append(name)
      kept.append(values[index])
    }
    keys = RecordKeys(names)
    values = kept
  }

  deinit {
    if values.holdOthers { dismantle(&values) }
  }
}
