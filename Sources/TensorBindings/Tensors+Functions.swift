import CoreLibrary
import Diagnostics
import ElementaryFunctions
import Interpreter
import Tensors

extension Tensor {
  /// A mask of where some number is not 0 (`any`), or none is 0.
  func truth(of any: Bool, _ axes: [Int]?, keepDims: Bool) throws -> Tensor {
    let truths = try detached.compared(.notEqual, Tensor(scalar: 0))
    // How many are 0, or are not, counted exactly up to 2²⁴ and never rounded to 0 beyond.
    let counted = any ? truths : try truths.compared(.equal, Tensor(scalar: 0))
    return try counted.sum(axes, keepDims: keepDims).compared(any ? .greater : .equal, Tensor(scalar: 0))
  }
}

extension TensorBindings {
  /// Functions of each number. Those that core has for plain numbers are added for tensors alone.
  static func registerTensorFunctions(_ registry: inout BuiltinRegistry) {
    typealias Row = (
      name: String, summary: String, example: String, scalar: (Double) -> Double, whole: (Tensor) throws -> Tensor
    )
    let rows: [Row] = [
      ("exp", "e to the power of each number.", "exp(0)\n#> 1", { Elementary.exp($0) }, { try $0.exp() }),
      ("log", "The natural logarithm: -inf at 0, nan below.", "log(1)\n#> 0", { Elementary.log($0) }, { try $0.log() }),
      (
        "sqrt", "The square root; nan below 0. The gradient at 0 is taken as 0.", "sqrt(9)\n#> 3", { $0.squareRoot() },
        { try $0.sqrt() }
      ),
      ("sin", "The sine of an angle in radians.", "sin(0)\n#> 0", { Elementary.sin($0) }, { try $0.sin() }),
      ("cos", "The cosine of an angle in radians.", "cos(0)\n#> 1", { Elementary.cos($0) }, { try $0.cos() }),
    ]
    for row in rows {
      registry.add(
        Builtin(
          row.name, [.required("x", "number or tensor")], area: .tensors, summary: row.summary,
          details: "A number gives a number, a tensor one of its shape.", example: row.example,
          seeAlso: rows.map(\.name).filter { $0 != row.name }, alsoMethodOf: ["tensor"]
        ) { args, _ in
          if case .number(let number) = args[0] { return .number(row.scalar(number)) }
          return TensorOperators.value(try row.whole(args.tensor(0)))
        })
    }
    for (name, summary, body) in [
      ("abs", "Each number without its sign.", { try $0.abs() }),
      ("floor", "The whole number below each.", { try $0.floor() }),
      ("ceil", "The whole number above each.", { try $0.ceil() }),
      ("sign", "-1, 0 or 1.", { try $0.sign() }),
    ] as [(String, String, (Tensor) throws -> Tensor)] {
      registry.add(
        Builtin(
          name, [.required("x", "tensor")], area: .tensors, summary: summary,
          example: "\(name)(tensor([-2, 3])).shape\n#> [2]", dispatch: ["tensor"], alsoMethodOf: ["tensor"]
        ) { args, _ in TensorOperators.value(try body(args.tensor(0))) })
    }
    registry.add(
      Builtin(
        "round", [.required("x", "tensor"), .optional("decimals", "number", default: 0)], area: .tensors,
        summary: "To the nearest whole number, halves to the even one.",
        example: "round(tensor([1.26, 2.5]))\n#> tensor([1, 2])", dispatch: ["tensor"], alsoMethodOf: ["tensor"]
      ) { args, _ in
        TensorOperators.value(try args.tensor(0).round(decimals: args.int(1, in: -30...30)))
      })
    for (name, summary, body) in [
      ("relu", "max(x, 0).", { try $0.relu() }), ("sigmoid", "1 / (1 + e⁻ˣ).", { try $0.sigmoid() }),
      ("tanh", "The hyperbolic tangent.", { try $0.tanh() }),
    ] as [(String, String, (Tensor) throws -> Tensor)] {
      registry.add(
        Builtin(
          name, [.required("x", "tensor or number")], area: .tensors, summary: summary,
          example: "\(name)(tensor([0]))\n#> tensor([\(name == "sigmoid" ? "0.5" : "0")])",
          dispatch: ["tensor", "number", "list", "range", "bool"], alsoMethodOf: ["tensor"]
        ) { args, _ in TensorOperators.value(try body(args.tensor(0))) })
    }
    registry.add(
      Builtin(
        "clip", [.required("x", "tensor or number"), .required("low", "number"), .required("high", "number")],
        area: .tensors, summary: "Each number brought between the bounds, which may be tensors.",
        example: "clip(tensor([-1, 0.5, 3]), 0, 1)\n#> tensor([0, 0.5, 1])", alsoMethodOf: ["tensor"]
      ) { args, _ in
        if let low = args[1].asNumber, let high = args[2].asNumber {
          return TensorOperators.value(try args.tensor(0).clip(Float(low), Float(high)))
        }
        return TensorOperators.value(try args.tensor(0).maximum(args.tensor(1)).minimum(args.tensor(2)))
      })
    for (name, summary, body) in [
      ("isnan", "Where there is no number: a mask.", { try $0.isNaN() }),
      ("isfinite", "Where there is a number that is not infinite: a mask.", { try $0.isFinite() }),
    ] as [(String, String, (Tensor) throws -> Tensor)] {
      registry.add(
        Builtin(
          name, [.required("x", "tensor or number")], area: .tensors, summary: summary,
          example: "x = tensor([1, nan, inf])\n\(name)(x)\n#> tensor(\(name == "isnan" ? "[0, 1, 0]" : "[1, 0, 0]"))",
          alsoMethodOf: ["tensor"]
        ) { args, _ in
          let mask = try body(args.tensor(0))
          return mask.rank == 0 ? .bool(mask.item == 1) : Value(mask)
        })
    }
    registry.add(
      Builtin(
        "softmax", [.required("x", "tensor"), .optional("axis", "number", default: -1)], area: .tensors,
        returns: "tensor",
        summary: "eˣ / Σ eˣ along an axis, without overflow: shares that add up to 1.",
        example: "softmax(tensor([1, 1, 1, 1]))\n#> tensor([0.25, 0.25, 0.25, 0.25])", seeAlso: ["crossentropy"],
        alsoMethodOf: ["tensor"]
      ) { args, _ in
        let (x, axis) = (try args.tensor(0), try args.int(1, in: -64...64))
        _ = try Tensor.checkedAxes([axis], x.shape, "softmax")
        return Value(try x.softmax(axis))
      })
    for (name, summary, body) in [
      ("dot", "Of vectors the sum of products; else the matrix product.", { try $0.dot($1) }),
      ("matmul", "The matrix product, as @.", { try $0.matmul($1) }),
      ("maximum", "The larger of each pair.", { try $0.maximum($1) }),
      ("minimum", "The smaller of each pair.", { try $0.minimum($1) }),
    ] as [(String, String, (Tensor, Tensor) throws -> Tensor)] {
      let results = ["dot": "11", "matmul": "11", "maximum": "tensor([3, 4])", "minimum": "tensor([1, 2])"]
      registry.add(
        Builtin(
          name, [.required("a", "tensor"), .required("b", "tensor")], area: .tensors, summary: summary,
          example: "\(name)(tensor([1, 2]), tensor([3, 4]))\n#> \(results[name] ?? "")", alsoMethodOf: ["tensor"]
        ) { args, _ in TensorOperators.value(try body(args.tensor(0), args.tensor(1))) })
    }
    registry.add(
      Builtin(
        "cdist", [.required("a", "tensor"), .required("b", "tensor")], area: .tensors, returns: "tensor",
        summary: "All Euclidean distances between rows: [n, d] and [m, d] → [n, m].",
        example: "cdist(zeros([1, 2]), tensor([[3, 4]]))\n#> tensor([[5]])"
      ) { args, _ in TensorOperators.value(try args.tensor(0).pairwiseDistances(args.tensor(1))) })
  }

