import KernelInterface

/// The inner part of a matrix product in the manner of BLIS (Van Zee and van de Geijn 2015): operands are packed into
/// panels as the registers want them, and each result is one chain of multiply-adds in the order of the inner index. A
/// chain goes on from what stands in c, so that blocks of the inner index cannot be seen either.
extension Compilation {
  /// Rows that are packed side by side: a tile takes one, two or three such panels.
  public static var tileRows: Int { LowTile.height }
  public static var tileColumns: Int { 2 * Wide.count }
  public static var doubleTileColumns: Int { 2 * WideDouble.count }

  public static func packPanels(
    _ from: Floats, stride: Int, isAcross: Bool, lanes: Int, depth: Int, width: Int, _ out: MutableFloats
  ) {
    var done = 0
    if !isAcross {
      // Whole panels by shuffles of registers, what is left of lanes and depth one by one.
      let fitting = depth / 8 * 8
      if width == 4 || width == 2 {
        while done + width <= lanes {
          interleave(from + done * stride, stride, depth: fitting, width: width, out + done * depth)
          if fitting < depth {
            pack(
              from + done * stride + fitting, stride, false, width, depth - fitting, width,
              out + done * depth + fitting * width, zero: 0)
          }
          done += width
        }
      } else if width % 8 == 0 {
        while done + width <= lanes {
          for lane in Swift.stride(from: 0, to: width, by: 8) {
            transpose(from + (done + lane) * stride, stride, depth: fitting, width: width, out + done * depth + lane)
          }
          if fitting < depth {
            pack(
              from + done * stride + fitting, stride, false, width, depth - fitting, width,
              out + done * depth + fitting * width, zero: 0)
          }
          done += width
        }
      }
    }
    if isAcross, width % 8 == 0 {
      while done + width <= lanes {
        let panels = min(panelsSideBySide, (lanes - done) / width)
        spread(from + done, stride, panels: panels, depth: depth, width: width, out + done * depth)
        done += panels * width
      }
    }
    if isAcross, width == 4 {
      while done + width <= lanes {
        var line = from + done, place = out + done * depth
        for _ in 0..<depth {
          UnsafeMutableRawPointer(place).storeBytes(
            of: UnsafeRawPointer(line).loadUnaligned(as: SIMD4<Float>.self), as: SIMD4<Float>.self)
          line += stride
          place += width
        }
        done += width
      }
    }
    guard done < lanes else { return }
    pack(
      isAcross ? from + done : from + done * stride, stride, isAcross, lanes - done, depth, width, out + done * depth,
      zero: 0)
  }

  public static func packPanels(
    _ from: UnsafePointer<Double>, stride: Int, isAcross: Bool, lanes: Int, depth: Int, width: Int,
    _ out: UnsafeMutablePointer<Double>
  ) {
    pack(from, stride, isAcross, lanes, depth, width, out, zero: 0)
  }

  public static func multiplyPanels(
    _ a: Floats, _ b: Floats, depth: Int, rows: Int, columns: Int, _ c: MutableFloats, stride: Int, adds: Bool
  ) {
    multiply(Wide.self, a, b, depth, rows, columns, c, stride, adds)
  }

  public static func multiplyPanels(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, depth: Int, rows: Int, columns: Int,
    _ c: UnsafeMutablePointer<Double>, stride: Int, adds: Bool
  ) {
    multiply(WideDouble.self, a, b, depth, rows, columns, c, stride, adds)
  }
}

/// Panels that are packed at a time where a row holds the neighbours of a lane. One panel alone would read sixteen numbers
/// of a row and go on to the next row, which stands in another page: memory is fetched ahead only along longer stretches.
private let panelsSideBySide = 8

/// Rows of neighbouring lanes into panels: out [panels, depth, width].
@inline(__always)
private func spread(_ from: Floats, _ stride: Int, panels: Int, depth: Int, width: Int, _ out: MutableFloats) {
  for step in 0..<depth {
    var line = from + step * stride
    var place = out + step * width
    for _ in 0..<panels {
      for lane in Swift.stride(from: 0, to: width, by: 8) { store(load(line + lane), place + lane) }
      line += width
      place += depth * width
    }
  }
}

