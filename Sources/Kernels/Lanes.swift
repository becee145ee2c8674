import CLanes

infix operator .+ : AdditionPrecedence
infix operator .- : AdditionPrecedence
infix operator .* : MultiplicationPrecedence

/// A vector register's worth of numbers. Kernels are written over it, so that one source serves every width: the lanes
/// never mix, and so no result depends on how many there are.
protocol Lanes {
  associatedtype Scalar
  static var count: Int { get }
  static var zeros: Self { get }
  static func splat(_ value: Scalar) -> Self
  static func load(_ pointer: UnsafePointer<Scalar>) -> Self
  /// The first `count` lanes, zeros in the others; nothing behind them is read.
  static func load(_ pointer: UnsafePointer<Scalar>, count: Int) -> Self
  func store(_ pointer: UnsafeMutablePointer<Scalar>)
  /// Stores the first `count` lanes.
  func store(_ pointer: UnsafeMutablePointer<Scalar>, count: Int)
  /// self + a · b, rounded once.
  func adding(_ a: Self, times b: Self) -> Self
  static func .+ (_ a: Self, _ b: Self) -> Self
  static func .- (_ a: Self, _ b: Self) -> Self
  static func .* (_ a: Self, _ b: Self) -> Self
  var squareRoots: Self { get }
  /// self where x is greater than 0, else `other`; also where x is not a number.
  func replacing(with other: Self, whereNotAbove x: Self) -> Self
}

/// Vectors of floats.
protocol FloatLanes: Lanes where Scalar == Float {
  /// Pools two rows of two vectors to one, with the place of each maximum (the first among equals, as everywhere): 0 and
  /// 1 in the upper row, 2 and 3 in the lower, 4 where relu cut it. Stores the first `count`.
  static func pool(
    _ upperLeft: Self, _ upperRight: Self, _ lowerLeft: Self, _ lowerRight: Self, relu: Bool,
    _ y: UnsafeMutablePointer<Float>, _ codes: UnsafeMutablePointer<UInt8>, _ count: Int)
  /// factor · x + offset of four pixels and the maximum of the four, of one channel a lane: see `channelAffinePool`.
  static func affinePool(
    _ upperLeft: Self, _ upperRight: Self, _ lowerLeft: Self, _ lowerRight: Self, factor: Self, offset: Self,
    relu: Bool,
    _ y: UnsafeMutablePointer<Float>, chosen: UnsafeMutablePointer<Float>?, codes: UnsafeMutablePointer<UInt32>?)
  /// The lanes whose four bits of `codes` have this bit set, zeros in the others.
  func `where`(_ codes: UnsafePointer<UInt32>, bit: Int32) -> Self
  /// Adds each lane to its double.
  func add(to doubles: UnsafeMutablePointer<Double>)
}

extension SIMD8: Lanes, FloatLanes where Scalar == Float {
  @inline(__always) static func .+ (_ a: Self, _ b: Self) -> Self { a + b }
  @inline(__always) static func .- (_ a: Self, _ b: Self) -> Self { a - b }
  @inline(__always) static func .* (_ a: Self, _ b: Self) -> Self { a * b }
  @inline(__always) var squareRoots: Self { squareRoot() }
  @inline(__always) func replacing(with other: Self, whereNotAbove x: Self) -> Self {
    twin_replace_not_above_float8(self, other, x)
  }
  @inline(__always) static func pool(
    _ upperLeft: Self, _ upperRight: Self, _ lowerLeft: Self, _ lowerRight: Self, relu: Bool,
    _ y: UnsafeMutablePointer<Float>, _ codes: UnsafeMutablePointer<UInt8>, _ count: Int
  ) {
    twin_pool_float8(upperLeft, upperRight, lowerLeft, lowerRight, relu, y, codes, count)
  }
  @inline(__always) static func affinePool(
    _ upperLeft: Self, _ upperRight: Self, _ lowerLeft: Self, _ lowerRight: Self, factor: Self, offset: Self,
    relu: Bool,
    _ y: UnsafeMutablePointer<Float>, chosen: UnsafeMutablePointer<Float>?, codes: UnsafeMutablePointer<UInt32>?
  ) {
    twin_pool_pixels_float8(
      upperLeft, upperRight, lowerLeft, lowerRight, offset.adding(upperLeft, times: factor),
      offset.adding(upperRight, times: factor), offset.adding(lowerLeft, times: factor),
      offset.adding(lowerRight, times: factor), relu, y, chosen, codes)
  }
  @inline(__always) func `where`(_ codes: UnsafePointer<UInt32>, bit: Int32) -> Self {
    twin_where_float8(self, codes, bit)
  }
  @inline(__always) func add(to doubles: UnsafeMutablePointer<Double>) {
    for lane in 0..<8 { doubles[lane] += Double(self[lane]) }
  }
  @inline(__always) static func load(_ pointer: UnsafePointer<Float>, count: Int) -> Self {
    if count >= 8 { return load(pointer) }
    var result = zeros
    for lane in 0..<count { result[lane] = pointer[lane] }
    return result
  }
  @inline(__always) static var count: Int { 8 }
  @inline(__always) static var zeros: Self { Self(repeating: 0) }
  @inline(__always) static func splat(_ value: Float) -> Self { Self(repeating: value) }
  @inline(__always) static func load(_ pointer: UnsafePointer<Float>) -> Self {
    UnsafeRawPointer(pointer).loadUnaligned(as: Self.self)
  }
  @inline(__always) func store(_ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: self, as: Self.self)
  }
  @inline(__always) func store(_ pointer: UnsafeMutablePointer<Float>, count: Int) {
    if count >= 8 { return store(pointer) }
    for lane in 0..<count { pointer[lane] = self[lane] }
  }
  @inline(__always) func adding(_ a: Self, times b: Self) -> Self { multiplyAdd(self, a, b) }
}

