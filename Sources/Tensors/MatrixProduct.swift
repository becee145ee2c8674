/// Where a matrix stands: element (row, column) at `start[row · stride + column]`, or where it is transposed at
/// `start[column · stride + row]`.
public struct MatrixOperand<Scalar> {
  public var start: UnsafePointer<Scalar>
  /// Elements from one row (column, if transposed) to the next.
  public var stride: Int
  public var isTransposed: Bool

  public init(_ start: UnsafePointer<Scalar>, stride: Int, isTransposed: Bool = false) {
    self.start = start
    self.stride = stride
    self.isTransposed = isTransposed
  }

  /// The same matrix without its first rows and columns.
  func from(row: Int, column: Int) -> Self {
    Self(
      start + (isTransposed ? column * stride + row : row * stride + column), stride: stride,
      isTransposed: isTransposed)
  }

  var transposed: Self { Self(start, stride: stride, isTransposed: !isTransposed) }
}

/// The blocks of a product: they keep the packed panels in the caches and cannot be seen in any result.
private enum Block {
  static let depth = 256
  static let rows = 192
  static let columns = 1024
}

/// Floats and doubles: which panels the kernels want of them.
public protocol ProductScalar: BitwiseCopyable {
  static var zero: Self { get }
  /// Columns of C that a kernel makes at once: the width of a panel.
  static func tileColumns(_ kernels: any KernelSet.Type) -> Int
  /// The same with A's rows read where they stand; false where there is no kernel for it.
  static func multiplyRows(
    _ kernels: any KernelSet.Type, _ a: UnsafePointer<Self>, _ places: UnsafePointer<Int>,
    _ panels: UnsafePointer<Self>,
    depth: Int, rows: Int, columns: Int, _ c: UnsafeMutablePointer<Self>, stride: Int, adds: Bool
  ) -> Bool
  /// Panels of `lanes` columns, filled up with zeros, as the kernels read them one after the other.
  static func packPanels(
    _ kernels: any KernelSet.Type, _ from: UnsafePointer<Self>, stride: Int, isAcross: Bool, lanes: Int, depth: Int,
    width: Int, _ out: UnsafeMutablePointer<Self>)
  /// C = A · B, or C + A · B if it `adds`, of packed panels; `stride` from one row of C to the next.
  static func multiplyPanels(
    _ kernels: any KernelSet.Type, _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, depth: Int, rows: Int,
    columns: Int, _ c: UnsafeMutablePointer<Self>, stride: Int, adds: Bool)
}

extension Float: ProductScalar {
  public static func multiplyRows(
    _ kernels: any KernelSet.Type, _ a: UnsafePointer<Self>, _ places: UnsafePointer<Int>,
    _ panels: UnsafePointer<Self>,
    depth: Int, rows: Int, columns: Int, _ c: UnsafeMutablePointer<Self>, stride: Int, adds: Bool
  ) -> Bool {
    kernels.panelProduct(
      a, places, rows, segments: 1, segmentStride: 0, depth: depth, panels, filters: columns, c, outStride: stride,
      adds: adds)
    return true
  }
  public static func tileColumns(_ kernels: any KernelSet.Type) -> Int { kernels.tileColumns }
  public static func packPanels(
    _ kernels: any KernelSet.Type, _ from: UnsafePointer<Self>, stride: Int, isAcross: Bool, lanes: Int, depth: Int,
    width: Int, _ out: UnsafeMutablePointer<Self>
  ) {
    kernels.packPanels(from, stride: stride, isAcross: isAcross, lanes: lanes, depth: depth, width: width, out)
  }
  public static func multiplyPanels(
    _ kernels: any KernelSet.Type, _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, depth: Int, rows: Int,
    columns: Int, _ c: UnsafeMutablePointer<Self>, stride: Int, adds: Bool
  ) {
    kernels.multiplyPanels(a, b, depth: depth, rows: rows, columns: columns, c, stride: stride, adds: adds)
  }
}

extension Double: ProductScalar {
  public static func multiplyRows(
    _ kernels: any KernelSet.Type, _ a: UnsafePointer<Self>, _ places: UnsafePointer<Int>,
    _ panels: UnsafePointer<Self>,
    depth: Int, rows: Int, columns: Int, _ c: UnsafeMutablePointer<Self>, stride: Int, adds: Bool
  ) -> Bool { false }
  public static func tileColumns(_ kernels: any KernelSet.Type) -> Int { kernels.doubleTileColumns }
  public static func packPanels(
    _ kernels: any KernelSet.Type, _ from: UnsafePointer<Self>, stride: Int, isAcross: Bool, lanes: Int, depth: Int,
    width: Int, _ out: UnsafeMutablePointer<Self>
  ) {
    kernels.packPanels(from, stride: stride, isAcross: isAcross, lanes: lanes, depth: depth, width: width, out)
  }
  public static func multiplyPanels(
    _ kernels: any KernelSet.Type, _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, depth: Int, rows: Int,
    columns: Int, _ c: UnsafeMutablePointer<Self>, stride: Int, adds: Bool
  ) {
    kernels.multiplyPanels(a, b, depth: depth, rows: rows, columns: columns, c, stride: stride, adds: adds)
  }
}