/// The first number of the one, of the other, the second of the one …
@inline(__always)
private func interleaved(_ evens: V8, _ odds: V8) -> SIMD16<Float> {
  var both = SIMD16<Float>(lowHalf: evens, highHalf: odds)
  both.evenHalf = evens
  both.oddHalf = odds
  return both
}

@inline(__always)
private func interleaved(_ evens: SIMD16<Float>, _ odds: SIMD16<Float>) -> SIMD32<Float> {
  var both = SIMD32<Float>(lowHalf: evens, highHalf: odds)
  both.evenHalf = evens
  both.oddHalf = odds
  return both
}

/// Two or four lines side by side: out [depth, width].
@inline(__always)
private func interleave(_ from: Floats, _ stride: Int, depth: Int, width: Int, _ out: MutableFloats) {
  var step = 0
  while step < depth {
    let line = from + step
    if width == 2 {
      interleaved(load(line), load(line + stride)).store(out + 2 * step)
    } else {
      let evens = interleaved(load(line), load(line + 2 * stride))
      let odds = interleaved(load(line + stride), load(line + 3 * stride))
      let both = interleaved(evens, odds)
      both.lowHalf.store(out + 4 * step)
      both.highHalf.store(out + 4 * step + 16)
    }
    step += 8
  }
}

/// Lines to columns: three perfect shuffles turn eight by eight numbers over.
@inline(__always)
func turnedOver(_ square: InlineArray<8, V8>) -> InlineArray<8, V8> {
  var lines = square
  for _ in 0..<3 {
    var shuffled = lines
    for pair in 0..<4 {
      let both = interleaved(lines[pair], lines[pair + 4])
      shuffled[2 * pair] = both.lowHalf
      shuffled[2 * pair + 1] = both.highHalf
    }
    lines = shuffled
  }
  return lines
}

/// Eight lines into eight columns of out [depth, width].
@inline(__always)
private func transpose(_ from: Floats, _ stride: Int, depth: Int, width: Int, _ out: MutableFloats) {
  var step = 0
  while step < depth {
    let lines = turnedOver(InlineArray<8, V8> { load(from + $0 * stride + step) })
    for line in 0..<8 { store(lines[line], out + (step + line) * width) }
    step += 8
  }
}

@inline(__always)
private func pack<Scalar>(
  _ from: UnsafePointer<Scalar>, _ stride: Int, _ isAcross: Bool, _ lanes: Int, _ depth: Int, _ width: Int,
  _ out: UnsafeMutablePointer<Scalar>, zero: Scalar
) {
  var first = 0
  var to = out
  while first < lanes {
    let count = min(width, lanes - first)
    if count < width { to.update(repeating: zero, count: depth * width) }
    if isAcross {
      // A lane's neighbours stand side by side.
      var line = from + first
      var place = to
      if count == width {
        for _ in 0..<depth {
          for lane in 0..<width { place[lane] = line[lane] }
          line += stride
          place += width
        }
      } else {
        for _ in 0..<depth {
          for lane in 0..<count { place[lane] = line[lane] }
          line += stride
          place += width
        }
      }
    } else {
      // Four lanes at a time: each is read along its length.
      var lane = 0
      while lane + 4 <= count {
        let line = from + (first + lane) * stride
        let (l0, l1, l2, l3) = (line, line + stride, line + 2 * stride, line + 3 * stride)
        var place = to + lane
        for step in 0..<depth {
          place[0] = l0[step]
          place[1] = l1[step]
          place[2] = l2[step]
          place[3] = l3[step]
          place += width
        }
        lane += 4
      }
      while lane < count {
        let line = from + (first + lane) * stride
        var place = to + lane
        for step in 0..<depth {
          place[0] = line[step]
          place += width
        }
        lane += 1
      }
    }
    first += width
    to += depth * width
  }
}

