import Foundation
import Synchronization
import Testing

@testable import Plotting

struct FailureTests {
  private func line(_ y: [Double], title: String? = nil, name: String = "y") -> Figure {
    Figure(title: title, .lines(LinePlot([.init(name, y: y)], xLabel: AxisLabel("x"), yLabel: AxisLabel(name))))
  }

  @Test func noGnuplot() {
    #expect(Renderer.locate(path: "") == nil)
    #expect(Renderer.locate(path: "/nowhere:/etc") == nil)
    let renderer = Renderer(program: nil)
    #expect(throws: PlottingError.gnuplotMissing) { try renderer.render(line([1, 2]), as: .svg) }
    #expect(throws: PlottingError.gnuplotMissing) {
      try Renderer(program: "/nowhere/gnuplot").render(line([1, 2]), as: .svg)
    }
    let words = PlottingError.gnuplotMissing.explanation
    #expect(words.message == "a plot needs gnuplot, which is not installed here")
    #expect(
      words.help == "install it (Debian, Ubuntu: sudo apt-get install gnuplot-nox); all but plots works without it")
    // Characters of our own need none.
    #expect(throws: Never.self) { try renderer.render(Sample.bars(), as: .text(.none)) }
    #expect(throws: Never.self) { try renderer.render(Sample.montage(), as: .text(.full)) }
  }

  @Test(arguments: [
    ([Double](), "a line plot has nothing to show: there are no values"),
    ([Double.nan, Double.infinity], "a line plot has nothing to show: its values are all NaN or infinite"),
  ])
  func nothingToShow(values: [Double], words: String) {
    let error = #expect(throws: PlottingError.self) { try Renderer().render(line(values), as: .svg) }
    #expect(error?.explanation.message == words)
  }

  /// Points with so many pictures of 2 × 2 that hold so many bytes.
  private static func pictured(_ count: Int, points: Int = 1, pixels: Int) -> Figure {
    let places = (0..<points).map(Double.init)
    var plot = ScatterPlot(x: places, y: places)
    plot.thumbnails = Array(
      repeating: .init(width: 2, height: 2, channels: 1, pixels: Array(repeating: 7, count: pixels)), count: count)
    return Figure(.scatter(plot))
  }

  @Test func emptyOthers() {
    let figures: [Figure] = [
      Figure(.histogram(HistogramPlot([]))), Figure(.histogram(HistogramPlot([.init("a", [.nan])]))),
      Figure(.roc(ROCPlot([]))), Figure(.scatter(ScatterPlot(x: [], y: []))),
      Figure(.scatter(ScatterPlot(x: [1], y: [1, 2]))),
      Figure(.scatter(ScatterPlot(x: [1], y: [1], labels: ["a", "b"]))), Self.pictured(2, pixels: 4),
      Self.pictured(1, pixels: 3), Self.pictured(Thumbnails.limit + 1, points: Thumbnails.limit + 1, pixels: 4),
      Figure(.montage(MontagePlot([]))),
      Figure(.montage(MontagePlot([.init(width: 3, height: 3, channels: 2, pixels: [])]))),
      Figure(.montage(MontagePlot([.init(width: .max, height: .max, channels: 1, pixels: [])]))),
      Figure(.heatmap(HeatmapPlot(rows: 0, columns: 3, values: []))),
      Figure(.heatmap(HeatmapPlot(rows: .max, columns: 3, values: [1]))), Figure(.bars(BarPlot(names: [], values: []))),
      Figure(.histogram(HistogramPlot([.init("a", [1])], bins: 0))),
    ]
    for figure in figures {
      #expect(throws: PlottingError.self) { try figure.check() }
      // Words and hashes of broken figures do no harm either.
      #expect(!figure.fingerprintText.isEmpty)
    }
    #expect(throws: PlottingError.self) {
      try Renderer().render(line([1]), as: .png, size: FigureSize(width: 1_000_000, height: 5))
    }
  }

  /// A program that stands in for gnuplot.
  private func stand(in script: String) throws -> String {
    let path = NSTemporaryDirectory() + "/twinbook-stand-in-\(UUID().uuidString)"
    try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return path
  }

  @Test func hungProcessIsKilled() throws {
    let mark = NSTemporaryDirectory() + "/twinbook-pid-\(UUID().uuidString)"
    let program = try stand(in: "echo $$ > \(mark)\nsleep 1000 & wait")
    defer {
      unlink(program)
      unlink(mark)
    }
    // So much data that the pipe is full: the writer must not hold the clock up.
    let figure = line((0..<3000).map { Double($0).squareRoot() })
    #expect(throws: PlottingError.timeout(seconds: 1)) {
      try Renderer(program: program, timeout: 1).render(figure, as: .svg)
    }
    let text = try String(contentsOfFile: mark, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    let process = try #require(Int32(text))
    #expect(kill(process, 0) != 0)
    let start = Date()
    #expect(throws: PlottingError.interrupted) {
      try Renderer(program: program, isInterrupted: { Date().timeIntervalSince(start) > 0.1 }).render(figure, as: .svg)
    }
  }

  /// Ten million points take seconds to draw in characters, too.
  @Test func charactersAreInterrupted() throws {
    let places = (0..<20_000).map(Double.init)
    let figures = [
      line(places), Figure(.scatter(ScatterPlot(x: places, y: places))),
      Figure(.heatmap(HeatmapPlot(rows: 2000, columns: 10, values: places))), Figure(.grid(FigureGrid([line(places)]))),
    ]
    for figure in figures {
      // It is given up in the middle: the whole would ask more often.
      let questions = Mutex(0)
      let renderer = Renderer(isInterrupted: {
        questions.withLock {
          $0 += 1
          return $0 > 2
        }
      })
      #expect(throws: PlottingError.interrupted) { try renderer.render(figure, as: .text(.none)) }
      #expect(questions.withLock { $0 } <= 5)
    }
  }

  @Test func deadProcess() throws {
    let program = try stand(in: "echo 'cannot load libfont' >&2; exit 3")
    defer { unlink(program) }
    let error = #expect(throws: PlottingError.self) {
      try Renderer(program: program).render(line((0..<4000).map(Double.init)), as: .svg)
    }
    #expect(error?.explanation.message == "gnuplot ended before the figure was drawn: cannot load libfont")
  }

  @Test func sizesHaveABoundForEachSide() throws {
    for size in [FigureSize(width: 19, height: 5), FigureSize(width: 20, height: 4)] {
      let error = #expect(throws: PlottingError.self) { try line([1, 2]).size(size, for: .text(.none)) }
      #expect(
        error?.explanation.message
          == "a figure's width is 20 to 2000 and its height 5 to 2000, got \(size.width)×\(size.height)")
    }
    #expect(try line([1, 2]).size(FigureSize(width: 20, height: 5), for: .text(.none)).height == 5)
  }

  @Test func messagesInWords() {
    let raw = """
      gnuplot> plot $d1 using 1:2 with nonsense
                                        ^
               line 0: unrecognized plot type

      """
    #expect(Renderer.words(in: raw) == "unrecognized plot type")
    #expect(Renderer.words(in: "\n\"x\" line 3: undefined function: f\n") == "undefined function: f")
    #expect(Renderer.words(in: "Warning: empty y range [1:1], adjusting to [0.99:1.01]\n") == "")
  }

  @Suite(.enabled(if: Renderer.locate() != nil, "gnuplot is not installed"))
  struct WithGnuplot {
    @Test func errorsSurface() throws {
      let program = try #require(Renderer.locate())
      #expect(throws: PlottingError.gnuplotRefused(messages: "undefined variable: nonsense")) {
        try Renderer().run("set terminal dumb\nplot nonsense\nunset output\n", program: program)
      }
    }

    @Test(arguments: [
      "`touch MARK`", "\"; system(\"touch MARK\"); \"", "'; system('touch MARK')", "\\\"; system(\"touch MARK\") #",
      "x\nsystem(\"touch MARK\")\n", "EOD\n!touch MARK\n", "@x $d1", "%s %n %d", "{/Bold x}_2^3",
      "\\140touch MARK\\140",
      "\u{0} null", "<svg onload=alert(1)>&amp;", "x[y[0]]>3 no \u{FFFE} character \u{FFFF}",
    ])
    func injection(attempt: String) throws {
      let mark = NSTemporaryDirectory() + "/twinbook-injected-\(UUID().uuidString)"
      let text = attempt.replacingOccurrences(of: "MARK", with: mark)
      let label = AxisLabel(text, unit: text)
      let figures: [Figure] = [
        Figure(
          title: text,
          .lines(
            LinePlot(
              [.init(text, y: [1, 2]), .init(text, y: [2, .nan, 3])], xLabel: label, yLabel: label,
              marks: [.init(x: 1, label: text)]))),
        Figure(
          title: text,
          .histogram(
            HistogramPlot(
              [.init(text, [1, 2]), .init("b", [1])], threshold: .init(1.2, label: text), xLabel: label, noun: text))),
        Figure(
          title: text, .scatter(ScatterPlot(x: [1, 2], y: [1, 2], labels: [text, "b"], xLabel: label, yLabel: label))),
        Figure(
          title: text,
          .montage(MontagePlot([.init(width: 1, height: 1, channels: 1, pixels: [9], label: text)]))),
        Figure(
          title: text,
          .heatmap(
            HeatmapPlot(
              rows: 1, columns: 2, values: [1, 2], rowNames: [text], columnNames: [text, text], xLabel: label,
              yLabel: label, valueLabel: label))),
        Figure(title: text, .bars(BarPlot(names: [text], values: [1], yLabel: label, xLabel: label))),
        Figure(title: text, .roc(ROCPlot([.init(text, far: [0, 1], tar: [0, 1], eer: 0.5, auc: 0.5)]))),
      ]
      for figure in figures {
        for format in [FigureFormat.svg, .png, .text(.none)] {
          let bytes = try Renderer().render(figure, as: format)
          if format == .svg { #expect(XMLCheck.isBalanced(String(decoding: bytes, as: UTF8.self))) }
        }
      }
      #expect(!FileManager.default.fileExists(atPath: mark))
    }

    @Test(arguments: [
      [1e308, -1e308], [2e-308, 0], [1, 1, 1], [0], [.nan, 1, .infinity], [1e300, 1e300 * 1.0000001],
      [-1e-300, 1e-300],
    ])
    func extremes(values: [Double]) throws {
      let figures: [Figure] = [
        Figure(.lines(LinePlot([.init("y", y: values)], xLabel: AxisLabel("x"), yLabel: AxisLabel("y")))),
        Figure(.histogram(HistogramPlot([.init("y", values)]))),
        Figure(.scatter(ScatterPlot(x: values, y: values))),
        Figure(.bars(BarPlot(names: values.map { "\($0)" }, values: values))),
        Figure(.heatmap(HeatmapPlot(rows: 1, columns: values.count, values: values))),
      ]
      for figure in figures {
        for format in [FigureFormat.svg, .text(.none), .text(.full)] {
          #expect(throws: Never.self) { try Renderer().render(figure, as: format) }
        }
      }
    }
  }
}
