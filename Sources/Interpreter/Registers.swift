import CSystem

/// A register of the machine: a place in its stack.
typealias Register = UnsafeMutablePointer<Value>

/// Reads a value's kind and payload straight from memory, without counting references.
///
/// Swift lays out `Value` as eight bytes of payload and a byte of kind, kinds numbered in the order of the cases, the
/// cases without payload last. `ValueLayout.isAsExpected` checks that, and a test asks it.
extension UnsafeMutablePointer where Pointee == Value {
  @inline(__always) var kind: UInt8 { UnsafeRawPointer(self).load(fromByteOffset: 8, as: UInt8.self) }
  @inline(__always) var isNumber: Bool { kind == ValueKind.number }
  @inline(__always) var number: Double { UnsafeRawPointer(self).load(as: Double.self) }
  /// Holds no reference.
  @inline(__always) var isPlain: Bool { kind == ValueKind.number || kind >= ValueKind.bool }
  @inline(__always) var isUnset: Bool { kind == ValueKind.empty && pointee.isUnset }

  /// The object in it, which must be of this class; not counted.
  @inline(__always) func unmanaged<Object: AnyObject>(_ type: Object.Type) -> Unmanaged<Object> {
    UnsafeRawPointer(self).load(as: Unmanaged<Object>.self)
  }

  @inline(__always) func set(_ number: Double) {
    if !isPlain { letGoOfReference() }
    initialize(to: .number(number))
  }
  @inline(__always) func set(_ bool: Bool) {
    if !isPlain { letGoOfReference() }
    initialize(to: .bool(bool))
  }
  /// Copies a value.
  @inline(__always) func set(from other: UnsafeMutablePointer<Value>) {
    if other.isNumber { set(other.number) } else { copy(from: other) }
  }
  /// Copies a value that stands in an array.
  @inline(__always) func set(from other: UnsafePointer<Value>) { set(from: UnsafeMutablePointer(mutating: other)) }
  /// Moves a value here, leaving none there.
  @inline(__always) func take(from other: UnsafeMutablePointer<Value>) {
    if other.isNumber { set(other.number) } else { move(here: other) }
  }
  /// Takes a value that was just made.
  @inline(__always) func put(_ value: consuming Value) {
    if !isPlain { letGoOfReference() }
    initialize(to: value)
  }
  /// Moves a value out, leaving none.
  @inline(__always) func taken() -> Value {
    let value = move()
    initialize(to: .none)
    return value
  }
  @inline(__always) func letGo() {
    if !isPlain { letGoOfReference() }
  }
}

// MARK: Counting references

/// The machine counts references to values without atomic instructions, which take several times as long and are most of
/// what copying a value costs. That is sound because values belong to one thread: neither `Value` nor anything in it is
/// `Sendable`, so that the compiler lets none of them go to a thread while another has it (a test looks for who says
/// otherwise). What another thread may share, such as a tensor's storage, stands one reference further on, and Swift counts
/// that.
extension UnsafeMutablePointer where Pointee == Value {
  /// The object that a value which is not plain consists of.
  @inline(__always) private var object: UnsafeMutableRawPointer {
    UnsafeRawPointer(self).load(as: UnsafeMutableRawPointer.self)
  }

  @inline(__always) private func store(_ object: UnsafeMutableRawPointer, _ kind: UInt8) {
    let raw = UnsafeMutableRawPointer(self)
    raw.storeBytes(of: object, as: UnsafeMutableRawPointer.self)
    raw.storeBytes(of: kind, toByteOffset: 8, as: UInt8.self)
  }

  /// Copies a value to where none was yet.
  @inline(__always) func initialize(copyOf other: UnsafeMutablePointer<Value>) {
    if other.isPlain { return initialize(to: other.pointee) }
    let object = other.object
    twin_retain(object)
    store(object, other.kind)
  }

  /// The value once more, to be handed to Swift.
  @inline(__always) func copied() -> Value {
    if isPlain { return pointee }
    let (object, kind) = (object, kind)
    twin_retain(object)
    let value = move()
    store(object, kind)
    return value
  }

  @inline(never) fileprivate func copy(from other: UnsafeMutablePointer<Value>) {
    // The old value goes last: what its end calls finds the new one.
    let old = isPlain ? nil : object
    initialize(copyOf: other)
    if let old { twin_release(old) }
  }

  @inline(never) fileprivate func move(here other: UnsafeMutablePointer<Value>) {
    let old = isPlain ? nil : object
    initialize(to: other.move())
    other.initialize(to: .none)
    if let old { twin_release(old) }
  }

  @inline(never) fileprivate func letGoOfReference() {
    let old = object
    initialize(to: .none)
    twin_release(old)
  }
}

enum ValueKind {
  static let number: UInt8 = 0
  static let string: UInt8 = 1
  static let list: UInt8 = 2
  static let record: UInt8 = 3
  static let range: UInt8 = 4
  static let function: UInt8 = 5
  static let tensor: UInt8 = 6
  static let object: UInt8 = 7
  static let bool: UInt8 = 8
  static let empty: UInt8 = 9

  /// What `type(x)` says of each kind; nil for those that are several types.
  static let typeNames: [String?] = [
    "number", "string", "list", "record", "range", "function", "tensor", nil, "bool", nil,
  ]
}

public enum ValueLayout {
  /// Whether values lie in memory as `Registers.swift` reads them.
  public static var isAsExpected: Bool {
    let place = Register.allocate(capacity: 1)
    defer { place.deallocate() }
    func kind(_ value: Value) -> UInt8 {
      place.initialize(to: value)
      defer { place.deinitialize(count: 1) }
      return place.kind
    }
    let box = ListBox([])
    place.initialize(to: .list(box))
    let sameObject = place.unmanaged(ListBox.self).toOpaque() == Unmanaged.passUnretained(box).toOpaque()
    place.deinitialize(count: 1)
    place.initialize(to: .number(2.5))
    let sameNumber = place.number == 2.5
    return sameObject && sameNumber && MemoryLayout<Value>.stride == 16 && kind(1) == ValueKind.number
      && kind("") == ValueKind.string && kind([]) == ValueKind.list && kind(Value(RecordBox())) == ValueKind.record
      && kind(.range(RangeBox(start: 0, stop: 1, closed: false))) == ValueKind.range
      && kind(.function(NamedFunction(name: "f"))) == ValueKind.function
      && kind(.object(HostObject())) == ValueKind.object && kind(true) == ValueKind.bool
      && kind(.none) == ValueKind.empty && kind(.unset) == ValueKind.empty
  }
}
