/// acc + a · b, rounded twice: a processor without FMA would call `fmaf` once an element otherwise.
///
/// The one file that differs between Kernels and KernelsAVX2.
@inline(__always)
func multiplyAdd(_ accumulator: V8, _ a: V8, _ b: V8) -> V8 { accumulator + a * b }
