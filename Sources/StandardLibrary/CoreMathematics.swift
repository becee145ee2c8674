import Diagnostics
import Interpreter

#if canImport(Glibc)
  import Glibc
#endif

extension StandardLibrary {
  /// Functions of one number; the tensor's functions of the same names are variants of them.
  static func registerMathematics(_ registry: inout BuiltinRegistry) {
    func add(
      _ name: String, _ summary: String, example: String, errors: [String] = [], seeAlso: [String] = [],
      domain: String = "", _ compute: @escaping (Double) -> Double?
    ) {
      registry.add(
        Builtin(
          name, [.required("x", "number")], area: .mathematics, summary: summary, example: example, errors: errors,
          seeAlso: seeAlso
        ) { args, _ in
          let x = try args.number(0)
          guard let y = compute(x) else {
            throw ArgumentError(0, Explanation("\(name) needs \(domain), got \(formatNumber(x))"))
          }
          return Value(y)
        })
    }
    add("sqrt", "The square root.", example: "sqrt(9)\n#> 3", domain: "0 or more") { $0 < 0 ? nil : $0.squareRoot() }
    add("exp", "e to the power of x.", example: "exp(0)\n#> 1") { Glibc.exp($0) }
    add(
      "log", "The natural logarithm.", example: "log(1)\n#> 0", domain: "a number above 0"
    ) { $0 > 0 || $0.isNaN ? Glibc.log($0) : nil }
    add("sin", "The sine; the angle in radians.", example: "sin(0)\n#> 0") { Glibc.sin($0) }
    add("cos", "The cosine; the angle in radians.", example: "cos(0)\n#> 1") { Glibc.cos($0) }
    add("tan", "The tangent; the angle in radians.", example: "tan(0)\n#> 0") { Glibc.tan($0) }
    add("floor", "The greatest whole number that is not above x.", example: "floor(-1.5)\n#> -2") { $0.rounded(.down) }
    add("ceil", "The least whole number that is not below x.", example: "ceil(1.2)\n#> 2") { $0.rounded(.up) }
    for (name, value) in [("pi", Double.pi), ("inf", Double.infinity), ("nan", Double.nan)] {
      registry.add(
        Builtin(
          constant: name, Value(value), area: .mathematics, summary: "The number \(name).",
          example: "\(name)\n#> \(formatNumber(value))"))
    }
  }
}
