/// acc + a · b, rounded once, by one `vfmadd`.
///
/// The one file that differs between Kernels and KernelsAVX2; the others are links.
@inline(__always)
func multiplyAdd(_ accumulator: V8, _ a: V8, _ b: V8) -> V8 { accumulator.addingProduct(a, b) }
