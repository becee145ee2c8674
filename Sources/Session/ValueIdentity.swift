import Interpreter

/// What tells a value from another without holding it.
struct ValueToken: Equatable {
  private var kind: UInt8
  private var bits: UInt64

  init(_ value: Value) {
    func identity(_ object: AnyObject) -> UInt64 { UInt64(UInt(bitPattern: ObjectIdentifier(object))) }
    switch value {
    case .number(let number): (kind, bits) = (0, number.bitPattern)
    case .bool(let bool): (kind, bits) = (1, bool ? 1 : 0)
    case .none: (kind, bits) = (2, 0)
    case .unset: (kind, bits) = (3, 0)
    case .string(let box): (kind, bits) = (4, identity(box))
    case .list(let box): (kind, bits) = (5, identity(box))
    case .record(let box): (kind, bits) = (6, identity(box))
    case .range(let box): (kind, bits) = (7, identity(box))
    case .function(let function): (kind, bits) = (8, identity(function))
    case .tensor(let box): (kind, bits) = (9, identity(box))
    case .object(let object): (kind, bits) = (10, identity(object))
    }
  }
}

extension Value {
  /// The same number or text, or the very same box: what can be told without looking into it.
  func isIdentical(to other: Value) -> Bool {
    switch (self, other) {
    case (.number(let a), .number(let b)): a == b || (a.isNaN && b.isNaN)
    case (.bool(let a), .bool(let b)): a == b
    case (.none, .none), (.unset, .unset): true
    case (.string(let a), .string(let b)): a.isSame(as: b)
    case (.list(let a), .list(let b)): a === b
    case (.record(let a), .record(let b)): a === b
    case (.range(let a), .range(let b)): a === b
    case (.function(let a), .function(let b)): a === b
    case (.tensor(let a), .tensor(let b)): a === b
    case (.object(let a), .object(let b)): a === b
    default: false
    }
  }
}
