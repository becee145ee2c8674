import ElementaryFunctions
import Tensors

/// Histograms of oriented gradients, [c, h, w] → [bins, rows, columns of cells]; no weights.
struct OrientedGradientsLayer: LayerKind {
  let cell: Int
  let bins: Int
  let signed: Bool

  static let fileName = "hog"

  static let declarations = [
    LayerDeclaration(
      Declaration(
        "hog", .integer("cell", in: 1...4096, default: 8), .integer("bins", in: 2...256, default: 9),
        .flag("signed", default: false, isNamedOnly: true),
        summary: "Histograms of oriented gradients (Dalal and Triggs 2005): a layer without weights.",
        details: """
          [channels, height, width] to [bins, rows, columns]: a cell each `cell` pixels, as many as have their middle inside. Each pixel votes with its gradient's length for \
          the two bins nearest to its direction and the cells around it. A cell's votes v become v / √(|v|² + 0.05²). \
          Directions over half a circle, with signed=true over the whole. Before whiten it needs no training at all.
          """,
        example: "hog(8)(zeros([2, 1, 56, 46])).shape\n#> [2, 9, 7, 6]",
        errors: ["the image is smaller than a cell", "bins is less than 2"], seeAlso: ["whiten", "symmetric"]
      ) { .hog(cell: $0, bins: $1, signed: $2) })
  ]

  var text: String { "hog(\(cell)\(bins == 9 ? "" : ", bins=\(bins)")\(signed ? ", signed=true" : ""))" }

  func checkArguments() throws(NetworkError) {
    try check(cell, "cell")
    try check(bins, "bins", in: 2...Layer.sizeLimit)
  }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] {
    try checkImages(input)
    guard input[1] >= cell, input[2] >= cell else {
      throw .windowTooLarge(layer: layer, number: nil, window: Extent(cell), input: input)
    }
    return try checkSize([bins, OrientedGradients.cells(input[1], cell), OrientedGradients.cells(input[2], cell)])
  }

  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode {
    let gradients = OrientedGradients(node.shape, cell: cell, bins: bins, signed: signed)
    let result = builder.node([bins, gradients.rows, gradients.columns], mayBeOverwritten: false)
    let (inCount, outCount) = (node.count, result.count)
    let (x, y, votes) = (node.value, result.value, FloatBuffer(outCount * builder.batch))
    builder.forwardSlices { range, _ in
      for item in range {
        gradients.forward(x.base + item * inCount, y.base + item * outCount, votes: votes.base + item * outCount)
      }
    }
    guard let dx = node.gradient, let dy = result.gradient else { return result }
    let scratch = FloatBuffer(outCount * builder.batch)
    builder.backwardSlices { range, _ in
      for item in range {
        gradients.backward(
          x.base + item * inCount, votes: votes.base + item * outCount, dy.base + item * outCount,
          dx.base + item * inCount, scratch: scratch.base + item * outCount)
      }
    }
    return result
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    try OrientedGradients(Array(x.shape.dropFirst()), cell: cell, bins: bins, signed: signed).traced(x)
  }
}

extension Layer {
  /// Cells of `cell` by `cell` pixels, `bins` directions (at least 2) over half a circle or, `signed`, the whole.
  public static func hog(cell: Int, bins: Int, signed: Bool) -> Layer {
    Layer(OrientedGradientsLayer(cell: cell, bins: bins, signed: signed))
  }
}

/// Histograms of oriented gradients (Dalal and Triggs 2005), of one item.
///
/// Each pixel votes with its gradient's length (central differences; of the channel where it is longest) for the two
/// bins nearest to its direction and for the cells around it, linearly by distance: a vote is never lost to a border
/// between bins or cells. A cell's votes v become v / √(|v|² + 0.05²), so that light and contrast do not matter.
struct OrientedGradients: Sendable {
  let channels: Int
  let height: Int
  let width: Int
  let cell: Int
  let bins: Int
  /// Directions over the whole circle; else dark on light is as light on dark.
  let signed: Bool

