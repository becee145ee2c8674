extension Tensor {
  /// What is left of a division, with the sign of the divisor, as Python's `%`; NaN for 0. Exact, also where the quotient is
  /// beyond a float's whole numbers, or the divisor infinite.
  public func remainder(_ other: Tensor) throws -> Tensor {
    if let exact = try exactly(other, "divide", Tensor.remainder) { return exact }
    return try combined(other, "divide", costly: true, Tensor.remainder).recorded(.remainder, self, other)
  }

  @inline(__always)
  static func remainder<Number: BinaryFloatingPoint>(_ a: Number, _ b: Number) -> Number {
    let rest = a.truncatingRemainder(dividingBy: b)
    if rest == 0 { return Number(signOf: b, magnitudeOf: 0) }
    return (rest < 0) != (b < 0) ? rest + b : rest
  }
}