@inline(__always)
private func multiply<L: Lanes>(
  _: L.Type, _ a: UnsafePointer<L.Scalar>, _ b: UnsafePointer<L.Scalar>, _ depth: Int, _ rows: Int, _ columns: Int,
  _ c: UnsafeMutablePointer<L.Scalar>, _ stride: Int, _ adds: Bool
) {
  let width = 2 * L.count
  // A tile at c's edge is computed here: nothing is read or written past c's end, which may be the caller's memory's.
  withUnsafeTemporaryAllocation(of: L.Scalar.self, capacity: TallTile.height * width) { edge in
    guard let edge = edge.baseAddress else { return }
    // Along c's rows, which is how memory is fetched ahead; the panels of b stay in the second-level cache.
    var row = 0
    while row < rows {
      let left = rows - row
      let lines = a + row * depth
      let to = c + row * stride
      // As in `panelProduct`.
      if left <= LowTile.height {
        line(LowTile.self, L.self, depth, lines, b, left, columns, to, stride, adds, edge)
        row += LowTile.height
      } else if left <= MiddleTile.height || left == 2 * MiddleTile.height {
        line(MiddleTile.self, L.self, depth, lines, b, left, columns, to, stride, adds, edge)
        row += MiddleTile.height
      } else {
        line(TallTile.self, L.self, depth, lines, b, left, columns, to, stride, adds, edge)
        row += TallTile.height
      }
    }
  }
}

/// Tiles beside each other, of up to `rowCount` rows.
@inline(__always)
private func line<L: Lanes, let rows: Int, let count: Int>(
  _: Tile<rows, count>.Type, _: L.Type, _ depth: Int, _ a: UnsafePointer<L.Scalar>, _ b: UnsafePointer<L.Scalar>,
  _ rowCount: Int, _ columns: Int, _ c: UnsafeMutablePointer<L.Scalar>, _ stride: Int, _ adds: Bool,
  _ edge: UnsafeMutablePointer<L.Scalar>
) {
  let width = 2 * L.count
  var column = 0
  var panel = b
  while column < columns {
    let lanes = min(width, columns - column)
    if rowCount >= rows, lanes == width {
      tile(Tile<rows, count>.self, L.self, depth, a, panel, c + column, stride, adds)
    } else {
      let height = min(rows, rowCount)
      if adds {
        for row in 0..<height { (edge + row * width).update(from: c + row * stride + column, count: lanes) }
      }
      tile(Tile<rows, count>.self, L.self, depth, a, panel, edge, width, adds)
      for row in 0..<height { (c + row * stride + column).update(from: edge + row * width, count: lanes) }
    }
    column += width
    panel += width * depth
  }
}

@inline(never)
private func tile<L: Lanes, let rows: Int, let count: Int>(
  _: Tile<rows, count>.Type, _: L.Type, _ depth: Int, _ a: UnsafePointer<L.Scalar>, _ b: UnsafePointer<L.Scalar>,
  _ c: UnsafeMutablePointer<L.Scalar>, _ stride: Int, _ adds: Bool
) {
  let unit = LowTile.height
  let lines = InlineArray<rows, UnsafePointer<L.Scalar>> { a + ($0 / unit * unit * depth + $0 % unit) }
  var sums = InlineArray<count, L> { _ in L.zeros }
  if adds {
    for row in 0..<rows {
      sums[2 * row] = L.load(c + row * stride)
      sums[2 * row + 1] = L.load(c + row * stride + L.count)
    }
  }
  var panel = b
  var at = 0
  for _ in 0..<depth {
    let low = L.load(panel), high = L.load(panel + L.count)
    for row in 0..<rows {
      let value = L.splat(lines[row][at])
      sums[2 * row] = sums[2 * row].adding(value, times: low)
      sums[2 * row + 1] = sums[2 * row + 1].adding(value, times: high)
    }
    at += unit
    panel += 2 * L.count
  }
  for row in 0..<rows {
    sums[2 * row].store(c + row * stride)
    sums[2 * row + 1].store(c + row * stride + L.count)
  }
}
