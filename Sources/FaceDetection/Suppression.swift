/// Non-maximum suppression: of boxes that show one thing, the surest is kept.
///
/// As in the Python package `mtcnn` 1.0 a box goes when it overlaps with any surer one, one that goes itself included.
enum Suppression {
  enum Measure {
    /// Intersection over union.
    case union
    /// Intersection over the smaller of the two.
    case smaller
  }

  /// Places in `boxes` of those that are kept, the surest first; equal ones in their order.
  static func kept(_ boxes: [FaceBox], scores: [Double], threshold: Double, measure: Measure) -> [Int] {
    let order = boxes.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }
    var rank = [Int](repeating: 0, count: boxes.count)
    for (place, box) in order.enumerated() { rank[box] = place }
    guard measure == .union else {
      return order.enumerated().filter { place, box in
        !order[..<place].contains { other in
          let least = min(boxes[box].area, boxes[other].area)
          return least > 0 && boxes[box].intersection(boxes[other]) / least > threshold
        }
      }.map(\.element)
    }
    // Two boxes of which the smaller covers more than t of the greater, as overlap > t asks, have middles no further
    // apart than (1 − t) / t of either's width: only neighbours in a sorted row are compared.
    let middles = boxes.map { ($0.left + $0.right) / 2 }
    let row = boxes.indices.sorted { (middles[$0], $0) < (middles[$1], $1) }
    let reach = (1 - threshold) / max(1e-6, threshold)
    var goes = [Bool](repeating: false, count: boxes.count)
    for (place, box) in row.enumerated() {
      let far = reach * max(0, boxes[box].width) + 1e-6
      var next = place + 1
      while next < row.count, middles[row[next]] - middles[box] <= far {
        let other = row[next]
        let lesser = rank[box] < rank[other] ? other : box
        if !goes[lesser], boxes[box].overlap(boxes[other]) > threshold { goes[lesser] = true }
        next += 1
      }
    }
    return order.filter { !goes[$0] }
  }
}
