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
}
