/// What a restricted unpickler makes: plain values, never an object of Python's.
enum PickleValue {
  case none
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(String)
  /// A long integer of more than 64 bits, little-endian two's complement: PyTorch's magic number.
  case long([UInt8])
  case tuple(Sequence)
  case list(Sequence)
  /// A dict or an OrderedDict, in the order of insertion.
  case dictionary(Entries)
  /// A name of Python's, of those that are allowed: nothing but `REDUCE` looks at it.
  case global(Global)
  /// A stretch of numbers that stands after the pickle.
  case storage(StorageReference)
  case tensor(TensorReference)

  struct Sequence {
    var items: [PickleValue]
    var depth: Int
  }

  /// A struct: a tuple of the enum's own type is a circle to the compiler, depending on the order in which it looks.
  struct Entry {
    var key: PickleValue
    var value: PickleValue
  }

  struct Entries {
    var items: [Entry]
    var depth: Int
  }

  enum Global: String, CaseIterable {
    case orderedDict = "collections OrderedDict"
    case rebuildTensor = "torch._utils _rebuild_tensor_v2"
    case floats = "torch FloatStorage"
    case doubles = "torch DoubleStorage"
    case longs = "torch LongStorage"
    case ints = "torch IntStorage"
    case shorts = "torch ShortStorage"
    case chars = "torch CharStorage"
    case bytes = "torch ByteStorage"
    case bools = "torch BoolStorage"
    case halves = "torch HalfStorage"
    case bfloats = "torch BFloat16Storage"
    case rebuildParameter = "torch._utils _rebuild_parameter"
    case size = "torch Size"
    case device = "torch device"

    /// What a storage of this name holds; nil for what is no storage.
    var element: ElementType? {
      switch self {
      case .floats: ElementType(kind: .float, size: 4)
      case .doubles: ElementType(kind: .float, size: 8)
      case .halves: ElementType(kind: .float, size: 2)
      case .bfloats: ElementType(kind: .brain, size: 2)
      case .longs: ElementType(kind: .signed, size: 8)
      case .ints: ElementType(kind: .signed, size: 4)
      case .shorts: ElementType(kind: .signed, size: 2)
      case .chars: ElementType(kind: .signed, size: 1)
      case .bytes: ElementType(kind: .unsigned, size: 1)
      case .bools: ElementType(kind: .bool, size: 1)
      case .orderedDict, .rebuildTensor, .rebuildParameter, .size, .device: nil
      }
    }
  }

  struct StorageReference {
    var type: Global
    var key: String
    var count: Int
  }

  /// Element (i, j, …) stands at offset + i · strides[0] + j · strides[1] + … of the storage.
  struct TensorReference {
    var storage: StorageReference
    var offset: Int
    var shape: [Int]
    var strides: [Int]
  }

  /// How many containers deep; bounded, because values are released by recursion.
  var depth: Int {
    switch self {
    case .tuple(let sequence), .list(let sequence): sequence.depth
    case .dictionary(let entries): entries.depth
    default: 0
    }
  }

  var asInt: Int? { if case .int(let value) = self { value } else { nil } }
  var asString: String? { if case .string(let value) = self { value } else { nil } }
  var asEntries: Entries? { if case .dictionary(let entries) = self { entries } else { nil } }
  var asTuple: [PickleValue]? { if case .tuple(let sequence) = self { sequence.items } else { nil } }
  /// A tuple of whole numbers.
  var asInts: [Int]? {
    guard let items = asTuple else { return nil }
    let numbers = items.compactMap(\.asInt)
    return numbers.count == items.count ? numbers : nil
  }
}
