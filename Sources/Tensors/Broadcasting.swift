/// The shape that two shapes broadcast to, as NumPy has it; nil where they do not fit.
public func broadcastShape(_ a: [Int], _ b: [Int]) -> [Int]? {
  if a == b { return a }
  let (long, short) = a.count >= b.count ? (a, b) : (b, a)
  var result = long
  let lead = long.count - short.count
  for i in 0..<short.count {
    let (x, y) = (long[lead + i], short[i])
    if x == y || y == 1 { continue }
    guard x == 1 else { return nil }
    result[lead + i] = y
  }
  return result
}

/// Row-major strides of a shape.
func strides(of shape: [Int]) -> [Int] {
  var result = shape
  var step = 1
  for axis in stride(from: shape.count - 1, through: 0, by: -1) {
    result[axis] = step
    step *= max(1, shape[axis])
  }
  return result
}

/// From a flat index of a broadcast shape to the flat index of the tensor that was stretched.
public struct BroadcastIndex: Sendable {
  private var lengths: [Int]
  private var steps: [Int]

  /// Both shapes have to be compatible, `from` with no more axes than `to`.
  public init(from: [Int], to: [Int]) {
    let own = strides(of: from)
    let lead = to.count - from.count
    lengths = to
    steps = to.indices.map { $0 < lead || from[$0 - lead] == 1 ? 0 : own[$0 - lead] }
  }

  /// - Parameter flat: a place in the broadcast shape, row-major.
  public func offset(_ flat: Int) -> Int {
    var (rest, result) = (flat, 0)
    for axis in stride(from: lengths.count - 1, through: 0, by: -1) {
      let length = max(1, lengths[axis])
      result += rest % length * steps[axis]
      rest /= length
    }
    return result
  }
}

/// Copies `source` (row-major, of any shape) read with `steps` per axis of `shape` into `out`, row by row.
/// - Throws: `TensorError.interrupted`.
func copyStrided<Number: BitwiseCopyable>(
  _ source: UnsafePointer<Number>, shape: [Int], steps: [Int], to out: UnsafeMutablePointer<Number>
) throws {
  let count = shape.reduce(1, *)
  guard count > 0 else { return }
  guard let inner = shape.last, let innerStep = steps.last else {
    out.pointee = source.pointee
    return
  }
  let rows = count / inner
  let outer = shape.count - 1
  // Rows are cut by size alone.
  let slices = count < 1 << 18 ? 1 : min(max(64, count >> 20), rows)
  let each = (rows + slices - 1) / slices
  try LongWork.parallel(slices: slices) { slice in
    let (first, last) = (slice * each, min(rows, (slice + 1) * each))
    guard first < last else { return }
    var index = [Int](repeating: 0, count: outer)
    var rest = first
    var offset = 0
    for axis in stride(from: outer - 1, through: 0, by: -1) {
      index[axis] = rest % shape[axis]
      rest /= shape[axis]
      offset += index[axis] * steps[axis]
    }
    for row in first..<last {
      let from = source + offset
      let to = out + row * inner
      if innerStep == 1 {
        to.update(from: from, count: inner)
      } else if innerStep == 0 {
        to.update(repeating: from.pointee, count: inner)
      } else {
        for i in 0..<inner { to[i] = from[i * innerStep] }
      }
      for axis in stride(from: outer - 1, through: 0, by: -1) {
        index[axis] += 1
        offset += steps[axis]
        if index[axis] < shape[axis] { break }
        offset -= steps[axis] * shape[axis]
        index[axis] = 0
      }
    }
  }
}
