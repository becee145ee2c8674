import CLanes
import KernelInterface

/// The weights' side of Winograd's transforms: see Winograd.swift.

/// G v for three numbers.
@inline(__always)
private func weightTransform<L: FloatLanes>(_ v0: L, _ v1: L, _ v2: L) -> (L, L, L, L, L, L) {
  let ends = (v0 .+ v2) .* L.splat(-1 / 6)
  let middle = v1 .* L.splat(1 / 6)
  let wide = (v0 .* L.splat(1 / 24)).adding(v2, times: L.splat(1 / 6))
  let half = v1 .* L.splat(1 / 12)
  return (v0 .* L.splat(0.25), ends .- middle, ends .+ middle, wide .+ half, wide .- half, v2)
}

extension Compilation {
  /// Weights [filters, channels, 3, 3] to 36 sets of panels [columns / panelWidth, rows, panelWidth]: rows are channels and columns
  /// filters, or with `transposed` the other way round, for the gradient of the input.
  ///
  /// - Parameters:
  ///   - rows, columns: numbers of channels and filters, filled up with zeros to a multiple of 8.
  ///   - panel: which `panelWidth` columns to do.
  ///   - out: `outStride` from one of the 36 to the next.
  public static func winogradWeights(
    _ w: Floats, filters: Int, channels: Int, transposed: Bool, rows: Int, panel: Int, _ out: MutableFloats,
    outStride: Int
  ) {
    let realRows = transposed ? filters : channels
    let realColumns = transposed ? channels : filters
    let rowStep = (transposed ? channels : 1) * 9
    let columnStep = (transposed ? 1 : channels) * 9
    for row in 0..<rows {
      for half in 0..<panelWidth / 8 {
        let to = out + (panel * rows + row) * panelWidth + half * 8
        let column = panel * panelWidth + half * 8
        let lanes = row < realRows ? max(0, min(8, realColumns - column)) : 0
        guard lanes > 0 else {
          for place in 0..<36 { store(V8.zero, to + place * outStride) }
          continue
        }
        let from = w + row * rowStep + column * columnStep
        @inline(__always) func tap(_ place: Int) -> V8 {
          var value = V8.zero
          for lane in 0..<lanes { value[lane] = from[lane * columnStep + place] }
          return value
        }
        // Columns of the kernel first, then the six rows that come of it.
        let (a0, a1, a2, a3, a4, a5) = weightTransform(tap(0), tap(3), tap(6))
        let (b0, b1, b2, b3, b4, b5) = weightTransform(tap(1), tap(4), tap(7))
        let (c0, c1, c2, c3, c4, c5) = weightTransform(tap(2), tap(5), tap(8))
        @inline(__always) func put(_ line: Int, _ v: (V8, V8, V8, V8, V8, V8)) {
          let place = to + line * 6 * outStride
          store(v.0, place)
          store(v.1, place + outStride)
          store(v.2, place + 2 * outStride)
          store(v.3, place + 3 * outStride)
          store(v.4, place + 4 * outStride)
          store(v.5, place + 5 * outStride)
        }
        put(0, weightTransform(a0, b0, c0))
        put(1, weightTransform(a1, b1, c1))
        put(2, weightTransform(a2, b2, c2))
        put(3, weightTransform(a3, b3, c3))
        put(4, weightTransform(a4, b4, c4))
        put(5, weightTransform(a5, b5, c5))
      }
    }
  }
}

/// A line of the products of some tiles that follow one another.
private protocol TileSums {
  associatedtype L: FloatLanes
  static var tiles: Int { get }
  init()
  /// - Parameter next: from one tile to the next, as in `store`.
  mutating func add(_ u: (L, L, L, L, L, L), times at: Floats, _ stride: Int, next: Int)
  func store(_ to: MutableFloats, _ stride: Int, next: Int)
}

/// Of one tile.
private struct LineSums<L: FloatLanes>: TileSums {
  static var tiles: Int { 1 }
  var (s0, s1, s2, s3, s4, s5) = (L.zeros, L.zeros, L.zeros, L.zeros, L.zeros, L.zeros)

  @inline(__always)
  mutating func add(_ u: (L, L, L, L, L, L), times at: Floats, _ stride: Int, next: Int = 0) {
    s0 = s0.adding(L.splat(at[0]), times: u.0)
    s1 = s1.adding(L.splat(at[stride]), times: u.1)
    s2 = s2.adding(L.splat(at[2 * stride]), times: u.2)
    s3 = s3.adding(L.splat(at[3 * stride]), times: u.3)
    s4 = s4.adding(L.splat(at[4 * stride]), times: u.4)
    s5 = s5.adding(L.splat(at[5 * stride]), times: u.5)
  }

