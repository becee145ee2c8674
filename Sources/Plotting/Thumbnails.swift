/// Small pictures in place of a scatter plot's points, each in a frame of its label's colour: one image of our own, drawn over
/// the plot's whole area.
struct Thumbnails {
  /// The most of them: more would hide one another.
  static let limit = 2000

  /// Of each picture with its frame, in pixels.
  let side: Int
  private let frame = 2

  init(count: Int) {
    side = count <= 60 ? 48 : count <= 200 ? 36 : count <= 600 ? 26 : 20
  }

  /// Room at each end of an axis for half a picture, as a share of the axis.
  func room(along pixels: Int) -> Double { 0.02 + Double(side) / Double(max(1, 2 * pixels)) }

  /// - Parameters:
  ///   - colors: of each point's frame.
  ///   - scale: pixels for each of the size's.
  func raster(
    _ plot: ScatterPlot, width: Int, height: Int, scale: Int, x: ClosedRange<Double>, y: ClosedRange<Double>,
    colors: [(UInt8, UInt8, UInt8)]
  ) -> Raster {
    var raster = Raster(width: width * scale, height: height * scale)
    let (side, frame) = (self.side * scale, self.frame * scale)
    func place(_ value: Double, _ range: ClosedRange<Double>, _ pixels: Int) -> Int? {
      let part = (value / 2 - range.lowerBound / 2) / (range.upperBound / 2 - range.lowerBound / 2)
      return part.isFinite && abs(part) < 2 ? Int((part * Double(pixels)).rounded()) : nil
    }
    for (index, tile) in plot.thumbnails.enumerated() {
      guard let column = place(plot.x[index], x, raster.width), let row = place(plot.y[index], y, raster.height)
      else { continue }
      let (left, top) = (column - side / 2, raster.height - row - side / 2)
      raster.fill(colors[index], x: left, y: top, width: side, height: side)
      raster.draw(
        tile, x: left + frame, y: top + frame, width: side - 2 * frame, height: side - 2 * frame)
    }
    return raster
  }
}

extension Raster {
  /// A box of one colour.
  mutating func fill(_ color: (UInt8, UInt8, UInt8), x: Int, y: Int, width: Int, height: Int) {
    for row in max(0, y)..<max(0, y, min(self.height, y + height)) {
      for column in max(0, x)..<max(0, x, min(self.width, x + width)) {
        let place = (row * self.width + column) * 3
        (bytes[place], bytes[place + 1], bytes[place + 2]) = color
      }
    }
  }
}

extension Script {
  /// The pictures over the plot's area, as a part of a plot command; nothing where there are none.
  mutating func thumbnails(
    _ plot: ScatterPlot, legend: Int, files: inout TemporaryFiles
  ) throws(PlottingError) -> String? {
    guard !plot.thumbnails.isEmpty else { return nil }
    let (x, y) = (plot.xAxis.range, plot.yAxis.range)
    // About the area that gnuplot leaves: a picture that is a few pixels off its shape looks the same.
    let (width, height) = (max(40, size.width - 90 - legend), max(40, size.height - 90))
    var colors = [(UInt8, UInt8, UInt8)](repeating: Palette.frame(0), count: plot.x.count)
    for (index, group) in plot.groups.enumerated() {
      for member in group.members { colors[member] = Palette.frame(index) }
    }
    let scale = format == .svg || format == .pdf ? 2 : 1
    let raster = Thumbnails(count: plot.thumbnails.count).raster(
      plot, width: width, height: height, scale: scale, x: x, y: y, colors: colors)
    // gnuplot's first row is the lowest.
    var bytes: [UInt8] = []
    bytes.reserveCapacity(raster.bytes.count)
    for row in (0..<raster.height).reversed() {
      bytes += raster.bytes[row * raster.width * 3..<(row + 1) * raster.width * 3]
    }
    let path = try files.write(bytes)
    let (wide, high) = (x.upperBound - x.lowerBound, y.upperBound - y.lowerBound)
    return "\(GnuplotText.quoted(path, limit: 4000)) binary array=(\(raster.width),\(raster.height)) "
      + "dx=\(number(wide / Double(raster.width))) dy=\(number(high / Double(raster.height))) "
      + "center=(\(number(x.lowerBound + wide / 2)),\(number(y.lowerBound + high / 2))) "
      + "format=\"%uchar%uchar%uchar\" using 1:2:3 with rgbimage notitle"
  }
}
