import ElementaryFunctions
import Tensors

extension GlyphSkeleton {
  /// One drawer's hand: the skeleton's points moved a little, each stroke bent, shifted and scaled a little, the whole
  /// slanted, turned, scaled and placed; then dark ink on white (255), anti-aliased. A drawer's slant, size and pen are
  /// their own in everything they draw. Sizes, places and the pen's width are as in Omniglot's background set, measured:
  /// a character takes 0.55 of the image's side, a stroke 0.052.
  func draw(seed: UInt64, class number: UInt64, drawer: UInt64, size: Int, to out: UnsafeMutablePointer<UInt8>) {
    var hand = RandomStream(seed: seed, stream: 0x4841_4E44_0000_0000 &+ drawer)
    var stream = RandomStream(seed: seed, stream: 0x4452_4157_0000_0000 &+ (number << 16 | drawer))
    func drawn(_ stream: inout RandomStream, _ deviation: Double) -> Double {
      max(-2.5, min(2.5, Draws.normal(&stream))) * deviation
    }
    func n(_ deviation: Double) -> Double { drawn(&stream, deviation) }
    let style = (
      slant: drawn(&hand, 0.1), size: drawn(&hand, 0.1), wide: drawn(&hand, 0.06), pen: drawn(&hand, 0.05)
    )
    let angle = n(0.09)
    let slant = style.slant + n(0.09)
    let zoom = (
      x: 0.6 * (1 + style.size + style.wide + n(0.1)), y: 0.6 * (1 + style.size - style.wide + n(0.1))
    )
    let place = (x: 0.49 + n(0.05), y: 0.49 + n(0.05))
    let pen = Double(size) * 0.052 * (1 + style.pen + n(0.04)) / 2
    let (c, s) = (Elementary.cos(angle), Elementary.sin(angle))
    var ink = [Float](repeating: 0, count: size * size)
    for stroke in strokes {
      let moved = (x: n(0.03), y: n(0.03))
      let grown = 1 + n(0.06)
      let bend = n(0.05)
      var points = stroke.points.map { (x: $0.x + n(0.022), y: $0.y + n(0.022)) }
      if stroke.closed, let first = points.first {
        // A circle is rarely closed exactly.
        points[points.count - 1] = (first.x + n(0.03), first.y + n(0.03))
      }
      guard let first = points.first, let last = points.last else { continue }
      let middle = (x: (first.x + last.x) / 2, y: (first.y + last.y) / 2)
      let across = (x: -(last.y - first.y), y: last.x - first.x)
      for index in points.indices {
        let t = Double(index) / Double(max(1, points.count - 1))
        let arch = bend * 4 * t * (1 - t)
        var x = (points[index].x - middle.x) * grown + middle.x + moved.x + across.x * arch - 0.5
        let y = ((points[index].y - middle.y) * grown + middle.y + moved.y + across.y * arch - 0.5) * zoom.y
        x = x * zoom.x - y * slant
        points[index] = (
          (x * c - y * s + place.x) * Double(size), (x * s + y * c + place.y) * Double(size)
        )
      }
      Self.trace(stroke.smooth ? Self.smoothed(points) : Self.wobbled(points, n(0.012) * Double(size))) {
        x0, y0, x1, y1 in Self.stamp(&ink, size: size, x0, y0, x1, y1, pen: pen)
      }
    }
    for at in 0..<size * size { out[at] = UInt8(255 - Int(min(1, ink[at]) * 255 + 0.5)) }
  }

  private static func trace(
    _ points: [(x: Double, y: Double)], _ segment: (Double, Double, Double, Double) -> Void
  ) {
    for index in points.indices.dropFirst() {
      segment(points[index - 1].x, points[index - 1].y, points[index].x, points[index].y)
    }
  }

  /// Catmull-Rom through the points, in short pieces.
  private static func smoothed(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
    guard points.count > 2 else { return points }
    let pieces = 6
    var result = [points[0]]
    for index in 0..<points.count - 1 {
      let p0 = points[max(0, index - 1)]
      let p1 = points[index]
      let p2 = points[index + 1]
      let p3 = points[min(points.count - 1, index + 2)]
      for piece in 1...pieces {
        let t = Double(piece) / Double(pieces)
        func at(_ a: Double, _ b: Double, _ c: Double, _ d: Double) -> Double {
          let linear = (c - a) * t
          let square = (2 * a - 5 * b + 4 * c - d) * t * t
          let cube = (3 * b - a - 3 * c + d) * t * t * t
          return b + (linear + square + cube) / 2
        }
        result.append((at(p0.x, p1.x, p2.x, p3.x), at(p0.y, p1.y, p2.y, p3.y)))
      }
    }
    return result
  }

