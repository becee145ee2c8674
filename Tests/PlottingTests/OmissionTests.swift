import Foundation
import Images
import Testing

@testable import Plotting

/// What a picture leaves out, or shows otherwise than it is, stands in it in words.
@Suite struct OmissionTests {
  private func script(_ figure: Figure, _ format: FigureFormat = .svg) throws -> String {
    var files = TemporaryFiles()
    defer { files.removeAll() }
    return try Script(figure, format: format, size: try figure.size(nil, for: format), files: &files).text
  }

  /// A point counts as a whole, whichever of its numbers is missing.
  @Test func pointsThatAreNotFinite() throws {
    let line = LinePlot(
      [.init("value", x: [1, .nan, 3, 4], y: [1, 2, 3, .infinity])], xLabel: AxisLabel("x"), yLabel: AxisLabel("value"))
    #expect(line.caption(line.series[0]) == "value (2 of 4 not finite)")
    #expect(line.hasLegend)
    let points = ScatterPlot(x: [1, 2, .nan], y: [2, .nan, 9], labels: ["a", "b", "c"])
    #expect(points.xAxis.label.text == "x (2 of 3 not finite)" && points.yAxis.label.text == "y")
    #expect(try script(Figure(.scatter(points))).contains("set xlabel \"x (2 of 3 not finite)\""))
    #expect(ScatterPlot(x: [1, 2], y: [2, 3]).xAxis.label.text == "x")
  }

