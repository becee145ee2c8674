import KernelInterface

// The one file that differs between Kernels, KernelsAVX2 and KernelsAVX512.

/// The kernels for processors with AVX2 and FMA: sixteen registers of eight floats.
public enum Compilation: KernelSet {
  public static let name = "avx2"
}

typealias Wide = SIMD8<Float>
typealias WideDouble = Double4
/// Rows of a product that stand in registers together: two vectors each.
typealias TallTile = Tile<6, 12>
typealias MiddleTile = Tile<4, 8>
typealias LowTile = Tile<2, 4>
/// Filters of `convPoolForward` whose sums stand in registers together, in the image and at a row's end.
typealias DirectTile = Tile<3, 12>
typealias DirectEdge = Tile<3, 6>
/// Tiles of which a line of sums stands in registers: see `winogradFewTiles`.
let tilesTogether = 2

/// acc + a · b, rounded once, by one `vfmadd`.
@inline(__always)
func multiplyAdd(_ accumulator: V8, _ a: V8, _ b: V8) -> V8 { accumulator.addingProduct(a, b) }

@inline(__always)
func multiplyAdd(_ accumulator: SIMD16<Float>, _ a: SIMD16<Float>, _ b: SIMD16<Float>) -> SIMD16<Float> {
  accumulator.addingProduct(a, b)
}
