import Foundation
import Images
import Testing

@testable import Plotting

/// Drawn by the real gnuplot, where there is one.
@Suite(.enabled(if: Renderer.locate() != nil, "gnuplot is not installed"))
struct RenderingTests {
  @Test(arguments: Sample.all.indices)
  func everyKindInEveryFormat(index: Int) throws {
    let figure = Sample.all[index].figure()
    let renderer = Renderer()
    let size = figure.suggestedSize
    let png = try renderer.render(figure, as: .png)
    #expect(Array(png.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    #expect(Self.bigEndian(png, 16) == size.width)
    #expect(Self.bigEndian(png, 20) == size.height)
    #expect(Array(png.suffix(8).prefix(4)) == Array("IEND".utf8))
    let svg = String(decoding: try renderer.render(figure, as: .svg), as: UTF8.self)
    #expect(svg.hasPrefix("<?xml"))
    #expect(svg.contains("<svg") && svg.contains("width=\"\(size.width)\" height=\"\(size.height)\""))
    #expect(svg.hasSuffix("</svg>\n\n") || svg.hasSuffix("</svg>\n"))
    #expect(XMLCheck.isBalanced(svg))
    let pdf = try renderer.render(figure, as: .pdf)
    #expect(String(decoding: pdf.prefix(5), as: UTF8.self) == "%PDF-")
    #expect(String(decoding: pdf.suffix(8), as: UTF8.self).contains("%%EOF"))
    let sixel = try renderer.render(figure, as: .sixel)
    #expect(sixel.first == 0x1B)
    let text = String(decoding: try renderer.render(figure, as: .text(.none)), as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    // Figures one under another take more than a screen.
    #expect(lines.count > 5)
    if case .grid = figure.content {} else { #expect(lines.count <= 26) }
    #expect(lines.allSatisfy { HalfBlocks.shownWidth(String($0)) <= 80 })
    #expect(!text.contains("\u{1B}"))
    // For people to look at: TWINBOOK_FIGURES=folder.
    if let folder = ProcessInfo.processInfo.environment["TWINBOOK_FIGURES"] {
      let base = "\(folder)/\(Sample.all[index].name)"
      try Data(png).write(to: URL(fileURLWithPath: base + ".png"))
      try Data(svg.utf8).write(to: URL(fileURLWithPath: base + ".svg"))
      try Data(pdf).write(to: URL(fileURLWithPath: base + ".pdf"))
      try Data(sixel).write(to: URL(fileURLWithPath: base + ".six"))
      for (columns, rows) in [(80, 24), (120, 28)] {
        let size = FigureSize(width: columns, height: rows)
        for (colors, end) in [(TerminalGraphics.Colors.none, "txt"), (.table256, "ansi")] {
          try Data(try renderer.render(figure, as: .text(colors), size: size))
            .write(to: URL(fileURLWithPath: "\(base)-\(columns).\(end)"))
        }
      }
    }
  }

  /// A letter that no font has was once drawn over the whole picture.
  @Test func lettersThatNoFontHas() throws {
    let plain = try Self.darkShare(of: "plain words")
    for title in ["日本語の文字", "𓀀𓀁 hieroglyphs", "\u{10FFFD} private", "한국어", "عربى", "👩‍👩‍👧 family"] {
      #expect(try Self.darkShare(of: title) < plain + 0.02, "\(title)")
    }
  }

  private static func darkShare(of title: String) throws -> Double {
    let figure = Figure(
      title: title,
      .lines(LinePlot([.init(title, y: [1, 2])], xLabel: AxisLabel(title), yLabel: AxisLabel(title))))
    let png = try Renderer().render(figure, as: .png, size: FigureSize(width: 300, height: 200))
    let image = try PixelImage.decode(png)
    return Double(image.pixels.count { $0 < 128 }) / Double(image.pixels.count)
  }

  @Test func fontsOfBrowsers() throws {
    let svg = String(decoding: try Renderer().render(Sample.loss(), as: .svg), as: UTF8.self)
    #expect(svg.contains("font-family=\"DejaVu Sans, Verdana, sans-serif\""))
    #expect(!svg.contains("font-family=\"DejaVu Sans\""))
  }

  static func bigEndian(_ bytes: [UInt8], _ at: Int) -> Int {
    guard bytes.count >= at + 4 else { return -1 }
    return bytes[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) }
  }
}

enum XMLCheck {
  static func isBalanced(_ text: String) -> Bool {
    // XML has neither in its text.
    if text.contains("]]>") || text.unicodeScalars.contains(where: { $0 == "\u{FFFE}" || $0 == "\u{FFFF}" }) {
      return false
    }
    var depth = 0
    var rest = Substring(text)
    while let open = rest.firstIndex(of: "<") {
      guard let close = rest[open...].firstIndex(of: ">") else { return false }
      let tag = rest[open...close]
      if tag.hasPrefix("</") {
        depth -= 1
      } else if !tag.hasPrefix("<?"), !tag.hasPrefix("<!"), !tag.hasSuffix("/>") {
        depth += 1
      }
      if depth < 0 { return false }
      rest = rest[rest.index(after: close)...]
    }
    return depth == 0
  }
}
