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
  var taken: [Value] = []
  while !pending.isEmpty {
    pending.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { (base + (buffer.count - 1)).giveAway(to: &taken) }
    }
    pending.removeLast()
    if taken.isEmpty { continue }
    if pending.isEmpty {
      swap(&pending, &taken)
    } else {
      pending.append(contentsOf: taken)
      taken.removeAll(keepingCapacity: true)
    }
  }
}

extension UnsafeMutablePointer where Pointee == Value {
  /// What the value holds, where nobody else holds the value. Asked in place: a `switch` would hold it a second time.
  fileprivate func giveAway(to taken: inout [Value]) {
    let raw = UnsafeMutableRawPointer(self)
    switch kind {
    case ValueKind.list:
      guard isKnownUniquelyReferenced(&raw.assumingMemoryBound(to: ListBox.self).pointee) else { return }
      unmanaged(ListBox.self)._withUnsafeGuaranteedRef { swap(&taken, &$0.items) }
    case ValueKind.record:
      guard isKnownUniquelyReferenced(&raw.assumingMemoryBound(to: RecordBox.self).pointee) else { return }
      unmanaged(RecordBox.self)._withUnsafeGuaranteedRef { swap(&taken, &$0.values) }
    case ValueKind.function:
      guard isKnownUniquelyReferenced(&raw.assumingMemoryBound(to: FunctionValue.self).pointee) else { return }
      unmanaged(FunctionValue.self)._withUnsafeGuaranteedRef { $0.handOver(to: &taken) }
    case ValueKind.object:
      guard isKnownUniquelyReferenced(&raw.assumingMemoryBound(to: HostObject.self).pointee) else { return }
      unmanaged(HostObject.self)._withUnsafeGuaranteedRef { $0.handOver(to: &taken) }
    default: break
    }
  }
}
