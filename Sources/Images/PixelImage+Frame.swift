extension PixelImage {
  /// A side of what stands in a frame, at least: smaller pictures are drawings, whose outline is what they show.
  private static let leastInside = 32

  /// In gray, what a black frame surrounds: the smallest box around it, with the rest of the box in its mean gray. A face
  /// that was turned upright near the border of its photograph has such a frame, and two faces in frames of one shape
  /// would be taken for one picture. A picture without a frame is only made gray.
  ///
  /// A frame is all that lies outside of the convex hull of what is not black, where at least nine tenths of the hull are
  /// not black. A drawing in white on black is no frame: most of its hull is black.
  public func grayWithoutFrame() -> PixelImage {
    let gray = gray()
    // What is convex and has all four corners has everything.
    let corners = [0, width - 1, width * (height - 1), width * height - 1]
    guard width >= Self.leastInside, height >= Self.leastInside, corners.contains(where: { gray.pixels[$0] == 0 }),
      let inside = gray.spanOfHull()
    else { return gray }
    var (count, bright, sum) = (0, 0, 0)
    var (left, right) = (width, -1)
    for (y, span) in inside.spans.enumerated() {
      for x in span {
        let value = gray.pixels[(inside.top + y) * width + x]
        count += 1
        sum += Int(value)
        if value > 0 { bright += 1 }
      }
      left = min(left, span.lowerBound)
      right = max(right, span.upperBound)
    }
    let (newWidth, newHeight) = (right - left + 1, inside.spans.count)
    guard newWidth >= Self.leastInside, newHeight >= Self.leastInside, count < width * height, 10 * bright >= 9 * count
    else { return gray }
    var result = [UInt8](repeating: UInt8((sum + count / 2) / count), count: newWidth * newHeight)
    for (y, span) in inside.spans.enumerated() {
      for x in span { result[y * newWidth + x - left] = gray.pixels[(inside.top + y) * width + x] }
    }
    return PixelImage(trusted: result, width: newWidth, height: newHeight, channels: 1)
  }

  /// The convex hull of the pixels of a gray picture that are not black, row by row from `top`; nil: there is none, or it
  /// is a line.
  private func spanOfHull() -> (top: Int, spans: [ClosedRange<Int>])? {
    var left: [(x: Int, y: Int)] = []
    var right: [(x: Int, y: Int)] = []
    /// Adds a point to one side of the hull, from the top down. `sign` is 1 for the left side and -1 for the right.
    func add(_ point: (x: Int, y: Int), to side: inout [(x: Int, y: Int)], sign: Int) {
      while side.count > 1 {
        let (a, b) = (side[side.count - 2], side[side.count - 1])
        let turn = (b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x)
        // The last point lies on the line from the one before to the new one, or inside of it.
        guard sign * turn >= 0 else { break }
        side.removeLast()
      }
      side.append(point)
    }
    for y in 0..<height {
      let row = pixels[(y * width)..<((y + 1) * width)]
      guard let first = row.firstIndex(where: { $0 > 0 }), let last = row.lastIndex(where: { $0 > 0 }) else { continue }
      add((first - y * width, y), to: &left, sign: 1)
      add((last - y * width, y), to: &right, sign: -1)
    }
    guard let top = left.first?.y, let bottom = left.last?.y, bottom > top else { return nil }
    func places(_ side: [(x: Int, y: Int)], _ rounded: FloatingPointRoundingRule) -> [Int] {
      var places = [Int](repeating: side[0].x, count: bottom - top + 1)
      for (a, b) in zip(side, side.dropFirst()) {
        for y in a.y...b.y {
          let x = Double(a.x) + Double(b.x - a.x) * Double(y - a.y) / Double(b.y - a.y)
          places[y - top] = Int(x.rounded(rounded))
        }
      }
      return places
    }
    let (from, to) = (places(left, .up), places(right, .down))
    // Of a thin hull, a row between two points may hold no pixel.
    return (top, zip(from, to).map { $0...max($0, $1) })
  }
}
