/// Small pictures in a line of text, for the display of values.
public enum TextGraphics {
  /// "▁▂▅█▆": one character for each value (or stretch of values, when there are more than `width`); a blank where it
  /// is not finite.
  public static func sparkline(_ values: [Double], width: Int = 40) -> String {
    let width = max(1, width)
    var shown = values
    if values.count > width {
      shown = (0..<width).map { index in
        let stretch = values[
          (index * values.count / width)..<max((index + 1) * values.count / width, index * values.count / width + 1)
        ]
        .filter(\.isFinite)
        return stretch.isEmpty ? .nan : stretch.reduce(0) { $0 + $1 / Double(stretch.count) }
      }
    }
    let finite = shown.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return String(repeating: " ", count: shown.count) }
    let signs = Array("▁▂▃▄▅▆▇█")
    let span = high / 2 - low / 2
    return String(
      shown.map { value in
        guard value.isFinite else { return " " }
        guard span > 0 else { return signs[3] }
        let part = (value / 2 - low / 2) / span
        return signs[max(0, min(7, Int((part * 7).rounded())))]
      })
  }

  /// A bar of eighths of characters: `part` (0…1) of `width`.
  public static func bar(_ part: Double, width: Int) -> String {
    guard part.isFinite, width > 0 else { return "" }
    let eighths = Int((max(0, min(1, part)) * Double(min(width, 10_000)) * 8).rounded())
    let rest = Array(" ▏▎▍▌▋▊▉")[eighths % 8]
    return String(repeating: "█", count: eighths / 8) + (eighths % 8 == 0 ? "" : String(rest))
  }

  /// Pictures beside one another in half blocks, as lines of text: thumbnails of a dataset. Without colours in shades
  /// of density.
  public static func thumbnails(
    _ tiles: [MontagePlot.Tile], columns: Int = 80, rows: Int = 24, colors: TerminalGraphics.Colors
  ) -> String {
    guard !tiles.isEmpty, tiles.allSatisfy(\.isValid) else { return "" }
    let size = FigureSize(width: max(8, min(columns, 2000)), height: max(4, min(rows, 2000)))
    return Figure(.montage(MontagePlot(tiles))).characters(size: size, colors: colors, dots: .braille)
  }
}

/// Two pixels in a character.
enum HalfBlocks {
  static func lines(_ raster: Raster, colors: TerminalGraphics.Colors) -> [String] {
    (0..<(raster.height / 2)).map { line in
      var text = ""
      var last = ""
      for x in 0..<raster.width {
        let top = pixel(raster, x, line * 2)
        let bottom = pixel(raster, x, line * 2 + 1)
        if colors == .none {
          let light = (luminance(top) + luminance(bottom)) / 2
          text.append(density[max(0, min(density.count - 1, Int(light * Double(density.count - 1) + 0.5)))])
          continue
        }
        let code = "\u{1B}[38;\(color(top, colors));48;\(color(bottom, colors))m"
        if code != last { text += code }
        last = code
        text += "▀"
      }
      return colors == .none ? text : text + "\u{1B}[0m"
    }
  }

  private static let density = Array(" .:-=+*#%@")

  private static func pixel(_ raster: Raster, _ x: Int, _ y: Int) -> (UInt8, UInt8, UInt8) {
    let place = (y * raster.width + x) * 3
    return (raster.bytes[place], raster.bytes[place + 1], raster.bytes[place + 2])
  }

  private static func luminance(_ pixel: (UInt8, UInt8, UInt8)) -> Double {
    (Double(pixel.0) * 0.299 + Double(pixel.1) * 0.587 + Double(pixel.2) * 0.114) / 255
  }

  /// "5;231" or "2;255;255;255".
  static func color(_ pixel: (UInt8, UInt8, UInt8), _ colors: TerminalGraphics.Colors) -> String {
    if colors == .full { return "2;\(pixel.0);\(pixel.1);\(pixel.2)" }
    let (r, g, b) = (Int(pixel.0), Int(pixel.1), Int(pixel.2))
    // The 24 grays of the table where it is gray, else its cube of 6 × 6 × 6.
    if max(r, g, b) - min(r, g, b) < 12 {
      if r < 4 { return "5;16" }
      if r > 246 { return "5;231" }
      return "5;\(232 + max(0, min(23, (r - 3) / 10)))"
    }
    func step(_ value: Int) -> Int { value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40 }
    return "5;\(16 + 36 * step(r) + 6 * step(g) + step(b))"
  }

  /// At most `width` columns of it, without control characters.
  static func fitted(_ text: String, _ width: Int) -> String {
    let clean = String(
      String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 || (127..<160).contains($0.value) ? " " : $0 }))
    if shownWidth(clean) <= width { return clean }
    var result = ""
    var taken = 1
    for character in clean {
      taken += columns(character)
      if taken > width { break }
      result.append(character)
    }
    return width > 0 ? result + "…" : ""
  }

  static func padded(_ text: String, _ width: Int, right: Bool = false) -> String {
    let room = String(repeating: " ", count: max(0, width - shownWidth(text)))
    return right ? room + text : text + room
  }

  /// The columns that a text takes in a terminal, escape sequences left out.
  static func shownWidth(_ text: String) -> Int {
    var width = 0
    var isEscape = false
    for character in text {
      if character == "\u{1B}" { isEscape = true }
      if !isEscape { width += columns(character) }
      if isEscape, character == "m" { isEscape = false }
    }
    return width
  }

  /// Letters of East Asian scripts and emoji take two columns.
  private static func columns(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first?.value, scalar >= 0x1100 else { return 1 }
    switch scalar {
    case 0x1100..<0x1160, 0x2E80..<0x303F, 0x3041..<0xA4D0, 0xAC00..<0xD7A4, 0xF900..<0xFB00, 0xFE30..<0xFE70,
      0xFF01..<0xFF61, 0x1F300..<0x1F650, 0x1F680..<0x1F700, 0x1F900..<0x1FA00, 0x20000..<0x3FFFE:
      return 2
    default: return 1
    }
  }

  static func trimmed(_ text: String) -> String {
    var text = text
    while text.last == " " { text.removeLast() }
    return text
  }
}
