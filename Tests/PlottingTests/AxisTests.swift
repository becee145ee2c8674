import Foundation
import Testing

@testable import Plotting

/// Ticks, bins with given edges, and where the names of curves stand.
struct AxisTests {
  @Test(
    arguments: [
      (0.0, 1.0, 5, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]), (0, 20, 4, ["0", "5", "10", "15", "20"]),
      (-1, 1, 4, ["-1.0", "-0.5", "0", "0.5", "1.0"]),
      (
        1_000_000.095, 1_000_000.205, 5,
        ["1000000.10", "1000000.12", "1000000.14", "1000000.16", "1000000.18", "1000000.20"]
      ),
      (0, 3e9, 3, ["0", "1e9", "2e9", "3e9"]), (0, 3e-7, 3, ["0", "1e-7", "2e-7", "3e-7"]),
      (0, 0.004, 4, ["0", "0.001", "0.002", "0.003", "0.004"]),
    ] as [(Double, Double, Int, [String])])
  func linear(low: Double, high: Double, count: Int, labels: [String]) {
    let ticks = Ticks.linear(low...high, about: count)
    #expect(ticks.labels == labels)
    #expect(ticks.offset == nil)
    // What a label says is the place where it stands.
    for (value, label) in zip(ticks.values, ticks.labels) { #expect(Double(label) == value) }
  }

  @Test(
    arguments: [
      (1e15, 1e15 + 4), (1_234_567_890.001, 1_234_567_890.002), (-5e9 - 1, -5e9 + 1), (0.1, 0.1 + 1e-12),
      (1e300, 1e300 * (1 + 1e-14)), (-1e300, 1e300), (-1e-300, 1e-300), (2e-308, 3e-308), (0, .leastNonzeroMagnitude),
    ] as [(Double, Double)])
  func labelsDiffer(low: Double, high: Double) {
    let axis = Axis(label: AxisLabel("value"), range: low...high)
    let ticks = axis.ticks(about: 6)
    #expect(ticks.values.count > 1)
    #expect(ticks.values.count == ticks.labels.count)
    #expect(Set(ticks.labels).count == ticks.labels.count || ticks.values.count == 2, "\(ticks.labels)")
    #expect(ticks.labels.allSatisfy { $0.count <= 12 }, "\(ticks.labels)")
    if ticks.offset != nil { #expect(axis.text(ticks) != "value") }
  }

  @Test func wholeNumbersHaveNoneBetween() {
    #expect(Ticks.linear(1...3, about: 10, whole: true).labels == ["1", "2", "3"])
    #expect(Ticks.linear(0...100, about: 5, whole: true).labels == ["0", "20", "40", "60", "80", "100"])
  }

  @Test func logarithmic() {
    #expect(Ticks.logarithmic(0.01...100, about: 8).labels == ["0.01", "0.1", "1", "10", "100"])
    #expect(Ticks.logarithmic(0.01...100, about: 8).minor.count == 32)
    #expect(Ticks.logarithmic(1.5...6, about: 8).labels == ["2", "3", "4", "5", "6"])
    #expect(Ticks.logarithmic(1e-20...1e20, about: 8).labels.count <= 9)
    #expect(Ticks.logarithmic(3.1...3.2, about: 8).labels == ["3.1", "3.2"])
    let axis = Axis(label: AxisLabel("x"), range: 0.01...100, isLogarithmic: true)
    #expect(abs((axis.part(1) ?? 0) - 0.5) < 1e-12)
    #expect(axis.part(0) == nil && axis.part(-1) == nil && axis.part(.nan) == nil && axis.part(1000) == nil)
  }

  /// numpy.histogram([0, 0.5, 1, 1.5, 2, 3, 4, -1, 9], [0, 0.5, 1, 2, 4])
  @Test func edgesCountAsNumPyDoes() {
    let values = [0, 0.5, 1, 1.5, 2, 3, 4, -1, 9, .nan]
    let bins = Binning([values], edges: [0, 0.5, 1, 2, 4])
    #expect(bins.counts == [[1, 1, 2, 3]])
    let plot = HistogramPlot([.init("a", values)], edges: [0, 0.5, 1, 2, 4])
    #expect(plot.hasLegend)
    #expect(plot.caption(plot.groups[0], bins, 0) == "a, 9 values (1 more not finite; 2 outside the bins)")
  }

  @Test(
    arguments: [
      ([1.0], "two or more are needed, got 1"), ([0, 1, 1], "1 comes after 1"),
      ([2, 1], "1 comes after 2"), ([0, .infinity], "one of them is not finite, or beyond ±1e300"),
    ] as [([Double], String)])
  func wrongEdges(edges: [Double], reason: String) {
    let figure = Figure(.histogram(HistogramPlot([.init("a", [1])], edges: edges)))
    #expect(figure.wrongEdges == .badEdges(reason: reason))
    #expect(throws: PlottingError.badEdges(reason: reason)) { try figure.check() }
  }

  @Test func mergedBinsKeepTheirCounts() {
    for count in [9, 20, 37, 42, 60, 200] {
      let values = (0..<1000).map { Double($0 * 7919 % 1000) }
      let bins = Binning([values, [1, 2]], bins: count)
      let merged = bins.merged(for: 72)
      #expect(merged.counts.map { $0.reduce(0, +) } == [1000, 2])
      #expect(merged.binCount <= max(72, 60))
      #expect(merged.start == bins.start && merged.end >= bins.end - 1e-9)
    }
  }

  /// What is held to ±10³⁰⁰ is told in the picture.
  @Test func valuesBeyondWhatIsDrawn() {
    let line = LinePlot([.init("loss", y: [1, 1e305, 2])], xLabel: AxisLabel("epoch"), yLabel: AxisLabel("loss"))
    #expect(line.caption(line.series[0]) == "loss (1 of 3 at or beyond ±1e300, drawn there)")
    #expect(line.hasLegend)
    let histogram = HistogramPlot([.init("values", [1, 2, -1e305])])
    #expect(
      histogram.caption(histogram.groups[0], histogram.binning, 0).contains("1 at or beyond ±1e300, counted there"))
    #expect(histogram.hasLegend)
    #expect(ScatterPlot(x: [1, 1e301], y: [1, 2]).xAxis.label.text.contains("1 at or beyond ±1e300, drawn there"))
    #expect(Words.shown(1e305) == "≥ 1e300" && Words.shown(-1e305) == "≤ -1e300" && Words.shown(12) == "12")
  }

  @Test func legends() {
    #expect(Legend(["loss", "val_loss"], width: 760, height: 460).place == .above)
    #expect(Legend((0..<10).map { "series \($0)" }, width: 760, height: 460).place == .right)
    let long = (0..<30).map { "a setting with a name of many words \($0)" }
    let below = Legend(long, width: 760, height: 460)
    guard case .below(let columns, let rows) = below.place else {
      Issue.record("long names belong below")
      return
    }
    #expect(below.shown < 30 && below.shown <= columns * rows)
    #expect(below.extraHeight > 0)
  }
}

