/// Compares a result with the recorded one.
public enum ResultComparison {
  /// How far numbers may differ where the numerics do: relative to the larger one; and absolutely near zero.
  public static let defaultTolerance = 0.01
  /// What a file's header may ask for at most.
  public static let largestTolerance = 0.01
  public static let nearZero = 1e-4

  /// Exactly but for blanks at line ends, which no editor keeps. What a value's text leaves out counts where it was
  /// recorded: files of before, and notebooks that Jupyter wrote, have no hash of it.
  public static func isSame(_ recorded: String, _ got: String) -> Bool {
    let (recorded, got) = (normalised(recorded), normalised(got))
    if recorded == got { return true }
    return ResultText.withoutHidden(recorded) == recorded && ResultText.withoutHidden(got) == recorded
  }

  /// The words between the numbers must be the same, each number within the tolerance.
  public static func isClose(_ recorded: String, _ got: String, tolerance: Double) -> Bool {
    let first = pieces(withoutPictures(withoutHashes(recorded)))
    let second = pieces(withoutPictures(withoutHashes(got)))
    guard first.count == second.count else { return false }
    for (a, b) in zip(first, second) {
      switch (a, b) {
      case (.word(let x), .word(let y)):
        if x != y { return false }
      case (.number(let x), .number(let y)):
        if x == y || (x.isNaN && y.isNaN) { continue }
        let difference = abs(x - y)
        guard difference <= max(nearZero, tolerance * max(abs(x), abs(y))) else { return false }
      default: return false
      }
    }
    return true
  }

  /// No tolerance can compare a hash.
  private static func withoutHashes(_ text: String) -> String {
    ResultText.withoutHashes(ResultText.withoutHidden(normalised(text)))
  }

  static func normalised(_ text: String) -> String { ResultText.canonical(text) }

  /// A figure's last line is a hash of its values bit by bit, which no tolerance can compare; bars and sparklines show
  /// what stands beside them as numbers, and turn over to the next sign at one of them.
  private static func withoutPictures(_ text: String) -> String {
    let text = String(
      String.UnicodeScalarView(text.unicodeScalars.filter { !(0x2581...0x2588 ~= $0.value) }))
    return text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
      let words = line.split(separator: " ")
      return !(words.count == 2 && words[0] == "data" && words[1].count == 16 && words[1].allSatisfy(\.isHexDigit))
    }.joined(separator: "\n")
  }

  private enum Piece {
    case word(Substring)
    case number(Double)
  }

  /// Runs of blanks count as one: a number that is a digit shorter moves the column after it.
  private static func pieces(_ text: String) -> [Piece] {
    let bytes = Array(text.utf8)
    var result: [Piece] = []
    var index = 0
    func isDigit(_ at: Int) -> Bool { at < bytes.count && bytes[at] >= 48 && bytes[at] <= 57 }
    func isLetter(_ at: Int) -> Bool {
      at >= 0 && at < bytes.count
        && (bytes[at] | 32 >= 97 && bytes[at] | 32 <= 122 || bytes[at] == 95 || bytes[at] > 127)
    }
    while index < bytes.count {
      let start = index
      let signed = bytes[index] == UInt8(ascii: "-") && isDigit(index + 1)
      if (isDigit(index) || signed) && !isLetter(index - 1) {
        if signed { index += 1 }
        while isDigit(index) { index += 1 }
        if index < bytes.count, bytes[index] == UInt8(ascii: "."), isDigit(index + 1) {
          index += 1
          while isDigit(index) { index += 1 }
        }
        if index < bytes.count, bytes[index] | 32 == UInt8(ascii: "e") {
          var exponent = index + 1
          if exponent < bytes.count, bytes[exponent] == 43 || bytes[exponent] == 45 { exponent += 1 }
          if isDigit(exponent) {
            while isDigit(exponent) { exponent += 1 }
            index = exponent
          }
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        if let number = Double(text) { result.append(.number(number)) } else { result.append(.word(Substring(text))) }
      } else if bytes[index] == 32 {
        while index < bytes.count, bytes[index] == 32 { index += 1 }
      } else {
        index += 1
        while index < bytes.count, bytes[index] != 32, !(isDigit(index) && !isLetter(index - 1)),
          !(bytes[index] == UInt8(ascii: "-") && isDigit(index + 1))
        {
          index += 1
          // Digits inside a name ("s31") belong to it.
          while isLetter(index - 1), isDigit(index) { index += 1 }
        }
        result.append(.word(Substring(String(decoding: bytes[start..<index], as: UTF8.self))))
      }
    }
    return result
  }
}
