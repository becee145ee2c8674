import Foundation
import Testing

@testable import Plotting

/// What gnuplot is told, whole: a change of style shows here.
struct ScriptTests {
  private func script(_ figure: Figure, _ format: FigureFormat = .svg) throws -> String {
    var files = TemporaryFiles()
    defer { files.removeAll() }
    let size = try figure.size(nil, for: format)
    return try Script(figure, format: format, size: size, files: &files).text
  }

  @Test func lines() throws {
    let figure = Figure(
      title: "Loss",
      .lines(
        LinePlot(
          [
            .init("loss", x: [1, 2, 3], y: [0.5, .nan, 0.125]), .init("val_loss", x: [1, 2, 3], y: [0.625, 0.4, 0.3]),
          ],
          xLabel: AxisLabel("epoch"), yLabel: AxisLabel("loss", unit: "nats"))))
    #expect(
      try script(figure) == """
        reset session
        set encoding utf8
        set terminal svg noenhanced size 760,460 fixed font "DejaVu Sans,14" name "figure_\(figure.dataHash)" background \
        "#ffffff" rounded linewidth 1
        set termoption noenhanced
        set encoding utf8
        set colorsequence podo
        set border 3 lw 1 lc rgb "#222222"
        set tics nomirror out scale 0.6 textcolor rgb "#222222"
        set grid lt 1 lw 0.8 lc rgb "#e4e4e4" back
        set style fill transparent solid 0.6 noborder
        set rmargin 3
        set datafile missing "?"
        unset key
        set title "Loss" font ",16"
        set xlabel "epoch"
        set xrange [1:3]
        set rmargin 3
        set xtics ("1" 1, "2" 2, "3" 3)
        set ylabel "loss (nats)"
        set yrange [0:0.65]
        set ytics ("0" 0, "0.1" 0.1, "0.2" 0.2, "0.3" 0.3, "0.4" 0.4, "0.5" 0.5, "0.6" 0.6)
        set key at graph 0.5, 1.02 center bottom horizontal Left reverse samplen 2 width 2
        set title offset character 0,1.3
        set tmargin 4.6
        $d1 << EOD
        1 0.5
        2 NaN
        3 0.125
        EOD
        $d2 << EOD
        1 0.625
        2 0.4
        3 0.3
        EOD
        plot $d1 using 1:2 with linespoints lw 2 pt 7 ps 0.55 lc rgb "#0072b2" title "loss (1 of 3 not finite)", $d2 \
        using 1:2 with linespoints lw 2 pt 7 ps 0.55 lc rgb "#d55e00" title "val_loss"
        unset output

        """)
  }

  /// The last line that matters of each kind: how it is plotted.
  @Test(arguments: [
    (1, "with filledcurves y1=0 fs transparent solid 0.45 noborder lc rgb \"#0072b2\" title \"same, 450 pairs\""),
    (2, "with lines lw 1.2 dt (6,6) lc rgb \"#999999\" title \"chance\""),
    (3, "title \"recipe, AUC 0.8929\""), (4, "points pt 7 ps 0.95 lc rgb \"#0072b2\" title \"s31\""),
    (5, "title \"and 21 more\""), (6, "format=\"%uchar%uchar%uchar\" using 1:2:3 with rgbimage notitle"),
    (7, "with rgbimage pixels notitle, NaN with points palette notitle"),
    (9, "with boxes lc rgb \"#0072b2\" notitle"), (13, "dt (6,6) lc rgb \"#999999\" title \"chance\""),
    (16, "using 1:2:3:4 with boxxyerror lc rgb"),
    (19, "title \"loss (1 of 7 not finite; 2 of 7 not above 0, not shown)\""),
  ])
  func kinds(index: Int, part: String) throws {
    let text = try script(Sample.all[index].figure())
    let plots = text.split(separator: "\n").filter { $0.hasPrefix("plot ") }
    #expect(plots.count == 1)
    #expect(plots.first?.contains(part) == true)
    #expect(!text.contains("plot '-'"))
  }

  @Test(arguments: [
    ("plain", "\"plain\""), ("it's", "\"it's\""), ("say \"x\"", "\"say \\042x\\042\""),
    ("`touch /tmp/x`", "\"\\140touch /tmp/x\\140\""), ("a\nsystem('x')", "\"a system('x')\""),
    ("back\\slash\\n", "\"back\\134slash\\134n\""), ("@macro $d1", "\"\\100macro \\044d1\""),
    ("zażółć 顔 ±", "\"zażółć 顔 ±\""), ("tab\tbell\u{7}", "\"tab bell \""), ("\r\nEOD", "\"  EOD\""),
  ])
  func quoting(text: String, quoted: String) {
    #expect(GnuplotText.quoted(text) == quoted)
  }

  @Test func longTextIsCut() {
    #expect(GnuplotText.quoted(String(repeating: "ab", count: 500), limit: 10) == "\"ababababa…\"")
  }

  /// Text takes room by its letters: sixty "i" fit where as many "W" do not.
  @Test func textIsCutByItsWidth() throws {
    #expect((347...350).contains(TextWidth.pixels("word…", size: 100)))
    for text in ["", "i", "word word", "WWW WWW", "顔顔顔", "e\u{301}é", "a\nb"] {
      for room in [-5, 0, 3, 9, 14, 20, 40, 80, 1000] {
        let shown = TextWidth.shortened(text, to: room, size: 10)
        #expect(TextWidth.pixels(shown, size: 10) <= Double(max(0, room)), "\(text) in \(room)")
        #expect(shown == text || shown.isEmpty || shown.hasSuffix("…") && text.hasPrefix(shown.dropLast()))
      }
      #expect(TextWidth.shortened(text, to: 1000, size: 10) == text)
    }
    func texts(_ script: String, _ command: String) throws -> [String] {
      try script.split(separator: "\n").filter { $0.hasPrefix(command + " \"") }.map {
        String(try #require($0.split(separator: "\"").dropFirst().first))
      }
    }
    for format in [FigureFormat.svg, .png, .pdf] {
      func shown(_ title: String, _ name: String) throws -> (title: String, name: String) {
        let plot = LinePlot([.init("value", y: [1, 2, 3])], xLabel: AxisLabel(name), yLabel: AxisLabel("y"))
        let text = try script(Figure(title: title, .lines(plot)), format)
        return (try #require(try texts(text, "set title").last), try #require(try texts(text, "set xlabel").last))
      }
      let long = try shown(String(repeating: "word ", count: 60), String(repeating: "x", count: 300))
      #expect(long.title.hasSuffix("…") && long.name.hasSuffix("…"))
      #expect(TextWidth.pixels(long.title, size: 16) < 700 && TextWidth.pixels(long.name, size: 14) < 700)
      #expect(long.title.count > 55 && long.name.count > 55)
      let narrow = String(repeating: "il", count: 40)
      let kept = try shown(narrow, narrow)
      #expect(kept.title == narrow && kept.name == narrow)
      // Labels of a montage stay in their cells.
      let pixels = [UInt8](repeating: 0, count: 28 * 28)
      let tiles = (0..<6).map {
        MontagePlot.Tile(width: 28, height: 28, channels: 1, pixels: pixels, label: "WIDE LABEL \($0)")
      }
      let labels = try texts(try script(Figure(.montage(MontagePlot(tiles, columns: 6))), format), "set label")
      let cell = MontageLayout(MontagePlot(tiles, columns: 6), width: 800).stepX
      #expect(labels.count == 6 && labels.allSatisfy { TextWidth.pixels($0, size: 12) <= Double(cell) })
    }
  }

  @Test(arguments: [
    (0.0, "0"), (0.0123, "0.0123"), (12.345678, "12.35"), (-3.0, "-3"), (1.2e-7, "1.2e-7"), (4.5e12, "4.5e12"),
    (Double.infinity, "inf"), (Double.nan, "NaN"), (0.99999, "1"), (123456.7, "123457"),
    (999_999_999, "1e9"), (1e-12, "1e-12"), (-1e-7, "-1e-7"), (9.9999e-5, "1e-4"), (99_996_000, "1e8"),
    (1e300, "1e300"), (.leastNonzeroMagnitude, "4.941e-324"),
  ])
  func numbers(value: Double, words: String) {
    #expect(Words.number(value) == words)
  }

  @Test func binsCountEveryFiniteValueOnce() {
    var noise = Sample.Noise()
    let values = (0..<2000).map { _ in noise.normal() } + [.nan, .infinity]
    for bins in [nil, 1, 7, 60] {
      let binning = Binning([values, [values[0]]], bins: bins)
      #expect(binning.counts[0].reduce(0, +) == 2000)
      #expect(binning.counts[1].reduce(0, +) == 1)
      if let bins { #expect(binning.binCount == bins) }
      // Against a plain count.
      for bin in 0..<binning.binCount {
        let low = binning.edges[bin]
        let isLast = bin == binning.binCount - 1
        let expected = values.count { value in
          value.isFinite && value >= low && (value < binning.edges[bin + 1] || isLast)
        }
        #expect(abs(binning.counts[0][bin] - expected) <= 1)
      }
    }
    #expect(Binning([[3, 3, 3]]).counts[0].reduce(0, +) == 3)
    #expect(Binning([[]]).counts[0].reduce(0, +) == 0)
    #expect(Binning([[1e308, -1e308]]).counts[0].reduce(0, +) == 2)
  }

  @Test func fingerprint() {
    let figure = Figure(
      title: "Loss",
      .lines(LinePlot([.init("loss", y: [0.5, .nan, 0.25])], xLabel: AxisLabel("x"), yLabel: AxisLabel("y"))))
    #expect(
      figure.fingerprintText == """
        line plot “Loss”
          loss: 3 values, 0.25 to 0.5, 1 not finite
          data \(figure.dataHash)
        """)
    var other = figure
    other.title = "Other"
    #expect(other.dataHash == figure.dataHash)
    #expect(Sample.loss().dataHash == Sample.loss().dataHash)
    // Of the ROC plots, linear and logarithmic axes share their data.
    #expect(Set(Sample.all.map { $0.figure().dataHash }).count == Sample.all.count - 2)
    // Saved sessions hold these hashes.
    let plain = Figure(
      .lines(LinePlot([.init("value", y: [1, 2, 3])], xLabel: AxisLabel("x"), yLabel: AxisLabel("y"))))
    #expect(plain.dataHash == "67124ce7862e6fb1")
    #expect(
      Figure(.histogram(HistogramPlot([.init("a", [1, 2])], bins: 3))).dataHash
        == Figure(.histogram(HistogramPlot([.init("a", [1, 2])]))).dataHash)
    #expect(
      Figure(.histogram(HistogramPlot([.init("a", [1, 2])], edges: [1, 2]))).dataHash
        != Figure(.histogram(HistogramPlot([.init("a", [1, 2])]))).dataHash)
  }

  @Test func principalAxes() {
    // A long axis along (1, 1, 0)/√2, a short one along (0, 0, 1).
    var values: [Double] = []
    for i in -10...10 { values += [Double(i), Double(i), i % 2 == 0 ? 1 : -1] }
    let plot = ScatterPlot.projected(values, count: 21, axes: 3)
    for (i, x) in zip(-10...10, plot.x) { #expect(abs(abs(x) - abs(Double(i)) * 2.0.squareRoot()) < 1e-3) }
    #expect(plot.xLabel.text.hasPrefix("first principal axis ("))
  }

  @Test func textGraphics() {
    #expect(TextGraphics.sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█")
    #expect(TextGraphics.sparkline([1, .nan, 1]) == "▄ ▄")
    #expect(TextGraphics.sparkline([]) == "")
    #expect(TextGraphics.sparkline((0..<100).map(Double.init), width: 4) == "▁▃▆█")
    #expect(TextGraphics.bar(0.5, width: 3) == "█▌")
    #expect(TextGraphics.bar(.nan, width: 3) == "")
    let tile = MontagePlot.Tile(width: 2, height: 2, channels: 1, pixels: [0, 255, 255, 0])
    #expect(TextGraphics.thumbnails([tile], colors: .full).contains("▀"))
    #expect(!TextGraphics.thumbnails([tile], colors: .none).contains("\u{1B}"))
  }

  @Test func protocolsOfTerminals() {
    let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    let kitty = String(decoding: Inline.kitty(bytes), as: UTF8.self)
    #expect(kitty.hasPrefix("\u{1B}_Ga=T,f=100,q=2,m=1;"))
    #expect(kitty.components(separatedBy: "\u{1B}\\").count == 5)
    #expect(kitty.contains("\u{1B}_Gm=0;"))
    #expect(String(decoding: Inline.iterm([1, 2, 3]), as: UTF8.self).hasSuffix(":AQID\u{7}\n"))
  }
}
