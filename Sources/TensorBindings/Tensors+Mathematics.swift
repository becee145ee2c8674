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
    for row in rows {
      registry.add(
        Builtin(
          row.name, [.required("x", "number or tensor")], area: .tensors, summary: row.summary,
          details: "A number gives a number, a tensor or a list of numbers a tensor of its shape.",
          example: row.example,
          seeAlso: row.name.hasPrefix("log") || row.name == "expm1" ? ["log", "exp"] : ["sin", "cos", "atan2"],
          alsoMethodOf: ["tensor"]
        ) { args, _ in
          if case .number(let number) = args[0] { return .number(row.scalar(number)) }
          return TensorOperators.value(try row.whole(args.tensor(0)))
        })
    }
    registry.add(
      Builtin(
        "atan2", [.required("y", "number or tensor"), .required("x", "number or tensor")], area: .tensors,
        summary: "The angle of the point (x, y) in radians, from -π to π.",
        details: "The quadrant is that of the point, as in NumPy. Its gradient at the origin, where it has none, is 0.",
        example: "atan2(tensor([0, 1, 0]), tensor([1, 0, 2]))\n#> tensor([0, 1.5708, 0])", seeAlso: ["atan", "tan"]
      ) { args, _ in
        if case .number(let y) = args[0], case .number(let x) = args[1] { return .number(Elementary.atan2(y, x)) }
        return TensorOperators.value(try args.tensor(0).atan2(args.tensor(1)))
      })
    registry.add(
      Builtin(
        "isinf", [.required("x", "tensor or number")], area: .tensors,
        summary: "Where there is an infinite number: a mask.",
        example: "x = tensor([1, nan, -inf])\nisinf(x)\n#> tensor([0, 0, 1])", seeAlso: ["isfinite", "isnan"],
        alsoMethodOf: ["tensor"]
      ) { args, _ in
        let mask = try args.tensor(0).isInfinite()
        return mask.rank == 0 ? .bool(mask.item == 1) : Value(mask)
      })
    for (name, summary, result) in [
      ("isclose", "Where two tensors are equal but for rounding: a mask.", "tensor([1, 0])"),
      ("allclose", "Whether two tensors are equal but for rounding, everywhere.", "false"),
    ] {
      registry.add(
        Builtin(
          name,
          [
            .required("a", "tensor"), .required("b", "tensor"), .optional("rtol", "number", default: 1e-5),
            .optional("atol", "number", default: 1e-8), .optional("equal_nan", "bool", default: false),
          ], area: .tensors, summary: summary,
          details: "abs(a - b) <= atol + rtol * abs(b), as in NumPy; infinities of one sign are close.",
          example: "\(name)(tensor([1, 2]), tensor([1.000001, 3]))\n#> \(result)", seeAlso: ["isfinite"]
        ) { args, _ in
          let (relative, absolute) = (try args.number(2), try args.number(3))
          let equalNaN = try args.bool(4)
          // Numbers of the language have more digits than those of a tensor.
          if case .number(let a) = args[0], case .number(let b) = args[1] {
            return .bool(
              a.isFinite && b.isFinite
                ? Swift.abs(a - b) <= absolute + relative * Swift.abs(b) : a == b || equalNaN && a.isNaN && b.isNaN)
          }
          let mask = try args.tensor(0).isClose(
            args.tensor(1), relative: relative, absolute: absolute, equalNaN: equalNaN)
          if name == "isclose" { return mask.rank == 0 ? .bool(mask.item == 1) : Value(mask) }
          return .bool(mask.withUnsafeBuffer { !$0.contains(0) })
        })
    }
    for (name, summary, value) in [
      ("zeros_like", "Zeros in another tensor's shape.", Float(0)),
      ("ones_like", "Ones in another tensor's shape.", Float(1)),
    ] {
      registry.add(
        Builtin(
          name, [.required("x", "tensor")], area: .tensors, summary: summary,
          example: "\(name)(tensor([5, 6]))\n#> tensor([\(Int(value)), \(Int(value))])",
          seeAlso: ["zeros", "full_like"]
        ) { args, _ in TensorOperators.value(try Tensor.full(args.tensor(0).shape, value)) })
    }
    registry.add(
      Builtin(
        "full_like", [.required("x", "tensor"), .required("value", "number")], area: .tensors,
        summary: "One number everywhere, in another tensor's shape.",
        example: "full_like(tensor([5, 6]), 7)\n#> tensor([7, 7])", seeAlso: ["full", "zeros_like"]
      ) { args, _ in TensorOperators.value(try args.tensor(1).broadcast(to: args.tensor(0).shape)) })
    registry.add(
      Builtin(
        "divmod", [.required("a", "number or tensor"), .required("b", "number or tensor")], area: .tensors,
        summary: "How often b goes into a, and what is left: [floor(a / b), a % b].",
        details: "Number by number. A gradient goes through what is left; how often b goes in has slope 0.",
        example: "divmod(tensor([17, -17]), 5)\n#> [tensor([3, -4]), tensor([2, 3])]", seeAlso: ["floor"],
        dispatch: ["tensor"]
      ) { args, _ in try CoreLibrary.quotientAndRest(args) })
  }
}
