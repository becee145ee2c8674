/// One compilation of the kernels, as a table of functions: what each does stands where it is written, in the file that
/// the group is named after (`Sources/Kernels`). A new kernel is its function there and its line here.
///
/// Every set gives the same bits (Documentation/numerics.md), so that which one runs can be seen by a clock alone.
public protocol KernelSet: Sendable {
  /// "portable", "avx2" or "avx512", as `TWINBOOK_KERNELS` names them.
  static var name: String { get }

  // Products of panels: Panels.swift
  static var panelWidth: Int { get }
  static var panelRows: Int { get }
  static func panelProduct(
    _ a: Floats, _ rows: UnsafePointer<Int>, _ rowCount: Int, segments: Int, segmentStride: Int, depth: Int,
    _ panels: Floats, filters: Int, _ out: MutableFloats, outStride: Int, adds: Bool)
  static func panelGradient(
    _ a: Floats, _ taps: UnsafePointer<Int>, _ tapCount: Int, lines: Int, aLine: Int, bLine: Int, steps: Int,
    aStep: Int, bStep: Int, _ b: Floats, filters: Int, _ out: MutableFloats)

  // Matrix products: MatrixTiles.swift
  static var tileRows: Int { get }
  static var tileColumns: Int { get }
  static var doubleTileColumns: Int { get }
  static func packPanels(
    _ from: Floats, stride: Int, isAcross: Bool, lanes: Int, depth: Int, width: Int, _ out: MutableFloats)
  static func packPanels(
    _ from: UnsafePointer<Double>, stride: Int, isAcross: Bool, lanes: Int, depth: Int, width: Int,
    _ out: UnsafeMutablePointer<Double>)
  static func multiplyPanels(
    _ a: Floats, _ b: Floats, depth: Int, rows: Int, columns: Int, _ c: MutableFloats, stride: Int, adds: Bool)
  static func multiplyPanels(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, depth: Int, rows: Int, columns: Int,
    _ c: UnsafeMutablePointer<Double>, stride: Int, adds: Bool)

  // Winograd's transforms: Winograd.swift
  static func winogradInput(
    _ x: Floats, _ s: ImageTiles, first: Int, count: Int, _ out: MutableFloats, outStride: Int,
    _ scratch: MutableFloats)
  static func winogradOutput(
    _ m: MutableFloats, mStride: Int, _ s: ImageTiles, first: Int, count: Int, _ y: MutableFloats,
    _ scratch: MutableFloats)
  static func winogradGradient(
    _ dy: Floats, _ s: ImageTiles, first: Int, count: Int, _ out: MutableFloats, outStride: Int,
    _ scratch: MutableFloats)
  static func winogradInputGradient(
    _ p: MutableFloats, pStride: Int, _ s: ImageTiles, first: Int, count: Int, _ dx: MutableFloats,
    _ scratch: MutableFloats)

  // Their weights: WinogradWeights.swift
  static func winogradWeights(
    _ w: Floats, filters: Int, channels: Int, transposed: Bool, rows: Int, panel: Int, _ out: MutableFloats,
    outStride: Int)
  static func winogradFewTiles(
    _ v: Floats, vStride: Int, tiles: Int, channels: Int, _ weights: Floats, filters: Int, _ out: MutableFloats,
    outStride: Int, outCount: Int)
  static func winogradWeightGradient(
    _ u: Floats, uStride: Int, filters: Int, channels: Int, paddedFilters: Int, _ out: MutableFloats)
  static func winogradBlockWeights(
    _ w: Floats, _ block: WinogradBlock, filters: Int, channels: Int, transposed: Bool, rows: Int, panel: Int,
    _ out: MutableFloats, outStride: Int)
  static func winogradBlockWeightGradient(
    _ u: Floats, _ block: WinogradBlock, uStride: Int, filters: Int, channels: Int, paddedFilters: Int,
    _ out: MutableFloats)

  // Fourier's transforms of tiles: Fourier.swift, FourierWeights.swift
  static var fourierPoints: Int { get }
  static func fourierScratch(channels: Int) -> Int
  static func fourierInput(
    _ x: Floats, _ s: ImageTiles, size: Int, gradient: Bool, first: Int, count: Int, _ out: MutableFloats,
    outStride: Int, _ scratch: MutableFloats)
  static func fourierOutput(
    _ p: Floats, pStride: Int, _ s: ImageTiles, size: Int, adds: Bool, first: Int, count: Int, _ y: MutableFloats,
    _ scratch: MutableFloats)
  static func fourierWeights(
    _ w: Floats, kernelHeight: Int, kernelWidth: Int, filters: Int, channels: Int, transposed: Bool, rows: Int,
    panel: Int, _ out: MutableFloats, outStride: Int)
  static func fourierCombine(_ k: Floats, count: Int, _ re: MutableFloats, _ im: MutableFloats)
  static func fourierWeightGradient(
    _ u: Floats, uStride: Int, kernelHeight: Int, kernelWidth: Int, filters: Int, channels: Int, paddedFilters: Int,
    _ out: MutableFloats)

