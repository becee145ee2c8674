import KernelInterface

// Raw pointers, no checks (-Ounchecked): the callers stand behind checked shapes, and allocate 64 floats behind each
// buffer's end, since whole vectors are read past it.

typealias V8 = SIMD8<Float>

@inline(__always)
func load(_ pointer: UnsafePointer<Float>) -> V8 { V8.load(pointer) }

@inline(__always)
func load(_ pointer: UnsafeMutablePointer<Float>) -> V8 { V8.load(pointer) }

@inline(__always)
func store(_ value: V8, _ pointer: UnsafeMutablePointer<Float>) { value.store(pointer) }

@inline(__always)
func splat(_ value: Float) -> V8 { V8(repeating: value) }

/// Stores the first `count` lanes, 1...8.
@inline(__always)
func store(_ value: V8, _ pointer: UnsafeMutablePointer<Float>, count: Int) { value.store(pointer, count: count) }

@inline(__always)
func greater(_ a: V8, _ b: V8) -> V8 { b.replacing(with: a, where: a .> b) }