  static func registerTensorReductions(_ registry: inout BuiltinRegistry) {
    typealias Body = (Tensor, [Int]?, Bool) throws -> Tensor
    let parameters: [BuiltinParameter] = [
      .required("x", "tensor or list of numbers"), .optional("axis", "number or list", "none"),
      .optional("keepdims", "bool", default: false),
    ]
    for (name, summary, example, dispatch, body) in [
      ("sum", "The sum, added in double precision.", "10", true, { try $0.total($1, keepDims: $2) }),
      ("mean", "The mean; nan of nothing.", "2.5", false, { try $0.mean($1, keepDims: $2) }),
      ("min", "The smallest; nan if one is.", "1", true, { try $0.min($1, keepDims: $2) }),
      ("max", "The largest; nan if one is.", "4", true, { try $0.max($1, keepDims: $2) }),
      ("norm", "The Euclidean length; its gradient at 0 is 0.", "", false, { try $0.norm($1, keepDims: $2) }),
    ] as [(String, String, String, Bool, Body)] {
      let code =
        name == "norm"
        ? "norm(tensor([3, 4]))\n#> 5"
        : "\(name)(tensor([[1, 2], [3, 4]]))\n#> \(example)"
      registry.add(
        Builtin(
          name, parameters, area: .tensors, summary: summary,
          details: "Over all numbers, over an axis, or over a list of axes; keepdims leaves axes of length 1.",
          example: code, errors: ["an axis that does not exist"], dispatch: dispatch ? ["tensor"] : [],
          alsoMethodOf: ["tensor"]
        ) { args, _ in
          if let grid = NumberGrid(args[0]) {
            return try grid.reduced(CoreLibrary.axes(args, 1), keepDims: args.bool(2), name) {
              try Statistics.statistic(name, $0)
            }
          }
          let x = try args.tensor(0)
          if name == "max" || name == "min", args.isGiven(1), !args.isNamed(1) {
            // max(a, b) of two numbers, one of which a gradient is taken for.
            if x.rank == 0, let other = try TensorOperators.operand(args[1]) {
              return TensorOperators.value(try name == "max" ? x.maximum(other) : x.minimum(other))
            }
            if case .tensor(let box) = args[1] {
              throw ArgumentError(
                1, "\(name) looks into one tensor, and its axis is a number, got \(Value.tensor(box).inWords)",
                help: "\(name)imum(a, b) compares two tensors item by item")
            }
          }
          // Asked here, so that the error names this function and not one that it is made of.
          let axes = try CoreLibrary.axes(args, 1)
          _ = try Tensor.checkedAxes(axes, x.shape, name)
          return TensorOperators.value(try body(x, axes, args.bool(2)))
        })
    }
    registerSpreads(&registry, parameters)
    for (name, summary, body) in [
      ("prod", "The product, multiplied in double precision; 1 of nothing.", { try $0.product($1, keepDims: $2) }),
      (
        "median", "The number in the middle of the order, or the mean of the two in the middle; nan if one is.",
        { try $0.median($1, keepDims: $2) }
      ),
    ] as [(String, String, Body)] {
      registry.add(
        Builtin(
          name, parameters, area: .tensors, summary: summary,
          details: "Over all numbers, over an axis, or over a list of axes; keepdims leaves axes of length 1.",
          example: "\(name)([2, 3, 7])\n#> \(name == "prod" ? 42 : 3)", errors: ["an axis that does not exist"],
          seeAlso: ["sum", "mean", "sort"], alsoMethodOf: ["tensor"]
        ) { args, _ in
          if let grid = NumberGrid(args[0]) {
            return try grid.reduced(CoreLibrary.axes(args, 1), keepDims: args.bool(2), name) {
              try Statistics.statistic(name, $0)
            }
          }
          return TensorOperators.value(
            try body(args.tensor(0), CoreLibrary.axes(args, 1), args.bool(2)))
        })
    }
    for (name, wanted) in [("any", true), ("all", false)] {
      registry.add(
        Builtin(
          name, parameters, area: .tensors,
          summary: wanted ? "Whether at least one number is not 0." : "Whether no number is 0.",
          details: "Over all numbers true or false; over an axis, or a list of axes, a mask.",
          example: "\(name)(tensor([1, 0, 3]) > 0)\n#> \(wanted)", dispatch: ["tensor"], alsoMethodOf: ["tensor"]
        ) { args, _ in
          let (axes, keep) = (try CoreLibrary.axes(args, 1), try args.bool(2))
          let result = try args.tensor(0).truth(of: wanted, axes, keepDims: keep)
          return result.rank == 0 ? .bool(result.item == 1) : Value(result)
        })
    }
    for (name, isMax) in [("argmax", true), ("argmin", false)] {
      registry.add(
        Builtin(
          name, parameters, area: .tensors,
          summary: "Place of the \(isMax ? "largest" : "smallest"); the first of equal ones.",
          details: "Without axis, among all numbers in row-major order.",
          example: "\(name)(tensor([3, 9, 4]))\n#> \(isMax ? 1 : 0)", alsoMethodOf: ["tensor"]
        ) { args, _ in
          let axis = args.isGiven(1) ? try args.int(1, in: -64...64) : nil
          if let grid = NumberGrid(args[0]) {
            return try grid.reduced(axis.map { [$0] }, keepDims: args.bool(2), name) {
              try Statistics.statistic(name, $0)
            }
          }
          let (x, keep) = (try args.tensor(0), try args.bool(2))
          return TensorOperators.value(try isMax ? x.argmax(axis, keepDims: keep) : x.argmin(axis, keepDims: keep))
        })
    }
    for (name, summary, result) in [
      ("sort", "The numbers in rising order along an axis; nan last.", "[1, 2, 3]"),
      ("argsort", "Places of the numbers in rising order; nan last.", "[1, 2, 0]"),
      ("cumsum", "Running sums along an axis.", "[3, 4, 6]"),
    ] {
      registry.add(
        Builtin(
          name,
          [
            .required("x", "tensor"),
            name == "cumsum" ? .optional("axis", "number", "none") : .optional("axis", "number", default: -1),
          ]
            + (name == "cumsum" ? [] : [.optional("descending", "bool", default: false, namedOnly: true)]),
          area: .tensors, returns: name == "sort" ? nil : "tensor", summary: summary,
          details: "With axis=none of all numbers in row-major order, on one axis.",
          example: "\(name)(tensor([3, 1, 2]))\n#> tensor(\(result))",
          dispatch: name == "sort" ? ["tensor"] : [], alsoMethodOf: ["tensor"]
        ) { args, _ in
          // Places among numbers that would be equal as a tensor's.
          if name == "argsort", let grid = NumberGrid(args[0]), grid.shape.count == 1, !args.isGiven(1) {
            let order = try Statistics.order(grid.values, descending: try args.bool(2))
            return Value(try Tensor(places: order, shape: [order.count]))
          }
          var x = try args.tensor(0)
          if args[1].isNone { x = try x.flattened() }
          if name == "cumsum" {
            return Value(try x.cumsum(args.isGiven(1) ? args.int(1, in: -64...64) : nil))
          }
          let axis = try args.int(1, in: -64...64)
          let descending = try args.bool(2)
          return Value(
            try name == "sort"
              ? x.sorted(axis: axis, descending: descending) : x.argsort(axis: axis, descending: descending))
        })
    }
  }