  /// A point of many numbers with one that is missing has no place, and the others' places are theirs without it.
  @Test func principalAxesOfTheOthers() throws {
    var values: [Double] = []
    for i in 0..<12 { values += [Double(i), Double(i * i % 7), Double(i % 3)] }
    let whole = ScatterPlot.projected(values, count: 12, axes: 3)
    let odd = ScatterPlot.projected(values + [1, .nan, 2], count: 13, axes: 3)
    #expect(Array(odd.x.prefix(12)) == whole.x && Array(odd.y.prefix(12)) == whole.y)
    #expect(odd.x[12].isNaN && odd.y[12].isNaN)
    #expect(odd.xAxis.label.text.hasSuffix("1 of 13 not finite)"))
    let none = ScatterPlot.projected([.nan, 1, 1, 1, .nan, 1], count: 2, axes: 3)
    #expect(throws: PlottingError.self) { try Figure(.scatter(none)).check() }
    struct Ended: Error {}
    #expect(throws: Ended.self) {
      try ScatterPlot.projected(values, count: 12, axes: 3, check: { throw Ended() })
    }
  }

  @Test func montagesSayHowManyThereAre() throws {
    let tiles = (0..<4).map { MontagePlot.Tile(width: 2, height: 2, channels: 1, pixels: [9, 9, 9, UInt8($0)]) }
    let whole = Figure(.montage(MontagePlot(tiles)))
    let part = Figure(.montage(MontagePlot(tiles, total: 1400)))
    let titled = Figure(title: "Faces", .montage(MontagePlot(tiles, total: 7)))
    // What a session has recorded stays.
    #expect(part.fingerprintText == whole.fingerprintText)
    #expect(try !script(whole).contains("set title"))
    let many = (0..<60).map {
      MontagePlot.Tile(width: 20, height: 20, channels: 1, pixels: Array(repeating: UInt8($0), count: 400))
    }
    let wide = try script(Figure(.montage(MontagePlot(many, total: 1400))))
    #expect(wide.contains("set title \"60 of 1,400; limit= shows more\""))
    #expect(try script(titled).contains("set title"))
    #expect(part.suggestedSize.height > whole.suggestedSize.height)
    let size = FigureSize(width: 80, height: 40)
    #expect(part.characters(size: size, colors: .none, dots: .braille).contains("… and 1,396 more; limit= shows more"))
    #expect(!whole.characters(size: size, colors: .none, dots: .braille).contains("more"))
  }

  @Test func thresholdsOutside() throws {
    var plot = HistogramPlot([.init("values", [1, 2, 3])], threshold: .init(100, label: "threshold 100"))
    #expect(plot.xAxis(plot.binning).label.text == "value (threshold 100, outside)")
    #expect(try script(Figure(.histogram(plot))).contains("value (threshold 100, outside)"))
    let text = Figure(.histogram(plot)).characters(size: .text, colors: .none, dots: .braille)
    #expect(text.contains("threshold 100, outside"))
    plot.threshold = .init(2.5, label: "threshold 2.5")
    #expect(plot.xAxis(plot.binning).label.text == "value")
  }

  @Test func meansOfCells() throws {
    var values = [Double](repeating: 0, count: 3000 * 4)
    values[7] = 1
    let plot = HeatmapPlot(rows: 4, columns: 3000, values: values)
    #expect(Script.noted(plot).text == "column (cells are means of 1×3 elements)")
    #expect(Script.noted(HeatmapPlot(rows: 1, columns: 1500, values: [])).text.contains("means of 1×1.5 elements"))
    #expect(Script.noted(HeatmapPlot(rows: 1000, columns: 1000, values: [])).text == "column")
    let text = Figure(.heatmap(plot)).characters(size: .text, colors: .none, dots: .braille)
    #expect(text.contains("of 3000 columns)"))
  }

  /// Numbers of columns do not touch one another.
  @Test(arguments: [300, 800, 1500, 15_000, 150_000]) func columnNumbers(columns: Int) throws {
    let plot = HeatmapPlot(rows: 2, columns: columns, values: [Double](repeating: 1, count: 2 * columns))
    let text = try script(Figure(.heatmap(plot)))
    let line = try #require(text.components(separatedBy: "\n").first { $0.hasPrefix("set xtics") })
    let labels = line.components(separatedBy: "\"").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    #expect(labels.count > 1)
    #expect(labels.count * ((labels.map(\.count).max() ?? 0) + 2) * Legend.character <= 700 - 160)
  }

  @Test func wordsThatLeaveNoRoom() {
    let error = PlottingError.gnuplotRefused(messages: "Check plot boundary and font sizes.")
    #expect(error.explanation.help?.contains("width=") == true)
    #expect(PlottingError.gnuplotRefused(messages: "another").explanation.help == nil)
  }

  /// Frames of pictures have no shape: their colours alone tell labels apart, as many as the legend names.
  @Test func framesDiffer() {
    for index in 0..<24 {
      for other in 0..<index {
        let (a, b) = (Palette.frame(index), Palette.frame(other))
        let apart = abs(Int(a.0) - Int(b.0)) + abs(Int(a.1) - Int(b.1)) + abs(Int(a.2) - Int(b.2))
        #expect(apart > 30, "\(index) and \(other)")
      }
    }
    for index in 0..<8 { #expect(Palette.frameText(index) == Palette.color(index)) }
  }

  /// Of very many points those are drawn that can be seen, each label for itself.
  @Test func manyPointsAreThinned() throws {
    let count = 120_000
    let x = (0..<count).map { Double($0 * 7919 % 1009) }
    let y = (0..<count).map { Double($0 * 104_729 % 1013) }
    let plot = ScatterPlot(x: x, y: y, labels: (0..<count).map { $0 % 40_000 == 0 ? "rare" : "many" })
    let cell = Script.Cell(x: 0...1009, y: 0...1013, columns: 100, rows: 100)
    #expect(cell.number(0, 0) != cell.number(1009, 0) && cell.number(0, 0) == cell.number(1, 1))
    #expect(cell.number(.nan, 0) == nil)
    let groups = plot.groups
    #expect(Script.thinned(groups[0].members, plot, cell) == groups[0].members)
    #expect(Script.thinned(groups[1].members, plot, cell).count <= 101 * 101)
    let lines = try script(Figure(.scatter(plot))).components(separatedBy: "\n").count
    #expect(lines > 1000 && lines <= 100_100)
  }
}

/// A matrix with one row or one column is seen: gnuplot draws no image with a side of one pixel.
@Suite(.enabled(if: Renderer.locate() != nil, "gnuplot is not installed"))
struct ThinHeatmapTests {
  @Test(arguments: [(1, 3), (3, 1), (1, 1), (1, 3000)]) func oneRowOrColumn(rows: Int, columns: Int) throws {
    let values = (0..<rows * columns).map { Double($0 % 3) + 1 }
    let (height, width, cells) = Script.drawable(HeatmapPlot(rows: rows, columns: columns, values: values))
    #expect(height > 1 && width > 1 && cells.count == height * width)
    let png = try Renderer().render(
      Figure(.heatmap(HeatmapPlot(rows: rows, columns: columns, values: values))), as: .png,
      size: FigureSize(width: 400, height: 300))
    let image = try PixelImage.decode(png).rgb()
    // About the middle of the plot, beside the numbers in the cells.
    var coloured = 0
    for row in 100..<200 {
      for column in 120..<260 {
        let at = (row * image.width + column) * 3
        let (least, most) = (image.pixels[at..<at + 3].min() ?? 0, image.pixels[at..<at + 3].max() ?? 0)
        if most - least > 30 { coloured += 1 }
      }
    }
    #expect(coloured > 1000, "\(coloured)")
  }
}
