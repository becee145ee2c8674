import Tensors

/// The implicit QL iteration on a tridiagonal matrix. Its rotations are kept and applied to the vectors in batches, sixteen
/// columns at a time: columns know nothing of each other, so that neither batches nor threads can be seen in the result.
struct QLIteration {
  private var d: [Double]
  /// e[i] stands between i and i + 1.
  private var e: [Double]
  private var panels: [Double]
  private let size: Int
  private let workers: Workers

  /// The row that each kept sweep begins with, and the number of its rotations; cosines and sines.
  private var sweeps: [Int] = []
  private var rotations: [Double] = []
  private static let batch = 1 << 18

  /// - Returns: eigenvalues, and eigenvectors as rows in panels of sixteen columns; nil where the iteration does not end.
  static func run(_ form: TridiagonalForm, workers: Workers) -> (values: [Double], panels: [Double])? {
    var iteration = QLIteration(form, workers)
    guard iteration.solve() else { return nil }
    iteration.apply()
    return (iteration.d, iteration.panels)
  }

  private init(_ form: TridiagonalForm, _ workers: Workers) {
    size = form.size
    d = form.diagonal
    e = Array(form.beside.dropFirst()) + [0]
    panels = form.panels
    self.workers = workers
  }

  private mutating func solve() -> Bool {
    var norm = 0.0
    for i in 0..<size { norm = max(norm, abs(d[i]) + abs(e[i])) }
    // What is less changes no eigenvalue by more than the rounding of the reflections did.
    let least = norm * Double.ulpOfOne / 2
    for first in 0..<size {
      var steps = 0
      while true {
        var last = first
        while last + 1 < size, !(abs(e[last]) <= least || isSmall(last)) { last += 1 }
        if last == first { break }
        // Some two steps suffice on average; EISPACK gives up after thirty.
        guard steps < 60 else { return false }
        steps += 1
        sweep(first, last)
        if rotations.count >= 2 * Self.batch { apply() }
      }
    }
    return true
  }

  private func isSmall(_ i: Int) -> Bool {
    abs(e[i]) <= Double.ulpOfOne / 2 * (abs(d[i]) + abs(d[i + 1]))
  }

  /// One step from `last` up to `first`, with Wilkinson's shift.
  private mutating func sweep(_ first: Int, _ last: Int) {
    var g = (d[first + 1] - d[first]) / (2 * e[first])
    let root = Self.length(g, 1)
    g = d[last] - d[first] + e[first] / (g + (g < 0 ? -root : root))
    var (s, c, p) = (1.0, 1.0, 0.0)
    var i = last - 1
    var done = 0
    while i >= first {
      let f = s * e[i]
      let b = c * e[i]
      let r = Self.length(f, g)
      e[i + 1] = r
      if r == 0 {
        // Both vanished: the matrix falls apart here.
        d[i + 1] -= p
        e[last] = 0
        break
      }
      s = f / r
      c = g / r
      g = d[i + 1] - p
      let t = (d[i] - g) * s + 2 * c * b
      p = s * t
      d[i + 1] = g + p
      g = c * t - b
      rotations.append(c)
      rotations.append(s)
      done += 1
      i -= 1
    }
    if i < first {
      d[first] -= p
      e[first] = g
      e[last] = 0
    }
    if done > 0 { sweeps += [last, done] }
  }

  /// √(a² + b²), without overflow.
  private static func length(_ a: Double, _ b: Double) -> Double {
    let (x, y) = (abs(a), abs(b))
    let (more, less) = x > y ? (x, y) : (y, x)
    guard more > 0 else { return 0 }
    let share = less / more
    return more * (1 + share * share).squareRoot()
  }

  private mutating func apply() {
    let (size, count) = (size, sweeps.count / 2)
    panels.withUnsafeMutableBufferPointer { panels in
      sweeps.withUnsafeBufferPointer { sweeps in
        rotations.withUnsafeBufferPointer { rotations in
          guard count > 0, let panels = panels.baseAddress, let sweeps = sweeps.baseAddress,
            let rotations = rotations.baseAddress
          else { return }
          workers.parallel(slices: (size + 15) / 16) { block in
            kernels.rotateRows(panels + block * size * 16, sweeps, count: count, rotations)
          }
        }
      }
    }
    sweeps.removeAll(keepingCapacity: true)
    rotations.removeAll(keepingCapacity: true)
  }
}
