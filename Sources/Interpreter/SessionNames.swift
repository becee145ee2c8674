/// The names of a session and where their values stand: at the bottom of the machine's stack, so that top-level code
/// reaches them as its registers.
final class SessionNames {
  /// Operands have 16 bits; a quarter of that for names leaves the rest to temporaries.
  static let capacity = 16_384

  private(set) var names: [String] = []
  private var slots: [String: Int] = [:]
  let values: UnsafeMutablePointer<Value>

  init(values: UnsafeMutablePointer<Value>) { self.values = values }

  func find(_ name: String) -> Int? { slots[name] }

  func slot(for name: String) throws -> Int {
    if let slot = slots[name] { return slot }
    guard names.count < Self.capacity else { throw RuntimeError.tooComplex("more than \(Self.capacity) session names") }
    slots[name] = names.count
    names.append(name)
    return names.count - 1
  }

  /// Names that have a value, in the order in which they came.
  var assigned: [(name: String, value: Value)] {
    names.indices.compactMap { values[$0].isUnset ? nil : (names[$0], values[$0]) }
  }
}
