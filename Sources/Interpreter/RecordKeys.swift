/// The names of a record's fields. Never changes once it is shared.
final class RecordKeys {
  private(set) var names: [StringBox]
  var isShared = false
  /// Names that were taken out; they stay in `names` until the record is closed.
  private(set) var holes = 0

  /// A name as the search looks at it.
  private struct Entry {
    /// `names` owns it: looking counts no reference.
    let name: Unmanaged<StringBox>
    let hash: UInt32
    var isHole = false

    init(_ name: StringBox) {
      self.name = .passUnretained(name)
      hash = name.hash
    }

    @inline(__always)
    func isOf(_ other: StringBox, _ hash: UInt32) -> Bool {
      self.hash == hash && name._withUnsafeGuaranteedRef { $0.isSame(as: other) }
    }
  }
  /// One for each of `names`.
  private var entries: [Entry]
  /// Places among `names` by hash, with open addressing; -1 where there is none, -2 where there was one. Only for records
  /// of many fields: a few hashes are found faster by looking at each.
  private var table: [Int32] = []
  private static let fewest = 9

  init(_ names: [StringBox]) {
    self.names = names
    entries = names.map { Entry($0) }
    if names.count >= Self.fewest { buildTable() }
  }

  func place(of name: StringBox) -> Int? {
    let hash = name.hash
    guard !table.isEmpty else {
      for index in 0..<entries.count where entries[index].isOf(name, hash) { return index }
      return nil
    }
    let mask = table.count - 1
    var slot = start(hash)
    while table[slot] != -1 {
      let index = Int(table[slot])
      if index >= 0, entries[index].isOf(name, hash) { return index }
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

  /// A name that is not among them yet.
  func append(_ name: StringBox) {
    names.append(name)
    entries.append(Entry(name))
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
    let bytes = MemoryLayout<StringBox>.stride + MemoryLayout<Entry>.stride
    if isShared { return 2 * count * bytes + count * 32 }
    let isFull = count == names.capacity || count == entries.capacity
    return (isFull ? 2 * count * bytes : 0) + ((count + 1) * 2 > table.count ? count * 32 : 0)
  }

  func isHole(_ index: Int) -> Bool { entries[index].isHole }

  /// Takes a name out of keys that nobody shares. True: a hole is left in its place; false: the others moved up.
  func remove(_ index: Int) -> Bool {
    guard !table.isEmpty else {
      names.remove(at: index)
      entries.remove(at: index)
      return false
    }
    let mask = table.count - 1
    var slot = start(entries[index].hash)
    while table[slot] != Int32(truncatingIfNeeded: index) { slot = (slot + 1) & mask }
    table[slot] = -2
    entries[index].isHole = true
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
    var slot = start(entries[index].hash)
    while table[slot] >= 0 { slot = (slot + 1) & mask }
    table[slot] = Int32(truncatingIfNeeded: index)
  }
}
