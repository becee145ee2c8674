import CGnuplot

/// What the fonts of this machine can draw. gnuplot's cairo terminals draw a letter that no font has as a frame of many
/// times the letter's size, over the whole picture.
enum InstalledFonts {
  /// The text with a box in place of each letter that no font has.
  static func legible(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { !isUsual($0) }) else { return text }
    return String(
      text.map { character in
        character.unicodeScalars.allSatisfy { isUsual($0) || twin_fonts_have($0.value) != 0 } ? character : "□"
      })
  }

  /// In every font that gnuplot could take: Latin, Greek, Cyrillic and the usual signs.
  private static func isUsual(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x250, 0x370..<0x378, 0x384..<0x460, 0x2010..<0x2028, 0x2030..<0x203B, 0x2190..<0x2194, 0x2212, 0x221E,
      0x25A1:
      true
    default: false
    }
  }
}
