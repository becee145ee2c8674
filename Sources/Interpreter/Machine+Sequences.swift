import Tensors

/// What a loop goes over, where that is neither a range nor a list.
final class LoopState: HostObject {
  let iterator: ValueIterator
  init(_ iterator: ValueIterator) { self.iterator = iterator }
}

extension Machine {
  // MARK: Unshared lists, records and strings

  /// The list in a register, made its own first if others hold it too.
  @inline(__always)
  func withList<R>(_ register: Register, _ body: (ListBox) throws -> R) rethrows -> R {
    let place = UnsafeMutableRawPointer(register).assumingMemoryBound(to: ListBox.self)
    if !isKnownUniquelyReferenced(&place.pointee) {
      charged += place.pointee.items.count
      itemsCopied += place.pointee.items.count
      place.pointee = ListBox(place.pointee.items)
    }
    return try register.unmanaged(ListBox.self)._withUnsafeGuaranteedRef { try body($0) }
  }

  @inline(__always)
  func withRecord<R>(_ register: Register, _ body: (RecordBox) throws -> R) rethrows -> R {
    let place = UnsafeMutableRawPointer(register).assumingMemoryBound(to: RecordBox.self)
    if !isKnownUniquelyReferenced(&place.pointee) {
      charged += place.pointee.values.count
      itemsCopied += place.pointee.values.count
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
    result.pointee = .list(ListBox(taken(first, count)))
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
      box.items.append(item.pointee)
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
    result.pointee = .record(RecordBox(keys: keys, values: taken(first, keys.names.count)))
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

  // MARK: Loops

  @inline(never)
  func prepareLoop(_ source: Value, _ state: Register) throws {
    switch source {
    case .range(let range) where range.start + Double(range.count) < 0x1p52:
      state.pointee = .number(range.start)
      // Half a step before the number after the last, so that rounding cannot add or lose a turn.
      (state + 1).pointee = .number(range.start + Double(range.count) - 0.5)
    case .list, .string:
      state.pointee = source
      (state + 1).pointee = .number(0)
    case .record(let record):
      state.pointee = Value(record.nameValues)
      (state + 1).pointee = .number(0)
    default:
      guard let iterator = try iterator(over: source) else { throw RuntimeError.notIterable(source.typeName) }
      state.pointee = .object(LoopState(iterator))
      (state + 1).pointee = .number(0)
    }
  }

  /// Goes over anything that `for` goes over; nil for what it does not.
  func iterator(over source: Value) throws -> ValueIterator? {
    switch source {
    case .range(let range):
      var next = 0
      let count = range.count
      return ValueIterator {
        guard next < count else { return nil }
        next += 1
        return .number(range.start + Double(next - 1))
      }
    case .list(let box):
      var iterator = box.items.makeIterator()
      return ValueIterator { iterator.next() }
    case .string(let box):
      if box.isASCII {
        var next = 0
        return ValueIterator { [self] in
          let byte = box.byte(next)
          guard byte >= 0 else { return nil }
          next += 1
          return asciiValues[byte & 127]
        }
      }
      // Characters that are cut out are kept, 16 bytes each.
      try chargeCharacters(of: box)
      var iterator = box.allCharacters.makeIterator()
      return ValueIterator { iterator.next().map { Value(String($0)) } }
    case .record(let box):
      var iterator = box.nameValues.makeIterator()
      return ValueIterator { iterator.next() }
    case .tensor(let box):
      guard let count = box.tensor.shape.first else { return nil }
      var next = 0
      return ValueIterator { [self] in
        guard next < count else { return nil }
        next += 1
        return try tensorIndex(box.tensor, [.value(.number(Double(next - 1)))])
      }
    case .object(let object): return try object.iterate(context)
    default: return nil
    }
  }

  /// The next character of a text of ASCII; false at its end, and for other text.
  @inline(never)
  func nextLetter(_ state: Register, _ item: Register) -> Bool {
    let index = Int((state + 1).number)
    let byte = state.unmanaged(StringBox.self)._withUnsafeGuaranteedRef { $0.isASCII ? $0.byte(index) : -1 }
    guard byte >= 0 else { return false }
    setLetter(item, byte)
    (state + 1).initialize(to: .number(Double(index + 1)))
    return true
  }

  @inline(never)
  func nextItem(_ state: Register, _ item: Register) throws -> Bool {
    switch state.kind {
    case ValueKind.list:
      let index = Int((state + 1).number)
      let list = state.unmanaged(ListBox.self)
      // Read first, written afterwards (see `getField`).
      var number = 0.0
      let kind: UInt8 = list._withUnsafeGuaranteedRef { box in
        guard index < box.items.count else { return .max }
        guard case .number(let found) = box.items[index] else { return ValueKind.empty }
        number = found
        return ValueKind.number
      }
      if kind == .max { return false }
      if kind == ValueKind.number {
        item.set(number)
      } else {
        item.pointee = list._withUnsafeGuaranteedRef { $0.items[index] }
      }
      (state + 1).initialize(to: .number(Double(index + 1)))
      return true
    case ValueKind.string:
      let index = Int((state + 1).number)
      let character: Value? = state.unmanaged(StringBox.self)._withUnsafeGuaranteedRef { box in
        index < box.count ? self.character(of: box, index) : nil
      }
      guard let character else { return false }
      item.pointee = character
      (state + 1).initialize(to: .number(Double(index + 1)))
      return true
    default:
      guard case .object(let object) = state.pointee, let loop = object as? LoopState else { return false }
      frames[depth - 1].pc = frames[depth - 1].pc
      nativeTop = frameTop
      guard let value = try loop.iterator.next() else { return false }
      item.pointee = value
      return true
    }
  }

  /// R = the string of an ASCII character. The machine's letters stay as long as it does, so that a loop over a text need
  /// not count each of its references: what one turn writes over, another takes.
  @inline(__always)
  func setLetter(_ register: Register, _ byte: Int) {
    if register.kind == ValueKind.string {
      let box = register.unmanaged(StringBox.self)
      let old = box._withUnsafeGuaranteedRef { $0.letter }
      if old >= 0, (asciiValues + old).unmanaged(StringBox.self).toOpaque() == box.toOpaque() {
        letterCredits[old] += 1
      } else {
        register.pointee = .none
      }
    } else {
      register.letGo()
    }
    let code = byte & 127
    let letter = (asciiValues + code).unmanaged(StringBox.self)
    if letterCredits[code] == 0 { raiseCredit(of: code) }
    letterCredits[code] -= 1
    let place = UnsafeMutableRawPointer(register)
    place.storeBytes(of: letter, as: Unmanaged<StringBox>.self)
    place.storeBytes(of: ValueKind.string, toByteOffset: 8, as: UInt8.self)
  }

  /// Counts many references to a letter at once, to be handed out one by one.
  @inline(never)
  private func raiseCredit(of code: Int) {
    let letter = (asciiValues + code).unmanaged(StringBox.self)
    for _ in 0..<64 { _ = letter.retain() }
    letterCredits[code] += 64
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
      guard box.items.count == count else { throw RuntimeError.unpackCount(expected: count, got: box.items.count) }
      for index in 0..<count { first[index] = box.items[index] }
    default:
      guard let iterator = try iterator(over: source) else { throw RuntimeError.notUnpackable(source.typeName) }
      var got: [Value] = []
      while got.count <= count, let value = try iterator.next() { got.append(value) }
      guard got.count == count else {
        throw RuntimeError.unpackCount(expected: count, got: (source.knownLength ?? got.count))
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
    if let number { result.set(number) } else { result.pointee = box._withUnsafeGuaranteedRef { $0.items[place] } }
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
    case .object(let object): return try object.index([.value(index)], context)
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

  // MARK: Slices

  func indexValues(_ template: [SubscriptTemplate], _ registers: Register) throws -> [IndexValue] {
    func bound(_ register: Int?) throws -> Int? {
      guard let register else { return nil }
      let value = registers[register]
      if value.isNone { return nil }
      guard let number = value.asNumberOrItem, number == number.rounded() else {
        throw RuntimeError.badIndex("slice", got: value.inWords)
      }
      return Int(max(-9e15, min(9e15, number)))
    }
    return try template.map { part in
      switch part {
      case .index(let register): .value(registers[register])
      case .slice(let start, let stop, let step):
        .slice(start: try bound(start), stop: try bound(stop), step: try bound(step))
      case .ellipsis: .ellipsis
      }
    }
  }

  @inline(never)
  func subscripted(
    _ object: Value, _ template: Int, _ registers: Register, _ frame: UnsafeMutablePointer<Frame>
  ) throws -> Value {
    guard let prototype = frame.pointee.header.pointee.prototype?.takeUnretainedValue() else { return .none }
    return try subscripted(object, try indexValues(prototype.subscripts[template], registers))
  }

  func subscripted(_ object: Value, _ subscripts: [IndexValue]) throws -> Value {
    if case .tensor(let box) = object { return try tensorIndex(box.tensor, subscripts) }
    for case .ellipsis in subscripts { throw RuntimeError.ellipsisOf(object.typeName) }
    if case .object(let host) = object { return try host.index(subscripts, context) }
    guard subscripts.count == 1, case .slice(let start, let stop, let step) = subscripts[0] else {
      if subscripts.count == 1, case .value(let index) = subscripts[0] { return try item(of: object, index) }
      throw RuntimeError.severalSubscripts(object.typeName, count: subscripts.count)
    }
    switch object {
    case .list(let box):
      let places = try slicePlaces(box.items.count, start, stop, step)
      try charge(places.list.underestimatedCount)
      if let places = places.range { return Value(Array(box.items[places])) }
      return Value(places.list.map { box.items[$0] })
    case .string(let box):
      try chargeCharacters(of: box)
      let places = try slicePlaces(box.count, start, stop, step)
      if let places = places.range { return box.slice(places) }
      return .string(box.characters(at: places.list))
    case .range(let range):
      let places = try slicePlaces(range.count, start, stop, step)
      if let places = places.range {
        return .range(
          RangeBox(
            start: range.start + Double(places.lowerBound), stop: range.start + Double(places.upperBound), closed: false
          ))
      }
      try checkSize(range.count / abs(step ?? 1), "a list")
      return Value(numbers: places.list.map { range.start + Double($0) })
    default: throw RuntimeError.notIndexable(object.typeName)
    }
  }

  /// Python's rules: negative bounds count from the end, bounds beyond the ends are cut.
  func slicePlaces(
    _ count: Int, _ start: Int?, _ stop: Int?, _ step: Int?
  ) throws -> (range: Range<Int>?, list: StrideTo<Int>) {
    let step = step ?? 1
    guard step != 0 else { throw RuntimeError.zeroStep }
    func clamp(_ bound: Int, _ low: Int, _ high: Int) -> Int {
      max(low, min(high, bound < 0 ? bound + count : bound))
    }
    if step > 0 {
      let first = start.map { clamp($0, 0, count) } ?? 0
      let last = max(first, stop.map { clamp($0, 0, count) } ?? count)
      return (step == 1 ? first..<last : nil, stride(from: first, to: last, by: step))
    }
    let first = start.map { clamp($0, -1, count - 1) } ?? count - 1
    let last = stop.map { clamp($0, -1, count - 1) } ?? -1
    return (nil, stride(from: first, to: min(first, last), by: step))
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
