import CoreLibrary
import Diagnostics
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
  /// One number for the numbers along an axis, or for all of them.
  static func registerTensorReductions(_ registry: inout BuiltinRegistry) {
    registerSums(&registry)
    registerSpreads(&registry)
    registerMiddles(&registry)
    registerTruths(&registry)
    registerPlaces(&registry)
    registerOrders(&registry)
  }

  private typealias Reduction = (Tensor, [Int]?, Bool) throws -> Tensor
  private static let reduced = TypedParameter.value("x", "tensor or list of numbers")
  private static let axes = TypedParameter.axes()
  private static let keepDims = TypedParameter.bool("keepdims", default: false)

  /// Lists of numbers keep the 64 bits that the language's numbers have; nil for a tensor.
  private static func ofLists(
    _ args: Arguments, _ axes: @autoclosure () throws -> [Int]?, _ body: ([Double]) throws -> Double
  ) throws -> Value? {
    guard let grid = NumberGrid(try args[reduced]) else { return nil }
    return try grid.reduced(axes(), keepDims: args[keepDims], args.functionName, body)
  }

  private static func registerSums(_ registry: inout BuiltinRegistry) {
    for (name, summary, example, dispatch, body) in [
      ("sum", "The sum, added in double precision.", "10", true, { try $0.total($1, keepDims: $2) }),
      ("mean", "The mean; nan of nothing.", "2.5", false, { try $0.mean($1, keepDims: $2) }),
      ("min", "The smallest; nan if one is.", "1", true, { try $0.min($1, keepDims: $2) }),
      ("max", "The largest; nan if one is.", "4", true, { try $0.max($1, keepDims: $2) }),
      ("norm", "The Euclidean length; its gradient at 0 is 0.", "", false, { try $0.norm($1, keepDims: $2) }),
    ] as [(String, String, String, Bool, Reduction)] {
      let code =
        name == "norm"
        ? "norm(tensor([3, 4]))\n#> 5"
        : "\(name)(tensor([[1, 2], [3, 4]]))\n#> \(example)"
      registry.add(
        Builtin(
          name, .of(reduced, axes, keepDims), area: .tensors, summary: summary,
          details: "Over all numbers, over an axis, or over a list of axes; keepdims leaves axes of length 1."
            + (name == "norm"
              ? " The second argument is the axis, where NumPy's is the order: abs(x).sum() is the length of order 1, "
                + "abs(x).max() that of infinite order."
              : ""),
          example: code, errors: ["an axis that does not exist"], dispatch: dispatch ? ["tensor"] : [],
          alsoMethodOf: ["tensor"]
        ) { args, _ in
          if let found = try ofLists(args, args[axes], { try Statistics.statistic(name, $0) }) { return found }
          let x = try args.tensor(reduced)
          if name == "max" || name == "min", args.isGiven(axes), !args.isNamed(axes) {
            let second = args.value(axes)
            // max(a, b) of two numbers, one of which a gradient is taken for.
            if x.rank == 0, let other = try TensorOperators.operand(second) {
              return TensorOperators.value(try name == "max" ? x.maximum(other) : x.minimum(other))
            }
            if case .tensor = second {
              throw ArgumentError(
                axes, "\(name) looks into one tensor, and its axis is a number, got \(second.inWords)",
                help: "\(name)imum(a, b) compares two tensors item by item")
            }
          }
          // Asked here, so that the error names this function and not one that it is made of.
          let axes = try args[axes]
          _ = try Tensor.checkedAxes(axes, x.shape, name)
          return TensorOperators.value(try body(x, axes, args[keepDims]))
        })
    }
  }

  private static func registerMiddles(_ registry: inout BuiltinRegistry) {
    for (name, summary, body) in [
      ("prod", "The product, multiplied in double precision; 1 of nothing.", { try $0.product($1, keepDims: $2) }),
      (
        "median", "The number in the middle of the order, or the mean of the two in the middle; nan if one is.",
        { try $0.median($1, keepDims: $2) }
      ),
    ] as [(String, String, Reduction)] {
      registry.add(
        Builtin(
          name, .of(reduced, axes, keepDims), area: .tensors, summary: summary,
          details: "Over all numbers, over an axis, or over a list of axes; keepdims leaves axes of length 1.",
          example: "\(name)([2, 3, 7])\n#> \(name == "prod" ? 42 : 3)", errors: ["an axis that does not exist"],
          seeAlso: ["sum", "mean", "sort"], alsoMethodOf: ["tensor"]
        ) { args, _ in
          if let found = try ofLists(args, args[axes], { try Statistics.statistic(name, $0) }) { return found }
          return TensorOperators.value(try body(args.tensor(reduced), args[axes], args[keepDims]))
        })
    }
  }

  private static func registerTruths(_ registry: inout BuiltinRegistry) {
    for (name, wanted) in [("any", true), ("all", false)] {
      registry.add(
        Builtin(
          name, .of(reduced, axes, keepDims), area: .tensors,
          summary: wanted ? "Whether at least one number is not 0." : "Whether no number is 0.",
          details: "Over all numbers true or false; over an axis, or a list of axes, a mask.",
          example: "\(name)(tensor([1, 0, 3]) > 0)\n#> \(wanted)", dispatch: ["tensor"], alsoMethodOf: ["tensor"]
        ) { args, _ in
          let (axes, keep) = (try args[axes], try args[keepDims])
          let x = try args.tensor(reduced)
          _ = try Tensor.checkedAxes(axes, x.shape, name)
          let result = try x.truth(of: wanted, axes, keepDims: keep)
          return result.rank == 0 ? .bool(result.item == 1) : Value(result)
        })
    }
  }

  private static func registerPlaces(_ registry: inout BuiltinRegistry) {
    let axis = TypedParameter<Int?>(.optional("axis", "number or list", "none")) { args, place in
      args.isGiven(place) ? try args.int(place, in: -64...64) : nil
    }
    for (name, isMax) in [("argmax", true), ("argmin", false)] {
      registry.add(
        Builtin(
          name, .of(reduced, axis, keepDims), area: .tensors,
          summary: "Place of the \(isMax ? "largest" : "smallest"); the first of equal ones.",
          details: "Without axis, among all numbers in row-major order.",
          example: "\(name)(tensor([3, 9, 4]))\n#> \(isMax ? 1 : 0)", alsoMethodOf: ["tensor"]
        ) { args, _ in
          let axis = try args[axis]
          if let found = try ofLists(args, axis.map { [$0] }, { try Statistics.statistic(name, $0) }) { return found }
          let (x, keep) = (try args.tensor(reduced), try args[keepDims])
          return TensorOperators.value(try isMax ? x.argmax(axis, keepDims: keep) : x.argmin(axis, keepDims: keep))
        })
    }
  }

  private static func registerOrders(_ registry: inout BuiltinRegistry) {
    let ordered = TypedParameter.value("x", "tensor")
    let last = TypedParameter.value("axis", "number", default: -1)
    let descending = TypedParameter.bool("descending", default: false, namedOnly: true)
    for (name, summary, result) in [
      ("sort", "The numbers in rising order along an axis; nan last.", "[1, 2, 3]"),
      ("argsort", "Places of the numbers in rising order; nan last.", "[1, 2, 0]"),
    ] {
      registry.add(
        Builtin(
          name, .of(ordered, last, descending), area: .tensors, returns: name == "sort" ? nil : "tensor",
          summary: summary,
          details: "With axis=none of all numbers in row-major order, on one axis.",
          example: "\(name)(tensor([3, 1, 2]))\n#> tensor(\(result))",
          dispatch: name == "sort" ? ["tensor"] : [], alsoMethodOf: ["tensor"]
        ) { args, _ in
          // Places among numbers that would be equal as a tensor's.
          if name == "argsort", let grid = NumberGrid(try args[ordered]), grid.shape.count == 1, !args.isGiven(last) {
            let order = try Statistics.order(grid.values, descending: try args[descending])
            return Value(try Tensor(places: order, shape: [order.count]))
          }
          var x = try args.tensor(ordered)
          if try args[last].isNone { x = try x.flattened() }
          let axis = try args.int(last, in: -64...64)
          let descending = try args[descending]
          return Value(
            try name == "sort"
              ? x.sorted(axis: axis, descending: descending) : x.argsort(axis: axis, descending: descending))
        })
    }
    let added = TypedParameter.tensor("x")
    let axis = TypedParameter.int("axis", in: -64...64, or: "none")
    registry.add(
      Builtin(
        "cumsum", .of(added, axis), area: .tensors, returns: "tensor", summary: "Running sums along an axis.",
        details: "With axis=none of all numbers in row-major order, on one axis.",
        example: "cumsum(tensor([3, 1, 2]))\n#> tensor([3, 4, 6])", alsoMethodOf: ["tensor"]
      ) { args, _ in
        // Of all numbers, too, where no axis is named.
        Value(try args[added].cumsum(args[axis]))
      })
  }

  /// Standard deviation and variance.
  private static func registerSpreads(_ registry: inout BuiltinRegistry) {
    let less = TypedParameter.number("ddof", default: 0, namedOnly: true)
    for (name, summary, example) in [
      (
        "std", "The standard deviation, divided by n - ddof.",
        "std(tensor([[1, 3], [1, 3]]), axis=0)\n#> tensor([0, 0])"
      ),
      ("var", "The variance, divided by n - ddof.", "var(tensor([1, 2, 3]), ddof=1)\n#> 1"),
    ] {
      registry.add(
        Builtin(
          name, .of(reduced, axes, keepDims, less), area: .tensors,
          summary: summary,
          details: """
            Over all numbers, over an axis, or over a list of axes; keepdims leaves axes of length 1. ddof=1 is the \
            estimate from a sample; nan where n is not above ddof.
            """, example: example, errors: ["an axis that does not exist"],
          seeAlso: ["mean", name == "std" ? "var" : "std"], alsoMethodOf: ["tensor"]
        ) { args, _ in
          let (axes, keep) = (try args[axes], try args[keepDims])
          let less = try args[less]
          let ofList = try ofLists(args, axes) { numbers in
            let count = Double(numbers.count)
            let variance = try Statistics.statistic("var", numbers) * (count / Swift.max(0, count - less))
            return name == "std" ? variance.squareRoot() : variance
          }
          if let ofList { return ofList }
          let x = try args.tensor(reduced)
          _ = try Tensor.checkedAxes(axes, x.shape, name)
          return TensorOperators.value(
            try name == "std"
              ? x.deviation(axes, keepDims: keep, correction: less) : x.variance(axes, keepDims: keep, correction: less)
          )
        })
    }
  }
}