  // Convolution, relu and pooling in one pass: DirectConvolution.swift
  static func packDirectWeights(_ weights: Floats, _ shape: DirectShape, into packed: MutableFloats)
  static func convPoolForward(
    _ x: Floats, _ shape: DirectShape, _ packed: Floats, _ bias: Floats, relu: Bool, _ y: MutableFloats,
    _ codes: UnsafeMutablePointer<UInt8>)

  // Its gradient: SparseGradient.swift
  static func listGradients(
    _ gradient: Floats, _ codes: UnsafePointer<UInt8>, rows: Int, columns: Int, width: Int, channels: Int,
    _ offsets: UnsafeMutablePointer<Int32>, _ values: MutableFloats
  ) -> Int
  static func sparseWeightGradient(
    _ x: Floats, _ offsets: UnsafePointer<Int32>, _ values: Floats, _ count: Int, _ taps: UnsafePointer<Int>,
    _ tapCount: Int, _ gradient: MutableFloats)
  static func sparseInputGradient(
    _ dx: MutableFloats, _ offsets: UnsafePointer<Int32>, _ values: Floats, _ count: Int, _ taps: UnsafePointer<Int>,
    _ tapCount: Int, _ weights: Floats)
  static func channelsLast(_ x: Floats, channels: Int, pixels: Int, _ out: MutableFloats)
  static func channelsFirst(_ x: Floats, channels: Int, pixels: Int, _ out: MutableFloats)

  // Images [height, width, channels]: ChannelsLast.swift
  static func toChannelsLast(_ x: Floats, channels: Int, pixels: Int, padded: Int, _ y: MutableFloats)
  static func toPlanes(_ x: Floats, channels: Int, pixels: Int, padded: Int, _ y: MutableFloats)
  static func channelMoments(
    _ x: Floats, pixels: Int, channels: Int, about: Floats, sums: UnsafeMutablePointer<Double>,
    squares: UnsafeMutablePointer<Double>)
  static func channelAffine(
    _ x: Floats, pixels: Int, channels: Int, factor: Floats, offset: Floats, slope: Float, _ y: MutableFloats)
  static func channelAffinePool(
    _ x: Floats, height: Int, width: Int, channels: Int, factor: Floats, offset: Floats, relu: Bool, _ y: MutableFloats,
    chosen: MutableFloats?, codes: UnsafeMutablePointer<UInt32>?)
  static func channelGradientSums(
    _ dy: Floats, _ x: Floats, pixels: Int, channels: Int, factor: Floats, offset: Floats, slope: Float, mean: Floats,
    sums: UnsafeMutablePointer<Double>, along: UnsafeMutablePointer<Double>)
  static func channelGradient(
    _ dy: Floats, _ x: Floats, pixels: Int, channels: Int, factor: Floats, offset: Floats, slope: Float, a: Floats,
    b: Floats, c: Floats, _ dx: MutableFloats)
  static func channelPoolGradient(
    _ dy: Floats, _ codes: UnsafePointer<UInt32>, _ x: Floats?, height: Int, width: Int, channels: Int, a: Floats,
    b: Floats, c: Floats, _ dx: MutableFloats)

  // Windows in general: Columns.swift
  static func imageToColumns(_ x: Floats, _ s: ColumnsShape, _ columns: MutableFloats)
  static func biasReluPool(
    _ x: Floats, filters: Int, height: Int, width: Int, _ bias: Floats, relu: Bool, _ y: MutableFloats,
    _ codes: UnsafeMutablePointer<UInt8>)

  // Pooling by windows: Pooling.swift
  static func maxPoolForward(_ x: Floats, _ s: ColumnsShape, _ y: MutableFloats, _ places: UnsafeMutablePointer<Int32>)
  static func maxPoolBackward(_ dy: Floats, _ s: ColumnsShape, _ places: UnsafePointer<Int32>, _ dx: MutableFloats)
  static func avgPool(_ x: MutableFloats, _ s: ColumnsShape, _ y: MutableFloats, backward: Bool)
  static func channelMaxPool(
    _ x: Floats, _ s: ColumnsShape, channels: Int, _ y: MutableFloats, _ places: UnsafeMutablePointer<Int32>?)
  static func channelMaxPoolGradient(
    _ dy: Floats, _ s: ColumnsShape, channels: Int, _ places: UnsafePointer<Int32>, _ dx: MutableFloats)
  static func channelAveragePool(_ x: Floats, _ s: ColumnsShape, channels: Int, _ y: MutableFloats)
  static func channelAveragePoolGradient(_ dy: Floats, _ s: ColumnsShape, channels: Int, _ dx: MutableFloats)