extension SIMD16: Lanes, FloatLanes where Scalar == Float {
  @inline(__always) static func .+ (_ a: Self, _ b: Self) -> Self { a + b }
  @inline(__always) static func .- (_ a: Self, _ b: Self) -> Self { a - b }
  @inline(__always) static func .* (_ a: Self, _ b: Self) -> Self { a * b }
  @inline(__always) var squareRoots: Self { squareRoot() }
  @inline(__always) func replacing(with other: Self, whereNotAbove x: Self) -> Self {
    twin_replace_not_above_float16(self, other, x)
  }
  @inline(__always) static func pool(
    _ upperLeft: Self, _ upperRight: Self, _ lowerLeft: Self, _ lowerRight: Self, relu: Bool,
    _ y: UnsafeMutablePointer<Float>, _ codes: UnsafeMutablePointer<UInt8>, _ count: Int
  ) {
    twin_pool_float16(upperLeft, upperRight, lowerLeft, lowerRight, relu, y, codes, count)
  }
  @inline(__always) static func affinePool(
    _ upperLeft: Self, _ upperRight: Self, _ lowerLeft: Self, _ lowerRight: Self, factor: Self, offset: Self,
    relu: Bool,
    _ y: UnsafeMutablePointer<Float>, chosen: UnsafeMutablePointer<Float>?, codes: UnsafeMutablePointer<UInt32>?
  ) {
    twin_pool_pixels_float16(
      upperLeft, upperRight, lowerLeft, lowerRight, offset.adding(upperLeft, times: factor),
      offset.adding(upperRight, times: factor), offset.adding(lowerLeft, times: factor),
      offset.adding(lowerRight, times: factor), relu, y, chosen, codes)
  }
  @inline(__always) func `where`(_ codes: UnsafePointer<UInt32>, bit: Int32) -> Self {
    twin_where_float16(self, codes, bit)
  }
  @inline(__always) func add(to doubles: UnsafeMutablePointer<Double>) {
    for lane in 0..<16 { doubles[lane] += Double(self[lane]) }
  }
  @inline(__always) static func load(_ pointer: UnsafePointer<Float>, count: Int) -> Self {
    if count >= 16 { return load(pointer) }
    var result = zeros
    for lane in 0..<count { result[lane] = pointer[lane] }
    return result
  }
  @inline(__always) static var count: Int { 16 }
  @inline(__always) static var zeros: Self { Self(repeating: 0) }
  @inline(__always) static func splat(_ value: Float) -> Self { Self(repeating: value) }
  @inline(__always) static func load(_ pointer: UnsafePointer<Float>) -> Self {
    UnsafeRawPointer(pointer).loadUnaligned(as: Self.self)
  }
  @inline(__always) func store(_ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: self, as: Self.self)
  }
  @inline(__always) func store(_ pointer: UnsafeMutablePointer<Float>, count: Int) {
    if count >= 16 { return store(pointer) }
    if count >= 8 {
      lowHalf.store(pointer)
      return highHalf.store(pointer + 8, count: count - 8)
    }
    lowHalf.store(pointer, count: count)
  }
  @inline(__always) func adding(_ a: Self, times b: Self) -> Self { multiplyAdd(self, a, b) }
}

