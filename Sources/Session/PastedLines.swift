/// The lines of a paste as they were copied.
///
/// Terminals send a newline as a carriage return, and some send what they hold: line feeds, or both where it was copied from
/// Windows. While a cell is edited the terminal's modes turn each into the other (ICRNL and INLCR), so that the two of one
/// newline come in either order.
public enum PastedLines {
  /// - Returns: without other control characters, which would play with the terminal. Tabs stay.
  public static func text(of pasted: String) -> String {
    var text = String.UnicodeScalarView()
    // The first half of what may be a pair.
    var half: Unicode.Scalar?
    for scalar in pasted.unicodeScalars {
      guard scalar == "\r" || scalar == "\n" else {
        half = nil
        if scalar.value >= 32 && scalar.value != 127 || scalar == "\t" { text.append(scalar) }
        continue
      }
      if let first = half, first != scalar {
        half = nil
      } else {
        text.append("\n")
        half = scalar
      }
    }
    return String(text)
  }
}