  var rows: Int { Self.cells(height, cell) }
  var columns: Int { Self.cells(width, cell) }
  var outCount: Int { bins * rows * columns }

  /// So much of the way from black to white, from one pixel to the next: cells of less contrast stay near 0.
  static let floor: Float = 0.05

  /// As many as have their middle inside.
  static func cells(_ size: Int, _ cell: Int) -> Int { (size - cell / 2 + cell - 1) / cell }

  init(_ input: [Int], cell: Int, bins: Int, signed: Bool) {
    (channels, height, width) = (input[0], input[1], input[2])
    (self.cell, self.bins, self.signed) = (cell, bins, signed)
  }

  /// x [channels, height, width] → y [bins, rows, columns]; `votes` keeps the cells' votes, as long as y.
  func forward(_ x: Floats, _ y: MutableFloats, votes: MutableFloats) {
    votes.update(repeating: 0, count: outCount)
    let plane = rows * columns
    for row in 0..<height {
      let across = Share(row, of: rows, cell)
      for column in 0..<width {
        guard let vote = vote(x, row, column) else { continue }
        let along = Share(column, of: columns, cell)
        for (r, down) in [(across.first, across.firstWeight), (across.second, across.secondWeight)] where down > 0 {
          for (c, side) in [(along.first, along.firstWeight), (along.second, along.secondWeight)] where side > 0 {
            let weight = down * side * vote.length
            let at = r * columns + c
            votes[vote.bin * plane + at] += weight * (1 - vote.part)
            votes[vote.next * plane + at] += weight * vote.part
          }
        }
      }
    }
    for at in 0..<plane {
      let inverse = 1 / norm(votes, at)
      for bin in 0..<bins { y[bin * plane + at] = votes[bin * plane + at] * inverse }
    }
  }

  /// From the gradient of y to that of x, which is overwritten; `votes` as `forward` left them, `scratch` as long as y.
  func backward(_ x: Floats, votes: Floats, _ dy: Floats, _ dx: MutableFloats, scratch dv: MutableFloats) {
    let plane = rows * columns
    // y = v / n, n = √(|v|² + ε²): dv = (dy − v (v · dy) / n²) / n
    for at in 0..<plane {
      let n = norm(votes, at)
      var along: Float = 0
      for bin in 0..<bins { along += votes[bin * plane + at] * dy[bin * plane + at] }
      for bin in 0..<bins {
        let place = bin * plane + at
        dv[place] = (dy[place] - votes[place] * along / (n * n)) / n
      }
    }
    dx.update(repeating: 0, count: channels * height * width)
    let perBin = Float(bins) / (signed ? 2 * .pi : .pi)
    for row in 0..<height {
      let across = Share(row, of: rows, cell)
      for column in 0..<width {
        guard let vote = vote(x, row, column) else { continue }
        let along = Share(column, of: columns, cell)
        var (own, next): (Float, Float) = (0, 0)
        for (r, down) in [(across.first, across.firstWeight), (across.second, across.secondWeight)] where down > 0 {
          for (c, side) in [(along.first, along.firstWeight), (along.second, along.secondWeight)] where side > 0 {
            let at = r * columns + c
            own += down * side * dv[vote.bin * plane + at]
            next += down * side * dv[vote.next * plane + at]
          }
        }
        // A vote is length · (1 − part) and length · part; part moves with the angle, the angle with (gy, −gx) / length².
        let dLength = own * (1 - vote.part) + next * vote.part
        let dAngle = (next - own) * perBin
        let dgx = (dLength * vote.gx - dAngle * vote.gy) / vote.length
        let dgy = (dLength * vote.gy + dAngle * vote.gx) / vote.length
        let base = vote.channel * height * width
        let (left, right, across) = span(column, width)
        let (above, below, down) = span(row, height)
        dx[base + row * width + right] += dgx * across
        dx[base + row * width + left] -= dgx * across
        dx[base + below * width + column] += dgy * down
        dx[base + above * width + column] -= dgy * down
      }
    }
  }

