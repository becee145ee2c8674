/// A gnuplot script for one figure in one format. Data stand in it as named blocks, never inline after the command, where
/// an error would let gnuplot read them as commands.
struct Script {
  let format: FigureFormat
  /// Of the figure, or of the part that is being drawn.
  private(set) var size: FigureSize
  private(set) var text = ""
  /// Where the part that is being drawn ends below, counted in heights of the whole.
  private(set) var bottom = 0.0
  private var blocks = 0
  private(set) var hasTitle = false
  private var title = ""
  /// Pixels of the figure's width that a title and the name of the x-axis do not have: both stand over the plot's middle,
  /// which is not the figure's.
  private(set) var margin = 80
  /// Parts of a grid have smaller letters.
  private let isGrid: Bool

  init(_ figure: Figure, format: FigureFormat, size: FigureSize, files: inout TemporaryFiles) throws(PlottingError) {
    self.format = format
    self.size = size
    if case .grid = figure.content { isGrid = true } else { isGrid = false }
    add("reset session")
    add("set encoding utf8")
    add(terminal(name: "figure_" + figure.dataHash))
    add("set termoption noenhanced")
    if case .grid(let grid) = figure.content {
      try draw(grid, title: figure.title, files: &files)
    } else {
      try draw(figure, files: &files)
    }
    add("unset output")
  }

  private mutating func draw(_ figure: Figure, files: inout TemporaryFiles) throws(PlottingError) {
    style()
    hasTitle = figure.hasTitle
    title = figure.shownTitle ?? ""
    switch figure.content {
    case .bars(let plot): margin = plot.margin(width: size.width, fontPixels: fontPixels())
    case .montage: margin = 16
    case .heatmap(let plot): margin = plot.margin(fontPixels: fontPixels())
    case .scatter(let plot): margin = max(80, 16 + plot.legendWidth(figureWidth: size.width))
    default: margin = 80
    }
    setTitle(room: size.width - margin)
    switch figure.content {
    case .lines(let plot): draw(plot)
    case .histogram(let plot): draw(plot)
    case .roc(let plot): draw(plot)
    case .scatter(let plot): try draw(plot, files: &files)
    case .montage(let plot): try draw(plot, files: &files)
    case .heatmap(let plot): try draw(plot, files: &files)
    case .bars(let plot): draw(plot)
    case .grid: throw .gridInGrid
    }
  }

  /// The title, as much of it as there is room for.
  mutating func setTitle(room: Int) {
    guard hasTitle else { return }
    add("set title \(quoted(title, pixels: max(40, room), larger: 2)) font \",\(fontSize + 2)\"")
  }

  /// Each part in a rectangle of its own, counted in parts of the whole from the lower left corner.
  private mutating func draw(_ grid: FigureGrid, title: String?, files: inout TemporaryFiles) throws(PlottingError) {
    let whole = size
    let top = title?.isEmpty == false ? 34.0 / Double(whole.height) : 0
    let heading =
      title.map { " title \(quoted($0, pixels: whole.width - 16, larger: 3)) font \",\(fontSize + 3)\"" } ?? ""
    add("set multiplot" + (top > 0 ? heading : ""))
    let width = 1 / Double(grid.columnCount)
    let height = (1 - top) / Double(grid.rowCount)
    for (index, figure) in grid.figures.enumerated() {
      add("reset")
      size = FigureSize(
        width: max(60, Int(width * Double(whole.width))), height: max(60, Int(height * Double(whole.height))))
      let row = index / grid.columnCount
      bottom = max(0, 1 - top - Double(row + 1) * height)
      add("set origin \(number(Double(index % grid.columnCount) * width)),\(number(bottom))")
      add("set size \(number(width)),\(number(height))")
      try draw(figure, files: &files)
    }
    add("unset multiplot")
    size = whole
  }

  /// In the terminal's own unit: pixels for SVG, points elsewhere.
  var fontSize: Int { (format == .svg ? 14 : 11) - (isGrid ? 2 : 0) }

  mutating func add(_ line: String) {
    text += line
    text += "\n"
  }

  /// Text that this format can draw, in quotes.
  func quoted(_ text: String, limit: Int = 120) -> String {
    // Whoever looks at an SVG brings fonts of their own.
    GnuplotText.quoted(format == .svg ? text : InstalledFonts.legible(text), limit: limit)
  }

  /// The size of the letters in pixels: points are larger, 72 of them to the inch of 96 pixels.
  /// - Parameter larger: than the usual ones, in the terminal's unit.
  func fontPixels(larger: Int = 0) -> Double {
    Double(fontSize + larger) * (format == .svg ? 1 : 4.0 / 3)
  }

  /// Text in quotes, shortened to so many pixels.
  func quoted(_ text: String, pixels: Int, larger: Int = 0) -> String {
    let size = fontPixels(larger: larger)
    return quoted(TextWidth.shortened(text, to: pixels, size: size), limit: max(120, text.count))
  }

  /// For a tic's label, which gnuplot reads as a format: a per cent sign is doubled.
  func quotedTic(_ text: String, limit: Int = 40) -> String {
    let cut = text.count > limit ? text.prefix(max(1, limit - 1)) + "…" : text[...]
    return quoted(cut.map { $0 == "%" ? "%%" : String($0) }.joined(), limit: 2 * limit)
  }

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
    case .sixel, .text:
      return
        "set terminal sixelgd noenhanced size \(width),\(height) truecolor font \"DejaVu Sans,\(fontSize)\" "
        + "background \"#ffffff\""
    }
  }

  private mutating func style() {
    add("set encoding utf8")
    add("set colorsequence podo")
    add("set border 3 lw 1 lc rgb \"\(Palette.ink)\"")
    add("set tics nomirror out scale 0.6 textcolor rgb \"\(Palette.ink)\"")
    add("set grid lt 1 lw 0.8 lc rgb \"\(Palette.grid)\" back")
    add("set style fill transparent solid 0.6 noborder")
    add("set rmargin 3")
    add("set datafile missing \"?\"")
    add("unset key")
  }
}
