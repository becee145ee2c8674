import Foundation
import Testing

@testable import Plotting

/// Words stay within the picture, and as many curves are drawn as look different.
struct RoomTests {
  private func script(_ figure: Figure, _ format: FigureFormat) throws -> String {
    var files = TemporaryFiles()
    defer { files.removeAll() }
    let size = try figure.size(nil, for: format)
    return try Script(figure, format: format, size: size, files: &files).text
  }

  private func title(_ figure: Figure, _ format: FigureFormat) throws -> String {
    let lines = try script(figure, format).split(separator: "\n").filter { $0.hasPrefix("set title \"") }
    return String(try #require(lines.last?.split(separator: "\"").dropFirst().first))
  }

  /// Pixels of a title's letters, which the formats have in different sizes.
  private func letters(_ format: FigureFormat) -> Double { format == .svg ? 16 : 13 * 4.0 / 3 }

  private let long = String(repeating: "word ", count: 60)

  /// A title stands over the plot's middle, which what is beside the plot moves.
  @Test(arguments: [FigureFormat.svg, .png, .pdf])
  func titlesStayWithinThePicture(format: FigureFormat) throws {
    let names = (0..<12).map { "row name \($0) is a long one" }
    let plain = Figure(
      title: long, .heatmap(HeatmapPlot(rows: 12, columns: 12, values: [Double](repeating: 1, count: 144))))
    let named = Figure(
      title: long,
      .heatmap(HeatmapPlot(rows: 12, columns: 12, values: [Double](repeating: 1, count: 144), rowNames: names)))
    let wide = TextWidth.pixels(try title(plain, format), size: letters(format))
    let narrow = TextWidth.pixels(try title(named, format), size: letters(format))
    #expect(wide <= 620 && wide > 560)
    // Names of some 150 pixels with the axis's own name stand on the left, the bar of colours on the right.
    #expect(narrow < 590 && narrow > 400)
    let labels = (0..<30).map { "a label that is quite long \($0)" }
    let ones = [Double](repeating: 1, count: 30)
    let points = Figure(title: long, .scatter(ScatterPlot(x: ones, y: ones, labels: labels)))
    let beside = TextWidth.pixels(try title(points, format), size: letters(format))
    #expect(beside <= 540 && beside > 300)
    let alone = Figure(title: long, .scatter(ScatterPlot(x: ones, y: ones)))
    #expect(TextWidth.pixels(try title(alone, format), size: letters(format)) > 600)
  }

  /// Two small pictures are narrower than the words that say what their colours mean.
  @Test(arguments: [FigureFormat.svg, .png, .pdf])
  func aMontageIsAsWideAsItsTitle(format: FigureFormat) throws {
    let tile = MontagePlot.Tile(width: 16, height: 16, channels: 1, pixels: [UInt8](repeating: 9, count: 256))
    let words = "Red brings them together, blue keeps them apart"
    let titled = Figure(title: words, .montage(MontagePlot([tile, tile])))
    #expect(try title(titled, format) == words)
    let plain = Figure(.montage(MontagePlot([tile, tile])))
    #expect(plain.suggestedSize.width < 200 && titled.suggestedSize.width > 350)
    #expect(Figure(title: long, .montage(MontagePlot([tile]))).suggestedSize.width <= 760)
  }

  /// Thousands of labels took gnuplot longer than its time.
  @Test func labelsThatLookAlikeAreDrawnTogether() throws {
    let count = 500
    let places = (0..<count).map(Double.init)
    let text = try script(
      Figure(.scatter(ScatterPlot(x: places, y: places, labels: places.map { "l\($0)" }))), .svg)
    let plot = try #require(text.split(separator: "\n").first { $0.hasPrefix("plot ") })
    #expect(plot.components(separatedBy: " with points pt ").count - 1 == Palette.lookCount)
    #expect(plot.contains("and 481 more"))
    // Each point, once.
    let rows = text.split(separator: "\n").filter { line in
      let numbers = line.split(separator: " ").compactMap { Double($0) }
      return numbers.count == 2 && numbers[0] == numbers[1]
    }
    #expect(rows.count == count && Set(rows).count == count)
    let looks = (0..<Palette.lookCount).map { "\(Palette.pointType($0)) \(Palette.color($0))" }
    #expect(Set(looks).count == looks.count)
    #expect(Palette.pointType(Palette.lookCount) == Palette.pointType(0))
  }

  @Test func oneValueIsOne() {
    let plot = HistogramPlot([.init("same", [1]), .init("different", [1, 2]), .init("none", [.nan])])
    let captions = plot.groups.enumerated().map { plot.caption($1, plot.binning, $0) }
    #expect(captions[0] == "same, 1 value" && captions[1] == "different, 2 values")
    #expect(captions[2].hasPrefix("none, 0 values"))
  }
}
