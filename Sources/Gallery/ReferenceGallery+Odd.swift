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
    /// By the gallery's measure; nil where there is no other label.
    public var otherDistance: Double?
  }

  /// References that would be taken for another label (one of another label is nearer than, or as near as, the nearest of
  /// their own), or that lie beyond the calibrated threshold from all others of their own. Labels with one reference have
  /// nothing to be unlike. The worst first: by own distance less the other's.
  public func oddReferences() throws -> [OddReference] {
    try refresh()
    if remote != nil { return try whole().oddReferences() }
    guard let rows, referenceCount > 0 else { return [] }
    let owners = answering
    let members = Members(owners)
    let search = RowSearch(rows: rows, owners: owners, metric: measure.metric)
    var odd: [OddReference] = []
    // Those that have others to be unlike, a batch at a time.
    var asked: [Int32] = []
    for number in 0..<Int32(members.ownerCount) where members.rows(number).count > 1 { asked += members.rows(number) }
    for start in stride(from: 0, to: asked.count, by: Self.askedAtOnce) {
      let batch = Array(asked[start..<min(asked.count, start + Self.askedAtOnce)])
      let others = try search.nearest(
        batch.flatMap { rows.values(Int($0)) }, k: 1, passingOver: batch.map { owners[Int($0)] })
      let nearest = RowMemory<Double>(batch.count, .infinity)
      Workers.shared.parallel(slices: (batch.count + 15) / 16) { slice in
        for place in slice * 16..<min(batch.count, slice * 16 + 16) {
          let row = batch[place]
          for other in members.rows(owners[Int(row)]) where other != row {
            nearest[place] = min(nearest[place], search.measured(rows.row(Int(row)), rows.row(Int(other))))
          }
        }
      }
      try LongWork.check()
      for (place, row) in batch.enumerated() {
        let owner = owners[Int(row)]
        let (own, other) = (nearest[place], others[place].first)
        let isTaken = other.map { $0.distance <= own } ?? false
        let isFar = calibration.map { !isCalibrationStale && own >= $0.threshold } ?? false
        guard isTaken || isFar else { continue }
        let label = try name(of: owner)
        odd.append(
          OddReference(
            label: label, reference: position(Int(row)), number: members.place(of: row, owner), own: own,
            other: try other.map { try name(of: $0.owner) }, otherDistance: other?.distance))
      }
    }
    func excess(_ one: OddReference) -> Double { one.own - (one.otherDistance ?? 0) }
    return odd.sorted { (excess($1), $0.reference) < (excess($0), $1.reference) }
  }

  /// Queries of one search.
  static let askedAtOnce = 1 << 14
}

extension ReferenceGallery.Likelihood {
  /// Fits p(same | d) by maximum likelihood, both kinds of pairs with half of the weight each (Platt 1999, with his
  /// targets just inside 0 and 1, so that kinds that do not overlap give a finite slope). The slope is 0, and every distance
  /// as likely as not, where the same pairs are no nearer than the different ones.
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
    // Same pairs that are no nearer than the different ones: a curve that rises with the distance would call equal
    // pictures different.
    guard b > 0 else {
      (slope, offset) = (0, 0)
      return
    }
    slope = b / deviation
    offset = a + b * mean / deviation
  }
}
