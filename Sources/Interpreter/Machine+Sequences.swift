import Tensors

extension Machine {
  // MARK: Unshared lists, records and strings

  /// The list in a register, made its own first if others hold it too.
  @inline(__always)
  func withList<R>(_ register: Register, _ body: (ListBox) throws -> R) rethrows -> R {
    let place = UnsafeMutableRawPointer(register).assumingMemoryBound(to: ListBox.self)
    if !isKnownUniquelyReferenced(&place.pointee) {
      noteCopy(of: place.pointee.items.count)
      place.pointee = ListBox(place.pointee.items)
    }
    return try register.unmanaged(ListBox.self)._withUnsafeGuaranteedRef { try body($0) }
  }

  /// So many items are copied before a change, because others hold them too.
  @inline(__always)
  private func noteCopy(of count: Int) {
    charged += count
    itemsCopied += count
    if count >= Self.manyItems { tickSoon() }
  }

  @inline(__always)
  func withRecord<R>(_ register: Register, _ body: (RecordBox) throws -> R) rethrows -> R {
    let place = UnsafeMutableRawPointer(register).assumingMemoryBound(to: RecordBox.self)
    if !isKnownUniquelyReferenced(&place.pointee) {
      noteCopy(of: place.pointee.values.count)
      place.pointee = place.pointee.copy()
    }
    return try register.unmanaged(RecordBox.self)._withUnsafeGuaranteedRef { try body($0) }
  }

  @inline(__always)
  func withString<R>(_ register: Register, _ body: (StringBox) throws -> R) rethrows -> R {
    let place = UnsafeMutableRawPointer(register).assumingMemoryBound(to: StringBox.self)
    if !isKnownUniquelyReferenced(&place.pointee) { place.pointee = place.pointee.copy() }
    return try register.unmanaged(StringBox.self)._withUnsafeGuaranteedRef { try body($0) }
  }

  // MARK: Making

  @inline(never)
  func makeList(_ first: Register, _ count: Int, _ result: Register) {
    result.put(.list(ListBox(taken(first, count))))
  }

  @inline(never)
  func append(_ item: Register, to list: Register) throws {
    let isFull: Bool = try withList(list) { box in
      guard box.items.count < context.limits.items else { return true }
      try checkGrowth(box)
      box.items.append(item.taken())
      return false
    }
    if isFull { throw RuntimeError.tooLarge("a list", Double(context.limits.items) + 1) }
  }

  @inline(never)
  func push(_ item: Register, onto list: Register) throws {
    let full: Bool = try list.unmanaged(ListBox.self)._withUnsafeGuaranteedRef { box in
      guard box.items.count < context.limits.items else { return true }
      try checkGrowth(box)
      box.items.append(item.copied())
      return false
    }
    if full { throw RuntimeError.tooLarge("a list", Double(context.limits.items) + 1) }
  }

  /// For a comprehension that gives an item for each: its list need not move while it grows.
  @inline(never)
  func reserveItems(_ list: Register, forEachOf sequence: Register) throws {
    let count: Int =
      switch sequence.pointee {
      case .list(let box): box.items.count
      case .range(let range): range.count
      case .string(let box): box.isASCII ? box.byteCount : 0
      default: 0
      }
    // Of few items nothing is gained; many would take memory that a loop that ends before may never need.
    guard count > 8, count <= 1 << 20 else { return }
    if count >= 1 << 14 { try checkMemory(adding: count * MemoryLayout<Value>.stride) }
    list.unmanaged(ListBox.self)._withUnsafeGuaranteedRef { $0.items.reserveCapacity(count) }
  }

  @inline(never)
  func makeRecord(_ template: Int, _ first: Register, _ result: Register, _ frame: UnsafeMutablePointer<Frame>) {
    guard let prototype = frame.pointee.header.pointee.prototype else { return }
    let keys = prototype._withUnsafeGuaranteedRef { $0.templates[template] }
    result.put(.record(RecordBox(keys: keys, values: taken(first, keys.names.count))))
  }

  /// Moves the values of some registers out, leaving none.
  @inline(__always)
  private func taken(_ first: Register, _ count: Int) -> [Value] {
    // Initialisers with a count are not specialised here, and take twice as long.
    var values: [Value] = []
    values.reserveCapacity(count)
    for index in 0..<count { values.append((first + index).taken()) }
    return values
  }

  @inline(never)
  func makeRange(_ start: Value, _ stop: Value, closed: Bool) throws -> Value {
    guard let first = start.asNumberOrItem, let last = stop.asNumberOrItem, first.isFinite, !last.isNaN else {
      throw RuntimeError.badOperands(closed ? "..." : "..<", start.typeName, stop.typeName)
    }
    // Where a range ends changes its length in steps; where it begins changes its numbers.
    if start.carriesGradient { throw GradientLoss.rangeStart }
    return .range(try RangeBox.checked(first, last, closed: closed))
  }

  /// One character as a string; those of ASCII are made once.
  func character(of box: StringBox, _ index: Int) -> Value {
    if let byte = box.asciiByte(index) { return asciiValues[Int(byte & 127)] }
    return Value(String(box.allCharacters[index]))
  }

