import CoreLibrary
import Diagnostics
import Interpreter
import Tensors

extension TensorBindings {
  /// Quantiles and what runs along an axis.
  static func registerTensorStatistics(_ registry: inout BuiltinRegistry) {
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
          name,
          [
            .required("x", "tensor or list of numbers"), .required("q", "number or list of numbers"),
            .optional("axis", "number or list", "none"), .optional("method", "string", default: "linear"),
            .optional("keepdims", "bool", default: false),
          ], area: .tensors, summary: summary,
          details: """
            q goes from 0 to \(scale == 1 ? 1 : 100); a list of them gives one result for each, along a first axis. \
            Methods are NumPy's: \(methods.joined(separator: ", ")). nan where a number is none. A gradient goes to the \
            numbers that the result comes from.
            """, example: example, errors: ["q out of range", "an axis that does not exist"],
          seeAlso: ["median", "sort", name == "quantile" ? "percentile" : "quantile"], alsoMethodOf: ["tensor"]
        ) { args, _ in
          let isSingle = args[1].asNumber != nil || args[1].asTensor?.rank == 0
          let single: Double? = isSingle ? try args.number(1) : nil
          let shares = try (single.map { [$0] } ?? args.numbers(1)).map { share in
            guard share >= 0, share <= scale else {
              throw args.mismatch(1, expected: "from 0 to \(formatNumber(scale))")
            }
            return share / scale
          }
          let word = try args.string(3, oneOf: methods)
          let method = QuantileMethod(rawValue: word) ?? .linear
          let x = try args.tensor(0)
          let found = try x.quantiles(
            shares, CoreLibrary.axes(args, 2), keepDims: args.bool(4), method: method)
          return TensorOperators.value(single == nil ? found : try found.reshaped(Array(found.shape.dropFirst())))
        })
    }
    registry.add(
      Builtin(
        "logsumexp",
        [
          .required("x", "tensor"), .optional("axis", "number or list", "none"),
          .optional("keepdims", "bool", default: false),
        ],
        area: .tensors, summary: "log Σ eˣ without overflow.",
        details: "Over all numbers, over an axis, or over a list of axes; -inf of nothing.",
        example: "logsumexp(tensor([1000, 1000])) - 1000 - log(2) < 1e-4\n#> true", seeAlso: ["softmax", "log"],
        alsoMethodOf: ["tensor"]
      ) { args, _ in
        TensorOperators.value(
          try args.tensor(0).logSumExp(CoreLibrary.axes(args, 1), keepDims: args.bool(2)))
      })
    registry.add(
      Builtin(
        "cumprod", [.required("x", "tensor"), .optional("axis", "number", "none")], area: .tensors, returns: "tensor",
        summary: "Running products along an axis.",
        details: "With axis=none of all numbers in row-major order, on one axis.",
        example: "cumprod(tensor([3, 1, 2]))\n#> tensor([3, 3, 6])", seeAlso: ["cumsum", "prod"],
        alsoMethodOf: ["tensor"]
      ) { args, _ in
        Value(try args.tensor(0).cumprod(args.isGiven(1) ? args.int(1, in: -64...64) : nil))
      })
    registry.add(
      Builtin(
        "diff",
        [.required("x", "tensor"), .optional("n", "number", default: 1), .optional("axis", "number", default: -1)],
        area: .tensors, returns: "tensor", summary: "Differences of neighbours along an axis, n times over.",
        example: "diff(tensor([1, 4, 9, 16]))\n#> tensor([3, 5, 7])", seeAlso: ["cumsum"], alsoMethodOf: ["tensor"]
      ) { args, _ in
        Value(
          try args.tensor(0).differences(
            args.int(1, in: 0...(1 << 40)),
            axis: args.int(2, in: -64...64)))
      })
    registry.add(
      Builtin(
        "topk",
        [
          .required("x", "tensor"), .required("k", "number"), .optional("axis", "number", default: -1),
          .optional("largest", "bool", default: true),
        ], area: .tensors, returns: "list",
        summary: "The k largest (or smallest) numbers along an axis, and their places.",
        details: "In their order, equal ones as they stood; nan last.",
        example: "values, places = topk(tensor([3, 9, 4]), 2)\nvalues\n#> tensor([9, 4])",
        errors: ["k is more than the axis has"], seeAlso: ["sort", "argsort"], alsoMethodOf: ["tensor"]
      ) { args, _ in
        let found = try args.tensor(0).top(
          args.int(1, in: 0...(1 << 40)), axis: args.int(2, in: -64...64),
          largest: args.bool(3))
        return Value([Value(found.values), Value(found.places)])
      })
  }
}
