import ElementaryFunctions

/// A function of each number beside those that have an operation of their own: its value, and its slope in the tape's terms.
enum ElementFunction: String, CaseIterable, Sendable {
  case tan, asin, acos, atan, sinh, cosh, log1p, expm1, log2, log10, erf

  @inline(__always)
  func value(_ x: Float) -> Float {
    switch self {
    case .tan: Elementary.tan(x)
    case .asin: Elementary.asin(x)
    case .acos: Elementary.acos(x)
    case .atan: Elementary.atan(x)
    case .sinh: Elementary.sinh(x)
    case .cosh: Elementary.cosh(x)
    case .log1p: Elementary.log1p(x)
    case .expm1: Elementary.expm1(x)
    case .log2: Elementary.log2(x)
    case .log10: Elementary.log10(x)
    case .erf: Elementary.erf(x)
    }
  }

  /// From the number and the function's value.
  func slope(_ x: Tensor, _ y: Tensor) throws -> Tensor {
    let one = Tensor(scalar: 1)
    switch self {
    case .tan: return try y * y + one
    case .asin: return try one / (one - x * x).sqrt()
    case .acos: return try -(one / (one - x * x).sqrt())
    case .atan: return try one / (x * x + one)
    case .sinh: return try x.applying(.cosh)
    case .cosh: return try x.applying(.sinh)
    case .log1p: return try one / (x + one)
    case .expm1: return try y + one
    case .log2: return try one / (x * Float(0.693_147_180_559_945_3))
    case .log10: return try one / (x * Float(2.302_585_092_994_046))
    case .erf: return try (-(x * x)).exp() * Float(1.128_379_167_095_512_6)
    }
  }
}

extension Tensor {
  func applying(_ function: ElementFunction) throws -> Tensor {
    try mapped(costly: true) { function.value($0) }.recorded(.function(function), self)
  }

  public func tan() throws -> Tensor { try applying(.tan) }
  /// NaN beyond -1 and 1.
  public func asin() throws -> Tensor { try applying(.asin) }
  /// NaN beyond -1 and 1.
  public func acos() throws -> Tensor { try applying(.acos) }
  public func atan() throws -> Tensor { try applying(.atan) }
  public func sinh() throws -> Tensor { try applying(.sinh) }
  public func cosh() throws -> Tensor { try applying(.cosh) }
  /// log(1 + x), exact for small x.
  public func log1p() throws -> Tensor { try applying(.log1p) }
  /// eˣ − 1, exact for small x.
  public func expm1() throws -> Tensor { try applying(.expm1) }
  public func log2() throws -> Tensor { try applying(.log2) }
  public func log10() throws -> Tensor { try applying(.log10) }
  /// The error function: 2/√π ∫ exp(−t²) dt from 0 on.
  public func erf() throws -> Tensor { try applying(.erf) }

  /// The angle of the point (other, self) in radians, from -π to π; its gradient at the origin, where it has none, is 0.
  public func atan2(_ other: Tensor) throws -> Tensor {
    try combined(other, "take angles of", costly: true) { Elementary.atan2($0, $1) }.recorded(.atan2, self, other)
  }

  /// A mask of the numbers that are infinite.
  public func isInfinite() throws -> Tensor { try mapped { $0.isInfinite ? 1 : 0 }.asMask() }

  /// A mask: |a − b| ≤ absolute + relative · |b|, reckoned in double precision; infinities of one sign are close.
  public func isClose(_ other: Tensor, relative: Double, absolute: Double, equalNaN: Bool) throws -> Tensor {
    guard let whole = broadcastShape(shape, other.shape) else {
      throw TensorError.shapes(verb: "compare", shape, other.shape)
    }
    let (a, b) = (try detached.broadcast(to: whole).exactValues, try other.detached.broadcast(to: whole).exactValues)
    return try Tensor(shape: whole) { out in
      for i in out.indices {
        let (x, y) = (a[i], b[i])
        let isClose =
          x.isFinite && y.isFinite
          ? (x - y).magnitude <= absolute + relative * y.magnitude : x == y || equalNaN && x.isNaN && y.isNaN
        out[i] = isClose ? 1 : 0
      }
    }.asMask()
  }
}
