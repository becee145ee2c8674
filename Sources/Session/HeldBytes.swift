import Interpreter

/// About how many bytes of an old value are kept alive beside the new one. What both hold counts once: for the new one.
enum HeldBytes {
  /// Of longer lists a part is looked at, and the rest taken to be like it.
  private static let looks = 20_000

  static func of(_ old: Value, beside now: Value, depth: Int = 0) -> Int {
    if old.isSameBox(as: now) || depth > 6 { return 0 }
    switch (old, now) {
    case (.list(let a), .list(let b)):
      return 16 * a.items.count
        + parts(a.items.count, depth) { index in
          index < b.items.count
            ? of(a.items[index], beside: b.items[index], depth: depth + 1) : of(a.items[index], depth: depth + 1)
        }
    default: return of(old, depth: depth)
    }
  }

  private static func of(_ value: Value, depth: Int) -> Int {
    guard depth <= 6 else { return 0 }
    switch value {
    case .string(let box): return box.byteCount
    case .tensor(let box): return 4 * box.tensor.count
    case .list(let box):
      return 16 * box.items.count + parts(box.items.count, depth) { of(box.items[$0], depth: depth + 1) }
    case .record(let box):
      return 64 * box.count + box.fields.prefix(looks).reduce(0) { $0 + of($1.value, depth: depth + 1) }
    default: return 0
    }
  }

  private static func parts(_ count: Int, _ depth: Int, _ bytes: (Int) -> Int) -> Int {
    let step = max(1, count / (depth == 0 ? looks : 100))
    return stride(from: 0, to: count, by: step).reduce(0) { $0 + bytes($1) } * step
  }
}

extension Value {
  fileprivate func isSameBox(as other: Value) -> Bool {
    switch (self, other) {
    case (.string(let a), .string(let b)): a === b
    case (.list(let a), .list(let b)): a === b
    case (.record(let a), .record(let b)): a === b
    case (.tensor(let a), .tensor(let b)): a === b
    default: false
    }
  }
}
