// Raw pointers, no checks (-Ounchecked): the callers in NeuralNetworks stand behind checked shapes, and allocate 64
// floats behind each buffer's end, since whole vectors are read past it.

typealias V8 = SIMD8<Float>
public typealias Floats = UnsafePointer<Float>
public typealias MutableFloats = UnsafeMutablePointer<Float>

@inline(__always)
func load(_ pointer: UnsafePointer<Float>) -> V8 { UnsafeRawPointer(pointer).loadUnaligned(as: V8.self) }

@inline(__always)
func load(_ pointer: UnsafeMutablePointer<Float>) -> V8 { UnsafeRawPointer(pointer).loadUnaligned(as: V8.self) }

@inline(__always)
func store(_ value: V8, _ pointer: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: V8.self)
}

@inline(__always)
func splat(_ value: Float) -> V8 { V8(repeating: value) }

/// Stores the first `count` lanes, 1...8.
@inline(__always)
func store(_ value: V8, _ pointer: UnsafeMutablePointer<Float>, count: Int) {
  if count >= 8 { return store(value, pointer) }
  for lane in 0..<count { pointer[lane] = value[lane] }
}

@inline(__always)
func greater(_ a: V8, _ b: V8) -> V8 { b.replacing(with: a, where: a .> b) }
