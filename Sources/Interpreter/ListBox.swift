/// The items of a list.
public final class ListBox {
  public internal(set) var items: [Value]

  public init(_ items: [Value]) { self.items = items }

  deinit {
    if items.contains(where: \.holdsOthers) { dismantle(&items) }
  }
}

extension Value {
  /// Whether releasing it may release a long chain of others.
  var holdsOthers: Bool {
    switch self {
    case .list, .record, .function, .object: true
    default: false
    }
  }
}

/// Releases nested lists and records in a loop: by recursion, a list nested a million deep would overflow the stack.
func dismantle(_ items: inout [Value]) {
  var pending: [Value] = []
  swap(&pending, &items)
  while let value = pending.popLast() {
    switch consume value {
    case .list(var box):
      if isKnownUniquelyReferenced(&box) {
        pending.append(contentsOf: box.items)
        box.items = []
      }
    case .record(var box):
      if isKnownUniquelyReferenced(&box) {
        pending.append(contentsOf: box.values)
        box.values = []
      }
    case .function(var function):
      if isKnownUniquelyReferenced(&function) { function.handOver(to: &pending) }
    case .object(var object):
      if isKnownUniquelyReferenced(&object) { object.handOver(to: &pending) }
    default: break
    }
  }
}