  @inline(__always)
  func store(_ to: MutableFloats, _ stride: Int, next: Int = 0) {
    s0.store(to)
    s1.store(to + stride)
    s2.store(to + 2 * stride)
    s3.store(to + 3 * stride)
    s4.store(to + 4 * stride)
    s5.store(to + 5 * stride)
  }
}

/// Of twice as many.
private struct Twice<Sums: TileSums>: TileSums {
  static var tiles: Int { 2 * Sums.tiles }
  var (first, second) = (Sums(), Sums())

  @inline(__always)
  mutating func add(
    _ u: (Sums.L, Sums.L, Sums.L, Sums.L, Sums.L, Sums.L), times at: Floats, _ stride: Int, next: Int
  ) {
    first.add(u, times: at, stride, next: next)
    second.add(u, times: at + Sums.tiles * next, stride, next: next)
  }

  @inline(__always)
  func store(_ to: MutableFloats, _ stride: Int, next: Int) {
    first.store(to, stride, next: next)
    second.store(to + Sums.tiles * next, stride, next: next)
  }
}

/// The products of a few tiles with a panel's filters: sums over channels of what the input's transform has at each point
/// and the weights' transform, which is made in registers.
private struct FewTiles {
  let v: Floats
  let vStride: Int
  let channels: Int
  /// [channels, 9, width]
  let weights: Floats
  let width: Int
  let out: MutableFloats
  let outStride: Int
  /// From one tile to the next.
  let outCount: Int

  /// Columns of the kernel first, then the rows that come of them: as `winogradWeights` does it.
  @inline(__always)
  func columns<L: FloatLanes>(_ from: Floats) -> ((L, L, L, L, L, L), (L, L, L, L, L, L), (L, L, L, L, L, L)) {
    @inline(__always) func tap(_ place: Int) -> L { L.load(from + place * width) }
    return (
      weightTransform(tap(0), tap(3), tap(6)), weightTransform(tap(1), tap(4), tap(7)),
      weightTransform(tap(2), tap(5), tap(8))
    )
  }

  /// Whoever goes over the weights first waits for memory at each channel otherwise.
  @inline(__always)
  func prefetch(_ channel: Int) {
    let ahead = 20
    twin_prefetch(weights + (channel + ahead) * 9 * width, 9 * width / 16)
  }

  /// Two lines of one tile: those that share the most of the columns' transform.
  @inline(__always)
  func two<L: FloatLanes>(
    _: L.Type, _ tile: Int, lane: Int, lines: (Int, Int), isFirst: Bool = false, _ pick: ((L, L, L, L, L, L)) -> (L, L)
  ) {
    var (upper, lower) = (LineSums<L>(), LineSums<L>())
    let at = v + tile * channels
    for channel in 0..<channels {
      if isFirst { prefetch(channel) }
      let (a, b, c): ((L, L, L, L, L, L), (L, L, L, L, L, L), (L, L, L, L, L, L)) = columns(
        weights + channel * 9 * width + lane)
      let ((a0, a1), (b0, b1), (c0, c1)) = (pick(a), pick(b), pick(c))
      upper.add(weightTransform(a0, b0, c0), times: at + lines.0 * 6 * vStride + channel, vStride)
      lower.add(weightTransform(a1, b1, c1), times: at + lines.1 * 6 * vStride + channel, vStride)
    }
    let to = out + tile * outCount + lane
    upper.store(to + lines.0 * 6 * outStride, outStride)
    lower.store(to + lines.1 * 6 * outStride, outStride)
  }

  @inline(__always)
  func one<L: FloatLanes>(_: L.Type, _ tile: Int, lane: Int) {
    two(L.self, tile, lane: lane, lines: (0, 5), isFirst: lane == 0) { ($0.0, $0.5) }
    two(L.self, tile, lane: lane, lines: (1, 2)) { ($0.1, $0.2) }
    two(L.self, tile, lane: lane, lines: (3, 4)) { ($0.3, $0.4) }
  }

  /// A line of several tiles, whose weights are transformed once.
  @inline(__always)
  func line<Sums: TileSums>(
    _: Sums.Type, _ tile: Int, lane: Int, line: Int, isFirst: Bool = false,
    _ pick: ((Sums.L, Sums.L, Sums.L, Sums.L, Sums.L, Sums.L)) -> Sums.L
  ) {
    typealias L = Sums.L
    var sums = Sums()
    let at = v + tile * channels + line * 6 * vStride
    for channel in 0..<channels {
      if isFirst { prefetch(channel) }
      let (a, b, c): ((L, L, L, L, L, L), (L, L, L, L, L, L), (L, L, L, L, L, L)) = columns(
        weights + channel * 9 * width + lane)
      sums.add(weightTransform(pick(a), pick(b), pick(c)), times: at + channel, vStride, next: channels)
    }
    sums.store(out + tile * outCount + lane + line * 6 * outStride, outStride, next: outCount)
  }

