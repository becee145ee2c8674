import KernelInterface

// The one file that differs between Kernels, KernelsAVX2 and KernelsAVX512.

/// The kernels for processors with AVX-512 (x86-64-v4): thirty-two registers of sixteen floats.
public enum Compilation: KernelSet {
  public static let name = "avx512"
}

typealias Wide = SIMD16<Float>
typealias WideDouble = Double8
/// Rows of a product that stand in registers together: two vectors each.
typealias TallTile = Tile<12, 24>
typealias MiddleTile = Tile<8, 16>
typealias LowTile = Tile<4, 8>
/// Filters of `convPoolForward` whose sums stand in registers together, in the image and at a row's end.
typealias DirectTile = Tile<6, 24>
typealias DirectEdge = Tile<6, 12>
/// Tiles of which a line of sums stands in registers: see `winogradFewTiles`.
let tilesTogether = 4

/// acc + a · b, rounded once, by one `vfmadd`.
@inline(__always)
func multiplyAdd(_ accumulator: V8, _ a: V8, _ b: V8) -> V8 { accumulator.addingProduct(a, b) }

@inline(__always)
func multiplyAdd(_ accumulator: SIMD16<Float>, _ a: SIMD16<Float>, _ b: SIMD16<Float>) -> SIMD16<Float> {
  accumulator.addingProduct(a, b)
}