/// Where bins begin and end, and what falls into them, by one rule.
@Suite struct BinEdgesTests {
  /// The edges that a histogram gives count the same as its number of bins.
  @Test(arguments: [1, 2, 3, 7, 9, 10, 13, 29, 100]) func edgesFitCounts(bins: Int) {
    let tenths = (1...10).map { Double($0) / 10 }
    for values in [tenths, tenths.map { $0 * 0.3 - 7 }, (0..<400).map { Double($0 * 7919 % 400) / 7 }] {
      let binning = Binning([values], bins: bins)
      #expect(binning.edges.first == values.min() && binning.edges.last == values.max())
      #expect(binning.counts == Binning([values], edges: binning.edges).counts, "\(binning.edges)")
      #expect(binning.counts[0].reduce(0, +) == values.count)
    }
  }

  @Test func chosenBinsToo() throws {
    let tenths = (1...10).map { Double($0) / 10 }
    let many = (0..<500).map { Double($0 * 7919 % 500) * 0.1 - 3.3 }
    for values in [tenths, many] {
      let binning = Binning([values])
      let first = try #require(binning.edges.first)
      let last = try #require(binning.edges.last)
      #expect(values.allSatisfy { first <= $0 && $0 <= last })
      #expect(binning.counts == Binning([values], edges: binning.edges).counts)
    }
    #expect(Binning([[5, 5]], bins: 4).counts[0].reduce(0, +) == 2)
  }
}