  /// All lines of as many tiles as fit, from one on.
  /// - Returns: the first that is left.
  @inline(__always)
  func several<Sums: TileSums>(_: Sums.Type, from start: Int, tiles: Int, lane: Int) -> Int {
    var tile = start
    while tiles - tile >= Sums.tiles {
      line(Sums.self, tile, lane: lane, line: 0, isFirst: lane == 0 && tile == 0) { $0.0 }
      line(Sums.self, tile, lane: lane, line: 1) { $0.1 }
      line(Sums.self, tile, lane: lane, line: 2) { $0.2 }
      line(Sums.self, tile, lane: lane, line: 3) { $0.3 }
      line(Sums.self, tile, lane: lane, line: 4) { $0.4 }
      line(Sums.self, tile, lane: lane, line: 5) { $0.5 }
      tile += Sums.tiles
    }
    return tile
  }

  @inline(__always)
  func all<L: FloatLanes>(_: L.Type, tiles: Int, lane: Int) {
    var tile = 0
    if tilesTogether == 4 { tile = several(Twice<Twice<LineSums<L>>>.self, from: tile, tiles: tiles, lane: lane) }
    tile = several(Twice<LineSums<L>>.self, from: tile, tiles: tiles, lane: lane)
    if tile < tiles { one(L.self, tile, lane: lane) }
  }
}

extension Compilation {
  /// The products of a few tiles with the filters of one panel, whose weights are transformed while they are read: memory
  /// gives nine numbers where `winogradWeights` leaves 36 to be read. The chains are those of `panelProduct`.
  ///
  /// - Parameters:
  ///   - v: [36, …, channels], `vStride` from one of the 36 to the next.
  ///   - weights: [channels, 9, panelWidth], zeros for the filters that are missing.
  ///   - filters: of the panel, a multiple of 8.
  ///   - out: [36, …, outCount], `outStride` from one of the 36 to the next.
  public static func winogradFewTiles(
    _ v: Floats, vStride: Int, tiles: Int, channels: Int, _ weights: Floats, filters: Int, _ out: MutableFloats,
    outStride: Int, outCount: Int
  ) {
    let few = FewTiles(
      v: v, vStride: vStride, channels: channels, weights: weights, width: panelWidth, out: out, outStride: outStride,
      outCount: outCount)
    var lane = 0
    while lane + Wide.count <= filters {
      few.all(Wide.self, tiles: tiles, lane: lane)
      lane += Wide.count
    }
    if lane < filters { few.all(V8.self, tiles: tiles, lane: lane) }
  }
}

/// Gᵀ v for six numbers.
@inline(__always)
private func weightAdjoint(_ v0: V8, _ v1: V8, _ v2: V8, _ v3: V8, _ v4: V8, _ v5: V8) -> (V8, V8, V8) {
  let sum = v1 + v2, sum2 = v3 + v4
  let sixth = splat(1 / 6)
  return (
    multiplyAdd(multiplyAdd(v0 * splat(0.25), sum, splat(-1 / 6)), sum2, splat(1 / 24)),
    multiplyAdd((v2 - v1) * sixth, v3 - v4, splat(1 / 12)),
    multiplyAdd(v5, sum2 - sum, sixth)
  )
}

extension Compilation {
  /// Gradients [36, channels padded, filters padded] of the transformed weights to gradients [filters, channels, 3, 3].
  public static func winogradWeightGradient(
    _ u: Floats, uStride: Int, filters: Int, channels: Int, paddedFilters: Int, _ out: MutableFloats
  ) {
    // Filter by filter: what is written for a filter's channels stands side by side.
    var filter = 0
    while filter < filters {
      for channel in 0..<channels {
        let from = u + channel * paddedFilters + filter
        @inline(__always) func line(_ row: Int) -> (V8, V8, V8) {
          let p = from + row * 6 * uStride
          return weightAdjoint(
            load(p), load(p + uStride), load(p + 2 * uStride), load(p + 3 * uStride), load(p + 4 * uStride),
            load(p + 5 * uStride))
        }
        let (l0, l1, l2, l3, l4, l5) = (line(0), line(1), line(2), line(3), line(4), line(5))
        let left = weightAdjoint(l0.0, l1.0, l2.0, l3.0, l4.0, l5.0)
        let middle = weightAdjoint(l0.1, l1.1, l2.1, l3.1, l4.1, l5.1)
        let right = weightAdjoint(l0.2, l1.2, l2.2, l3.2, l4.2, l5.2)
        for lane in 0..<min(8, filters - filter) {
          let to = out + ((filter + lane) * channels + channel) * 9
          to[0] = left.0[lane]
          to[1] = middle.0[lane]
          to[2] = right.0[lane]
          to[3] = left.1[lane]
          to[4] = middle.1[lane]
          to[5] = right.1[lane]
          to[6] = left.2[lane]
          to[7] = middle.2[lane]
          to[8] = right.2[lane]
        }
      }
      filter += 8
    }
  }
}

