import Diagnostics
import Tensors

extension Value {
  /// Sixteen digits for all that the value holds, where its text leaves some of it out: items of a long list, numbers of a
  /// large tensor, tensors within a list. Nil where the text says everything, and of an object, whose text stands for it.
  ///
  /// The same values have the same digits on every machine: a saved session can hold them in place of a million numbers.
  public func digestOfHidden(_ style: DisplayStyle) throws -> String? {
    switch self {
    case .tensor(let box): if !TensorText.leavesOut(box.tensor, full: style.full) { return nil }
    case .list, .record:
      var writer = ValueWriter(style: style)
      try writer.write(self, depth: 0)
      if !writer.leavesOut { return nil }
    default: return nil
    }
    var digest = ValueDigest()
    try digest.add(self, depth: 0)
    return digest.hash.digits
  }
}

/// Walks through a value as `ValueWriter` does, and leaves nothing out.
private struct ValueDigest {
  var hash = FNVHash()
  private var steps = 0

  mutating func add(_ value: Value, depth: Int) throws {
    steps += 1
    if steps & 0xFFFF == 0 { try LongWork.check() }
    switch value {
    case .number(let number): add(kind: 1, number)
    case .bool(let bool): add(kind: 2, bool ? 1 : 0)
    case .none, .unset: add(kind: 3, 0)
    case .string(let box): add(kind: 4, box.text)
    case .range(let range):
      add(kind: range.closed ? 5 : 6, range.start)
      add(kind: 5, range.stop)
    case .function(let function): add(kind: 7, function.signature)
    case .object(let object): add(kind: 8, object.summary)
    case .tensor(let box): try add(box.tensor)
    case .list(let box):
      add(kind: 9, Double(box.items.count))
      // A list may hold itself.
      guard depth < ValueWriter.deepest else { return }
      for item in box.items { try add(item, depth: depth + 1) }
    case .record(let box):
      add(kind: 10, Double(box.count))
      guard depth < ValueWriter.deepest else { return }
      for (name, item) in box.fields {
        add(kind: 4, name)
        try add(item, depth: depth + 1)
      }
    }
  }

  private mutating func add(kind: UInt8, _ number: Double) {
    hash.add(kind)
    // Processors make NaN with one sign or the other.
    hash.add(bytesOf: (number.isNaN ? Double.nan : number).bitPattern)
  }

  private mutating func add(kind: UInt8, _ text: String) {
    hash.add(kind)
    hash.add(utf8: text)
    hash.add(UInt8(0))
  }

  private mutating func add(_ tensor: Tensor) throws {
    add(kind: 11, Double(tensor.rank))
    for size in tensor.shape { add(kind: 1, Double(size)) }
    if let wide = tensor.wide {
      for number in wide { add(kind: 1, number) }
      return
    }
    try tensor.withUnsafeBuffer { numbers in
      for (place, number) in numbers.enumerated() {
        if place & 0xF_FFFF == 0 { try LongWork.check() }
        hash.add((number.isNaN ? Float.nan : number).bitPattern)
      }
    }
  }
}
