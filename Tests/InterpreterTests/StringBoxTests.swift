import Testing

@testable import Interpreter

/// Texts of ASCII are kept as bytes, few of them in the box itself, others as Swift strings: all must do the same as plain
/// Swift strings do.
struct StringBoxTests {
  private static let alphabet: [Character] = Array("aabAB01 _.,-\n\r\t\u{1C}") + ["\u{0}", "\u{7F}"]
  private static let strangers: [Character] = ["é", "e\u{301}", "日", "🇩🇪", "\u{212A}"]

  /// A text of few letters, so that parts are found and texts are equal now and then.
  private static func text(_ count: Int, strangers: Bool, _ random: inout some RandomNumberGenerator) -> String {
    String(
      (0..<count).map { _ in
        strangers && Int.random(in: 0..<8, using: &random) == 0
          ? Self.strangers.randomElement(using: &random) ?? "é" : alphabet.randomElement(using: &random) ?? "a"
      })
  }

  private struct Random: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 29
    }
  }

  /// Characters as the language counts them: carriage return and line feed are two.
  private static func characters(_ text: String) -> [Character] {
    text.flatMap { $0 == "\r\n" ? ["\r", "\n"] : [$0] }
  }

  @Test(arguments: [false, true]) func readsWhatWasWritten(strangers: Bool) {
    var random = Random(state: strangers ? 11 : 12)
    for size in 0..<200 {
      let text = Self.text(size % 50, strangers: strangers, &random)
      let box = StringBox(text)
      let characters = Self.characters(text)
      #expect(box.text == text && box.byteCount == text.utf8.count && box.count == characters.count)
      #expect(box.isASCII == text.utf8.allSatisfy { $0 < 128 })
      #expect(box.allCharacters == characters)
      #expect(box.withBytes { Array($0) } == Array(text.utf8))
      if box.isASCII {
        let bytes = Array(text.utf8)
        #expect(bytes.indices.allSatisfy { box.byte($0) == Int(bytes[$0]) } && box.byte(bytes.count) == -1)
        #expect(bytes.withUnsafeBufferPointer { StringBox(ascii: $0) }.isSame(as: box))
      }
      let start = Int.random(in: 0...characters.count, using: &random)
      let end = Int.random(in: start...characters.count, using: &random)
      #expect(box.slice(start..<end).asText == String(characters[start..<end]))
      #expect(box.reversed().text == String(characters.reversed()))
      #expect(box.repeated(3).text == text + text + text)
    }
  }

  @Test func growsInPlace() throws {
    var random = Random(state: 3)
    for turn in 0..<200 {
      let box = StringBox("")
      var text = ""
      for _ in 0..<12 {
        let more = Self.text(Int.random(in: 0..<12, using: &random), strangers: turn % 4 == 0, &random)
        let (room, asked) = (box.capacity, box.bytesOfGrowth(adding: more.utf8.count))
        try box.append(StringBox(more))
        text += more
        // Whoever asks the budget beforehand asks for what is then taken.
        if box.isASCII { #expect(asked == (box.capacity == room ? 0 : box.capacity)) }
        // Asked in between, so that what is known of the old text would show.
        #expect(box.isSame(as: StringBox(text)) && box.hash == StringBox(text).hash)
        #expect(box.text == text && box.byteCount == text.utf8.count)
      }
      #expect(box.copy().text == text)
    }
  }

  @Test(arguments: [false, true]) func comparesAsStringsDo(strangers: Bool) {
    var random = Random(state: strangers ? 5 : 6)
    for _ in 0..<3000 {
      let count = [1, 2, 8, 9, 16, 17, 24].randomElement(using: &random) ?? 1
      let first = Self.text(count, strangers: strangers, &random)
      // Often the same but for its end.
      let second =
        Bool.random(using: &random)
        ? String(first.dropLast()) + Self.text(1, strangers: strangers, &random)
        : Self.text(count, strangers: strangers, &random)
      let (a, b) = (StringBox(first), StringBox(second))
      #expect(a.isSame(as: b) == (first == second))
      #expect(a.order(b).signum() == (first < second ? -1 : first == second ? 0 : 1))
      if first == second, a.isASCII == b.isASCII { #expect(a.hash == b.hash) }
      #expect(StringBox.sum(a, b).text == first + second)
    }
    // The sign of Kelvin is equal to the letter, though its bytes are others.
    #expect(StringBox("\u{212A}").isSame(as: StringBox("K")))
  }

  /// What works on bytes does what works on characters: a letter that is no ASCII sends the same text the other way.
  @Test func findsAndCutsAsCharactersDo() throws {
    var random = Random(state: 9)
    for _ in 0..<1000 {
      let text = Self.text(Int.random(in: 0..<30, using: &random), strangers: false, &random)
      let (plain, other) = (StringBox(text), StringBox(text + "é"))
      func withoutLast(_ values: [Value]) -> [String] {
        var texts = values.compactMap(\.asText)
        if let last = texts.popLast(), last != "é" { texts.append(String(last.dropLast())) }
        return texts
      }
      let most = Int.random(in: 0..<4, using: &random)
      if text.last.map({ !$0.isBlank }) ?? true {
        #expect(plain.words().compactMap(\.asText) == withoutLast(other.words()))
        #expect(plain.words(most: most).compactMap(\.asText) == withoutLast(other.words(most: most)))
        #expect(
          plain.words(most: most, fromEnd: true).compactMap(\.asText)
            == withoutLast(other.words(most: most, fromEnd: true)))
      }
      if text.last.map({ !$0.endsLine }) ?? true {
        #expect(plain.lines().compactMap(\.asText) == withoutLast(other.lines()))
      }
      let part = StringBox(Self.text(Int.random(in: 1..<3, using: &random), strangers: false, &random))
      let new = StringBox(Self.text(Int.random(in: 0..<20, using: &random), strangers: false, &random))
      let replaced = try plain.replacing(part, with: new, most: most + 1, limit: 1_000_000)
      #expect(
        try other.replacing(part, with: new, most: most + 1, limit: 1_000_000).text == replaced.text + "é")
      let set = StringBox(Self.text(3, strangers: false, &random))
      #expect(
        plain.trimmed(of: set, left: true, right: false).map { $0.asText.map { $0 + "é" } }
          == other.trimmed(of: set, left: true, right: false).map(\.asText))
    }
  }
}