/// 4 doubles. A type of its own, since `SIMD4` can be `Lanes` of one scalar only.
struct Double4: Lanes {
  var vector: SIMD4<Double>

  @inline(__always) init(_ vector: SIMD4<Double>) { self.vector = vector }

  @inline(__always) static func .+ (_ a: Self, _ b: Self) -> Self { Self(a.vector + b.vector) }
  @inline(__always) static func .- (_ a: Self, _ b: Self) -> Self { Self(a.vector - b.vector) }
  @inline(__always) static func .* (_ a: Self, _ b: Self) -> Self { Self(a.vector * b.vector) }
  @inline(__always) var squareRoots: Self { Self(vector.squareRoot()) }
  @inline(__always) func replacing(with other: Self, whereNotAbove x: Self) -> Self {
    Self(twin_replace_not_above_double4(vector, other.vector, x.vector))
  }
  @inline(__always) static func load(_ pointer: UnsafePointer<Double>, count: Int) -> Self {
    if count >= 4 { return load(pointer) }
    var result = zeros
    for lane in 0..<count { result.vector[lane] = pointer[lane] }
    return result
  }
  @inline(__always) static var count: Int { 4 }
  @inline(__always) static var zeros: Self { Self(SIMD4(repeating: 0)) }
  @inline(__always) static func splat(_ value: Double) -> Self { Self(SIMD4(repeating: value)) }
  @inline(__always) static func load(_ pointer: UnsafePointer<Double>) -> Self {
    Self(UnsafeRawPointer(pointer).loadUnaligned(as: SIMD4<Double>.self))
  }
  @inline(__always) func store(_ pointer: UnsafeMutablePointer<Double>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: SIMD4<Double>.self)
  }
  @inline(__always) func store(_ pointer: UnsafeMutablePointer<Double>, count: Int) {
    if count >= 4 { return store(pointer) }
    for lane in 0..<count { pointer[lane] = vector[lane] }
  }
  @inline(__always) func adding(_ a: Self, times b: Self) -> Self {
    Self(vector.addingProduct(a.vector, b.vector))
  }
}

/// 8 doubles. A type of its own, since `SIMD8` can be `Lanes` of one scalar only.
struct Double8: Lanes {
  var vector: SIMD8<Double>

  @inline(__always) init(_ vector: SIMD8<Double>) { self.vector = vector }

  @inline(__always) static func .+ (_ a: Self, _ b: Self) -> Self { Self(a.vector + b.vector) }
  @inline(__always) static func .- (_ a: Self, _ b: Self) -> Self { Self(a.vector - b.vector) }
  @inline(__always) static func .* (_ a: Self, _ b: Self) -> Self { Self(a.vector * b.vector) }
  @inline(__always) var squareRoots: Self { Self(vector.squareRoot()) }
  @inline(__always) func replacing(with other: Self, whereNotAbove x: Self) -> Self {
    Self(twin_replace_not_above_double8(vector, other.vector, x.vector))
  }
  @inline(__always) static func load(_ pointer: UnsafePointer<Double>, count: Int) -> Self {
    if count >= 8 { return load(pointer) }
    var result = zeros
    for lane in 0..<count { result.vector[lane] = pointer[lane] }
    return result
  }
  @inline(__always) static var count: Int { 8 }
  @inline(__always) static var zeros: Self { Self(SIMD8(repeating: 0)) }
  @inline(__always) static func splat(_ value: Double) -> Self { Self(SIMD8(repeating: value)) }
  @inline(__always) static func load(_ pointer: UnsafePointer<Double>) -> Self {
    Self(UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Double>.self))
  }
  @inline(__always) func store(_ pointer: UnsafeMutablePointer<Double>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: SIMD8<Double>.self)
  }
  @inline(__always) func store(_ pointer: UnsafeMutablePointer<Double>, count: Int) {
    if count >= 8 { return store(pointer) }
    for lane in 0..<count { pointer[lane] = vector[lane] }
  }
  @inline(__always) func adding(_ a: Self, times b: Self) -> Self {
    Self(vector.addingProduct(a.vector, b.vector))
  }
}
