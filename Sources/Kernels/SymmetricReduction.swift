import KernelInterface

// The inner loops of the decomposition of a symmetric matrix, in doubles: products and sums only, none of them fused, each
// output in one order, so that every compilation, and any cut into slices, gives the same bits.

typealias D8 = SIMD8<Double>
typealias D16 = SIMD16<Double>

extension Compilation {
  /// Σ x·y over eight lanes and a rest.
  public static func dotProduct(_ x: Reals, _ y: Reals, _ count: Int) -> Double {
    var lanes = D8.zero
    var at = 0
    while at + 8 <= count {
      lanes += load8(x + at) * load8(y + at)
      at += 8
    }
    var rest = 0.0
    while at < count {
      rest += x[at] * y[at]
      at += 1
    }
    return folded(lanes) + rest
  }

  /// out −= a·x + b·y.
  public static func subtractTwo(_ out: MutableReals, _ a: Double, _ x: Reals, _ b: Double, _ y: Reals, _ count: Int) {
    let (a8, b8) = (D8(repeating: a), D8(repeating: b))
    var at = 0
    while at + 8 <= count {
      store8(load8(out + at) - (a8 * load8(x + at) + b8 * load8(y + at)), out + at)
      at += 8
    }
    while at < count {
      out[at] -= a * x[at] + b * y[at]
      at += 1
    }
  }

  /// out += A·v of a symmetric matrix, for the part of A that stands in the rows first ..< last of its lower triangle: each
  /// number counts for its own row and for that of its mirror image.
  public static func addSymmetricProduct(
    _ a: Reals, stride: Int, first: Int, last: Int, _ v: Reals, _ out: MutableReals
  ) {
    var row = first
    while row < last {
      let rows = min(4, last - row)
      let a0 = a + row * stride
      let whole = row & ~7
      if rows == 4 {
        let (a1, a2, a3) = (a0 + stride, a0 + 2 * stride, a0 + 3 * stride)
        let (v0, v1) = (D8(repeating: v[row]), D8(repeating: v[row + 1]))
        let (v2, v3) = (D8(repeating: v[row + 2]), D8(repeating: v[row + 3]))
        var s0 = D8.zero, s1 = D8.zero, s2 = D8.zero, s3 = D8.zero
        var at = 0
        while at < whole {
          let x = load8(v + at)
          let (p0, p1, p2, p3) = (load8(a0 + at), load8(a1 + at), load8(a2 + at), load8(a3 + at))
          s0 += p0 * x
          s1 += p1 * x
          s2 += p2 * x
          s3 += p3 * x
          store8(load8(out + at) + ((p0 * v0 + p1 * v1) + (p2 * v2 + p3 * v3)), out + at)
          at += 8
        }
        addRest(a0, row, whole, folded(s0), v, out)
        addRest(a1, row + 1, whole, folded(s1), v, out)
        addRest(a2, row + 2, whole, folded(s2), v, out)
        addRest(a3, row + 3, whole, folded(s3), v, out)
      } else {
        for r in row..<row + rows {
          let ar = a + r * stride
          let vr = D8(repeating: v[r])
          var sum = D8.zero
          var at = 0
          while at < whole {
            let p = load8(ar + at)
            sum += p * load8(v + at)
            store8(load8(out + at) + p * vr, out + at)
            at += 8
          }
          addRest(ar, r, whole, folded(sum), v, out)
        }
      }
      row += rows
    }
  }

  /// Vectors of a panel, [depth, stride], as [stride / 8, depth, 8].
  public static func packReflections(_ x: Reals, stride: Int, depth: Int, count: Int, _ out: MutableReals) {
    for block in 0..<(count + 7) / 8 {
      for k in 0..<depth { store8(load8(x + k * stride + block * 8), out + (block * depth + k) * 8) }
    }
  }

  /// A −= V·Wᵀ + W·Vᵀ in the rows first ..< last of the lower triangle, where `first` is divisible by 8. What stands right of
  /// the diagonal loses its meaning.
  ///
  /// - Parameters:
  ///   - v: of `packReflections`, as `w`.
  public static func subtractRankTwo(
    _ a: MutableReals, stride: Int, first: Int, last: Int, _ v: Reals, _ w: Reals, depth: Int
  ) {
    var row = first
    while row < last {
      let rows = min(4, last - row)
      let (vr, wr) = (v + (row >> 3) * depth * 8 + (row & 7), w + (row >> 3) * depth * 8 + (row & 7))
      var column = 0
      while column < row + rows {
        let (vc, wc) = (v + (column >> 3) * depth * 8, w + (column >> 3) * depth * 8)
        let to = a + row * stride + column
        var s0 = load8(to)
        var s1 = rows > 1 ? load8(to + stride) : .zero
        var s2 = rows > 2 ? load8(to + 2 * stride) : .zero
        var s3 = rows > 3 ? load8(to + 3 * stride) : .zero
        for k in 0..<depth {
          let (x, y) = (load8(vc + k * 8), load8(wc + k * 8))
          let (p, q) = (vr + k * 8, wr + k * 8)
          s0 -= D8(repeating: p[0]) * y + D8(repeating: q[0]) * x
          s1 -= D8(repeating: p[1]) * y + D8(repeating: q[1]) * x
          s2 -= D8(repeating: p[2]) * y + D8(repeating: q[2]) * x
          s3 -= D8(repeating: p[3]) * y + D8(repeating: q[3]) * x
        }
        store8(s0, to)
        if rows > 1 { store8(s1, to + stride) }
        if rows > 2 { store8(s2, to + 2 * stride) }
        if rows > 3 { store8(s3, to + 3 * stride) }
        column += 8
      }
      row += rows
    }
  }

