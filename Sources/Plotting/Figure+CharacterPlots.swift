import Diagnostics

/// Curves and points in characters.
extension Figure {
  private static func tint(_ index: Int) -> TextTint { .series(index) }

  /// Without colours, and where colours begin anew, curves differ by their dashes.
  private static func stroke(_ index: Int, _ colors: TerminalGraphics.Colors) -> DotCanvas.Stroke {
    let all = DotCanvas.Stroke.allCases
    return all[(colors == .none ? index : index / TextTint.count) % all.count]
  }

  /// A piece of a curve for the legend, three characters wide.
  private static func sample(_ stroke: DotCanvas.Stroke, _ dots: DotCanvas.Dots) -> String {
    var canvas = DotCanvas(columns: 3, rows: 1, dots: dots)
    var phase = 0
    let middle = canvas.height / 2
    canvas.line(from: (0, middle), to: (canvas.width - 1, middle), .plain, stroke, phase: &phase)
    return canvas.line(0).map(\.text).joined()
  }

  static func characters(
    _ plot: LinePlot, title: String?, size: FigureSize, colors: TerminalGraphics.Colors, dots: DotCanvas.Dots,
    isInterrupted: () -> Bool
  ) -> String {
    let legend = plot.series.enumerated().map { index, series in
      CharacterChart.Entry(
        sample: sample(stroke(index, colors), dots), words: plot.caption(series), tint: tint(index))
    }
    var chart = CharacterChart(
      title: title, x: plot.xAxis, y: plot.yAxis, legend: plot.hasLegend ? legend : [], size: size, colors: colors,
      dots: dots)
    // The first curve lies on top, as the first name stands first.
    for (index, series) in plot.series.enumerated().reversed() {
      chart.curve(zip(series.x, series.y), tint(index), stroke(index, colors), isInterrupted)
    }
    for mark in plot.marks { chart.verticalMark(at: mark.x, label: mark.label) }
    return chart.text()
  }

  static func characters(
    _ plot: ROCPlot, title: String?, size: FigureSize, colors: TerminalGraphics.Colors, dots: DotCanvas.Dots,
    isInterrupted: () -> Bool
  ) -> String {
    var legend = plot.curves.enumerated().map { index, curve in
      CharacterChart.Entry(sample: sample(stroke(index, colors), dots), words: plot.caption(curve), tint: tint(index))
    }
    legend.append(.init(sample: sample(.dotted, dots), words: "chance", tint: .quiet))
    var chart = CharacterChart(
      title: title, x: plot.xAxis, y: plot.yAxis, legend: legend, size: size, colors: colors, dots: dots)
    chart.curve(plot.chance, .quiet, .dotted, isInterrupted)
    for (index, curve) in plot.curves.enumerated().reversed() {
      chart.curve(plot.points(curve), tint(index), stroke(index, colors), isInterrupted)
    }
    for (index, curve) in plot.curves.enumerated() {
      guard let point = plot.eerPoint(curve), let place = chart.place(point.0, point.1) else { continue }
      let (column, row) = chart.canvas.cell(place)
      chart.canvas.sign("●", column: column, row: row, tint(index))
      if plot.curves.count == 1, let eer = curve.eer {
        let words = "EER \(NumberText.percent(eer))"
        let fits = column + 3 + words.count <= chart.canvas.columns
        // Under the curve, where it is empty.
        chart.canvas.words(
          words, column: fits ? column + 3 : max(0, column - 2 - words.count),
          row: min(chart.canvas.rows - 1, row + 1), .plain)
      }
    }
    return chart.text()
  }

  static func characters(
    _ plot: ScatterPlot, title: String?, size: FigureSize, colors: TerminalGraphics.Colors, dots: DotCanvas.Dots,
    isInterrupted: () -> Bool
  ) -> String {
    let groups = plot.groups
    let isLabelled = groups.count > 1
    // Few points are signs that can be seen, many are dots; signs tell labels apart where colours do not.
    let usesSigns = plot.x.count <= 400 || (isLabelled && (colors == .none || groups.count > TextTint.count))
    let letters = Array("ox+*#@%&=~svnzabcdefghijklmpqrtuwy")
    func sign(_ index: Int) -> Character {
      if colors == .none { return isLabelled ? letters[index % letters.count] : "•" }
      let round = index / TextTint.count
      return round == 0 ? "•" : letters[(round - 1) % letters.count]
    }
    let legend = groups.enumerated().map { index, group in
      CharacterChart.Entry(
        sample: usesSigns ? String(sign(index)) : "•", words: group.label, tint: tint(index))
    }
    var chart = CharacterChart(
      title: title, x: plot.xAxis, y: plot.yAxis, legend: isLabelled ? legend : [], size: size, colors: colors,
      dots: dots)
    for (index, group) in groups.enumerated() {
      for (count, member) in group.members.enumerated() {
        if count % pointsBetweenQuestions == 0, isInterrupted() { return "" }
        guard let place = chart.place(plot.x[member], plot.y[member]) else { continue }
        if usesSigns {
          let (column, row) = chart.canvas.cell(place)
          chart.canvas.sign(sign(index), column: column, row: row, tint(index))
        } else {
          chart.canvas.set(place.x, place.y, tint(index))
        }
      }
    }
    return chart.text()
  }
}
