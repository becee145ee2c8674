import CLanes

// Swift's own operators on vectors work lane by lane: see CLanes.h. These are found before them.

extension SIMD8 where Scalar == Float {
  @inline(__always) static func + (a: Self, b: Self) -> Self { twin_add_float8(a, b) }
  @inline(__always) static func - (a: Self, b: Self) -> Self { twin_subtract_float8(a, b) }
  @inline(__always) static func * (a: Self, b: Self) -> Self { twin_multiply_float8(a, b) }
  @inline(__always) static func / (a: Self, b: Self) -> Self { twin_divide_float8(a, b) }
  @inline(__always) static func += (a: inout Self, b: Self) { a = twin_add_float8(a, b) }
  @inline(__always) static func -= (a: inout Self, b: Self) { a = twin_subtract_float8(a, b) }
  @inline(__always) static func *= (a: inout Self, b: Self) { a = twin_multiply_float8(a, b) }
  @inline(__always) static func * (a: Self, b: Float) -> Self { twin_multiply_float8(a, twin_splat_float8(b)) }
  @inline(__always) static func * (a: Float, b: Self) -> Self { twin_multiply_float8(twin_splat_float8(a), b) }
  @inline(__always) func squareRoot() -> Self { twin_square_root_float8(self) }
  @inline(__always) func addingProduct(_ a: Self, _ b: Self) -> Self { twin_multiply_add_float8(self, a, b) }
}

extension SIMD16 where Scalar == Float {
  @inline(__always) static func + (a: Self, b: Self) -> Self { twin_add_float16(a, b) }
  @inline(__always) static func - (a: Self, b: Self) -> Self { twin_subtract_float16(a, b) }
  @inline(__always) static func * (a: Self, b: Self) -> Self { twin_multiply_float16(a, b) }
  @inline(__always) static func / (a: Self, b: Self) -> Self { twin_divide_float16(a, b) }
  @inline(__always) static func += (a: inout Self, b: Self) { a = twin_add_float16(a, b) }
  @inline(__always) static func -= (a: inout Self, b: Self) { a = twin_subtract_float16(a, b) }
  @inline(__always) static func *= (a: inout Self, b: Self) { a = twin_multiply_float16(a, b) }
  @inline(__always) static func * (a: Self, b: Float) -> Self { twin_multiply_float16(a, twin_splat_float16(b)) }
  @inline(__always) static func * (a: Float, b: Self) -> Self { twin_multiply_float16(twin_splat_float16(a), b) }
  @inline(__always) func squareRoot() -> Self { twin_square_root_float16(self) }
  @inline(__always) func addingProduct(_ a: Self, _ b: Self) -> Self { twin_multiply_add_float16(self, a, b) }
}

extension SIMD4 where Scalar == Double {
  @inline(__always) static func + (a: Self, b: Self) -> Self { twin_add_double4(a, b) }
  @inline(__always) static func - (a: Self, b: Self) -> Self { twin_subtract_double4(a, b) }
  @inline(__always) static func * (a: Self, b: Self) -> Self { twin_multiply_double4(a, b) }
  @inline(__always) func squareRoot() -> Self { twin_square_root_double4(self) }
  @inline(__always) func addingProduct(_ a: Self, _ b: Self) -> Self { twin_multiply_add_double4(self, a, b) }
}

extension SIMD8 where Scalar == Double {
  @inline(__always) static func + (a: Self, b: Self) -> Self { twin_add_double8(a, b) }
  @inline(__always) static func - (a: Self, b: Self) -> Self { twin_subtract_double8(a, b) }
  @inline(__always) static func * (a: Self, b: Self) -> Self { twin_multiply_double8(a, b) }
  @inline(__always) func squareRoot() -> Self { twin_square_root_double8(self) }
  @inline(__always) func addingProduct(_ a: Self, _ b: Self) -> Self { twin_multiply_add_double8(self, a, b) }
}
