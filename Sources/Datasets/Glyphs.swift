import ElementaryFunctions
import Tensors

/// One stroke of a character: a smooth curve or a chain of straight lines through its points, in a unit square.
struct GlyphStroke: Sendable {
  var points: [(x: Double, y: Double)]
  var smooth: Bool
  var closed: Bool
}

/// What the characters of one script have in common: a few strokes, and how much they like straight lines.
struct GlyphScript: Sendable {
  var strokes: [GlyphStroke]
  var straight: Double

  init(seed: UInt64, number: Int) {
    var stream = RandomStream(seed: seed, stream: 0x5343_5250_5400_0000 &+ UInt64(number))
    straight = Draws.uniform(0.1, 0.6, &stream)
    strokes = []
    for _ in 0..<6 {
      let start = (x: Draws.uniform(0.1, 0.9, &stream), y: Draws.uniform(0.05, 0.6, &stream))
      let reach = Draws.uniform(0.4, 1, &stream)
      strokes.append(
        GlyphSkeleton.stroke(from: start, reach: reach, straight: straight, alone: false, first: true, &stream))
    }
  }
}

/// Characters of an alphabet that nobody writes: a class is a skeleton of strokes, an image is one drawer's hand.
struct GlyphSkeleton: Sendable {
  var strokes: [GlyphStroke]

  /// Drawn from the class's own stream: 1 to 4 strokes, each a line, a hook, a curve, a corner, a loop or a dot. Later
  /// strokes often begin on, or cross, an earlier one, as they do in real scripts. In a script, half of the strokes are
  /// its own common ones, moved and scaled.
  init(seed: UInt64, number: Int, script: GlyphScript? = nil) {
    var stream = RandomStream(seed: seed, stream: 0x474C_5950_4800_0000 &+ UInt64(number))
    func u(_ low: Double, _ high: Double) -> Double { Draws.uniform(low, high, &stream) }
    let pick = u(0, 1)
    let count = pick < 0.3 ? 1 : pick < 0.68 ? 2 : pick < 0.91 ? 3 : 4
    var made: [GlyphStroke] = []
    for index in 0..<count {
      var start = (x: u(0.1, 0.9), y: u(0.05, 0.6))
      if index > 0, u(0, 1) < 0.6, let other = made.randomElement(&stream),
        let point = other.points.randomElement(&stream)
      {
        start = point
      }
      let reach = index == 0 ? u(0.55, 1) : u(0.25, 0.8)
      if let script, u(0, 1) < 0.5, let stroke = script.strokes.randomElement(&stream) {
        made.append(Self.moved(stroke, to: index == 0 ? nil : start, by: index == 0 ? 1 : u(0.5, 1)))
        continue
      }
      made.append(
        Self.stroke(
          from: start, reach: reach, straight: script?.straight ?? 0.3, alone: count == 1, first: index == 0, &stream))
    }
    strokes = Self.fitted(made)
  }

  /// One stroke of a kind drawn by chance; `straight` is the chance of a line.
  static func stroke(
    from start: (x: Double, y: Double), reach: Double, straight: Double, alone: Bool, first: Bool,
    _ stream: inout RandomStream
  ) -> GlyphStroke {
    let kind = Draws.uniform(0, 1, &stream)
    // What is not a line keeps its shares: curve 0.46, corners 0.26, loop 0.21, dot 0.07.
    let rest = (kind - straight) / max(1e-6, 1 - straight)
    switch rest {
    case ..<0: return line(from: start, reach: reach, &stream)
    case ..<0.46: return curve(from: start, reach: reach, turns: alone ? 5 : 3, &stream)
    case ..<0.72: return corners(from: start, reach: reach, &stream)
    case ..<0.93: return loop(around: start, reach: reach * (alone ? 0.5 : 0.3), &stream)
    default:
      return first ? curve(from: start, reach: reach, turns: 4, &stream) : dot(at: start, &stream)
    }
  }

  /// A stroke smaller about its beginning, and with its beginning elsewhere.
  private static func moved(_ stroke: GlyphStroke, to place: (x: Double, y: Double)?, by zoom: Double) -> GlyphStroke {
    guard let first = stroke.points.first else { return stroke }
    let place = place ?? first
    var stroke = stroke
    stroke.points = stroke.points.map {
      inside((place.x + ($0.x - first.x) * zoom, place.y + ($0.y - first.y) * zoom))
    }
    return stroke
  }

  private typealias Point = (x: Double, y: Double)

  private static func inside(_ point: Point) -> Point { (min(1, max(0, point.x)), min(1, max(0, point.y))) }

  private static func line(from start: Point, reach: Double, _ stream: inout RandomStream) -> GlyphStroke {
    // Writing prefers upright and level strokes to slanted ones.
    let choice = Draws.uniform(0, 1, &stream)
    let base = choice < 0.38 ? 90.0 : choice < 0.72 ? 0 : choice < 0.86 ? 45 : 135
    let angle = (base + Draws.normal(&stream) * 7) * .pi / 180
    var along = (x: Elementary.cos(angle) * reach, y: Elementary.sin(angle) * reach)
    if start.x + along.x > 1.05 || start.x + along.x < -0.05 { along.x = -along.x }
    if start.y + along.y > 1.05 { along.y = -along.y }
    let bend = Draws.normal(&stream) * 0.04
    let middle = (x: start.x + along.x / 2 - along.y * bend, y: start.y + along.y / 2 + along.x * bend)
    return GlyphStroke(
      points: [start, inside(middle), inside((start.x + along.x, start.y + along.y))], smooth: true, closed: false)
  }

