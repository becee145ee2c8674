/// The items of a list.
public final class ListBox {
  public internal(set) var items: [Value]

  public init(_ items: [Value]) { self.items = items }

  deinit {
    if items.holdOthers { dismantle(&items) }
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

extension UnsafePointer where Pointee == Value {
  /// As `Value.holdsOthers`, asked in place: a `switch` would hold the value a second time.
  @inline(__always) var holdsOthers: Bool {
    let kind = UnsafeRawPointer(self).load(fromByteOffset: 8, as: UInt8.self)
    return kind == ValueKind.list || kind == ValueKind.record || kind == ValueKind.function || kind == ValueKind.object
  }
}

extension UnsafeMutablePointer where Pointee == Value {
  @inline(__always) var holdsOthers: Bool { UnsafePointer(self).holdsOthers }
}

extension [Value] {
  /// Whether releasing them may release a long chain of others.
  var holdOthers: Bool {
    withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return false }
      for index in 0..<values.count where (base + index).holdsOthers { return true }
      return false
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
  /// What the value holds, where nobody else holds the value; nothing where that holds no others, and goes at once. Asked
  /// in place: a `switch` would hold it a second time.
  fileprivate func giveAway(to taken: inout [Value]) {
    let raw = UnsafeMutableRawPointer(self)
    switch kind {
    case ValueKind.list:
      guard isKnownUniquelyReferenced(&raw.assumingMemoryBound(to: ListBox.self).pointee) else { return }
      unmanaged(ListBox.self)._withUnsafeGuaranteedRef { if $0.items.holdOthers { swap(&taken, &$0.items) } }
    case ValueKind.record:
      guard isKnownUniquelyReferenced(&raw.assumingMemoryBound(to: RecordBox.self).pointee) else { return }
      unmanaged(RecordBox.self)._withUnsafeGuaranteedRef { if $0.values.holdOthers { swap(&taken, &$0.values) } }
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
