extension Script {
  mutating func draw(_ plot: ROCPlot) {
    axes(
      AxisLabel("false acceptance rate", unit: "different taken for same, %"),
      AxisLabel("true acceptance rate", unit: "%"))
    var least = 0.01
    if plot.logarithmic {
      let positive = plot.curves.lazy.flatMap(\.far).filter { $0 > 0 && $0.isFinite }.min() ?? 0.001
      while least > positive, least > 1e-6 { least /= 10 }
      add("set logscale x")
      setRange("x", (least * 100)...100)
      add("set xtics 10")
      add("set format x \"%g\"")
    } else {
      setRange("x", 0...100)
      add("set xtics 20")
      if !isText { add("set size square") }
    }
    setRange("y", 0...(100.5))
    add("set ytics 20")
    let several = plot.curves.count > 1
    if plot.curves.count > (isText ? 3 : 1) { legendAtRight() } else { legendAbove() }
    var parts: [String] = []
    if !plot.logarithmic {
      let chance = block(isText ? (0...40).map { "\(Double($0) * 2.5) \(Double($0) * 2.5)" } : ["0 0", "100 100"])
      parts.append(
        isText
          ? "\(chance) using 1:2 with points pt \".\" title \"chance\""
          : "\(chance) using 1:2 with lines lw 1.2 dt (6,6) lc rgb \"#999999\" title \"chance\"")
    }
    var points: [String] = []
    for (index, curve) in plot.curves.enumerated() {
      let color = Palette.color(index)
      var rows = Self.corners(curve.far, curve.tar).map { far, tar -> (Double, Double) in
        (plot.logarithmic ? max(far, least) : far, tar)
      }
      // On a logarithmic axis only the last of the points at its left end counts.
      if plot.logarithmic, let last = rows.lastIndex(where: { $0.0 <= least }) { rows.removeFirst(last) }
      let name = block(rows.map { "\(number($0 * 100)) \(number($1 * 100))" })
      var title = curve.name
      if let auc = curve.auc, auc.isFinite { title += ", AUC \(Words.fixed(auc, 4))" }
      if several, let eer = curve.eer, eer.isFinite { title += ", EER \(Words.percent(eer))" }
      parts.append(
        "\(name) using 1:2 with lines lt \(index + 1) lw 2.2 lc rgb \"\(color)\" title \(quoted(title))")
      if let eer = curve.eer, eer.isFinite, eer > 0 || !plot.logarithmic, (0...1).contains(eer) {
        let point = block(["\(number(eer * 100)) \(number((1 - eer) * 100))"])
        points.append(
          "\(point) using 1:2 with points pt \(isText ? "\"O\"" : "7") ps 1.3 lc rgb \"\(color)\" notitle")
        if !several {
          let side =
            plot.logarithmic
            ? "right offset character -1.2,0.6" : "left offset character \(isText ? 2 : 1.2),-0.6"
          add(
            "set label \(quoted("EER \(Words.percent(eer))")) at first \(number(eer * 100)), "
              + "first \(number((1 - eer) * 100)) \(side) front")
        }
      }
    }
    add("plot " + (parts + points).joined(separator: ", "))
  }

  /// The finite points in order, those inside a straight stretch left out: the same curve, but few points for 10⁶ pairs.
  static func corners(_ x: [Double], _ y: [Double]) -> [(Double, Double)] {
    var points = zip(x, y).filter { $0.isFinite && $1.isFinite }
    if let first = points.first, let last = points.last, first.0 > last.0 { points.reverse() }
    var result: [(Double, Double)] = []
    for point in points {
      if result.count >= 2 {
        let (a, b) = (result[result.count - 2], result[result.count - 1])
        if (a.0 == b.0 && b.0 == point.0) || (a.1 == b.1 && b.1 == point.1) { result.removeLast() }
      }
      result.append(point)
    }
    guard result.count > 8000 else { return result }
    let step = (result.count + 3999) / 4000
    return result.indices.filter { $0 % step == 0 || $0 == result.count - 1 }.map { result[$0] }
  }
}
