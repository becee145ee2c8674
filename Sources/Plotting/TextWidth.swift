/// How wide a text is in the font of the figures, DejaVu Sans: a line of "i" takes a quarter of the room of a line of "W".
/// Letters that are not in the table count as the wider ones of their kind, so that a text is cut too early rather than
/// run over the figure's edge.
enum TextWidth {
  /// Of the characters from the blank to the tilde, in thousandths of the font's size.
  private static let ascii: [Int] = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636,
    636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863,
    748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635,
    615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636,
    337, 636, 838,
  ]
  private static let ellipsis: Character = "…"

  /// In thousandths of the font's size.
  private static func thousandths(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.value {
    // Written as a blank.
    case 0..<32, 127: return 318
    case 32..<127: return ascii[Int(scalar.value) - 32]
    // Latin with accents, Greek; Cyrillic.
    case 0xA0..<0x250, 0x370..<0x400: return 690
    case 0x400..<0x530: return 780
    default: return 1000
    }
  }

  /// A letter in a picture of pixels begins at a pixel, and may take more than its share for it.
  private static func pixels(_ character: Character, size: Double) -> Double {
    let exact = Double(thousandths(character)) * size / 1000
    return max(exact, exact.rounded())
  }

  /// - Parameter size: of the font, in pixels.
  static func pixels(_ text: String, size: Double) -> Double { text.reduce(0) { $0 + pixels($1, size: size) } }

  /// The text, or as much of its beginning as fits with an ellipsis behind it; empty where nothing does.
  static func shortened(_ text: String, to pixels: Int, size: Double) -> String {
    let room = Double(max(0, pixels))
    let ellipsisWidth = self.pixels(ellipsis, size: size)
    var taken = 0.0
    // Where the text ends that leaves room for an ellipsis.
    var end = text.startIndex
    for index in text.indices {
      if taken + ellipsisWidth <= room { end = index }
      taken += self.pixels(text[index], size: size)
      if taken > room { return end == text.startIndex ? "" : text[..<end] + String(ellipsis) }
    }
    return text
  }
}
