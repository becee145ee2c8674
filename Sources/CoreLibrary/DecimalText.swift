/// The text of a decimal number, as the language reads it: `[sign] digits [. digits] [e [sign] digits]`, or one of the words
/// `inf`, `infinity` and `nan` in any letters. The digits on one side of the point may be missing, and single underscores
/// may stand between two digits.
///
/// What Swift's own reader takes beyond that (hexadecimal digits, a payload of nan, what stands behind a zero byte) is no
/// number here.
struct DecimalText {
  let value: Double
  /// The text says a whole number: its exponent moves the point behind the last digit that is not 0. So `1e-400` is none,
  /// though its nearest double is 0.
  let isWhole: Bool

  /// Nil where the text is no number. Blanks may stand around it.
  init?(_ text: some StringProtocol, allowsUnderscores: Bool = true) {
    var text = text[...].drop { $0.isWhitespace }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    let bytes = Array(text.utf8)
    var place = 0
    func byte(_ offset: Int = 0) -> UInt8 { place + offset < bytes.count ? bytes[place + offset] : 0 }
    func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
    func sign() -> Bool {
      let isNegative = byte() == UInt8(ascii: "-")
      if isNegative || byte() == UInt8(ascii: "+") { place += 1 }
      return isNegative
    }
    /// The digits from here on, without their underscores.
    func digits() -> [UInt8] {
      var found: [UInt8] = []
      while true {
        if isDigit(byte()) {
          found.append(byte())
        } else if !allowsUnderscores || found.isEmpty || byte() != UInt8(ascii: "_") || !isDigit(byte(1)) {
          return found
        }
        place += 1
      }
    }
    let isNegative = sign()
    if let word = DecimalText.word(bytes[place...]) {
      (value, isWhole) = (isNegative ? -word : word, false)
      return
    }
    let whole = digits()
    var fraction: [UInt8] = []
    if byte() == UInt8(ascii: ".") {
      place += 1
      fraction = digits()
    }
    guard !whole.isEmpty || !fraction.isEmpty else { return nil }
    var plain = (isNegative ? [UInt8(ascii: "-")] : []) + (whole.isEmpty ? [UInt8(ascii: "0")] : whole)
    if !fraction.isEmpty { plain += [UInt8(ascii: ".")] + fraction }
    var exponent = 0
    if byte() | 32 == UInt8(ascii: "e") {
      place += 1
      let isBelowOne = sign()
      let power = digits()
      guard !power.isEmpty else { return nil }
      // So many digits are in no text.
      exponent = Int(String(decoding: power, as: UTF8.self)) ?? 1 << 60
      if isBelowOne { exponent = -exponent }
      plain += Array("e\(isBelowOne ? "-" : "+")".utf8) + power
    }
    guard place == bytes.count, let value = Double(String(decoding: plain, as: UTF8.self)) else { return nil }
    self.value = value
    let behind = fraction.lastIndex { $0 != UInt8(ascii: "0") }.map { $0 + 1 }
    let before = whole.reversed().firstIndex { $0 != UInt8(ascii: "0") }.map { -$0 }
    isWhole = (behind ?? before).map { $0 <= exponent } ?? true
  }

  private static func word(_ bytes: ArraySlice<UInt8>) -> Double? {
    guard bytes.count <= 8 else { return nil }
    return switch String(decoding: bytes.map { $0 | 32 }, as: UTF8.self) {
    case "inf", "infinity": .infinity
    case "nan": .nan
    default: nil
    }
  }
}