  // Number by number: Elementwise.swift
  static func dropoutApply(
    _ x: Floats, _ y: MutableFloats, count: Int, first: UInt32, key: UInt32, threshold: UInt32, scale: Float)
  static func reluForward(_ x: Floats, _ y: MutableFloats, _ count: Int, slope: Float)
  static func reluBackward(_ y: Floats, _ dy: Floats, _ dx: MutableFloats, _ count: Int, slope: Float)
  static func accumulate(_ x: Floats, into y: MutableFloats, _ count: Int)
  static func affine(_ x: Floats, _ y: MutableFloats, _ count: Int, scale: Float, shift: Float)
  static func affine2(_ x: Floats, _ z: Floats, _ y: MutableFloats, _ count: Int, a: Float, b: Float, c: Float)
  static func sum(_ x: Floats, _ count: Int) -> Float
  static func centredDot(_ x: Floats, _ y: Floats, _ count: Int, _ mx: Float, _ my: Float) -> Float

  // Elementary functions of arrays: ArrayFunctions.swift
  static func exp(_ x: Floats, _ y: MutableFloats, _ count: Int)
  static func log(_ x: Floats, _ y: MutableFloats, _ count: Int)
  static func tanh(_ x: Floats, _ y: MutableFloats, _ count: Int)
  static func sigmoid(_ x: Floats, _ y: MutableFloats, _ count: Int)

  // Steps of optimisers: Optimisers.swift
  static func sgdUpdate(
    _ w: MutableFloats, _ g: Floats, _ velocity: MutableFloats, count: Int, rate: Float, momentum: Float,
    nesterov: Bool, decay: Float, scale: Float)
  static func rmspropUpdate(
    _ w: MutableFloats, _ g: Floats, _ square: MutableFloats, count: Int, rate: Float, keep: Float, inside: Float,
    outside: Float, decay: Float, scale: Float)
  static func adamUpdate(
    _ w: MutableFloats, _ g: Floats, _ mean: MutableFloats, _ square: MutableFloats, count: Int, rate: Float,
    beta1: Float, beta2: Float, epsilon: Float, decay: Float, shrink: Float, scale: Float)

  // Distances: PairDistances.swift
  static func packDistancePanel(_ x: Floats, count: Int, width: Int, panel: Int, _ out: MutableFloats)
  static func rowDistances(
    _ x: Floats, rows: Int, width: Int, _ panels: Floats, first: Int, last: Int, _ out: MutableFloats, outStride: Int)

  // A first look at rows in eight bits: ByteRows.swift
  static func nearRows(
    _ rows: UnsafePointer<Int8>, width: Int, groups: Int, terms: UnsafePointer<Int32>, queries: UnsafePointer<Int16>,
    count: Int, bounds: UnsafePointer<Int32>, scratch: UnsafeMutablePointer<Int16>, hits: UnsafeMutablePointer<UInt8>)

  static func byteProduct(_ a: UnsafePointer<Int8>, _ b: UnsafePointer<Int8>, _ width: Int) -> Int32
  static func scatteredRows(
    _ rows: UnsafePointer<UnsafePointer<Int8>>, terms: UnsafePointer<Int32>, count: Int, width: Int,
    query: UnsafePointer<Int16>, _ out: UnsafeMutablePointer<Int32>)

  // Parts of a symmetric matrix's decomposition, in doubles: SymmetricReduction.swift
  static func dotProduct(_ x: Reals, _ y: Reals, _ count: Int) -> Double
  static func subtractTwo(_ out: MutableReals, _ a: Double, _ x: Reals, _ b: Double, _ y: Reals, _ count: Int)
  static func addSymmetricProduct(
    _ a: Reals, stride: Int, first: Int, last: Int, _ v: Reals, _ out: MutableReals)
  static func packReflections(_ x: Reals, stride: Int, depth: Int, count: Int, _ out: MutableReals)
  static func subtractRankTwo(
    _ a: MutableReals, stride: Int, first: Int, last: Int, _ v: Reals, _ w: Reals, depth: Int)
  static func accumulateReflections(
    _ q: MutableReals, size: Int, first: Int, _ vectors: Reals, stride: Int, _ factors: Reals)
  static func rotateRows(_ z: MutableReals, _ sweeps: UnsafePointer<Int>, count: Int, _ rotations: Reals)

  // A face detector: Detection.swift
  static func accumulateBytes(_ bytes: UnsafePointer<UInt8>, _ count: Int, weight: Float, into out: MutableFloats)
  static func narrowRow(
    _ row: Floats, starts: UnsafePointer<Int>, counts: UnsafePointer<Int>, _ weights: Floats, stride: Int, width: Int,
    scale: Float, shift: Float, _ out: MutableFloats)
  static func samplePatch(
    _ pixels: UnsafePointer<UInt8>, width: Int, height: Int, top: Float, left: Float, rowStep: Float, columnStep: Float,
    side: Int, _ out: MutableFloats)
  static func biasPReLU(_ x: MutableFloats, pixels: Int, channels: Int, bias: Floats, slope: Floats)
  static func preluPoolRow(
    _ x: Floats, width: Int, rows: Int, rowStride: Int, stride: Int, window: Int, bias: Floats, slope: Floats,
    channels: Int, outWidth: Int, _ out: MutableFloats)
}

public typealias Floats = UnsafePointer<Float>
public typealias MutableFloats = UnsafeMutablePointer<Float>
public typealias Reals = UnsafePointer<Double>
public typealias MutableReals = UnsafeMutablePointer<Double>
