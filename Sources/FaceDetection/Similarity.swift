import ElementaryFunctions

/// Turning, scaling and moving, nothing else: (x, y) becomes (a x − b y + dx, b x + a y + dy).
struct Similarity: Hashable, Sendable {
  var a: Double
  var b: Double
  var dx: Double
  var dy: Double

  /// The one that brings points nearest to others, by the sum of squared distances. Source: Umeyama, "Least-squares
  /// estimation of transformation parameters between two point patterns", 1991; in the plane it is one division.
  ///
  /// - Returns: nil where the points to begin with are one point.
  init?(from: [Point], to: [Point]) {
    guard from.count == to.count, from.count > 1 else { return nil }
    let count = Double(from.count)
    let (fx, fy) = (from.reduce(0) { $0 + $1.x } / count, from.reduce(0) { $0 + $1.y } / count)
    let (tx, ty) = (to.reduce(0) { $0 + $1.x } / count, to.reduce(0) { $0 + $1.y } / count)
    var (along, across, squares) = (0.0, 0.0, 0.0)
    for (one, other) in zip(from, to) {
      let (x, y, u, v) = (one.x - fx, one.y - fy, other.x - tx, other.y - ty)
      along += x * u + y * v
      across += x * v - y * u
      squares += x * x + y * y
    }
    guard squares > 0, squares.isFinite, along.isFinite, across.isFinite else { return nil }
    (a, b) = (along / squares, across / squares)
    (dx, dy) = (tx - a * fx + b * fy, ty - b * fx - a * fy)
  }

  typealias Point = DetectedFace.Point

  func callAsFunction(_ point: Point) -> Point {
    Point(x: a * point.x - b * point.y + dx, y: b * point.x + a * point.y + dy)
  }

  var scale: Double { (a * a + b * b).squareRoot() }
  /// Counterclockwise where y points up, as angles of pictures are not.
  var angle: Double { Elementary.atan2(b, a) }
}
