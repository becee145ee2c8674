import CoreLibrary
import Diagnostics
import ElementaryFunctions
import Interpreter
import Tensors

extension TensorBindings {
  /// Functions of each number, and of pairs of them, that `Tensors+Functions.swift` does not have.
  static func registerTensorMathematics(_ registry: inout BuiltinRegistry) {
    typealias Row = (
      name: String, summary: String, example: String, scalar: (Double) -> Double, whole: (Tensor) throws -> Tensor
    )
    let rows: [Row] = [
      ("tan", "The tangent of an angle in radians.", "tan(0)\n#> 0", { Elementary.tan($0) }, { try $0.tan() }),
      (
        "asin", "The angle in radians that has this sine; nan beyond -1 and 1.", "asin(0)\n#> 0",
        { Elementary.asin($0) },
        { try $0.asin() }
      ),
      (
        "acos", "The angle in radians that has this cosine; nan beyond -1 and 1.", "acos(1)\n#> 0",
        { Elementary.acos($0) },
        { try $0.acos() }
      ),
      (
        "atan", "The angle in radians that has this tangent.", "atan(0)\n#> 0", { Elementary.atan($0) },
        { try $0.atan() }
      ),
      ("sinh", "The hyperbolic sine.", "sinh(0)\n#> 0", { Elementary.sinh($0) }, { try $0.sinh() }),
      ("cosh", "The hyperbolic cosine.", "cosh(0)\n#> 1", { Elementary.cosh($0) }, { try $0.cosh() }),
      (
        "log2", "The logarithm to base 2: -inf at 0, nan below.", "log2(8)\n#> 3", { Elementary.log2($0) },
        { try $0.log2() }
      ),
      (
        "log10", "The logarithm to base 10: -inf at 0, nan below.", "log10(1000)\n#> 3", { Elementary.log10($0) },
        { try $0.log10() }
      ),
      (
        "log1p", "log(1 + x), exact also where x is small: -inf at -1, nan below.", "log1p(0)\n#> 0",
        { Elementary.log1p($0) }, { try $0.log1p() }
      ),
      (
        "expm1", "eˣ - 1, exact also where x is small.", "expm1(0)\n#> 0", { Elementary.expm1($0) }, { try $0.expm1() }
      ),
    ]
    let x = TypedParameter.value("x", "number or tensor")
    for row in rows {
      registry.add(
        Builtin(
          row.name, .of(x), area: .tensors, summary: row.summary,
          details: "A number gives a number, a tensor or a list of numbers a tensor of its shape.",
          example: row.example,
          seeAlso: row.name.hasPrefix("log") || row.name == "expm1" ? ["log", "exp"] : ["sin", "cos", "atan2"],
          alsoMethodOf: ["tensor"]
        ) { args, _ in
          if case .number(let number) = try args[x] { return .number(row.scalar(number)) }
          return TensorOperators.value(try row.whole(args.tensor(x)))
        })
    }
    registerPointwise(&registry)
    registerComparisons(&registry)
    registerLikes(&registry)
  }

  private static func registerPointwise(_ registry: inout BuiltinRegistry) {
    let x = TypedParameter.value("x", "number or tensor")
    let y = TypedParameter.value("y", "number or tensor")
    registry.add(
      Builtin(
        "atan2", .of(y, x), area: .tensors,
        summary: "The angle of the point (x, y) in radians, from -π to π.",
        details: "The quadrant is that of the point, as in NumPy. Its gradient at the origin, where it has none, is 0.",
        example: "atan2(tensor([0, 1, 0]), tensor([1, 0, 2]))\n#> tensor([0, 1.5708, 0])", seeAlso: ["atan", "tan"]
      ) { args, _ in
        if case .number(let y) = try args[y], case .number(let x) = try args[x] {
          return .number(Elementary.atan2(y, x))
        }
        return TensorOperators.value(try args.tensor(y).atan2(args.tensor(x)))
      })
    let a = TypedParameter.value("a", "number or tensor")
    let b = TypedParameter.value("b", "number or tensor")
    registry.add(
      Builtin(
        "divmod", .of(a, b), area: .tensors,
        summary: "How often b goes into a, and what is left: [floor(a / b), a % b].",
        details: "Number by number. A gradient goes through what is left; how often b goes in has slope 0.",
        example: "divmod(tensor([17, -17]), 5)\n#> [tensor([3, -4]), tensor([2, 3])]", seeAlso: ["floor"],
        dispatch: ["tensor"]
      ) { args, _ in try CoreLibrary.quotientAndRest(args.tensor(a), args.tensor(b)) })
  }

  private static func registerComparisons(_ registry: inout BuiltinRegistry) {
    let a = TypedParameter.value("a", "tensor")
    let b = TypedParameter.value("b", "tensor")
    let rtol = TypedParameter.number("rtol", default: 1e-5)
    let atol = TypedParameter.number("atol", default: 1e-8)
    let equalNaN = TypedParameter.bool("equal_nan", default: false)
    for (name, summary, result) in [
      ("isclose", "Where two tensors are equal but for rounding: a mask.", "tensor([1, 0])"),
      ("allclose", "Whether two tensors are equal but for rounding, everywhere.", "false"),
    ] {
      registry.add(
        Builtin(
          name, .of(a, b, rtol, atol, equalNaN), area: .tensors, summary: summary,
          details: "abs(a - b) <= atol + rtol * abs(b), as in NumPy; infinities of one sign are close.",
          example: "\(name)(tensor([1, 2]), tensor([1.000001, 3]))\n#> \(result)", seeAlso: ["isfinite"]
        ) { args, _ in
          let (relative, absolute) = (try args[rtol], try args[atol])
          let equalNaN = try args[equalNaN]
          // Numbers of the language have more digits than those of a tensor.
          if case .number(let a) = try args[a], case .number(let b) = try args[b] {
            return .bool(
              a.isFinite && b.isFinite
                ? Swift.abs(a - b) <= absolute + relative * Swift.abs(b) : a == b || equalNaN && a.isNaN && b.isNaN)
          }
          let mask = try args.tensor(a).isClose(
            args.tensor(b), relative: relative, absolute: absolute, equalNaN: equalNaN)
          if name == "isclose" { return mask.rank == 0 ? .bool(mask.item == 1) : Value(mask) }
          return .bool(mask.withUnsafeBuffer { !$0.contains(0) })
        })
    }
  }

  private static func registerLikes(_ registry: inout BuiltinRegistry) {
    let x = TypedParameter.tensor("x")
    for (name, summary, value) in [
      ("zeros_like", "Zeros in another tensor's shape.", Float(0)),
      ("ones_like", "Ones in another tensor's shape.", Float(1)),
    ] {
      registry.add(
        Builtin(
          name, .of(x), area: .tensors, summary: summary,
          example: "\(name)(tensor([5, 6]))\n#> tensor([\(Int(value)), \(Int(value))])",
          seeAlso: ["zeros", "full_like"]
        ) { args, _ in TensorOperators.value(try Tensor.full(args[x].shape, value)) })
    }
    let value = TypedParameter.tensor("value", "number")
    registry.add(
      Builtin(
        "full_like", .of(x, value), area: .tensors,
        summary: "One number everywhere, in another tensor's shape.",
        example: "full_like(tensor([5, 6]), 7)\n#> tensor([7, 7])", seeAlso: ["full", "zeros_like"]
      ) { args, _ in TensorOperators.value(try args[value].broadcast(to: args[x].shape)) })
  }
}
