import Tensors

/// A symmetric matrix as Q · T · Qᵀ, T tridiagonal.
struct TridiagonalForm {
  let size: Int
  private(set) var diagonal: [Double]
  /// What stands left of the diagonal in each row; nothing in the first.
  private(set) var beside: [Double]
  /// Qᵀ in panels of sixteen columns, [⌈size / 16⌉, size, 16].
  private(set) var panels: [Double] = []

  /// Columns that are reduced before the rest of the matrix hears of them.
  private static let depth = 32
  /// From this size on a product with the matrix is cut into slices, by the size alone.
  private static let sliced = 768
  private static let slices = 8

  init(_ matrix: [Double], size: Int, times factor: Double, workers: Workers) {
    self.size = size
    diagonal = [Double](repeating: 0, count: size)
    beside = diagonal
    // Rows are read in whole vectors of eight.
    let stride = (size + 7) & ~7
    var a = [Double](repeating: 0, count: size * stride)
    for row in 0..<size { for column in 0...row { a[row * stride + column] = matrix[row * size + column] * factor } }
    var factors = [Double](repeating: 0, count: size)
    a.withUnsafeMutableBufferPointer { a in
      guard let a = a.baseAddress else { return }
      reduce(a, stride, &factors, workers)
      accumulate(a, stride, factors, workers)
    }
  }

  /// From the last row up: row i's first i numbers become its reflection's vector, with the factor 2 / vᵀv beside.
  private mutating func reduce(
    _ a: UnsafeMutablePointer<Double>, _ stride: Int, _ factors: inout [Double], _ workers: Workers
  ) {
    let depth = Self.depth
    let scratch = Scratch(depth: depth, stride: stride, slices: Self.slices)
    defer { scratch.free() }
    var end = size
    while end > 1 {
      let columns = min(depth, end - 1)
      for k in 0..<columns {
        let i = end - 1 - k
        let x = a + i * stride
        let (v, w) = (scratch.v + k * stride, scratch.w + k * stride)
        // What the panel's reflections before did to this row.
        for j in 0..<k {
          let (vj, wj) = (scratch.v + j * stride, scratch.w + j * stride)
          kernels.subtractTwo(x, vj[i], wj, wj[i], vj, i + 1)
        }
        diagonal[i] = x[i]
        v.update(repeating: 0, count: stride)
        w.update(repeating: 0, count: stride)
        factors[i] = Self.reflection(x, i, &beside[i])
        v.update(from: x, count: i)
        guard factors[i] != 0 else { continue }
        product(a, stride, i, v, w, scratch.partial, workers)
        for j in 0..<k {
          let (vj, wj) = (scratch.v + j * stride, scratch.w + j * stride)
          kernels.subtractTwo(w, kernels.dotProduct(wj, v, i), vj, kernels.dotProduct(vj, v, i), wj, i)
        }
        for at in 0..<i { w[at] *= factors[i] }
        let half = 0.5 * factors[i] * kernels.dotProduct(w, v, i)
        for at in 0..<i { w[at] -= half * v[at] }
      }
      end -= columns
      let rows = end
      kernels.packReflections(scratch.v, stride: stride, depth: columns, count: rows, scratch.packedV)
      kernels.packReflections(scratch.w, stride: stride, depth: columns, count: rows, scratch.packedW)
      let chunk = 64
      workers.parallel(slices: (rows + chunk - 1) / chunk) { slice in
        kernels.subtractRankTwo(
          a, stride: stride, first: slice * chunk, last: min(rows, (slice + 1) * chunk), scratch.packedV,
          scratch.packedW, depth: columns)
      }
    }
    diagonal[0] = a[0]
  }

  /// Turns x into the vector v of the reflection 1 − factor · v · vᵀ that leaves of it its last number alone.
  /// - Returns: the factor; 0 where there is nothing to do.
  private static func reflection(_ x: UnsafeMutablePointer<Double>, _ count: Int, _ last: inout Double) -> Double {
    var scale = 0.0
    for at in 0..<count - 1 { scale = max(scale, abs(x[at])) }
    last = x[count - 1]
    guard scale > 0 else {
      for at in 0..<count { x[at] = 0 }
      return 0
    }
    scale = max(scale, abs(last))
    for at in 0..<count { x[at] /= scale }
    let f = x[count - 1]
    let square = kernels.dotProduct(x, x, count)
    let g = f < 0 ? square.squareRoot() : -square.squareRoot()
    last = scale * g
    x[count - 1] = f - g
    return 1 / (square - f * g)
  }

  /// out = A·v for the first `count` rows and columns; slices of the triangle with sums of their own, added in order.
  private func product(
    _ a: UnsafeMutablePointer<Double>, _ stride: Int, _ count: Int, _ v: UnsafeMutablePointer<Double>,
    _ out: UnsafeMutablePointer<Double>, _ partial: UnsafeMutablePointer<Double>, _ workers: Workers
  ) {
    guard count >= Self.sliced else {
      return kernels.addSymmetricProduct(a, stride: stride, first: 0, last: count, v, out)
    }
    let slices = Self.slices
    // Of about the same area: the first k slices end at the row √(k / slices) · count.
    func bound(_ slice: Int) -> Int {
      slice == slices ? count : Int((Double(slice) / Double(slices)).squareRoot() * Double(count)) & ~7
    }
    workers.parallel(slices: slices) { slice in
      let (first, last) = (bound(slice), bound(slice + 1))
      let sums = partial + slice * stride
      sums.update(repeating: 0, count: last)
      kernels.addSymmetricProduct(a, stride: stride, first: first, last: last, v, sums)
    }
    for slice in 0..<slices {
      let sums = partial + slice * stride
      for at in 0..<bound(slice + 1) { out[at] += sums[at] }
    }
  }

  private mutating func accumulate(
    _ a: UnsafeMutablePointer<Double>, _ stride: Int, _ factors: [Double], _ workers: Workers
  ) {
    let size = size
    let blocks = (size + 15) / 16
    panels = [Double](repeating: 0, count: blocks * size * 16)
    panels.withUnsafeMutableBufferPointer { panels in
      guard let panels = panels.baseAddress else { return }
      factors.withUnsafeBufferPointer { factors in
        guard let factors = factors.baseAddress else { return }
        workers.parallel(slices: blocks) { block in
          let columns = UnsafeMutablePointer<Double>.allocate(capacity: size * 16)
          defer { columns.deallocate() }
          kernels.accumulateReflections(columns, size: size, first: block * 16, a, stride: stride, factors)
          for lane in 0..<min(16, size - block * 16) {
            for row in 0..<size {
              panels[((row >> 4) * size + block * 16 + lane) << 4 | row & 15] = columns[row << 4 | lane]
            }
          }
        }
      }
    }
  }
}

/// Vectors of a panel, and their like in packed form.
private struct Scratch {
  let v, w, packedV, packedW, partial: UnsafeMutablePointer<Double>

  init(depth: Int, stride: Int, slices: Int) {
    func make(_ count: Int) -> UnsafeMutablePointer<Double> {
      let made = UnsafeMutablePointer<Double>.allocate(capacity: count)
      made.initialize(repeating: 0, count: count)
      return made
    }
    v = make(depth * stride)
    w = make(depth * stride)
    packedV = make(depth * stride)
    packedW = make(depth * stride)
    partial = make(slices * stride)
  }

  func free() { for part in [v, w, packedV, packedW, partial] { part.deallocate() } }
}