  /// Standard deviation and variance.
  private static func registerSpreads(_ registry: inout BuiltinRegistry, _ parameters: [BuiltinParameter]) {
    for (name, summary, example) in [
      (
        "std", "The standard deviation, divided by n - ddof.",
        "std(tensor([[1, 3], [1, 3]]), axis=0)\n#> tensor([0, 0])"
      ),
      ("var", "The variance, divided by n - ddof.", "var(tensor([1, 2, 3]), ddof=1)\n#> 1"),
    ] {
      registry.add(
        Builtin(
          name, parameters + [.optional("ddof", "number", default: 0, namedOnly: true)], area: .tensors,
          summary: summary,
          details: """
            Over all numbers, over an axis, or over a list of axes; keepdims leaves axes of length 1. ddof=1 is the \
            estimate from a sample; nan where n is not above ddof.
            """, example: example, errors: ["an axis that does not exist"],
          seeAlso: ["mean", name == "std" ? "var" : "std"], alsoMethodOf: ["tensor"]
        ) { args, _ in
          let (axes, keep) = (try CoreLibrary.axes(args, 1), try args.bool(2))
          let less = try args.number(3)
          if let grid = NumberGrid(args[0]) {
            return try grid.reduced(axes, keepDims: keep, name) { numbers in
              let count = Double(numbers.count)
              let variance = try Statistics.statistic("var", numbers) * (count / Swift.max(0, count - less))
              return name == "std" ? variance.squareRoot() : variance
            }
          }
          let x = try args.tensor(0)
          _ = try Tensor.checkedAxes(axes, x.shape, name)
          return TensorOperators.value(
            try name == "std"
              ? x.deviation(axes, keepDims: keep, correction: less) : x.variance(axes, keepDims: keep, correction: less)
          )
        })
    }
  }

