import Diagnostics

extension Script {
  mutating func draw(_ plot: ROCPlot) {
    axes(plot.xAxis, plot.yAxis)
    // The curve's own width at the top.
    add("set yrange [0:100.5]")
    if !plot.logarithmic { add("set size square") }
    var (titles, rest): ([String], [String])
    if plot.hasLegendInside(width: size.width) {
      add("set key inside bottom right vertical Left reverse opaque samplen 2 width 1")
      (titles, rest) = (plot.captions.map { "title \(quoted($0))" }, [])
    } else {
      (titles, rest) = legend(plot.captions)
    }
    let chance = block(plot.chance.map { "\(number($0)) \(number($1))" })
    let chanceTitle = titles.removeLast()
    var points: [String] = []
    var parts: [String] = []
    for (index, curve) in plot.curves.enumerated() {
      let color = Palette.color(index)
      let name = block(plot.points(curve).map { "\(number($0)) \(number($1))" })
      parts.append("\(name) using 1:2 with lines lw 2.2 lc rgb \"\(color)\" \(titles[index])")
      guard let (far, tar) = plot.eerPoint(curve), let eer = curve.eer else { continue }
      let point = block(["\(number(far)) \(number(tar))"])
      points.append("\(point) using 1:2 with points pt 7 ps 1.3 lc rgb \"\(color)\" notitle")
      if plot.curves.count == 1 {
        let side = plot.logarithmic ? "right offset character -1.2,0.6" : "left offset character 1.2,-0.6"
        add(
          "set label \(quoted("EER \(NumberText.percent(eer))")) at first \(number(far)), first \(number(tar)) \(side) front"
        )
      }
    }
    parts.append("\(chance) using 1:2 with lines lw 1.2 dt (6,6) lc rgb \"#999999\" \(chanceTitle)")
    add("plot " + (parts + points + rest).joined(separator: ", "))
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