  /// Straight lines as a hand draws them: bowed a little between corners.
  private static func wobbled(_ points: [(x: Double, y: Double)], _ bow: Double) -> [(x: Double, y: Double)] {
    guard points.count > 1 else { return points }
    var result = [points[0]]
    for index in 1..<points.count {
      let (a, b) = (points[index - 1], points[index])
      let length = max(1e-6, ((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y)).squareRoot())
      for piece in 1...4 {
        let t = Double(piece) / 4
        let off = bow * 4 * t * (1 - t)
        result.append(
          (a.x + (b.x - a.x) * t - (b.y - a.y) / length * off, a.y + (b.y - a.y) * t + (b.x - a.x) / length * off))
      }
    }
    return result
  }

  /// Inks the pixels near a segment: the share of a pixel that a line of this half width covers.
  private static func stamp(
    _ ink: inout [Float], size: Int, _ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double, pen: Double
  ) {
    let margin = pen + 1
    let limit = Double(size - 1)
    let left = Int(max(0, min(limit, min(x0, x1) - margin)))
    let right = Int(max(0, min(limit, max(x0, x1) + margin)))
    let top = Int(max(0, min(limit, min(y0, y1) - margin)))
    let bottom = Int(max(0, min(limit, max(y0, y1) + margin)))
    let (dx, dy) = (x1 - x0, y1 - y0)
    let square = max(1e-9, dx * dx + dy * dy)
    let most = min(1, 2 * pen)
    for row in top...bottom {
      for column in left...right {
        let (px, py) = (Double(column) + 0.5 - x0, Double(row) + 0.5 - y0)
        let t = max(0, min(1, (px * dx + py * dy) / square))
        let (ox, oy) = (px - t * dx, py - t * dy)
        let distance = (ox * ox + oy * oy).squareRoot()
        let share = Float(min(most, max(0, pen + 0.5 - distance)))
        if share > ink[row * size + column] { ink[row * size + column] = share }
      }
    }
  }
}

extension Datasets {
  /// Handwriting-like characters: `classes` skeletons drawn from the seed, each drawn by `each` hands, the i-th image of
  /// every class by the same one. Gray, dark ink on white, size × size pixels; classes are named "glyph1", "glyph2", … The
  /// same bits for the same seed, whatever the number of threads; a class does not change when more are asked for.
  ///
  /// - Parameter script: how many classes make a script, in which characters share strokes and so are like each other, as
  ///   in an alphabet; classes are then named "script1/glyph1", …. 0: each class by itself.
  public static func glyphs(
    classes: Int, each: Int, seed: UInt64, size: Int = 28, script: Int = 0
  ) throws -> Dataset {
    for (argument, value, range) in [
      ("classes", classes, 1...100_000), ("each", each, 1...10_000), ("size", size, 8...512),
      ("script", script, 0...100_000),
    ]
    where !range.contains(value) {
      throw DatasetError.badNumber(
        function: "glyphs", argument: argument, value: "\(value)",
        expected: "between \(range.lowerBound) and \(range.upperBound)")
    }
    let skeletons = (0..<classes).map { number in
      GlyphSkeleton(
        seed: seed, number: number, script: script > 0 ? GlyphScript(seed: seed, number: number / script) : nil)
    }
    let store = try PixelStore.build(
      count: classes * each, channels: 1, height: size, width: size, name: "glyphs"
    ) { index, out in
      let (label, drawer) = (index / each, index % each)
      skeletons[label].draw(
        seed: seed, class: UInt64(label), drawer: UInt64(drawer), size: size, to: out)
    }
    let items = (0..<classes * each).map { Dataset.Item(image: Int32($0), label: Int32($0 / each)) }
    return Dataset(
      name: "glyphs", store: store, items: items,
      classNames: (0..<classes).map { script > 0 ? "script\($0 / script + 1)/glyph\($0 + 1)" : "glyph\($0 + 1)" })
  }
}