  @inline(never)
  func unpack(_ source: Value, _ first: Register, _ count: Int) throws {
    switch source {
    case .list(let box):
      guard box.items.count == count else {
        throw RuntimeError.unpackCount(expected: count, got: box.items.count, type: "list")
      }
      for index in 0..<count { first[index] = box.items[index] }
    default:
      guard let iterator = try iterator(over: source) else { throw RuntimeError.notUnpackable(source.typeName) }
      var got: [Value] = []
      while got.count <= count, let value = try iterator.next() { got.append(value) }
      guard got.count == count else {
        throw RuntimeError.unpackCount(
          expected: count, got: (source.knownLength ?? got.count), type: source.typeName)
      }
      for index in 0..<count { first[index] = got[index] }
    }
  }

  // MARK: Items

  @inline(__always)
  func getListItem(_ list: Register, _ index: Double, _ result: Register) throws {
    let box = list.unmanaged(ListBox.self)
    guard let place = Self.place(index, box._withUnsafeGuaranteedRef { $0.items.count }) else {
      throw indexProblem(index, "list", list.pointee.knownLength ?? 0)
    }
    // Read first, written afterwards (see `getField`).
    let number: Double? = box._withUnsafeGuaranteedRef { $0.items[place].asNumber }
    if let number { return result.set(number) }
    box._withUnsafeGuaranteedRef { box in
      box.items.withUnsafeBufferPointer { if let base = $0.baseAddress { result.set(from: base + place) } }
    }
  }

  @inline(__always)
  func setListItem(_ list: Register, _ index: Double, _ value: Register) throws {
    let found: Bool = withList(list) { box in
      guard let place = Self.place(index, box.items.count) else { return false }
      box.items.withUnsafeMutableBufferPointer { items in
        guard let base = items.baseAddress else { return }
        (base + place).set(from: value)
      }
      return true
    }
    if !found { throw indexProblem(index, "list", list.pointee.knownLength ?? 0) }
  }

  /// The place that an index means; nil if it is no whole number, or out of range.
  @inline(__always)
  static func place(_ index: Double, _ count: Int) -> Int? {
    guard index < 4_503_599_627_370_496, index > -4_503_599_627_370_496 else { return nil }
    var place = Int(index)
    guard Double(place) == index else { return nil }
    if place < 0 { place += count }
    return place >= 0 && place < count ? place : nil
  }

  @inline(never)
  func indexProblem(_ index: Double, _ type: String, _ count: Int) -> RuntimeError {
    index == index.rounded()
      ? .indexOutOfRange(type: type, index: index, count: count) : .badIndex(type, got: formatNumber(index))
  }

  func noPlace(_ type: String, _ index: Value) -> RuntimeError {
    switch index {
    case .list, .tensor: .severalPlaces(type, got: index.inWords, isRange: false)
    case .range: .severalPlaces(type, got: index.inWords, isRange: true)
    default: .badIndex(type, got: index.inWords)
    }
  }

  /// `object[index]`.
  @inline(never)
  func item(of object: Value, _ index: Value) throws -> Value {
    switch object {
    case .list(let box):
      guard let number = index.asNumberOrItem else { throw noPlace("list", index) }
      guard let place = Self.place(number, box.items.count) else { throw indexProblem(number, "list", box.items.count) }
      return box.items[place]
    case .string(let box):
      guard let number = index.asNumberOrItem else { throw noPlace("string", index) }
      try chargeCharacters(of: box)
      guard let place = Self.place(number, box.count) else { throw indexProblem(number, "string", box.count) }
      return character(of: box, place)
    case .record(let box):
      guard case .string(let name) = index else { throw RuntimeError.badIndex("record", got: index.inWords) }
      guard let value = box.value(name) else {
        throw RuntimeError.missingKey(name.text, near: nearFieldName(name.text, box))
      }
      return value
    case .range(let range):
      guard let number = index.asNumberOrItem else { throw noPlace("range", index) }
      guard let place = Self.place(number, range.count) else { throw indexProblem(number, "range", range.count) }
      return .number(range.start + Double(place))
    case .tensor(let box): return try tensorIndex(box.tensor, [.value(index)])
    case .object(let object):
      try checkInterrupt()
      return try object.index([.value(index)], context)
    default: throw RuntimeError.notIndexable(object.typeName)
    }
  }

  /// `object[index] = value`.
  func setItem(of place: Register, _ index: Value, to value: Value) throws {
    switch place.kind {
    case ValueKind.list:
      guard let number = index.asNumberOrItem else { throw noPlace("list", index) }
      let count = place.unmanaged(ListBox.self)._withUnsafeGuaranteedRef { $0.items.count }
      guard let item = Self.place(number, count) else { throw indexProblem(number, "list", count) }
      withList(place) { $0.items[item] = value }
    case ValueKind.record:
      guard case .string(let name) = index else { throw RuntimeError.badIndex("record", got: index.inWords) }
      try withRecord(place) { try set(name, of: $0, to: value) }
    default:
      guard case .object(let host) = place.pointee else {
        throw RuntimeError.itemsNotAssignable(place.pointee.typeName)
      }
      try host.setIndex([.value(index)], to: value, context)
    }
  }
}

extension Value {
  /// A number, a bool as 0 or 1, or the item of a tensor of one.
  var asNumberOrItem: Double? {
    switch self {
    case .number(let number): number
    case .bool(let bool): bool ? 1 : 0
    case .tensor(let box): box.tensor.number
    default: nil
    }
  }

  /// What `len` gives; nil for what has no length.
  public var knownLength: Int? {
    switch self {
    case .string(let box): box.count
    case .list(let box): box.items.count
    case .record(let box): box.count
    case .range(let range): range.count
    case .tensor(let box): box.tensor.shape.first
    case .object(let object): object.length
    default: nil
    }
  }
}
