import KernelInterface
import Tensors

/// The kernels as the face detector asks for them.
enum FaceKernel {
  static func product(
    _ a: Floats, _ rows: UnsafePointer<Int>, _ rowCount: Int, segments: Int, segmentStride: Int, depth: Int,
    _ panels: Floats, filters: Int, _ out: MutableFloats, outStride: Int
  ) {
    kernels.panelProduct(
      a, rows, rowCount, segments: segments, segmentStride: segmentStride, depth: depth, panels, filters: filters,
      out, outStride: outStride, adds: false)
  }

  static func accumulate(_ bytes: UnsafePointer<UInt8>, _ count: Int, weight: Float, into out: MutableFloats) {
    kernels.accumulateBytes(bytes, count, weight: weight, into: out)
  }

  static func narrow(_ row: Floats, _ areas: AreaWeights, scale: Float, shift: Float, _ out: MutableFloats) {
    kernels.narrowRow(
      row, starts: areas.starts, counts: areas.counts, areas.values, stride: areas.stride, width: areas.starts.count,
      scale: scale, shift: shift, out)
  }

  static func sample(
    _ pixels: UnsafePointer<UInt8>, width: Int, height: Int, top: Float, left: Float, rowStep: Float,
    columnStep: Float, side: Int, _ out: MutableFloats
  ) {
    kernels.samplePatch(
      pixels, width: width, height: height, top: top, left: left, rowStep: rowStep, columnStep: columnStep,
      side: side, out)
  }

  static func prelu(_ x: MutableFloats, pixels: Int, _ layer: PanelLayer) {
    kernels.biasPReLU(x, pixels: pixels, channels: layer.width, bias: layer.bias, slope: layer.slope)
  }

  static func preluPool(
    _ x: Floats, width: Int, rows: Int, rowStride: Int, window: Int, _ layer: PanelLayer, outWidth: Int,
    _ out: MutableFloats
  ) {
    kernels.preluPoolRow(
      x, width: width, rows: rows, rowStride: rowStride, stride: layer.width, window: window, bias: layer.bias,
      slope: layer.slope, channels: layer.filters, outWidth: outWidth, out)
  }
}
