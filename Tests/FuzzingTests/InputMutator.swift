import TestSupport

/// Makes inputs up from those of a corpus, as a fuzzer does that sees nothing of the reader: bytes changed, parts taken out,
/// repeated, taken from elsewhere, words and numbers exchanged for others.
struct InputMutator {
  private var random: FuzzRandom
  private var inputs: [[UInt8]]
  private let corpus: Int
  private let words: [[UInt8]]

  private static let longest = 1 << 15
  private static let numbers = [
    "0", "-1", "1", "65536", "2147483648", "-9223372036854775808", "9223372036854775807", "99999999999999999999999",
    "1e309", "-1e-320", "0.1", "0x7fffffffffffffff", "00000000000000005", "nan", "",
  ].map { Array($0.utf8) }
  private static let letters: [[UInt8]] =
    [
      "\r\n", "\n", "\r", "\"", "'", "{", "}", "[", "]", "(", ")", "\\", "\0", " ", "\t", ",", ":", ";", "#", "%",
      "\u{FEFF}", "\u{2028}", "e\u{301}", "👩‍👩‍👧", "<", ">", "&", "<!--", "-->", "=", "->", "..<", "|", "`", "$",
    ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]]

  init(_ inputs: [[UInt8]], seed: UInt64) {
    self.inputs = inputs
    corpus = inputs.count
    random = FuzzRandom(state: seed)
    var seen: Set<[UInt8]> = []
    for input in inputs {
      for word in input.split(whereSeparator: { !Self.isLetter($0) }) where word.count <= 24 && seen.count < 2000 {
        seen.insert(Array(word))
      }
    }
    words = seen.sorted { $0.lexicographicallyPrecedes($1) }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
  }

  mutating func next() -> [UInt8] {
    var input = inputs[random.below(inputs.count)]
    for _ in 0...random.below(6) { change(&input) }
    if input.count > Self.longest { input.removeLast(input.count - Self.longest) }
    // Some go on from what was made up before, so that changes add up.
    if random.below(8) == 0 {
      if inputs.count < corpus + 64 { inputs.append(input) } else { inputs[corpus + random.below(64)] = input }
    }
    return input
  }

  private mutating func part(of count: Int, _ longest: Int) -> Range<Int> {
    let start = random.below(count + 1)
    return start..<min(count, start + 1 + random.below(longest))
  }

  private mutating func change(_ input: inout [UInt8]) {
    let at = random.below(input.count + 1)
    switch random.below(12) {
    case 0: if at < input.count { input[at] ^= 1 << UInt8(random.below(8)) }
    case 1: if at < input.count { input[at] = UInt8(truncatingIfNeeded: random.next()) }
    case 2: input.removeSubrange(part(of: input.count, 32))
    case 3: input.removeLast(input.count - at)
    case 4: repeatPart(&input, at)
    case 5:
      let other = inputs[random.below(inputs.count)]
      input.insert(contentsOf: other[part(of: other.count, 200)], at: at)
    case 6: if !words.isEmpty { input.insert(contentsOf: words[random.below(words.count)], at: at) }
    case 7, 8: input.insert(contentsOf: Self.letters[random.below(Self.letters.count)], at: at)
    case 9, 10: exchangeWord(&input, at)
    default: exchangeLength(&input)
    }
  }

  /// Once more, or many times more: nests and long lines.
  private mutating func repeatPart(_ input: inout [UInt8], _ at: Int) {
    let part = Array(input[part(of: input.count, 40)])
    let times = min([1, 2, 20, 300][random.below(4)], Self.longest / max(1, part.count))
    input.insert(contentsOf: (0..<times).flatMap { _ in part }, at: at)
  }

  /// A word or a number, whole, for another.
  private mutating func exchangeWord(_ input: inout [UInt8], _ at: Int) {
    var (start, end) = (at, at)
    while start > 0, end - start < 64, Self.isLetter(input[start - 1]) { start -= 1 }
    while end < input.count, end - start < 128, Self.isLetter(input[end]) { end += 1 }
    let isNumber = words.isEmpty || random.below(2) == 0
    let other = isNumber ? Self.numbers[random.below(Self.numbers.count)] : words[random.below(words.count)]
    input.replaceSubrange(start..<end, with: other)
  }

  /// Bytes where a file may have a length or an offset.
  private mutating func exchangeLength(_ input: inout [UInt8]) {
    let width = [2, 4, 8][random.below(3)]
    guard input.count >= width else { return }
    let values = [0, 1, 0x7FFF_FFFF, 0xFFFF_FFFF, UInt64(Int64.max), .max, UInt64(input.count)]
    let value = values[random.below(values.count)]
    let start = random.below(input.count - width + 1)
    for place in 0..<width { input[start + place] = UInt8(truncatingIfNeeded: value >> UInt64(8 * place)) }
  }
}
