import Tensors

/// What a loop goes over, where that is neither a range nor a list.
final class LoopState: HostObject {
  let iterator: ValueIterator
  init(_ iterator: ValueIterator) { self.iterator = iterator }
}

/// What `for` does.
extension Machine {
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
        list._withUnsafeGuaranteedRef { box in
          box.items.withUnsafeBufferPointer { if let base = $0.baseAddress { item.set(from: base + index) } }
        }
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
        register.letGo()
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
}
