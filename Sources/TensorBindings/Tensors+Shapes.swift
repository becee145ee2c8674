import CoreLibrary
import Diagnostics
import Interpreter
import Tensors

extension TensorBindings {
  /// The same numbers in another shape, and several tensors in one.
  static func registerTensorShapes(_ registry: inout BuiltinRegistry) {
    let x = TypedParameter.tensor("x")
    let lengths = TypedParameter.values("lengths", "numbers, or a list of them")
    registry.add(
      Builtin(
        "reshape", .of(x, lengths), area: .tensors, returns: "tensor",
        summary: "The same numbers under another shape; one length may be -1.",
        example: "arange(6).reshape(2, -1).shape\n#> [2, 3]", errors: ["a shape of another count"],
        alsoMethodOf: ["tensor"]
      ) { args, _ in Value(try args[x].reshaped(spread(args, lengths))) })
    let order = TypedParameter.values("axes", "numbers, or a list of them")
    registry.add(
      Builtin(
        "transpose", .of(x, order), area: .tensors, returns: "tensor",
        summary: "With the axes in another order; reversed where none is given.",
        example: "transpose(zeros([2, 3])).shape\n#> [3, 2]", alsoMethodOf: ["tensor"]
      ) { args, _ in
        let order = try spread(args, order)
        return Value(try args[x].transposed(order.isEmpty ? nil : order))
      })
    let parts = TypedParameter.value("parts", "list of tensors")
    let axis = TypedParameter.value("axis", "number", default: 0)
    for (name, summary, example) in [
      ("concat", "Tensors after each other along an axis.", "tensor([1, 2])"),
      ("stack", "Tensors of one shape along a new axis.", "tensor([[1],\n#>         [2]])"),
    ] {
      registry.add(
        Builtin(
          name, .of(parts, axis), area: .tensors, returns: "tensor", summary: summary,
          example: "\(name)([tensor([1]), tensor([2])])\n#> \(example)",
          errors: ["shapes that do not fit"]
        ) { args, _ in
          let second = try args[axis]
          if second.asTensor != nil || second.asItems != nil {
            throw ArgumentError(axis, "\(name) takes one list of tensors", help: "\(name)([a, b], axis=0)")
          }
          let (parts, axis) = (try CoreLibrary.tensors(args, parts), try args.int(axis, in: -64...64))
          return Value(try name == "concat" ? Tensor.concat(parts, axis: axis) : Tensor.stack(parts, axis: axis))
        })
    }
    let axes = TypedParameter.axes()
    registry.add(
      Builtin(
        "squeeze", .of(x, axes), area: .tensors,
        summary: "Without axes of length 1.", example: "squeeze(zeros([1, 3])).shape\n#> [3]", alsoMethodOf: ["tensor"]
      ) { args, _ in TensorOperators.value(try args[x].squeezed(args[axes])) })
    let labels = TypedParameter.ints("labels", "list of numbers")
    let classes = TypedParameter.int("classes", in: 1...(1 << 30))
    registry.add(
      Builtin(
        "onehot", .of(labels, classes), area: .tensors, returns: "tensor",
        summary: "Row i has a 1 at labels[i]: [n] → [n, classes].", example: "onehot([1], 2)\n#> tensor([[0, 1]])"
      ) { args, _ in Value(try Tensor.oneHot(args[labels], classes: args[classes])) })
  }

  /// `reshape(x, 2, 3)` and `reshape(x, [2, 3])`.
  private static func spread(_ args: Arguments, _ parameter: TypedParameter<[Value]>) throws -> [Int] {
    let flat = try args[parameter].flatMap { item in item.asNumbers.map { $0.map(Value.number) } ?? [item] }
    return try flat.map { item in
      guard let number = item.asNumber, let whole = Int(exactly: number) else {
        throw ArgumentError(
          parameter, "\(args.functionName): \(parameter.declared.name) must be whole numbers, got \(item.inWords)")
      }
      return whole
    }
  }
}