  /// A walk whose direction turns steadily, now and then the other way: arcs, waves, hooks and spirals.
  private static func curve(from start: Point, reach: Double, turns: Int, _ stream: inout RandomStream) -> GlyphStroke {
    let steps = turns + Int(Draws.uniform(0, 3, &stream))
    var heading = Draws.uniform(0, 2 * .pi, &stream)
    var turning = Draws.uniform(0.4, 1.3, &stream) * (Draws.uniform(0, 1, &stream) < 0.5 ? -1 : 1)
    let each = reach * 1.6 / Double(steps)
    var points = [start]
    var at = start
    for _ in 0..<steps {
      let toMiddle = Elementary.atan2(0.5 - at.y, 0.5 - at.x)
      let far = max((at.x - 0.5).magnitude, (at.y - 0.5).magnitude)
      if far > 0.38 { heading = toMiddle + Draws.normal(&stream) * 0.7 }
      at = inside((at.x + Elementary.cos(heading) * each, at.y + Elementary.sin(heading) * each))
      points.append(at)
      if Draws.uniform(0, 1, &stream) < 0.22 { turning = -turning }
      heading += turning + Draws.normal(&stream) * 0.25
    }
    return GlyphStroke(points: points, smooth: true, closed: false)
  }

  private static func corners(from start: Point, reach: Double, _ stream: inout RandomStream) -> GlyphStroke {
    let steps = 2 + Int(Draws.uniform(0, 2.2, &stream))
    var points = [start]
    var at = start
    var heading = (Draws.uniform(0, 1, &stream) < 0.7 ? Double(Int(Draws.uniform(0, 4, &stream))) * 90 : 45) + 4
    for _ in 0..<steps {
      let length = reach * Draws.uniform(0.35, 0.75, &stream)
      let angle = (heading + Draws.normal(&stream) * 8) * .pi / 180
      var next = (x: at.x + Elementary.cos(angle) * length, y: at.y + Elementary.sin(angle) * length)
      if next.x < 0 || next.x > 1 { next.x = at.x - Elementary.cos(angle) * length }
      if next.y < 0 || next.y > 1 { next.y = at.y - Elementary.sin(angle) * length }
      at = inside(next)
      points.append(at)
      let turn = Draws.uniform(0, 1, &stream)
      heading += (Draws.uniform(0, 1, &stream) < 0.5 ? -1 : 1) * (turn < 0.6 ? 90 : turn < 0.85 ? 135 : 60)
    }
    return GlyphStroke(points: points, smooth: false, closed: false)
  }

  private static func loop(around center: Point, reach: Double, _ stream: inout RandomStream) -> GlyphStroke {
    let radius = max(0.12, reach) * 0.9
    let tall = Draws.uniform(0.7, 1.4, &stream)
    let begin = Draws.uniform(0, 2 * .pi, &stream)
    let closed = Draws.uniform(0, 1, &stream) < 0.55
    let sweep = closed ? 2 * .pi : Draws.uniform(1.1, 1.75, &stream) * .pi
    let way = Draws.uniform(0, 1, &stream) < 0.5 ? -1.0 : 1
    let middle = (x: min(1 - radius, max(radius, center.x)), y: min(1 - radius, max(radius, center.y)))
    let count = 8
    let points = (0...count).map { index -> Point in
      let angle = begin + way * sweep * Double(index) / Double(count)
      return inside((middle.x + Elementary.cos(angle) * radius, middle.y + Elementary.sin(angle) * radius * tall))
    }
    return GlyphStroke(points: points, smooth: true, closed: closed)
  }

  private static func dot(at point: Point, _ stream: inout RandomStream) -> GlyphStroke {
    let place = inside((point.x + Draws.normal(&stream) * 0.2, point.y + Draws.normal(&stream) * 0.2))
    return GlyphStroke(points: [place, inside((place.x + 0.03, place.y + 0.03))], smooth: false, closed: false)
  }

  /// Fills the unit square: the wider side from 0 to 1, never stretched more than 1.6 times, the rest in the middle.
  private static func fitted(_ strokes: [GlyphStroke]) -> [GlyphStroke] {
    let all = strokes.flatMap(\.points)
    guard let first = all.first else { return strokes }
    var (left, right, top, bottom) = (first.x, first.x, first.y, first.y)
    for point in all {
      left = min(left, point.x)
      right = max(right, point.x)
      top = min(top, point.y)
      bottom = max(bottom, point.y)
    }
    let zoom = min(1.6, 1 / max(0.05, right - left, bottom - top))
    let (x, y) = ((left + right) / 2, (top + bottom) / 2)
    return strokes.map { stroke in
      var stroke = stroke
      stroke.points = stroke.points.map { (($0.x - x) * zoom + 0.5, ($0.y - y) * zoom + 0.5) }
      return stroke
    }
  }
}

extension Array {
  fileprivate func randomElement(_ stream: inout RandomStream) -> Element? {
    isEmpty ? nil : self[Draws.below(count, &stream)]
  }
}
