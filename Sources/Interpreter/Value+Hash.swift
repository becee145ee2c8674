import Tensors

extension Value {
  /// A number that is the same for values that `==` calls equal, so that equal ones are looked for among few.
  ///
  /// Of large values only a part is looked at; which part depends on what they hold alone, so that equal ones agree.
  public var fingerprint: Int {
    var budget = 4096
    var hasher = Hasher()
    hash(into: &hasher, &budget)
    return hasher.finalize()
  }

  private func hash(into hasher: inout Hasher, _ budget: inout Int) {
    budget -= 1
    guard budget > 0 else { return }
    switch self {
    case .number(let number): hasher.combine(number)
    case .bool(let bool): hasher.combine(bool ? 1.0 : 0.0)
    case .string(let box): hasher.combine(box.text)
    case .list(let box):
      hasher.combine(box.items.count)
      for item in box.items {
        if budget <= 0 { break }
        item.hash(into: &hasher, &budget)
      }
    case .record(let box):
      // The order of the fields does not count: each has the same share of the budget, and all are added up.
      let share = budget / max(1, box.count)
      var sum = 0
      for (name, value) in box.fields {
        var left = share
        var one = Hasher()
        one.combine(name)
        value.hash(into: &one, &left)
        sum &+= one.finalize()
        budget -= share - max(0, left)
      }
      hasher.combine(box.count)
      hasher.combine(sum)
    case .range(let range):
      hasher.combine(range.count)
      hasher.combine(range.count == 0 ? 0 : range.start)
    case .tensor(let box):
      hasher.combine(box.tensor.shape)
      for value in box.tensor.exactValues.prefix(max(0, budget)) { hasher.combine(value) }
      budget -= box.tensor.count
    case .function(let function):
      if let builtin = function as? BuiltinFunction {
        hasher.combine(ObjectIdentifier(builtin.entry))
      } else {
        hasher.combine(ObjectIdentifier(function))
      }
    case .object(let object): hasher.combine(object.typeName)
    case .none, .unset: hasher.combine(0)
    }
  }
}
