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
      } else if let index = keys.find(box) {
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

/// The names of a record's fields. Never changes once it is shared.
final class RecordKeys {
  private(set) var names: [StringBox]
  /// The same, to be looked at without counting references.
  private var unmanaged: [Unmanaged<StringBox>]
  var isShared = false
  private var hashes: [UInt32]
  /// Names that were taken out; they stay in `names` until the record is closed.
  private(set) var holes = 0
  private var isTakenOut: [Bool] = []
  /// Places among `names` by hash, with open addressing; -1 where there is none, -2 where there was one. Only for records of many fields: a few
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
    var slot = start(hash)
    while table[slot] != -1 {
      let index = Int(table[slot])
      if index >= 0, hashes[index] == hash, isName(index, name) { return index }
      slot = (slot + 1) & mask
    }
    return nil
  }

  /// Where the search for a hash begins. Hashes have 24 bits: in larger tables they are spread over all of it.
  @inline(__always)
  private func start(_ hash: UInt32) -> Int {
    let size = table.count
    return size <= 1 << 24 ? Int(hash) & (size - 1) : Int(hash) * (size >> 24)
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
    if !isTakenOut.isEmpty { isTakenOut.append(false) }
    if names.count * 2 > table.count {
      if names.count >= Self.fewest { buildTable() }
    } else {
      put(names.count - 1)
    }
  }

  /// Bytes that one name more may ask for: of arrays that are full, and of the table; of all where others share them.
  @inline(__always)
  var bytesOfGrowth: Int {
    let count = names.count
    if isShared { return 2 * count * 20 + count * 32 }
    let isFull = count == names.capacity || count == unmanaged.capacity || count == hashes.capacity
    return (isFull ? 2 * count * 20 : 0) + ((count + 1) * 2 > table.count ? count * 32 : 0)
  }

  func isHole(_ index: Int) -> Bool { holes > 0 && isTakenOut[index] }

  /// Takes a name out of keys that nobody shares. True: a hole is left in its place; false: the others moved up.
  func remove(_ index: Int) -> Bool {
    guard !table.isEmpty else {
      names.remove(at: index)
      unmanaged.remove(at: index)
      hashes.remove(at: index)
      return false
    }
    let mask = table.count - 1
    var slot = start(hashes[index])
    while table[slot] != Int32(truncatingIfNeeded: index) { slot = (slot + 1) & mask }
    table[slot] = -2
    if isTakenOut.isEmpty { isTakenOut = Array(repeating: false, count: names.count) }
    isTakenOut[index] = true
    holes += 1
    return true
  }

  private func buildTable() {
    var size = 32
    while size < names.count * 4 { size *= 2 }
    table = Array(repeating: -1, count: size)
    for index in names.indices where !isHole(index) { put(index) }
  }

  private func put(_ index: Int) {
    let mask = table.count - 1
    var slot = start(hashes[index])
    while table[slot] >= 0 { slot = (slot + 1) & mask }
    table[slot] = Int32(truncatingIfNeeded: index)
  }
}
