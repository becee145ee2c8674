import ElementaryFunctions
import Tensors

extension ReferenceGallery {
  /// A reference that is unlike the others of its label.
  public struct OddReference: Hashable, Sendable {
    public var label: String
    /// Index among all references of the gallery.
    public var reference: Int
    /// Which of its label's references it is, from 0.
    public var number: Int
    /// Distance to the nearest other of its label.
    public var own: Double
    /// The nearest of another label, where there is one.
    public var other: String?
    public var otherDistance: Double?
  }

  /// References that would be taken for another label (one of another label is nearer than, or as near as, the nearest of
  /// their own), or that lie beyond the calibrated threshold from all others of their own. Labels with one reference have
  /// nothing to be unlike. The worst first: by own distance less the other's.
  public func oddReferences() throws -> [OddReference] {
    try refresh()
    var numbers: [String: Int] = [:]
    var odd: [OddReference] = []
    // The nearest of the same label, and the nearest of another, for each.
    let embeddings = references.map(\.embedding)
    let labels = references.map(\.label)
    let index = try index()
    var place = [Int](repeating: 0, count: references.count)
    for (number, rows) in index.members.enumerated() { for row in rows { place[row] = number } }
    let numbered = place
    let neighbours = try places(of: embeddings, among: embeddings) { line, row -> (own: Int?, other: Int?) in
      var (own, other): (Int?, Int?)
      for candidate in numbered.indices where candidate != row {
        if numbered[candidate] == numbered[row] {
          if own.map({ line[candidate] < line[$0] }) ?? true { own = candidate }
        } else if other.map({ line[candidate] < line[$0] }) ?? true {
          other = candidate
        }
      }
      return (own, other)
    }
    for (index, reference) in references.enumerated() {
      let number = numbers[reference.label, default: 0]
      numbers[reference.label] = number + 1
      let own = neighbours[index].own.map { distance(embeddings[index], embeddings[$0]) }
      let other = neighbours[index].other.map {
        (label: labels[$0], distance: distance(embeddings[index], embeddings[$0]))
      }
      guard let own else { continue }
      let isTaken = other.map { $0.distance <= own } ?? false
      let isFar = calibration.map { !isCalibrationStale && own >= $0.threshold } ?? false
      guard isTaken || isFar else { continue }
      odd.append(
        OddReference(
          label: reference.label, reference: index, number: number, own: own, other: other?.label,
          otherDistance: other?.distance))
    }
    func excess(_ one: OddReference) -> Double { one.own - (one.otherDistance ?? 0) }
    return odd.sorted { (excess($1), $0.reference) < (excess($0), $1.reference) }
  }
}

extension ReferenceGallery.Likelihood {
  /// Fits p(same | d) by maximum likelihood, both kinds of pairs with half of the weight each (Platt 1999, with his
  /// targets just inside 0 and 1, so that kinds that do not overlap give a finite slope).
  public init(same: [Float], different: [Float]) throws {
    let targets = (
      same: (Double(same.count) + 1) / (Double(same.count) + 2), different: 1 / (Double(different.count) + 2)
    )
    // The distances are centred and scaled first: Newton's steps are then of one size.
    let all = same.map(Double.init) + different.map(Double.init)
    let mean = all.reduce(0, +) / Double(max(1, all.count))
    let deviation = (all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, all.count))).squareRoot()
    // Equal distances, but for rounding, tell nothing: as likely as not, whatever the distance.
    guard deviation > 1e-7 * max(abs(mean), .leastNormalMagnitude) else {
      (slope, offset) = (0, 0)
      return
    }
    var (a, b) = (0.0, 1.0)
    for _ in 0..<100 {
      try LongWork.check()
      var gradient = (0.0, 0.0)
      var curvature = (1e-9, 0.0, 1e-9)
      for (list, target) in [(same, targets.same), (different, targets.different)] where !list.isEmpty {
        let weight = 0.5 / Double(list.count)
        for d in list {
          let x = (Double(d) - mean) / deviation
          let p = Elementary.sigmoid(a - b * x)
          let error = weight * (p - target)
          gradient.0 += error
          gradient.1 -= error * x
          let steep = weight * p * (1 - p)
          curvature.0 += steep
          curvature.1 -= steep * x
          curvature.2 += steep * x * x
        }
      }
      let determinant = curvature.0 * curvature.2 - curvature.1 * curvature.1
      guard determinant > 1e-15 else { break }
      var step = (
        (curvature.2 * gradient.0 - curvature.1 * gradient.1) / determinant,
        (curvature.0 * gradient.1 - curvature.1 * gradient.0) / determinant
      )
      let length = (step.0 * step.0 + step.1 * step.1).squareRoot()
      // Far from the answer the curve is flat and a whole step too long.
      if length > 2 { step = (step.0 * 2 / length, step.1 * 2 / length) }
      a -= step.0
      b -= step.1
      if length < 1e-10 { break }
    }
    slope = b / deviation
    offset = a + b * mean / deviation
  }
}
