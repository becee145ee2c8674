#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Tensor {
  /// What is left of a division, with the sign of the divisor, as Python's `%`; NaN for 0. Exact, also where the quotient is
  /// beyond a float's whole numbers, or the divisor infinite.
  public func remainder(_ other: Tensor) throws -> Tensor {
    if let exact = try exactly(other, "divide", Tensor.remainder) { return exact }
    return try combined(other, "divide", costly: true, Tensor.remainder).recorded(.remainder, self, other)
  }

  @inline(__always)
  static func remainder(_ a: Float, _ b: Float) -> Float {
    let rest = fmodf(a, b)
    if rest == 0 { return Float(signOf: b, magnitudeOf: 0) }
    return (rest < 0) != (b < 0) ? rest + b : rest
  }

  @inline(__always)
  static func remainder(_ a: Double, _ b: Double) -> Double {
    let rest = fmod(a, b)
    if rest == 0 { return Double(signOf: b, magnitudeOf: 0) }
    return (rest < 0) != (b < 0) ? rest + b : rest
  }
}