  /// Sixteen columns of H(n−1) · … · H(1), where H(i) = 1 − factor(i) · v(i) · v(i)ᵀ has its vector in the first i numbers of
  /// row i of `vectors`.
  ///
  /// - Parameters:
  ///   - q: [size, 16], which gets the columns from `first` on.
  public static func accumulateReflections(
    _ q: MutableReals, size: Int, first: Int, _ vectors: Reals, stride: Int, _ factors: Reals
  ) {
    for row in 0..<size {
      var unit = D16.zero
      if row >= first, row < first + 16 { unit[row - first] = 1 }
      store16(unit, q + row * 16)
    }
    guard first + 1 < size else { return }
    var sums = D16.zero
    var v = vectors + (first + 1) * stride
    for row in 0...first { sums += D16(repeating: v[row]) * load16(q + row * 16) }
    for i in first + 1..<size {
      let share = sums * D16(repeating: factors[i])
      // The next reflection's products are summed in the same pass.
      let next = vectors + min(i + 1, size - 1) * stride
      sums = .zero
      for row in 0..<i {
        let x = load16(q + row * 16) - D16(repeating: v[row]) * share
        store16(x, q + row * 16)
        sums += D16(repeating: next[row]) * x
      }
      if i + 1 < size { sums += D16(repeating: next[i]) * load16(q + i * 16) }
      v = next
    }
  }

  /// Rotations of neighbouring rows of z, [rows, 16]: each sweep goes from its row upwards.
  ///
  /// - Parameters:
  ///   - sweeps: for each the row that it begins with, and how many rotations it has.
  ///   - rotations: cosine and sine of each.
  public static func rotateRows(_ z: MutableReals, _ sweeps: UnsafePointer<Int>, count: Int, _ rotations: Reals) {
    for half in 0..<2 {
      let z = z + half * 8
      var turn = rotations
      var sweep = 0
      while sweep < count {
        let (row, first) = (z + sweeps[2 * sweep] * 16, sweeps[2 * sweep + 1])
        // Two sweeps from the same row go up together, the second a row behind: each row is read and written once.
        if sweep + 1 < count, sweeps[2 * sweep + 2] == sweeps[2 * sweep], first > 1, sweeps[2 * sweep + 3] > 0 {
          let second = sweeps[2 * sweep + 3]
          rotateTwice(row, first, second, turn, turn + 2 * first)
          turn += 2 * (first + second)
          sweep += 2
        } else {
          rotate(row, first, load8(row), turn)
          turn += 2 * first
          sweep += 1
        }
      }
    }
  }
}

@inline(__always)
private func load8(_ pointer: Reals) -> D8 { UnsafeRawPointer(pointer).loadUnaligned(as: D8.self) }

@inline(__always)
private func store8(_ value: D8, _ pointer: MutableReals) {
  UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: D8.self)
}

@inline(__always)
private func load16(_ pointer: Reals) -> D16 { UnsafeRawPointer(pointer).loadUnaligned(as: D16.self) }

@inline(__always)
private func store16(_ value: D16, _ pointer: MutableReals) {
  UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: D16.self)
}

/// The sum of eight lanes, in one order.
@inline(__always)
private func folded(_ x: D8) -> Double {
  ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]))
}

/// The numbers of a row from `from` on, up to and with the diagonal's.
@inline(__always)
private func addRest(_ a: Reals, _ row: Int, _ from: Int, _ sum: Double, _ v: Reals, _ out: MutableReals) {
  var sum = sum
  let vr = v[row]
  var at = from
  while at < row {
    sum += a[at] * v[at]
    out[at] += a[at] * vr
    at += 1
  }
  out[row] += sum + a[row] * vr
}

/// `carried` is what the row holds so far.
@inline(__always)
private func rotate(_ row: MutableReals, _ count: Int, _ carried: D8, _ turn: Reals) {
  var (row, carried, turn) = (row, carried, turn)
  for _ in 0..<count {
    let (c, s) = (D8(repeating: turn[0]), D8(repeating: turn[1]))
    turn += 2
    let above = load8(row - 16)
    store8(s * above + c * carried, row)
    carried = c * above - s * carried
    row -= 16
  }
  store8(carried, row)
}

@inline(__always)
private func rotateTwice(_ row: MutableReals, _ first: Int, _ second: Int, _ turn1: Reals, _ turn2: Reals) {
  var (row, turn1, turn2) = (row, turn1, turn2)
  var carried1 = load8(row)
  var above = load8(row - 16)
  var (c, s) = (D8(repeating: turn1[0]), D8(repeating: turn1[1]))
  turn1 += 2
  var carried2 = s * above + c * carried1
  carried1 = c * above - s * carried1
  // From here on the first sweep stands a row above `row`, which is the second's.
  let both = min(first, second + 1) - 1
  for _ in 0..<both {
    above = load8(row - 32)
    (c, s) = (D8(repeating: turn1[0]), D8(repeating: turn1[1]))
    turn1 += 2
    let done = s * above + c * carried1
    carried1 = c * above - s * carried1
    (c, s) = (D8(repeating: turn2[0]), D8(repeating: turn2[1]))
    turn2 += 2
    store8(s * done + c * carried2, row)
    carried2 = c * done - s * carried2
    row -= 16
  }
  if both == second {
    store8(carried2, row)
    rotate(row - 16, first - 1 - both, carried1, turn1)
  } else {
    store8(carried1, row - 16)
    rotate(row, second - both, carried2, turn2)
  }
}
