import Diagnostics
import Testing

@Suite struct TextTests {
  @Test func columns() {
    #expect("ab".padded(to: 4) == "ab  " && "ab".paddedLeft(to: 4) == "  ab")
    #expect("abcde".padded(to: 4) == "abcde" && "abcde".paddedLeft(to: 4) == "abcde")
    #expect("é".padded(to: 2) == "é ")
  }

  @Test func wordsAreWrapped() {
    let words = "one two three four".split(separator: " ")
    #expect(wrappedWords(words, width: 9) == ["one two", "three", "four"])
    #expect(wrappedWords(words, width: 10) == ["one two", "three four"])
    #expect(wrappedWords(words, width: 12, first: "x: ", rest: "  ") == ["x: one two", "  three four"])
    #expect(wrappedWords(["incomprehensible", "word"], width: 5) == ["incomprehensible", "word"])
    #expect(wrappedWords([String](), width: 5, first: "> ") == ["> "])
    // Wide characters take two.
    #expect(wrappedWords(["名前", "名前"], width: 8) { 2 * $0.count } == ["名前", "名前"])
  }

  /// Digits of any base against the number that has them: the nearest double, rounded once.
  @Test func wholeNumbersOfBases() {
    func read(_ text: String, _ base: Int) -> Double? { NumberText.number(ofDigits: text.utf8, base: base) }
    for _ in 0..<5000 {
      let number = UInt64.random(in: 0 ... .max) >> UInt64.random(in: 0..<64)
      let base = Int.random(in: 2...36)
      #expect(read(String(number, radix: base, uppercase: .random()), base) == Double(number), "\(number)")
      // Zeros behind it move the binary point alone, and a one below them decides what lies half way.
      let shift = Int.random(in: 12...900)
      let bits = String(number | 1 << 63, radix: 2) + String(repeating: "0", count: shift)
      let moved = Double(sign: .plus, exponent: shift, significand: Double(number | 1 << 63))
      #expect(read(bits, 2) == moved, "\(number) << \(shift)")
    }
    let half = "1" + String(repeating: "0", count: 52) + "1"
    let zeros = String(repeating: "0", count: 300)
    #expect(read(half + zeros, 2) == Double(sign: .plus, exponent: 353, significand: 1))
    #expect(read(half + zeros + "1", 2) == Double(sign: .plus, exponent: 354, significand: 1).nextUp)
    #expect(read("200000000000011", 16) == 144_115_188_075_855_904)
    #expect(read("0", 7) == 0 && read(zeros + "6", 7) == 6)
    #expect(read(String(repeating: "f", count: 256), 16) == .infinity)
    #expect(read(String(repeating: "z", count: 1_000_000), 36) == .infinity)
    #expect(read("", 2) == nil && read("12", 2) == nil && read("1_0", 16) == nil && read("é", 36) == nil)
  }

  @Test(arguments: [
    (0.0, 2, "0.00", "0"), (12.5, 2, "12.50", "12.5"), (-0.004, 2, "0.00", "0"), (-1.25, 1, "-1.3", "-1.3"),
    (99.999, 2, "100.00", "100"), (7.0, 0, "7", "7"), (0.05, 3, "0.050", "0.05"),
  ])
  func fixedPlaces(_ value: Double, _ places: Int, _ text: String, _ trimmed: String) {
    #expect(NumberText.fixed(value, places) == text)
    #expect(NumberText.fixed(value, places, trimmed: true) == trimmed)
  }

  @Test func numbersThatAreNone() {
    #expect(NumberText.fixed(.nan, 2) == "nan" && NumberText.fixed(-.infinity, 2) == "-inf")
    #expect(NumberText.fixed(1e300, 2) == "1e+300")
  }

  @Test func shares() {
    #expect(NumberText.percent(0.074) == "7.4 %" && NumberText.percent(0.5) == "50.0 %")
    #expect(
      NumberText.percent(0.5, trimmed: true) == "50 %" && NumberText.percent(0.0001, 6, trimmed: true) == "0.01 %")
  }

  @Test func nearNames() {
    #expect(nearName("unde", among: ["undo", "run"]) == "undo")
    #expect(nearName("zebra", among: ["undo", "run"]) == nil)
  }

  /// A long line is cut so that what is marked stands in view, above its mark, with a `…` where something was cut.
  @Test(arguments: [1, 2, 19, 20, 21, 50, 99, 100, 101, 102, 150, 299, 300, 301])
  func longLinesAreCutAroundTheirMark(_ length: Int) throws {
    let letters = (0..<length).map { ["a", "b", "é", "名", "x"][$0 % 5] + ($0 % 7 == 0 ? "\u{301}" : "") }
    let line = letters.joined()
    func wide(_ text: some Sequence<Character>) -> Int {
      text.reduce(0) { $0 + ($1.unicodeScalars.first == "名" ? 2 : 1) }
    }
    for column in 0..<length {
      let start = letters[..<column].joined().utf8.count
      let source = SourceText(name: "cell 1", text: line)
      let diagnostic = Diagnostic(
        Explanation("wrong"), at: Place(source, Span(start, start + letters[column].utf8.count)))
      for window in [20, 40, 105] {
        let lines = diagnostic.rendered(width: window).split(separator: "\n")
        let shown = Array(lines[2].dropFirst(4))
        let before = wide(lines[3].dropFirst(4).prefix { $0 == " " })
        let limit = max(20, min(100, window - 5))
        #expect(wide(shown) <= limit)
        var place = 0
        while wide(shown[..<place]) < before { place += 1 }
        let isCut = shown.first == "…" && place == 0 || shown.last == "…" && place == shown.count - 1
        #expect(String(shown[place]) == letters[column] || isCut, "\(length), \(column), \(window): \(lines)")
        #expect((shown.first == "…" || shown.last == "…") == (wide(Array(line)) > limit))
        if shown.first != "…" { #expect(line.hasPrefix(String(shown.dropLast()))) }
        if shown.last != "…" { #expect(line.hasSuffix(String(shown.dropFirst()))) }
      }
    }
  }
}