  static func registerTensorShapes(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "reshape", [.required("x", "tensor"), .variadic("lengths", "numbers, or a list of them")], area: .tensors,
        returns: "tensor",
        summary: "The same numbers under another shape; one length may be -1.",
        example: "arange(6).reshape(2, -1).shape\n#> [2, 3]", errors: ["a shape of another count"],
        alsoMethodOf: ["tensor"]
      ) { args, _ in Value(try args.tensor(0).reshaped(spread(args, 1))) })
    registry.add(
      Builtin(
        "transpose", [.required("x", "tensor"), .variadic("axes", "numbers, or a list of them")], area: .tensors,
        returns: "tensor",
        summary: "With the axes in another order; reversed where none is given.",
        example: "transpose(zeros([2, 3])).shape\n#> [3, 2]", alsoMethodOf: ["tensor"]
      ) { args, _ in
        let order = try spread(args, 1)
        return Value(try args.tensor(0).transposed(order.isEmpty ? nil : order))
      })
    for (name, summary, example) in [
      ("concat", "Tensors after each other along an axis.", "tensor([1, 2])"),
      ("stack", "Tensors of one shape along a new axis.", "tensor([[1],\n#>         [2]])"),
    ] {
      registry.add(
        Builtin(
          name, [.required("parts", "list of tensors"), .optional("axis", "number", default: 0)], area: .tensors,
          returns: "tensor", summary: summary, example: "\(name)([tensor([1]), tensor([2])])\n#> \(example)",
          errors: ["shapes that do not fit"]
        ) { args, _ in
          if args[1].asTensor != nil || args[1].asItems != nil {
            throw ArgumentError(1, "\(name) takes one list of tensors", help: "\(name)([a, b], axis=0)")
          }
          let (parts, axis) = (try CoreLibrary.tensors(args, 0), try args.int(1, in: -64...64))
          return Value(try name == "concat" ? Tensor.concat(parts, axis: axis) : Tensor.stack(parts, axis: axis))
        })
    }
    registry.add(
      Builtin(
        "squeeze", [.required("x", "tensor"), .optional("axis", "number or list", "none")], area: .tensors,
        summary: "Without axes of length 1.", example: "squeeze(zeros([1, 3])).shape\n#> [3]", alsoMethodOf: ["tensor"]
      ) { args, _ in TensorOperators.value(try args.tensor(0).squeezed(CoreLibrary.axes(args, 1))) })
    registry.add(
      Builtin(
        "onehot", [.required("labels", "list of numbers"), .required("classes", "number")], area: .tensors,
        returns: "tensor",
        summary: "Row i has a 1 at labels[i]: [n] → [n, classes].", example: "onehot([1], 2)\n#> tensor([[0, 1]])"
      ) { args, _ in Value(try Tensor.oneHot(args.ints(0), classes: args.int(1, in: 1...(1 << 30)))) })
  }

  /// `reshape(x, 2, 3)` and `reshape(x, [2, 3])`.
  private static func spread(_ args: Arguments, _ index: Int) throws -> [Int] {
    let items = args.has(index) ? try args.list(index) : []
    let flat = items.flatMap { item in item.asNumbers.map { $0.map(Value.number) } ?? [item] }
    return try flat.map { item in
      guard let number = item.asNumber, let whole = Int(exactly: number) else {
        throw ArgumentError(
          index, "\(args.functionName): \(args.parameterName(index)) must be whole numbers, got \(item.inWords)")
      }
      return whole
    }
  }
}