/// G's row for a point: `factor` times the powers of `point`, the last alone for ∞.
@inline(__always)
private func basis(_ row: Int, _ tap: Int, _ block: WinogradBlock) -> Float {
  let taps = block.taps
  guard block.points == 6 else {
    // 0, 1, -1 and ∞
    if row == 0 { return tap == 0 ? 1 : 0 }
    if row == 3 { return tap == taps - 1 ? 1 : 0 }
    return row == 2 && tap % 2 == 1 ? -0.5 : 0.5
  }
  switch row {
  case 0: return tap == 0 ? 0.25 : 0
  case 5: return tap == taps - 1 ? 1 : 0
  default:
    let point: Float = row == 1 ? 1 : row == 2 ? -1 : row == 3 ? 2 : -2
    var value: Float = row < 3 ? -1 / 6 : 1 / 24
    for _ in 0..<tap { value *= point }
    return value
  }
}

extension Compilation {
  /// `winogradWeights` for a block of a kernel [filters, channels, kernelHeight, kernelWidth]; taps behind its end are 0.
  public static func winogradBlockWeights(
    _ w: Floats, _ block: WinogradBlock, filters: Int, channels: Int, transposed: Bool, rows: Int, panel: Int,
    _ out: MutableFloats, outStride: Int
  ) {
    let realRows = transposed ? filters : channels
    let realColumns = transposed ? channels : filters
    let size = block.kernelHeight * block.kernelWidth
    let rowStep = (transposed ? channels : 1) * size
    let columnStep = (transposed ? 1 : channels) * size
    let (taps, points) = (block.taps, block.points)
    let (y0, x0) = (block.row * taps, block.column * taps)
    let (height, width) = (min(taps, block.kernelHeight - y0), min(taps, block.kernelWidth - x0))
    withUnsafeTemporaryAllocation(of: V8.self, capacity: points * taps) { columns in
      for row in 0..<rows {
        for half in 0..<panelWidth / 8 {
          let to = out + (panel * rows + row) * panelWidth + half * 8
          let column = panel * panelWidth + half * 8
          let lanes = row < realRows ? max(0, min(8, realColumns - column)) : 0
          for line in 0..<points {
            for kx in 0..<taps {
              var sum = V8.zero
              if lanes > 0, kx < width {
                for ky in 0..<height {
                  let from = w + row * rowStep + column * columnStep + (y0 + ky) * block.kernelWidth + x0 + kx
                  var value = V8.zero
                  for lane in 0..<lanes { value[lane] = from[lane * columnStep] }
                  sum = multiplyAdd(sum, value, splat(basis(line, ky, block)))
                }
              }
              columns[line * taps + kx] = sum
            }
            for place in 0..<points {
              var sum = V8.zero
              for kx in 0..<taps { sum = multiplyAdd(sum, columns[line * taps + kx], splat(basis(place, kx, block))) }
              store(sum, to + (line * points + place) * outStride)
            }
          }
        }
      }
    }
  }

  /// `winogradWeightGradient` for a block: writes its taps of out [filters, channels, kernelHeight, kernelWidth].
  public static func winogradBlockWeightGradient(
    _ u: Floats, _ block: WinogradBlock, uStride: Int, filters: Int, channels: Int, paddedFilters: Int,
    _ out: MutableFloats
  ) {
    let (taps, points) = (block.taps, block.points)
    let size = block.kernelHeight * block.kernelWidth
    let (y0, x0) = (block.row * taps, block.column * taps)
    let (height, width) = (min(taps, block.kernelHeight - y0), min(taps, block.kernelWidth - x0))
    withUnsafeTemporaryAllocation(of: V8.self, capacity: points * taps) { columns in
      var filter = 0
      while filter < filters {
        for channel in 0..<channels {
          let from = u + channel * paddedFilters + filter
          for line in 0..<points {
            for kx in 0..<width {
              var sum = V8.zero
              for place in 0..<points {
                sum = multiplyAdd(sum, load(from + (line * points + place) * uStride), splat(basis(place, kx, block)))
              }
              columns[line * taps + kx] = sum
            }
          }
          for ky in 0..<height {
            for kx in 0..<width {
              var sum = V8.zero
              for line in 0..<points {
                sum = multiplyAdd(sum, columns[line * taps + kx], splat(basis(line, ky, block)))
              }
              for lane in 0..<min(8, filters - filter) {
                out[((filter + lane) * channels + channel) * size + (y0 + ky) * block.kernelWidth + x0 + kx] = sum[lane]
              }
            }
          }
        }
        filter += 8
      }
    }
  }
}
