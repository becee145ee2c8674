/// Slices, and other subscripts than one.
extension Machine {
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
    if case .object(let host) = object {
      try checkInterrupt()
      return try host.index(subscripts, context)
    }
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
      try charge(places.range?.count ?? places.list.underestimatedCount, each: 1)
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
    case .record: throw RuntimeError.badIndex("record", got: "a slice")
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