  private func norm(_ votes: Floats, _ at: Int) -> Float {
    var squares = Self.floor * Self.floor
    let plane = rows * columns
    for bin in 0..<bins { squares += votes[bin * plane + at] * votes[bin * plane + at] }
    return squares.squareRoot()
  }

  private struct Vote {
    var channel: Int
    var gx: Float
    var gy: Float
    var length: Float
    /// The bin before the direction, the one behind it, and how far it is on the way.
    var bin: Int
    var next: Int
    var part: Float
  }

  /// Nil where the picture is flat.
  private func vote(_ x: Floats, _ row: Int, _ column: Int) -> Vote? {
    let (left, right, across) = span(column, width)
    let (above, below, down) = span(row, height)
    var best = Vote(channel: 0, gx: 0, gy: 0, length: 0, bin: 0, next: 0, part: 0)
    var longest: Float = 0
    for channel in 0..<channels {
      let base = channel * height * width
      let gx = (x[base + row * width + right] - x[base + row * width + left]) * across
      let gy = (x[base + below * width + column] - x[base + above * width + column]) * down
      let square = gx * gx + gy * gy
      if square > longest {
        longest = square
        (best.channel, best.gx, best.gy) = (channel, gx, gy)
      }
    }
    guard longest > 1e-20, longest.isFinite else { return nil }
    best.length = longest.squareRoot()
    let turn = signed ? 2 * Float.pi : Float.pi
    var angle = Elementary.atan2(best.gy, best.gx)
    if angle < 0 { angle += turn }
    let place = angle / turn * Float(bins)
    let whole = place.rounded(.down)
    best.part = place - whole
    best.bin = Int(whole) % bins
    best.next = (best.bin + 1) % bins
    return best
  }

  /// The neighbours of a pixel, and 1 over their distance: at the border the pixel itself is one of them.
  private func span(_ at: Int, _ size: Int) -> (Int, Int, Float) {
    let (low, high) = (max(0, at - 1), min(size - 1, at + 1))
    return (low, high, high > low ? 1 / Float(high - low) : 0)
  }

  /// The two cells whose middles are nearest, each with its weight; those of a whole cell sum to 1.
  struct Share {
    var first = 0
    var firstWeight: Float = 0
    var second = 0
    var secondWeight: Float = 0

    init(_ at: Int, of count: Int, _ cell: Int) {
      let place = (Float(at) - Float(cell / 2)) / Float(cell)
      let whole = place.rounded(.down)
      let part = place - whole
      let index = Int(whole)
      if index >= 0, index < count { (first, firstWeight) = (index, (1 - part) / Float(cell)) }
      if index + 1 >= 0, index + 1 < count { (second, secondWeight) = (index + 1, part / Float(cell)) }
    }
  }
}

extension OrientedGradients {
  /// [n, channels, height, width] → [n, bins, rows, columns], recorded where a tape records the input.
  func traced(_ x: Tensor) throws -> Tensor {
    let (items, inCount, size) = (x.shape[0], channels * height * width, outCount)
    let votes = FloatBuffer(items * size)
    let output = try Tensor(shape: [items, bins, rows, columns]) { out in
      x.withUnsafeBuffer { from in
        guard let from = from.baseAddress, let out = out.baseAddress else { return }
        for item in 0..<items { forward(from + item * inCount, out + item * size, votes: votes.base + item * size) }
      }
    }
    guard let tape = x.trace?.tape else { return output }
    let input = x.detached
    return tape.record(custom: "hog", inputs: [x], output: output) { upstream in
      let scratch = FloatBuffer(size)
      return [
        try Tensor(shape: input.shape) { to in
          input.withUnsafeBuffer { from in
            upstream.withUnsafeBuffer { dy in
              guard let from = from.baseAddress, let dy = dy.baseAddress, let to = to.baseAddress else { return }
              for item in 0..<items {
                backward(
                  from + item * inCount, votes: votes.base + item * size, dy + item * size, to + item * inCount,
                  scratch: scratch.base)
              }
            }
          }
        }
      ]
    }
  }
}
