import Diagnostics
import Interpreter
import Tensors

extension TypedParameter<[Int]?> {
  /// `axis=`: none, a number or a list.
  package static func axes(namedOnly: Bool = false) -> TypedParameter {
    .ints("axis", in: -64...64, or: "none", namedOnly: namedOnly)
  }
}

/// Arguments that functions of tensors share.
extension CoreLibrary {
  /// A shape: a list of lengths, or one.
  package static func shape(_ args: Arguments, _ parameter: TypedParameter<Value>) throws -> [Int] {
    let numbers = try args[parameter].asNumber.map { [$0] } ?? args.numbers(parameter)
    return try lengths(numbers, args, parameter)
  }

  /// `zeros(2, 3)` and `zeros([2, 3])`.
  package static func shapeOrLengths(_ args: Arguments, _ parameter: TypedParameter<[Value]>) throws -> [Int] {
    try args.refuseTraced(parameter)
    let items = try args[parameter]
    guard !items.isEmpty else {
      throw ArgumentError(
        parameter, "\(args.functionName) needs a shape: \(args.functionName)(2, 3) or \(args.functionName)([2, 3])")
    }
    let numbers = try items.flatMap { item in
      if let number = item.asNumber { return [number] }
      guard let several = item.asNumbers else {
        throw ArgumentError(
          parameter, "\(args.functionName): lengths must be whole numbers of 0 or more, got \(item.inWords)")
      }
      return several
    }
    return try lengths(numbers, args, parameter)
  }

  private static func lengths<Given>(
    _ numbers: [Double], _ args: Arguments, _ parameter: TypedParameter<Given>
  ) throws -> [Int] {
    try numbers.map { number in
      guard let whole = Int(exactly: number), whole >= 0 else {
        throw ArgumentError(
          parameter, "\(args.functionName): lengths must be whole numbers of 0 or more, got \(formatNumber(number))")
      }
      return whole
    }
  }

  /// A list of tensors, numbers and lists; a tensor counts as the list of its rows.
  package static func tensors(_ args: Arguments, _ parameter: TypedParameter<Value>) throws -> [Tensor] {
    if case .tensor(let box) = try args[parameter], let rows = box.tensor.shape.first {
      return try (0..<rows).map { try box.tensor.subscripted([.at($0)]) }
    }
    return try args.list(parameter).map { item in
      guard let tensor = try TensorOperators.operand(item) else {
        throw args.mismatch(parameter, expected: "a list of tensors")
      }
      return tensor
    }
  }
}
