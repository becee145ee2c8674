extension Script {
  mutating func draw(_ plot: MontagePlot, files: inout TemporaryFiles) throws(PlottingError) {
    let layout = MontageLayout(plot, width: size.width)
    // The pictures are drawn at twice the size in formats that can be enlarged.
    let scale = format == .svg || format == .pdf ? 2 : 1
    let (width, over) = (layout.width * scale).multipliedReportingOverflow(by: layout.height * scale)
    guard !over, width <= 64_000_000 else { throw .tooLarge }
    var raster = Raster(width: layout.width * scale, height: layout.height * scale)
    for (index, tile) in plot.tiles.enumerated() {
      let column = index % layout.columns
      let row = index / layout.columns
      let x = layout.gap + column * layout.stepX
      let y = layout.gap + row * layout.stepY
      raster.draw(
        tile, x: x * scale, y: y * scale, width: layout.cellWidth * scale, height: layout.cellHeight * scale)
      if let label = tile.label, !label.isEmpty {
        // Two labels do not meet in the gap between their cells.
        let shown = quoted(label, pixels: layout.cellWidth + layout.gap - 3, larger: -2)
        add(
          "set label \(shown) at first \(x + layout.cellWidth / 2), "
            + "first \(y + layout.cellHeight + layout.labelHeight / 2 + 1) center font \",\(fontSize - 2)\" front")
      }
    }
    let path = try files.write(raster.bytes)
    add("unset border")
    add("unset tics")
    add("unset grid")
    add("set lmargin 0.5; set rmargin 0.5; set bmargin 0.3")
    add("set size ratio -1")
    add("set xrange [0:\(layout.width)]")
    add("set yrange [\(layout.height):0]")
    add(
      "plot \(GnuplotText.quoted(path, limit: 4000)) binary array=(\(raster.width),\(raster.height)) "
        + "dx=\(number(1 / Double(scale))) dy=\(number(1 / Double(scale))) "
        + "center=(\(number(Double(layout.width) / 2)),\(number(Double(layout.height) / 2))) "
        + "format=\"%uchar%uchar%uchar\" using 1:2:3 with rgbimage notitle")
  }
}