/// C = A · B, or C + A · B where `adds`, row-major, on the calling thread: A [rows, inner], B [inner, columns].
///
/// Each element of C is one chain of multiply-adds, each rounded once, in the order of the inner index, from 0 or from
/// what stands in C: c ← fma(a, b, c). No result depends on the sizes of the others, on blocks, threads or kernels.
/// After van Zee and van de Geijn 2015, "BLIS: a framework for rapidly instantiating BLAS functionality".
///
/// - Parameters:
///   - stride: from one row of C to the next.
///   - kernels: for tests; those of this processor otherwise.
///   - goesOn: asked between blocks of some milliseconds; once it says no, the rest of C is left as it is.
public func matrixProduct<Scalar: ProductScalar>(
  rows: Int, columns: Int, inner: Int, _ a: MatrixOperand<Scalar>, _ b: MatrixOperand<Scalar>,
  _ c: UnsafeMutablePointer<Scalar>, stride: Int, adds: Bool = false, kernels: any KernelSet.Type = Tensors.kernels,
  goesOn: () -> Bool = { true }
) {
  guard rows > 0, columns > 0 else { return }
  guard inner > 0 else {
    if !adds { for row in 0..<rows { (c + row * stride).update(repeating: .zero, count: columns) } }
    return
  }
  let (height, width) = (kernels.tileRows, Scalar.tileColumns(kernels))
  if rows <= 96, columns <= 96, inner <= Block.depth, !a.isTransposed {
    // Each of A's rows is used a few times: to copy them would take longer than it spares.
    let padded = (columns + width - 1) / width * width
    let places = (rows + kernels.panelRows - 1) / kernels.panelRows * kernels.panelRows
    let isDone = withUnsafeTemporaryAllocation(of: Int.self, capacity: places) { table in
      for row in 0..<places { table[row] = min(row, rows - 1) * a.stride }
      return withUnsafeTemporaryAllocation(of: Scalar.self, capacity: padded * inner) { panels in
        guard let places = table.baseAddress, let panels = panels.baseAddress else { return false }
        Scalar.packPanels(
          kernels, b.start, stride: b.stride, isAcross: !b.isTransposed, lanes: columns, depth: inner, width: width,
          panels)
        return Scalar.multiplyRows(
          kernels, a.start, UnsafePointer(places), UnsafePointer(panels), depth: inner, rows: rows, columns: columns, c,
          stride: stride, adds: adds)
      }
    }
    if isDone { return }
  }
  func whole(_ count: Int, _ unit: Int) -> Int { (count + unit - 1) / unit * unit }
  let depth = min(inner, Block.depth)
  let across = whole(min(columns, Block.columns), width)
  let down = whole(min(rows, Block.rows), height)
  withUnsafeTemporaryAllocation(
    byteCount: (across + down) * depth * MemoryLayout<Scalar>.stride + 64, alignment: 64
  ) { memory in
    guard let start = memory.baseAddress else { return }
    let panels = start.bindMemory(to: Scalar.self, capacity: (across + down) * depth)
    let lines = panels + across * depth
    for left in Swift.stride(from: 0, to: columns, by: Block.columns) {
      let columnCount = min(Block.columns, columns - left)
      for first in Swift.stride(from: 0, to: inner, by: Block.depth) {
        let steps = min(Block.depth, inner - first)
        Scalar.packPanels(
          kernels, b.from(row: first, column: left).start, stride: b.stride, isAcross: !b.isTransposed,
          lanes: columnCount, depth: steps, width: width, panels)
        for top in Swift.stride(from: 0, to: rows, by: Block.rows) {
          guard goesOn() else { return }
          let rowCount = min(Block.rows, rows - top)
          Scalar.packPanels(
            kernels, a.from(row: top, column: first).start, stride: a.stride, isAcross: a.isTransposed,
            lanes: rowCount, depth: steps, width: height, lines)
          Scalar.multiplyPanels(
            kernels, lines, panels, depth: steps, rows: rowCount, columns: columnCount, c + top * stride + left,
            stride: stride, adds: adds || first > 0)
        }
      }
    }
  }
}
