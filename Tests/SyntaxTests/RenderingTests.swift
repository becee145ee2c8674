import Diagnostics
import Testing

struct RenderingTests {
  func render(_ text: String, _ span: Span, note: String? = nil, help: String? = nil, color: Bool = false) -> String {
    let source = SourceText(name: "cell 4", text: text)
    return Diagnostic(Explanation("wrong", note: note, help: help), at: Place(source, span)).rendered(color: color)
  }

  @Test func noteAndHelp() {
    #expect(
      render("a\nnet(faces)\n", Span(2, 5), note: "the input", help: "do this") == """
        error: wrong
          ╭─ cell 4, line 2
          │ net(faces)
          │ ^^^ the input
          ╰─ help: do this
        """)
  }

  @Test func wideCharactersAndTabs() {
    #expect(render("名前 = x", Span(9, 10)).hasSuffix("│ 名前 = x\n  │        ^\n  ╰─"))
    #expect(render("\tx", Span(1, 2)).hasSuffix("│ \tx\n  │ \t^\n  ╰─"))
    #expect(render("e\u{301}x", Span(3, 4)).hasSuffix("│  ^\n  ╰─"))
  }

  @Test func longLines() {
    let text = String(repeating: "a", count: 500) + "XX" + String(repeating: "b", count: 500)
    let lines = render(text, Span(500, 502)).split(separator: "\n")
    #expect(lines[2] == "  │ …" + String(repeating: "a", count: 19) + "XX" + String(repeating: "b", count: 77) + "…")
    #expect(lines[3] == "  │ " + String(repeating: " ", count: 20) + "^^")
  }

  /// In a narrow window a line is cut, not broken: the mark stays below what it marks.
  @Test func narrowWindows() {
    func lines(_ text: String, _ span: Span, _ width: Int) -> [Substring] {
      Diagnostic(Explanation("wrong"), at: Place(SourceText(name: "cell 4", text: text), span))
        .rendered(width: width).split(separator: "\n")
    }
    let text = String(repeating: "a", count: 60) + "XX" + String(repeating: "b", count: 60)
    let narrow = lines(text, Span(60, 62), 40)
    #expect(narrow[2] == "  │ …" + String(repeating: "a", count: 10) + "XX" + String(repeating: "b", count: 21) + "…")
    #expect(narrow[3] == "  │ " + String(repeating: " ", count: 11) + "^^")
    // East Asian letters take two columns each.
    let wide = lines(String(repeating: "名", count: 30) + "X", Span(90, 91), 40)
    #expect(wide[2] == "  │ …" + String(repeating: "名", count: 16) + "X")
    #expect(wide[3] == "  │ " + String(repeating: " ", count: 33) + "^")
  }

  /// Words beside the mark are broken between words, each line behind the bar.
  @Test func notesInNarrowWindows() {
    let source = SourceText(name: "cell 1", text: "conv(6, 3)(zeros([400, 10304]))")
    let call = Diagnostic.Call(function: "f", place: Place(source, Span(0, 31)))
    let diagnostic = Diagnostic(
      Explanation("wrong", note: "the input of layer 1, conv(6, 3)"), at: Place(source, Span(0, 10)), calls: [call])
    #expect(
      diagnostic.rendered(width: 40) == """
        error: wrong
          ╭─ cell 1, line 1
          │ conv(6, 3)(zeros([400, 10304]))
          │ ^^^^^^^^^^
          │ the input of layer 1, conv(6, 3)
          │ called by cell 1, line 1: conv(6,
          │ 3)(zeros([400, 10304]))
          ╰─
        """)
    #expect(diagnostic.rendered(width: 30).contains("\n  │ the input of layer 1,\n  │ conv(6, 3)\n"))
    #expect(diagnostic.rendered(width: 80).contains("  │ ^^^^^^^^^^ the input of layer 1, conv(6, 3)\n"))
    // Where there is no window, lines are as long as they are.
    let long = render("a", Span(0, 1), note: String(repeating: "word ", count: 40) + "end")
    #expect(long.contains("│ ^ word word ") && long.split(separator: "\n").count == 5)
  }

  @Test func controlCharactersAreHarmless() {
    #expect(!render("a \u{1B}[2J\u{7} x", Span(0, 1)).unicodeScalars.contains("\u{1B}"))
  }

  @Test func spansBeyondTheText() {
    for span in [Span(0, 0), Span(1, 400), Span(90, 91), Span(-3, 2)] { #expect(!render("ab", span).isEmpty) }
  }

  @Test func spanOverLines() {
    #expect(render("f(1,\n  2)", Span(0, 9)).contains("│ f(1,\n  │ ^^^^\n"))
  }

  @Test func callsAndFile() {
    let source = SourceText(name: "faces.twin", text: "f(1)\ng(2)", firstLine: 10)
    let call = Diagnostic.Call(function: "f", place: Place(source, Span(5, 9)))
    let diagnostic = Diagnostic(
      Explanation("wrong"), at: Place(source, Span(0, 1)), severity: .warning,
      calls: Array(repeating: call, count: 8))
    #expect(
      diagnostic.rendered() == """
        warning: wrong
          ╭─ faces.twin, line 10
          │ f(1)
          │ ^
          │ called by faces.twin, line 11: g(2)
          │ … and the same call 7 times more
          ╰─
        """)
  }

  /// The lines of calls to `names`, innermost first; each name stands for one place of its own.
  func calls(_ names: String) -> [String] {
    let text = Set(names).sorted().map { "\($0)()" }.joined(separator: "\n")
    let source = SourceText(name: "x", text: text)
    let order = Set(names).sorted()
    let calls = names.map { name -> Diagnostic.Call in
      let line = order.firstIndex(of: name) ?? 0
      return Diagnostic.Call(function: String(name), place: Place(source, Span(4 * line, 4 * line + 3)))
    }
    let rendered = Diagnostic(Explanation("wrong"), at: Place(source, Span(0, 1)), calls: calls).rendered()
    return rendered.split(separator: "\n").compactMap { line in
      let words = line.drop { $0 == " " || $0 == "│" }
      guard words.hasPrefix("called") || words.hasPrefix("…") else { return nil }
      return words.hasPrefix("called") ? String(words.suffix(3).prefix(1)) : String(words)
    }
  }

  @Test func repeatedCallsAreFolded() {
    #expect(calls("abc") == ["a", "b", "c"])
    #expect(calls("aab") == ["a", "a", "b"])
    #expect(calls("aaab") == ["a", "… and the same call 2 times more", "b"])
    #expect(calls("xababab") == ["x", "a", "b", "… and the same 2 calls 2 times more"])
    #expect(calls("abcabcz") == ["a", "b", "c", "… and the same 3 calls once more", "z"])
    #expect(calls(String(repeating: "ab", count: 10_000) + "z").count == 4)
    #expect(calls("abcdefghijklmnop") == ["a", "b", "c", "d", "e", "f", "… and 7 more calls", "n", "o", "p"])
  }

  @Test(arguments: [
    ("totl", ["total", "print"], "total"), ("pirnt", ["print", "point"], "print"), ("x", ["y", "z"], nil),
    ("epoch", ["epochs", "batch"], "epochs"), ("conv2d", ["conv", "dense"], "conv"), ("", ["a"], nil),
  ])
  func nearNames(_ name: String, _ among: [String], _ near: String?) {
    #expect(nearName(name, among: among) == near)
  }
}
