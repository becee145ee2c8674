import Foundation
import Testing

@testable import Plotting

/// Figures in characters, whole.
struct CharacterTests {
  private func text(_ figure: Figure, _ width: Int = 60, _ height: Int = 16, _ colors: TerminalGraphics.Colors = .none)
    -> [String]
  {
    figure.bounded.characters(size: FigureSize(width: width, height: height), colors: colors, dots: .braille)
      .split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  /// Column of a character in a line, from 0.
  private func column(_ character: Character, _ line: String) -> Int? {
    line.firstIndex(of: character).map { line.distance(from: line.startIndex, to: $0) }
  }

  @Test func bestEpochStandsInItsColumn() throws {
    for width in [40, 60, 79, 119] {
      for best in [4, 10, 12] {
        let figure = Figure.training(
          epochs: Array(1...12), loss: (1...12).map { 1 / Double($0) }, validation: (1...12).map { 2 / Double($0) },
          best: best)
        let lines = text(figure, width, 20)
        let mark = try #require(lines.compactMap { column("┊", $0) }.first)
        let ticks = try #require(lines.first { $0.contains("└") })
        #expect(Array(ticks)[mark] == "┬", "\(best) at \(width)")
      }
    }
  }

  @Test func zeroIsSeen() {
    let figure = Figure(
      .lines(LinePlot([.init("loss", y: [0, 0, 0])], xLabel: AxisLabel("epoch"), yLabel: AxisLabel("loss"))))
    let lines = text(figure)
    // The lowest row of the plot, over the axis, holds the curve, from the left to the right.
    let row = lines[lines.count - 4]
    #expect(lines[lines.count - 3].contains("└"))
    #expect(row.hasPrefix("  0 ┤"))
    #expect(row.dropFirst(5).allSatisfy { $0 == "⣀" })
    #expect(row.count == 60)
  }

  @Test func aLoneValueIsSeen() {
    for values: [Double] in [[5], [.nan, 3, .nan], [1, .nan, 2, .nan, 3]] {
      let figure = Figure(
        .lines(LinePlot([.init("a", y: values)], xLabel: AxisLabel("x"), yLabel: AxisLabel("y"))))
      #expect(text(figure).joined().filter { $0 == "•" }.count == values.count(where: \.isFinite))
    }
  }

  @Test func curvesDifferWithoutColours() {
    let lines = text(Sample.loss(), 80, 24)
    #expect(lines[0] == "Contrastive loss")
    #expect(lines[1].hasPrefix("⠤⠤⠤ loss   "))
    let legend = lines[1].components(separatedBy: "   ")
    #expect(legend.count == 2 && legend[0].prefix(3) != legend[1].prefix(3))
    #expect(lines[2] == "loss")
    #expect(lines.last?.trimmingCharacters(in: .whitespaces) == "epoch")
    let colored = text(Sample.loss(), 80, 24, .table256).joined()
    #expect(colored.contains("\u{1B}[38;5;32m") && colored.contains("\u{1B}[38;5;166m"))
  }

  /// Nothing is wider or higher than the window, however small.
  @Test(arguments: [(20, 5), (24, 8), (40, 10), (80, 24), (120, 28), (200, 60)])
  func fits(width: Int, height: Int) {
    for (name, figure) in Sample.all {
      for colors in [TerminalGraphics.Colors.none, .table256] {
        let lines = text(figure(), width, height, colors)
        for line in lines { #expect(HalfBlocks.shownWidth(line) <= width, "\(name) \(line)") }
        if case .grid = figure().content { continue }
        if case .montage = figure().content { continue }
        #expect(lines.count <= height + 2, "\(name) at \(width)×\(height): \(lines.count)")
      }
    }
  }

  @Test func histogramStripsShareAScale() {
    let figure = Figure(
      .histogram(
        HistogramPlot([.init("a", [0, 0, 0, 1]), .init("b", [3, 3, 2, 2])], edges: [0, 1, 2, 3, 4])))
    let lines = text(figure, 45, 16)
    let strips = lines.filter { $0.contains("█ a, 4 values") || $0.contains("█ b, 4 values") }
    #expect(strips.count == 2)
    // 75 % in one bin is a quarter of the width, to the top; 50 % is not.
    let first = lines.firstIndex { $0.contains("a, 4 values") } ?? 0
    #expect(lines[first + 1].contains("██████████"))
    let second = lines.firstIndex { $0.contains("b, 4 values") } ?? 0
    #expect(!lines[second + 1].contains("█"))
  }

  /// Ticks of a histogram's strip have a row between them, so that none stands closer to the next than others do.
  @Test(arguments: 10...40)
  func histogramTicksStandApart(height: Int) {
    for count in [3, 5, 6, 8, 13, 17] {
      let values = (0..<100).map { Double($0 < count * 4 ? 0 : 1 + $0 % 9) }
      let figure = Figure(
        .histogram(HistogramPlot([.init("a", values), .init("b", values)], edges: (0...10).map(Double.init))))
      let rows = text(figure, 70, height).enumerated().filter { $0.element.contains("┤") }.map(\.offset)
      #expect(rows.count >= 2)
      for (row, next) in zip(rows, rows.dropFirst()) { #expect(next - row >= 2, "\(count): \(rows)") }
    }
  }

  @Test func confusionsLeaveZerosOut() {
    let figure = Figure(
      .heatmap(
        HeatmapPlot(
          rows: 3, columns: 3, values: [5, 0, 0, 1, 4, 0, 0, 0, 6], rowNames: ["a", "b", "c"],
          columnNames: ["a", "b", "c"], xLabel: AxisLabel("taken for"), yLabel: AxisLabel("is"))))
    let lines = text(figure)
    #expect(lines[0] == "  → taken for   ↓ is")
    #expect(lines[2].filter { $0 == "·" }.count == 2 && lines[2].contains("5"))
    #expect(lines[3].contains("1") && lines[3].contains("4"))
    // Where zeros are rare they are numbers as all others.
    let full = Figure(.heatmap(HeatmapPlot(rows: 2, columns: 2, values: [0, 1, 2, 3])))
    #expect(!text(full).joined().contains("·"))
  }

  @Test func negativeBarsLieLeft() throws {
    let lines = text(Figure(.bars(BarPlot(names: ["up", "down"], values: [2, -2], yLabel: AxisLabel("")))), 40, 10)
    let up = try #require(column("█", lines[0]))
    let down = try #require(column("█", lines[1]))
    #expect(down < up)
    #expect(lines[0].hasSuffix(" 2") && lines[1].contains("-2"))
  }

  @Test func wideLettersKeepTheirColumns() {
    let lines = text(Figure(.bars(BarPlot(names: ["漢字", "ab"], values: [1, 1], yLabel: AxisLabel("")))), 40, 10)
    #expect(lines[0].hasPrefix("漢字 █") && lines[1].hasPrefix("  ab █"))
    #expect(HalfBlocks.shownWidth("漢字") == 4 && HalfBlocks.shownWidth("\u{1B}[38;5;32mab\u{1B}[0m") == 2)
    #expect(HalfBlocks.fitted("漢字漢字", 6) == "漢字…")
  }

  @Test func consolesWithoutBraille() {
    let text = Sample.loss().characters(size: .text, colors: .none, dots: .halves)
    #expect(!text.unicodeScalars.contains { (0x2800..<0x2900).contains($0.value) })
    #expect(text.contains("▀") && text.contains("▄"))
  }

  @Test func manyNamesAreCounted() {
    let entries = (0..<40).map { CharacterChart.Entry(sample: "•", words: "name\($0)", tint: .plain) }
    let lines = CharacterChart.wrapped(entries, width: 60, lines: 3)
    #expect(lines.count == 3)
    #expect(lines.allSatisfy { $0.width <= 60 })
    let words = lines.map { $0.map(\.text).joined() }.joined(separator: " ")
    let shown = entries.count { words.contains("\($0.words) ") || words.hasSuffix($0.words) }
    #expect(words.hasSuffix("… and \(40 - shown) more"))
  }

  @Test func partsStandSideBySide() {
    let wide = text(Sample.pair(), 120, 28)
    #expect(wide[0].contains("Loss by epoch") && wide[0].contains("Distances of people never seen"))
    // Too narrow for two: one under the other.
    let narrow = text(Sample.pair(), 50, 24)
    #expect(!narrow[0].contains("Distances"))
    #expect(narrow.contains { $0.hasPrefix("Distances") })
  }
}
