import Testing

@testable import Plotting

/// Pictures in place of a scatter plot's points.
@Suite struct ThumbnailTests {
  private static func plot(_ x: [Double], _ y: [Double]) -> ScatterPlot {
    var plot = ScatterPlot(x: x, y: y, labels: x.indices.map { "\($0)" })
    plot.thumbnails = x.indices.map { index in
      .init(width: 2, height: 2, channels: 1, pixels: [10, 20, 30, 40].map { $0 + UInt8(index) })
    }
    return plot
  }

  /// Each picture stands where its point does, upright, in a frame of its colour; what lies outside is cut off, and what is
  /// no number is left out.
  @Test func picturesStandAtTheirPoints() {
    let plot = Self.plot([0.25, 0.75, 1, .nan], [0.25, 0.75, 0, 0.5])
    let thumbnails = Thumbnails(count: 3)
    #expect(thumbnails.side == 48)
    let colors: [(UInt8, UInt8, UInt8)] = (0..<4).map { Palette.frame($0) }
    #expect(colors[0] == (0x00, 0x72, 0xb2) && colors[1] == (0xd5, 0x5e, 0x00))
    let raster = thumbnails.raster(
      plot, width: 400, height: 200, scale: 1, x: 0...1, y: 0...1, colors: colors)
    func pixel(_ column: Int, _ row: Int) -> [UInt8] {
      Array(raster.bytes[(row * 400 + column) * 3..<(row * 400 + column) * 3 + 3])
    }
    // The first is at column 100, 150 from the top: a frame of two pixels, then 44 × 44 of the picture.
    #expect(pixel(76, 126) == [0, 0x72, 0xb2] && pixel(77, 173) == [0, 0x72, 0xb2])
    #expect(pixel(75, 150) == [255, 255, 255] && pixel(124, 150) == [255, 255, 255])
    #expect(pixel(79, 129) == [10, 10, 10] && pixel(121, 129) == [20, 20, 20])
    #expect(pixel(79, 171) == [30, 30, 30] && pixel(121, 171) == [40, 40, 40])
    #expect(pixel(300 - 10, 50 - 10) == [11, 11, 11])
    // A quarter of the third is within the plot.
    #expect(pixel(399, 199) == [12, 12, 12] && pixel(376, 199) == [0, 0x9e, 0x73])
    #expect(raster.bytes.count == 400 * 200 * 3)
  }

  /// The script draws one image over the whole area, and the legend's colours beside it; figures of other pictures have
  /// other hashes, and those without are as they were.
  @Test func scriptAndHash() throws {
    let plot = Self.plot([0, 1], [0, 1])
    var files = TemporaryFiles()
    defer { files.removeAll() }
    let script = try Script(
      Figure(.scatter(plot)), format: .png, size: FigureSize(width: 400, height: 300), files: &files)
    #expect(script.text.contains("with rgbimage notitle, NaN with points pt 5 ps 1.0 lc rgb \"#0072b2\" title \"0\""))
    var other = plot
    other.thumbnails[0].pixels[0] = 99
    var without = plot
    without.thumbnails = []
    let hashes = [plot, other, without].map { Figure(.scatter($0)).dataHash }
    #expect(Set(hashes).count == 3)
    #expect(Figure(.scatter(plot)).fingerprintText.contains("2 images"))
  }
}
