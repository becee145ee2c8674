/// A gnuplot script for one figure in one format. Data stand in it as named blocks, never inline after the command, where
/// an error would let gnuplot read them as commands.
struct Script {
  let format: FigureFormat
  let size: FigureSize
  private(set) var text = ""
  private var blocks = 0
  private var hasTitle = false

  init(_ figure: Figure, format: FigureFormat, size: FigureSize, files: inout TemporaryFiles) throws(PlottingError) {
    self.format = format
    self.size = size
    add("reset session")
    add("set encoding utf8")
    add(terminal(name: "figure_" + figure.dataHash))
    add("set termoption noenhanced")
    style()
    if let title = figure.title, !title.isEmpty {
      hasTitle = true
      add("set title \(quoted(title))" + (isText ? "" : " font \",\(fontSize + 2)\""))
    }
    switch figure.content {
    case .lines(let plot): draw(plot)
    case .histogram(let plot): draw(plot)
    case .roc(let plot): draw(plot)
    case .scatter(let plot): draw(plot)
    case .montage(let plot): try draw(plot, files: &files)
    case .heatmap(let plot): try draw(plot, files: &files)
    case .bars(let plot): draw(plot)
    }
    add("unset output")
  }

  var isText: Bool { if case .text = format { true } else { false } }

  /// In the terminal's own unit: pixels for SVG, points elsewhere.
  var fontSize: Int { format == .svg ? 14 : 11 }

  mutating func add(_ line: String) {
    text += line
    text += "\n"
  }

  func quoted(_ text: String) -> String { GnuplotText.quoted(text) }
  func number(_ value: Double) -> String { GnuplotText.number(value) }

  /// A block of numbers; an empty row is an empty line (a gap).
  mutating func block(_ rows: [String]) -> String {
    blocks += 1
    let name = "$d\(blocks)"
    add("\(name) << EOD")
    for row in rows { add(row) }
    add("EOD")
    return name
  }

  private func terminal(name: String) -> String {
    let (width, height) = (size.width, size.height)
    switch format {
    case .svg:
      return
        "set terminal svg noenhanced size \(width),\(height) fixed font \"DejaVu Sans,\(fontSize)\" name \"\(name)\" "
        + "background \"#ffffff\" rounded linewidth 1"
    case .png:
      return
        "set terminal pngcairo noenhanced size \(width),\(height) font \"DejaVu Sans,\(fontSize)\" background \"#ffffff\" "
        + "rounded linewidth 1"
    case .pdf:
      // 96 pixels to the inch, as in CSS; the font shrinks by 72/96 with it.
      let inches = { (pixels: Int) in Words.fixed(Double(pixels) / 96, 4) }
      return
        "set terminal pdfcairo noenhanced size \(inches(width))in,\(inches(height))in font \"DejaVu Sans,\(fontSize)\" "
        + "fontscale 0.78 background \"#ffffff\" rounded linewidth 1"
    case .sixel:
      return
        "set terminal sixelgd noenhanced size \(width),\(height) truecolor font \"DejaVu Sans,\(fontSize)\" "
        + "background \"#ffffff\""
    case .text(let colors):
      return "set terminal dumb noenhanced size \(width),\(height) \(colors == .none ? "mono" : "ansi256")"
    }
  }

  private mutating func style() {
    add("set colorsequence podo")
    if isText {
      add("set border 3")
      add("set tics nomirror out")
    } else {
      add("set border 3 lw 1 lc rgb \"\(Palette.ink)\"")
      add("set tics nomirror out scale 0.6 textcolor rgb \"\(Palette.ink)\"")
      add("set grid lt 1 lw 0.8 lc rgb \"\(Palette.grid)\" back")
      add("set style fill transparent solid 0.6 noborder")
      add("set rmargin 3")
    }
    add("set datafile missing \"?\"")
    add("unset key")
  }

  mutating func axes(_ x: AxisLabel, _ y: AxisLabel) {
    if !x.name.isEmpty { add("set xlabel \(quoted(x.text))") }
    if !y.name.isEmpty { add("set ylabel \(quoted(y.text))") }
  }

  /// Above the plot, in rows, where no data can be.
  mutating func legendAbove() {
    if isText {
      add("set key tmargin center horizontal Left reverse samplen 2 width 2")
      return
    }
    // Between the title and the plot: gnuplot by itself would put it above the title.
    add("set key at graph 0.5, 1.02 center bottom horizontal Left reverse samplen 2 width 2")
    add("set title offset character 0,1.3")
    add("set tmargin \(hasTitle ? 4.6 : 2.6)")
  }

  /// At the right of the plot, in a column.
  mutating func legendAtRight() {
    add("unset rmargin")
    add("set key rmargin top vertical Left reverse samplen \(isText ? 1 : 0.5)")
  }

  /// A dashed line over the plot's whole height, its words at the top on the side with more room.
  mutating func verticalMark(at x: Double, in range: ClosedRange<Double>, label: String) {
    guard x.isFinite, x >= range.lowerBound, x <= range.upperBound else { return }
    let middle = range.lowerBound / 2 + range.upperBound / 2
    let style = isText ? "" : " dt (8,6) lw 1.4 lc rgb \"\(Palette.ink)\""
    add("set arrow from first \(number(x)), graph 0 to first \(number(x)), graph 1 nohead front\(style)")
    let gap = isText ? 2 : 0.8
    let side = x > middle ? "right offset character \(number(-gap)),0" : "left offset character \(number(gap)),0"
    add("set label \(quoted(label)) at first \(number(x)), graph 0.965 \(side) front")
  }

  /// A range that holds the values with a little room, from 0 where they come near it; never empty.
  static func range(_ values: some Sequence<Double>, zero: Bool, room: Double = 0.05) -> ClosedRange<Double> {
    var low = Double.infinity
    var high = -Double.infinity
    for value in values where value.isFinite {
      low = min(low, value)
      high = max(high, value)
    }
    guard low <= high else { return 0...1 }
    // Beyond this, differences overflow; gnuplot's own arithmetic is no better.
    (low, high) = (max(low, -1e300), min(high, 1e300))
    if low == high {
      let half = low == 0 ? 1 : abs(low) * 0.1
      (low, high) = (low - half, high + half)
      return low...high
    }
    let span = high - low
    if zero, low >= 0, low < 0.4 * high { return 0...(high + span * room) }
    return (low - span * room)...(high + span * room)
  }

  mutating func setRange(_ axis: String, _ range: ClosedRange<Double>) {
    add("set \(axis)range [\(number(range.lowerBound)):\(number(range.upperBound))]")
  }
}
