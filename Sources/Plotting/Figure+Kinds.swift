import Diagnostics

extension Figure {
  /// Loss by epoch: training and, where there is any, validation; the best epoch marked.
  public static func training(
    epochs: [Int], loss: [Double], validation: [Double?] = [], best: Int? = nil, title: String? = nil,
    xLabel: String = "epoch"
  ) -> Figure {
    let x = epochs.map(Double.init)
    var series = [LinePlot.Series("loss", x: x, y: loss)]
    let known = zip(x, validation).compactMap { epoch, value in value.map { (epoch, $0) } }
    if !known.isEmpty { series.append(.init("val_loss", x: known.map(\.0), y: known.map(\.1))) }
    let marks = best.map { [LinePlot.Mark(x: Double($0), label: "best epoch \($0)")] } ?? []
    return Figure(
      title: title,
      .lines(LinePlot(series, xLabel: AxisLabel(xLabel), yLabel: AxisLabel("loss"), marks: marks)))
  }

  /// How far apart same and different pairs are.
  public static func distances(same: [Double], different: [Double], threshold: Double?, title: String? = nil) -> Figure
  {
    Figure(
      title: title,
      .histogram(
        HistogramPlot(
          [.init("same", same), .init("different", different)],
          threshold: threshold.map { .init($0, label: "threshold \(Words.number($0, digits: 3))") }, shares: true,
          xLabel: AxisLabel("distance between embeddings"), noun: "pairs")))
  }

  /// The bars that stand for counts of something by name.
  public static func bars(_ names: [String], _ values: [Double], yLabel: String = "value", title: String? = nil)
    -> Figure
  {
    Figure(title: title, .bars(BarPlot(names: names, values: values, yLabel: AxisLabel(yLabel))))
  }
}

extension ScatterPlot {
  /// Points of any number of axes, row after row, in the plane in which they differ most: their first two principal
  /// axes. Two axes are shown as they are; one is shown over the point's number. A point of which a number is not finite
  /// has no place there (NaN), and makes no difference to the others.
  ///
  /// - Parameter check: asked in each pass over the points; throws where somebody wants the work to end.
  public static func projected(
    _ values: [Double], count: Int, axes: Int, labels: [String] = [], check: () throws -> Void
  ) rethrows -> ScatterPlot {
    let (area, over) = count.multipliedReportingOverflow(by: max(0, axes))
    guard count > 0, axes > 0, !over, values.count == area else { return ScatterPlot(x: [], y: [], labels: labels) }
    func column(_ axis: Int) -> [Double] { (0..<count).map { values[$0 * axes + axis] } }
    if axes == 1 {
      return ScatterPlot(
        x: (0..<count).map(Double.init), y: column(0), labels: labels, xLabel: AxisLabel("number"),
        yLabel: AxisLabel("value"))
    }
    if axes == 2 { return ScatterPlot(x: column(0), y: column(1), labels: labels) }
    let known = (0..<count).filter { point in values[point * axes..<(point + 1) * axes].allSatisfy(\.isFinite) }
    let (found, shares) = try PrincipalAxes.first(
      2, of: known.count == count ? values : known.flatMap { values[$0 * axes..<($0 + 1) * axes] },
      count: known.count, axes: axes, check: check)
    let planes = found.map { along in
      var plane = [Double](repeating: .nan, count: count)
      for (point, value) in zip(known, along) { plane[point] = value }
      return plane
    }
    func name(_ words: String, _ index: Int) -> AxisLabel {
      AxisLabel(
        "\(words) principal axis", unit: index < shares.count ? "\(NumberText.percent(shares[index])) of variance" : nil
      )
    }
    return ScatterPlot(
      x: planes[0], y: planes[1], labels: labels, xLabel: name("first", 0), yLabel: name("second", 1))
  }
}

extension ScatterPlot {
  /// The same, where nobody waits for it.
  public static func projected(_ values: [Double], count: Int, axes: Int, labels: [String] = []) -> ScatterPlot {
    projected(values, count: count, axes: axes, labels: labels, check: {})
  }
}

/// Principal axes by power iteration: enough for a picture, and the same on every run.
enum PrincipalAxes {
  /// The coordinates of the points on the first axes, and the share of the variance that lies along each.
  ///
  /// - Parameters:
  ///   - values: finite ones.
  ///   - check: asked in each pass over the points.
  static func first(
    _ wanted: Int, of values: [Double], count: Int, axes: Int, check: () throws -> Void
  ) rethrows -> ([[Double]], [Double]) {
    var centered = values
    for axis in 0..<axes {
      var mean = 0.0
      for point in 0..<count { mean += centered[point * axes + axis] }
      mean /= Double(count)
      for point in 0..<count { centered[point * axes + axis] -= mean }
    }
    let total = centered.reduce(0) { $0 + $1 * $1 }
    var result: [[Double]] = []
    var shares: [Double] = []
    for _ in 0..<wanted {
      // A start that is hardly ever at right angles to what is sought.
      var axis: [Double] = (0..<axes).map { place in
        let spread: Int = (place * 7919 + 13) % 101
        return 1 + Double(spread) / 101
      }
      var last = 0.0
      for _ in 0..<200 {
        try check()
        normalise(&axis)
        let along = project(centered, axis, count: count)
        var next = Array(repeating: 0.0, count: axes)
        for point in 0..<count {
          for place in 0..<axes { next[place] += along[point] * centered[point * axes + place] }
        }
        let size = next.reduce(0) { $0 + $1 * $1 }
        if size == 0 { break }
        axis = next
        if abs(size - last) <= 1e-12 * size { break }
        last = size
      }
      normalise(&axis)
      // The sign is free: the greatest weight is made positive.
      if let most = axis.max(by: { abs($0) < abs($1) }), most < 0 { axis = axis.map { -$0 } }
      let along = project(centered, axis, count: count)
      shares.append(total > 0 ? along.reduce(0) { $0 + $1 * $1 } / total : 0)
      for point in 0..<count {
        for place in 0..<axes { centered[point * axes + place] -= along[point] * axis[place] }
      }
      result.append(along)
    }
    return (result, shares)
  }

  private static func normalise(_ axis: inout [Double]) {
    let length = axis.reduce(0) { $0 + $1 * $1 }.squareRoot()
    if length > 0 { axis = axis.map { $0 / length } }
  }

  private static func project(_ values: [Double], _ axis: [Double], count: Int) -> [Double] {
    (0..<count).map { point in
      var sum = 0.0
      for place in axis.indices { sum += values[point * axis.count + place] * axis[place] }
      return sum
    }
  }
}
