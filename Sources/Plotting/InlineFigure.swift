import Foundation

extension Renderer {
  /// The figure as bytes to write to a terminal as they are: a picture where it can show one, else characters.
  public func inline(_ figure: Figure, in terminal: TerminalGraphics) throws(PlottingError) -> [UInt8] {
    switch terminal.pictures {
    case .kitty:
      return Inline.kitty(try render(figure, as: .png, size: picture(figure, terminal)))
    case .iterm:
      return Inline.iterm(try render(figure, as: .png, size: picture(figure, terminal)))
    case .sixel:
      return try render(figure, as: .sixel, size: picture(figure, terminal)) + [10]
    case .none:
      let size = FigureSize(
        width: max(20, min(terminal.columns - 1, 120)), height: max(5, min(terminal.rows - 2, 28)))
      return try characters(figure, terminal.colors, size, dots: terminal.hasBraille ? .braille : .halves)
    }
  }

  /// The figure's own size, or as much of it as the window holds.
  private func picture(_ figure: Figure, _ terminal: TerminalGraphics) -> FigureSize {
    let own = figure.suggestedSize
    let width = terminal.pixelWidth ?? terminal.columns.multipliedReportingOverflow(by: 9).partialValue
    let height = terminal.pixelHeight ?? terminal.rows.multipliedReportingOverflow(by: 18).partialValue
    let scale = min(
      1, Double(max(160, width)) * 0.96 / Double(own.width), Double(max(160, height)) * 0.8 / Double(own.height))
    return FigureSize(
      width: max(80, Int(Double(own.width) * scale)), height: max(80, Int(Double(own.height) * scale)))
  }
}

/// How terminals take a PNG between text.
enum Inline {
  /// The kitty graphics protocol: chunks of at most 4,096 base64 characters; a=T transmits and shows, q=2 keeps the
  /// terminal from answering into the next prompt.
  static func kitty(_ png: [UInt8]) -> [UInt8] {
    let encoded = Data(png).base64EncodedData()
    var result: [UInt8] = []
    for start in stride(from: 0, to: max(1, encoded.count), by: 4096) {
      let end = min(start + 4096, encoded.count)
      let more = end < encoded.count ? 1 : 0
      result += Array("\u{1B}_G\(start == 0 ? "a=T,f=100,q=2," : "")m=\(more);".utf8)
      result += encoded[start..<end]
      result += Array("\u{1B}\\".utf8)
    }
    return result + [10]
  }

  /// iTerm2's inline images.
  static func iterm(_ png: [UInt8]) -> [UInt8] {
    Array("\u{1B}]1337;File=inline=1;size=\(png.count);preserveAspectRatio=1:".utf8) + Data(png).base64EncodedData() + [
      7, 10,
    ]
  }
}
