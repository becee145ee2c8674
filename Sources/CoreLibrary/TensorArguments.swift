import Diagnostics
import Interpreter
import Tensors

/// Arguments that functions of tensors share.
extension CoreLibrary {
  /// A shape: a list of lengths, or one.
  package static func shape(_ args: Arguments, _ index: Int) throws -> [Int] {
    let numbers: [Double]
    if let one = args[index].asNumber { numbers = [one] } else { numbers = try args.numbers(index) }
    return try lengths(numbers, args, index)
  }

  /// `zeros(2, 3)` and `zeros([2, 3])`.
  package static func shapeOrLengths(_ args: Arguments, _ index: Int) throws -> [Int] {
    try args.refuseTraced(index)
    let items = args.has(index) ? try args.list(index) : []
    guard !items.isEmpty else {
      throw ArgumentError(
        index, "\(args.functionName) needs a shape: \(args.functionName)(2, 3) or \(args.functionName)([2, 3])")
    }
    let numbers = try items.flatMap { item in
      if let number = item.asNumber { return [number] }
      guard let several = item.asNumbers else {
        throw ArgumentError(
          index, "\(args.functionName): lengths must be whole numbers of 0 or more, got \(item.inWords)")
      }
      return several
    }
    return try lengths(numbers, args, index)
  }

  private static func lengths(_ numbers: [Double], _ args: Arguments, _ index: Int) throws -> [Int] {
    try numbers.map { number in
      guard let whole = Int(exactly: number), whole >= 0 else {
        throw ArgumentError(
          index, "\(args.functionName): lengths must be whole numbers of 0 or more, got \(formatNumber(number))")
      }
      return whole
    }
  }

  /// `axis=`: none, a number or a list.
  package static func axes(_ args: Arguments, _ index: Int) throws -> [Int]? {
    args.isGiven(index) ? try args.ints(index, in: -64...64) : nil
  }

  /// A list of tensors, numbers and lists; a tensor counts as the list of its rows.
  package static func tensors(_ args: Arguments, _ index: Int) throws -> [Tensor] {
    if case .tensor(let box) = args[index], let rows = box.tensor.shape.first {
      return try (0..<rows).map { try box.tensor.subscripted([.at($0)]) }
    }
    return try args.list(index).map { item in
      guard let tensor = try TensorOperators.operand(item) else {
        throw args.mismatch(index, expected: "a list of tensors")
      }
      return tensor
    }
  }
}
