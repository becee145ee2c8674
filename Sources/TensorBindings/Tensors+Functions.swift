import CoreLibrary
import Diagnostics
import ElementaryFunctions
import Interpreter
import Tensors

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
    let number = TypedParameter.value("x", "number or tensor")
    for row in rows {
      registry.add(
        Builtin(
          row.name, .of(number), area: .tensors, summary: row.summary,
          details: "A number gives a number, a tensor one of its shape.", example: row.example,
          seeAlso: rows.map(\.name).filter { $0 != row.name }, alsoMethodOf: ["tensor"]
        ) { args, _ in
          if case .number(let number) = try args[number] { return .number(row.scalar(number)) }
          return TensorOperators.value(try row.whole(args.tensor(number)))
        })
    }
    registerRounding(&registry)
    registerActivations(&registry)
    registerMasks(&registry)
    registerProducts(&registry)
  }

  private static func registerRounding(_ registry: inout BuiltinRegistry) {
    let x = TypedParameter.tensor("x")
    for (name, summary, body) in [
      ("abs", "Each number without its sign.", { try $0.abs() }),
      ("floor", "The whole number below each.", { try $0.floor() }),
      ("ceil", "The whole number above each.", { try $0.ceil() }),
      ("sign", "-1, 0 or 1.", { try $0.sign() }),
    ] as [(String, String, (Tensor) throws -> Tensor)] {
      registry.add(
        Builtin(
          name, .of(x), area: .tensors, summary: summary,
          example: "\(name)(tensor([-2, 3])).shape\n#> [2]", dispatch: ["tensor"], alsoMethodOf: ["tensor"]
        ) { args, _ in TensorOperators.value(try body(args[x])) })
    }
    let decimals = TypedParameter.int("decimals", in: -30...30, default: 0)
    registry.add(
      Builtin(
        "round", .of(x, decimals), area: .tensors,
        summary: "To the nearest whole number, halves to the even one.",
        example: "round(tensor([1.26, 2.5]))\n#> tensor([1, 2])", dispatch: ["tensor"], alsoMethodOf: ["tensor"]
      ) { args, _ in
        TensorOperators.value(try args[x].round(decimals: args[decimals]))
      })
  }

  private static func registerActivations(_ registry: inout BuiltinRegistry) {
    typealias Row = (
      name: String, summary: String, scalar: (Double) -> Double, whole: (Tensor) throws -> Tensor
    )
    let x = TypedParameter.value("x", "tensor or number")
    for row in [
      ("relu", "max(x, 0).", { Tensor.larger($0, 0) }, { try $0.relu() }),
      ("sigmoid", "1 / (1 + e⁻ˣ).", { Elementary.sigmoid($0) }, { try $0.sigmoid() }),
      ("tanh", "The hyperbolic tangent.", { Elementary.tanh($0) }, { try $0.tanh() }),
    ] as [Row] {
      registry.add(
        Builtin(
          row.name, .of(x), area: .tensors, summary: row.summary,
          details: "A number gives a number, a tensor or a list of numbers a tensor of its shape.",
          example: "\(row.name)(tensor([0]))\n#> tensor([\(row.name == "sigmoid" ? "0.5" : "0")])",
          dispatch: ["tensor", "number", "list", "range", "bool"], alsoMethodOf: ["tensor"]
        ) { args, _ in
          if case .number(let number) = try args[x] { return .number(row.scalar(number)) }
          return TensorOperators.value(try row.whole(args.tensor(x)))
        })
    }
    registerClip(&registry)
    let logits = TypedParameter.tensor("x")
    let axis = TypedParameter.int("axis", in: -64...64, default: -1)
    registry.add(
      Builtin(
        "softmax", .of(logits, axis), area: .tensors, returns: "tensor",
        summary: "eˣ / Σ eˣ along an axis, without overflow: shares that add up to 1.",
        example: "softmax(tensor([1, 1, 1, 1]))\n#> tensor([0.25, 0.25, 0.25, 0.25])", seeAlso: ["crossentropy"],
        alsoMethodOf: ["tensor"]
      ) { args, _ in
        let (x, axis) = (try args[logits], try args[axis])
        _ = try Tensor.checkedAxes([axis], x.shape, "softmax")
        return Value(try x.softmax(axis))
      })
  }

  private static func registerClip(_ registry: inout BuiltinRegistry) {
    let x = TypedParameter.value("x", "tensor or number")
    let low = TypedParameter.value("low", "number or tensor", or: "none")
    let high = TypedParameter.value("high", "number or tensor", or: "none")
    registry.add(
      Builtin(
        "clip", .of(x, low, high), area: .tensors,
        summary: "Each number brought between the bounds, which may be tensors.",
        details: "One of them may be left out, or none: clip(x, high=6), clip(x, none, 6).",
        example: "clip(tensor([-1, 0.5, 3]), 0, 1)\n#> tensor([0, 0.5, 1])", errors: ["neither low nor high"],
        seeAlso: ["maximum", "minimum", "where"], alsoMethodOf: ["tensor"]
      ) { args, _ in
        guard args.isGiven(low) || args.isGiven(high) else {
          throw ArgumentError(low, "clip: low, high or both have to be given", help: "clip(x, low=0), clip(x, high=6)")
        }
        let (least, most) = (try args[low].asNumber, try args[high].asNumber)
        if case .number(let number) = try args[x], least != nil || !args.isGiven(low),
          most != nil || !args.isGiven(high)
        {
          let raised = least.map { Tensor.larger(number, $0) } ?? number
          return .number(most.map { Tensor.smaller(raised, $0) } ?? raised)
        }
        let x = try args.tensor(x)
        // A bound that float32 rounds is a tensor's, and so is one that is no number: it makes all others none.
        func number(_ bound: TypedParameter<Value>, without none: Float) throws -> Float? {
          guard args.isGiven(bound) else { return none }
          return try args[bound].asNumber.flatMap { Tensor(number: $0).wide == nil && !$0.isNaN ? Float($0) : nil }
        }
        if let least = try number(low, without: -.infinity), let most = try number(high, without: .infinity) {
          return TensorOperators.value(try x.clip(least, most))
        }
        let raised = args.isGiven(low) ? try x.maximum(args.tensor(low)) : x
        return TensorOperators.value(args.isGiven(high) ? try raised.minimum(args.tensor(high)) : raised)
      })
  }

  private static func registerMasks(_ registry: inout BuiltinRegistry) {
    typealias Row = (
      name: String, summary: String, scalar: (Double) -> Bool, whole: (Tensor) throws -> Tensor, example: String,
      seeAlso: [String]
    )
    let x = TypedParameter.value("x", "tensor or number")
    for (name, summary, scalar, whole, example, seeAlso) in [
      (
        "isnan", "Where there is no number: a mask.", { $0.isNaN }, { try $0.isNaN() },
        "x = tensor([1, nan, inf])\nisnan(x)\n#> tensor([0, 1, 0])", []
      ),
      (
        "isfinite", "Where there is a number that is not infinite: a mask.", { $0.isFinite }, { try $0.isFinite() },
        "x = tensor([1, nan, inf])\nisfinite(x)\n#> tensor([1, 0, 0])", []
      ),
      (
        "isinf", "Where there is an infinite number: a mask.", { $0.isInfinite }, { try $0.isInfinite() },
        "x = tensor([1, nan, -inf])\nisinf(x)\n#> tensor([0, 0, 1])", ["isfinite", "isnan"]
      ),
    ] as [Row] {
      registry.add(
        Builtin(
          name, .of(x), area: .tensors, summary: summary,
          example: example, seeAlso: seeAlso, alsoMethodOf: ["tensor"]
        ) { args, _ in
          if case .number(let number) = try args[x] { return .bool(scalar(number)) }
          let mask = try whole(args.tensor(x))
          return mask.rank == 0 ? .bool(mask.item == 1) : Value(mask)
        })
    }
  }

  private static func registerProducts(_ registry: inout BuiltinRegistry) {
    let a = TypedParameter.tensor("a")
    let b = TypedParameter.tensor("b")
    for (name, summary, body) in [
      ("dot", "Of vectors the sum of products; else the matrix product.", { try $0.dot($1) }),
      ("matmul", "The matrix product, as @.", { try $0.matmul($1) }),
    ] as [(String, String, (Tensor, Tensor) throws -> Tensor)] {
      registry.add(
        Builtin(
          name, .of(a, b), area: .tensors, summary: summary,
          example: "\(name)(tensor([1, 2]), tensor([3, 4]))\n#> 11", alsoMethodOf: ["tensor"]
        ) { args, _ in TensorOperators.value(try body(args[a], args[b])) })
    }
    registerExtremes(&registry)
    registry.add(
      Builtin(
        "cdist", .of(a, b), area: .tensors, returns: "tensor",
        summary: "All Euclidean distances between rows: [n, d] and [m, d] → [n, m].",
        example: "cdist(zeros([1, 2]), tensor([[3, 4]]))\n#> tensor([[5]])"
      ) { args, _ in TensorOperators.value(try args[a].pairwiseDistances(args[b])) })
  }

  private static func registerExtremes(_ registry: inout BuiltinRegistry) {
    typealias Row = (
      name: String, summary: String, example: String, scalar: (Double, Double) -> Double,
      whole: (Tensor, Tensor) throws -> Tensor
    )
    let a = TypedParameter.value("a", "tensor or number")
    let b = TypedParameter.value("b", "tensor or number")
    for row in [
      ("maximum", "The larger of each pair.", "[3, 4]", Tensor.larger, { try $0.maximum($1) }),
      ("minimum", "The smaller of each pair.", "[1, 2]", Tensor.smaller, { try $0.minimum($1) }),
    ] as [Row] {
      registry.add(
        Builtin(
          row.name, .of(a, b), area: .tensors, summary: row.summary,
          example: "\(row.name)(tensor([1, 2]), tensor([3, 4]))\n#> tensor(\(row.example))", alsoMethodOf: ["tensor"]
        ) { args, _ in
          if case .number(let a) = try args[a], case .number(let b) = try args[b] { return .number(row.scalar(a, b)) }
          return TensorOperators.value(try row.whole(args.tensor(a), args.tensor(b)))
        })
    }
  }
}
