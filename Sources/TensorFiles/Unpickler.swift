/// Reads the pickles of PyTorch's weight files (protocol 2) and runs nothing: of Python's names it knows those in
/// `PickleValue.Global`, and what "calling" them means is written here. Every opcode that weights do not need, every
/// other name and every malformed byte is an error in words. Memory is bounded by the length of the input.
///
/// Source: Python's `pickletools`; PyTorch's `torch/serialization.py`, `_legacy_save`.
struct Unpickler {
  private let bytes: [UInt8]
  private let file: String
  private(set) var at: Int
  private var stack: [PickleValue] = []
  /// Heights of the stack at each mark.
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]

  /// Nested containers, items and remembered values that are read at most: real files have 4, some hundreds, some
  /// hundreds.
  static let largestDepth = 16
  static let largestCount = 200_000
  private static let numberTypes: Set<String> = [
    "float16", "bfloat16", "float32", "float64", "uint8", "int8", "int16", "int32", "int64", "bool",
  ]

  init(_ bytes: [UInt8], at: Int, file: String) {
    self.bytes = bytes
    self.at = at
    self.file = file
  }

  /// One pickle; afterwards `at` stands behind it.
  static func read(_ bytes: [UInt8], at: inout Int, file: String) throws(TensorFileError) -> PickleValue {
    var reader = Unpickler(bytes, at: at, file: file)
    let value = try reader.run()
    at = reader.at
    return value
  }

  private mutating func run() throws(TensorFileError) -> PickleValue {
    while true {
      let place = at
      let code = try byte()
      switch code {
      case 0x80:  // PROTO
        let version = try byte()
        guard version <= 4 else { throw broken("its pickle has the unknown version \(version)", place) }
      case 0x2E:  // STOP
        guard stack.count == 1, marks.isEmpty, let value = stack.first else {
          throw broken("its pickle ends with \(stack.count) values instead of one", place)
        }
        return value
      case 0x28: marks.append(stack.count)  // MARK
      case 0x4E: push(.none)
      case 0x88: push(.bool(true))
      case 0x89: push(.bool(false))
      case 0x4B: push(.int(Int(try byte())))  // BININT1
      case 0x4D: push(.int(Int(try little(2))))  // BININT2
      case 0x4A: push(.int(Int(Int32(truncatingIfNeeded: try little(4)))))  // BININT
      case 0x8A: try long(place)  // LONG1
      case 0x47:  // BINFLOAT, big-endian
        push(.float(Double(bitPattern: UInt64(truncatingIfNeeded: try little(8)).byteSwapped)))
      case 0x58: push(.string(try text(try length(4, place), place)))  // BINUNICODE
      case 0x54: push(.string(try text(try length(4, place), place)))  // BINSTRING
      case 0x55: push(.string(try text(Int(try byte()), place)))  // SHORT_BINSTRING
      case 0x29: push(.tuple(.init(items: [], depth: 1)))
      case 0x5D: push(.list(.init(items: [], depth: 1)))
      case 0x7D: push(.dictionary(.init(items: [], depth: 1)))
      case 0x74: try tuple(try popMark(place), place)  // TUPLE
      case 0x85: try tuple(try pop(1, place), place)
      case 0x86: try tuple(try pop(2, place), place)
      case 0x87: try tuple(try pop(3, place), place)
      case 0x61: try append(try pop(1, place), place)  // APPEND
      case 0x65: try append(try popMark(place), place)  // APPENDS
      case 0x73: try setItems(try pop(2, place), place)  // SETITEM
      case 0x75: try setItems(try popMark(place), place)  // SETITEMS
      case 0x71: try remember(Int(try byte()), place)  // BINPUT
      case 0x72: try remember(Int(try little(4)), place)  // LONG_BINPUT
      case 0x68: try recall(Int(try byte()), place)  // BINGET
      case 0x6A: try recall(Int(try little(4)), place)  // LONG_BINGET
      case 0x63: try global(place)
      case 0x52: try reduce(place)
      case 0x51: try storage(place)  // BINPERSID
      case 0x62: try build(place)
      default: throw broken("its pickle has the code \(code), which no weights need", place)
      }
      if stack.count > Self.largestCount || marks.count > Self.largestDepth {
        throw broken("its pickle grows beyond all measure", place)
      }
    }
  }

  // MARK: Bytes

  private mutating func byte() throws(TensorFileError) -> UInt8 {
    guard at < bytes.count else { throw broken("it ends early", at) }
    at += 1
    return bytes[at - 1]
  }

  private mutating func little(_ count: Int) throws(TensorFileError) -> UInt64 {
    guard bytes.count - at >= count else { throw broken("it ends early", at) }
    var value: UInt64 = 0
    for index in 0..<count { value |= UInt64(bytes[at + index]) << UInt64(8 * index) }
    at += count
    return value
  }

  private mutating func length(_ size: Int, _ place: Int) throws(TensorFileError) -> Int {
    let count = Int(try little(size))
    guard count <= bytes.count - at else { throw broken("a text in it is longer than the file", place) }
    return count
  }

  private mutating func text(_ count: Int, _ place: Int) throws(TensorFileError) -> String {
    guard count <= bytes.count - at else { throw broken("it ends early", place) }
    guard let text = String(validating: bytes[at..<at + count], as: UTF8.self) else {
      throw broken("a text in it is not UTF-8", place)
    }
    at += count
    return text
  }

  private mutating func line(_ place: Int) throws(TensorFileError) -> String {
    let start = at
    while true {
      let code = try byte()
      if code == 0x0A { break }
      if at - start > 200 { throw broken("a name in it is too long", place) }
    }
    guard let text = String(validating: bytes[start..<at - 1], as: UTF8.self) else {
      throw broken("a name in it is not UTF-8", place)
    }
    return text
  }

  private mutating func long(_ place: Int) throws(TensorFileError) {
    let count = Int(try byte())
    guard bytes.count - at >= count else { throw broken("it ends early", place) }
    let digits = Array(bytes[at..<at + count])
    at += count
    if count > 8 { return push(.long(digits)) }
    var value: UInt64 = (digits.last ?? 0) & 0x80 != 0 ? .max : 0
    for digit in digits.reversed() { value = value << 8 | UInt64(digit) }
    push(.int(Int(Int64(bitPattern: value))))
  }

  // MARK: The stack

  private mutating func push(_ value: PickleValue) { stack.append(value) }

  private mutating func pop(_ count: Int, _ place: Int) throws(TensorFileError) -> [PickleValue] {
    guard stack.count - (marks.last ?? 0) >= count else {
      throw broken("its pickle takes a value where none is", place)
    }
    let items = Array(stack.suffix(count))
    stack.removeLast(count)
    return items
  }

  private mutating func popMark(_ place: Int) throws(TensorFileError) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw broken("its pickle takes a mark where none is", place) }
    let items = Array(stack[mark...])
    stack.removeLast(stack.count - mark)
    return items
  }

  private func deeper(_ items: [PickleValue], than own: Int = 1, _ place: Int) throws(TensorFileError) -> Int {
    let depth = max(own, (items.map(\.depth).max() ?? 0) + 1)
    guard depth <= Self.largestDepth else { throw broken("its values are nested too deeply", place) }
    return depth
  }

  private mutating func tuple(_ items: [PickleValue], _ place: Int) throws(TensorFileError) {
    push(.tuple(.init(items: items, depth: try deeper(items, place))))
  }

  private mutating func append(_ items: [PickleValue], _ place: Int) throws(TensorFileError) {
    guard stack.count > (marks.last ?? 0), case .list(var list)? = stack.popLast() else {
      throw broken("its pickle appends to what is no list", place)
    }
    list.depth = try deeper(items, than: list.depth, place)
    list.items += items
    push(.list(list))
  }

  private mutating func setItems(_ items: [PickleValue], _ place: Int) throws(TensorFileError) {
    guard items.count % 2 == 0 else { throw broken("its pickle has a key without a value", place) }
    guard stack.count > (marks.last ?? 0), case .dictionary(var entries)? = stack.popLast() else {
      throw broken("its pickle sets an item of what is no dictionary", place)
    }
    entries.depth = try deeper(items, than: entries.depth, place)
    for index in stride(from: 0, to: items.count, by: 2) {
      entries.items.append(.init(key: items[index], value: items[index + 1]))
    }
    push(.dictionary(entries))
  }

  // MARK: The memo

  private mutating func remember(_ index: Int, _ place: Int) throws(TensorFileError) {
    guard let value = stack.last else { throw broken("its pickle remembers a value where none is", place) }
    guard memo.count < Self.largestCount else { throw broken("its pickle grows beyond all measure", place) }
    memo[index] = value
  }

  private mutating func recall(_ index: Int, _ place: Int) throws(TensorFileError) {
    guard let value = memo[index] else { throw broken("its pickle recalls what it never remembered", place) }
    switch value {
    // They are values here: a copy that was remembered empty would stay so.
    case .list, .dictionary: throw broken("its pickle uses one container in two places", place)
    default: push(value)
    }
  }

  // MARK: What would be calls

  private mutating func global(_ place: Int) throws(TensorFileError) {
    let module = try line(place)
    let name = try line(place)
    // The name of a type of numbers, beside the weights.
    if module == "torch", Self.numberTypes.contains(name) { return push(.string("torch.\(name)")) }
    guard let known = PickleValue.Global(rawValue: module + " " + name) else {
      let shown = "\(module).\(name)".unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }.prefix(80)
      throw .forbidden(file: file, name: String(String.UnicodeScalarView(shown)))
    }
    push(.global(known))
  }

  private mutating func reduce(_ place: Int) throws(TensorFileError) {
    let both = try pop(2, place)
    guard case .global(let callee) = both[0], let arguments = both[1].asTuple else {
      throw broken("its pickle calls what cannot be called", place)
    }
    switch callee {
    case .orderedDict:
      guard arguments.isEmpty else { throw broken("it has an OrderedDict of an unknown form", place) }
      push(.dictionary(.init(items: [], depth: 1)))
    case .rebuildTensor:
      // storage, offset, shape, strides, requires_grad, backward_hooks
      guard arguments.count >= 4, case .storage(let storage) = arguments[0], let offset = arguments[1].asInt,
        let shape = arguments[2].asInts, let strides = arguments[3].asInts, shape.count == strides.count,
        shape.count <= 8
      else { throw broken("it has a tensor of an unknown form", place) }
      push(.tensor(.init(storage: storage, offset: offset, shape: shape, strides: strides)))
    case .rebuildParameter:
      // tensor, requires_grad, backward_hooks
      guard let first = arguments.first, case .tensor(let tensor) = first else {
        throw broken("it has a parameter of an unknown form", place)
      }
      push(.tensor(tensor))
    case .size where arguments.count == 1: push(arguments[0])
    case .device where (1...2).contains(arguments.count): push(.string("device"))
    default: throw broken("its pickle calls what cannot be called", place)
    }
  }

  /// ("storage", type, key, location, count, view)
  private mutating func storage(_ place: Int) throws(TensorFileError) {
    guard let parts = try pop(1, place)[0].asTuple, parts.count >= 5, parts[0].asString == "storage",
      case .global(let type) = parts[1], type.element != nil, let key = parts[2].asString,
      let count = parts[4].asInt, count >= 0
    else { throw broken("it has a storage of an unknown form", place) }
    if parts.count > 5, case .none = parts[5] {
    } else if parts.count > 5 {
      throw broken("it has a storage that is a view of another", place)
    }
    push(.storage(.init(type: type, key: key, count: count)))
  }

  /// Attributes of an OrderedDict (`_metadata`), which weights do not need.
  private mutating func build(_ place: Int) throws(TensorFileError) {
    _ = try pop(1, place)
    guard stack.count > (marks.last ?? 0), case .dictionary? = stack.last else {
      throw broken("its pickle builds an unknown object", place)
    }
  }

  private func broken(_ reason: String, _ place: Int) -> TensorFileError {
    .brokenTorch(file: file, reason: "\(reason) (byte \(place))")
  }
}
