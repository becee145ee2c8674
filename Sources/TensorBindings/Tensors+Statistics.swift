import CoreLibrary
import Diagnostics
import Interpreter
import Tensors

extension TensorBindings {
  /// Quantiles and what runs along an axis.
  static func registerTensorStatistics(_ registry: inout BuiltinRegistry) {
    let numbers = TypedParameter.tensor("x", "tensor or list of numbers")
    let wanted = TypedParameter.value("q", "number or list of numbers")
    let axes = TypedParameter.axes()
    let method = TypedParameter.word("method", default: QuantileMethod.linear)
    let keepDims = TypedParameter.bool("keepdims", default: false)
    let methods = QuantileMethod.allCases.map(\.rawValue)
    for (name, scale, summary, example) in [
      (
        "quantile", 1.0, "The number below which a share of the numbers lies.",
        "quantile(tensor([1, 2, 3, 4]), [0.25, 0.5])\n#> tensor([1.75, 2.5])"
      ),
      (
        "percentile", 100.0, "The number below which so many percent of the numbers lie.",
        "percentile(tensor([1, 2, 3, 4]), 50)\n#> 2.5"
      ),
    ] {
      registry.add(
        Builtin(
          name, .of(numbers, wanted, axes, method, keepDims), area: .tensors, summary: summary,
          details: """
            q goes from 0 to \(scale == 1 ? 1 : 100); a list of them gives one result for each, along a first axis. \
            Methods are NumPy's: \(methods.joined(separator: ", ")). nan where a number is none. A gradient goes to the \
            numbers that the result comes from.
            """, example: example, errors: ["q out of range", "an axis that does not exist"],
          seeAlso: ["median", "sort", name == "quantile" ? "percentile" : "quantile"], alsoMethodOf: ["tensor"]
        ) { args, _ in
          let given = try args[wanted]
          let isSingle = given.asNumber != nil || given.asTensor?.rank == 0
          let shares = try (isSingle ? [args.number(wanted)] : args.numbers(wanted)).map { share in
            guard share >= 0, share <= scale else {
              throw args.mismatch(wanted, expected: "from 0 to \(formatNumber(scale))")
            }
            return share / scale
          }
          let method = try args[method]
          let found = try args[numbers].quantiles(shares, args[axes], keepDims: args[keepDims], method: method)
          return TensorOperators.value(isSingle ? try found.reshaped(Array(found.shape.dropFirst())) : found)
        })
    }
    registerAlongAxis(&registry)
  }

  private static func registerAlongAxis(_ registry: inout BuiltinRegistry) {
    let x = TypedParameter.tensor("x")
    let axes = TypedParameter.axes()
    let keepDims = TypedParameter.bool("keepdims", default: false)
    registry.add(
      Builtin(
        "logsumexp", .of(x, axes, keepDims), area: .tensors,
        summary: "log Σ eˣ without overflow.",
        details: "Over all numbers, over an axis, or over a list of axes; -inf of nothing.",
        example: "logsumexp(tensor([1000, 1000])) - 1000 - log(2) < 1e-4\n#> true", seeAlso: ["softmax", "log"],
        alsoMethodOf: ["tensor"]
      ) { args, _ in
        TensorOperators.value(try args[x].logSumExp(args[axes], keepDims: args[keepDims]))
      })
    let axisOrAll = TypedParameter.int("axis", in: -64...64, or: "none")
    registry.add(
      Builtin(
        "cumprod", .of(x, axisOrAll), area: .tensors, returns: "tensor",
        summary: "Running products along an axis.",
        details: "With axis=none of all numbers in row-major order, on one axis.",
        example: "cumprod(tensor([3, 1, 2]))\n#> tensor([3, 3, 6])", seeAlso: ["cumsum", "prod"],
        alsoMethodOf: ["tensor"]
      ) { args, _ in
        Value(try args[x].cumprod(args[axisOrAll]))
      })
    let times = TypedParameter.int("n", in: 0...(1 << 40), default: 1)
    let axis = TypedParameter.int("axis", in: -64...64, default: -1)
    registry.add(
      Builtin(
        "diff", .of(x, times, axis), area: .tensors, returns: "tensor",
        summary: "Differences of neighbours along an axis, n times over.",
        example: "diff(tensor([1, 4, 9, 16]))\n#> tensor([3, 5, 7])", seeAlso: ["cumsum"], alsoMethodOf: ["tensor"]
      ) { args, _ in
        Value(try args[x].differences(args[times], axis: args[axis]))
      })
    let count = TypedParameter.int("k", in: 0...(1 << 40))
    let largest = TypedParameter.bool("largest", default: true)
    registry.add(
      Builtin(
        "topk", .of(x, count, axis, largest), area: .tensors, returns: "list",
        summary: "The k largest (or smallest) numbers along an axis, and their places.",
        details: "In their order, equal ones as they stood; nan last.",
        example: "values, places = topk(tensor([3, 9, 4]), 2)\nvalues\n#> tensor([9, 4])",
        errors: ["k is more than the axis has"], seeAlso: ["sort", "argsort"], alsoMethodOf: ["tensor"]
      ) { args, _ in
        let found = try args[x].top(args[count], axis: args[axis], largest: args[largest])
        return Value([Value(found.values), Value(found.places)])
      })
  }
}
