import Foundation
import Testing

@testable import NotebookFormats

/// The Markdown of a page, by the examples that people write and by texts that nobody should.
struct MarkdownTests {
  private func html(_ text: String) -> String { MarkdownText(text, place: "p").html }

  /// Of a paragraph, without its tags.
  private func line(_ text: String) -> String {
    let html = html(text)
    return html.hasPrefix("<p>") && html.hasSuffix("</p>\n") ? String(html.dropFirst(3).dropLast(5)) : html
  }

  @Test(arguments: [
    ("[x](https://a.b/wiki/Siamese_(cat))", "<a href=\"https://a.b/wiki/Siamese_(cat)\">x</a>"),
    ("[b](http://x.y \"a title\")", "<a href=\"http://x.y\" title=\"a title\">b</a>"),
    ("[b](http://x.y 'a &amp; b')", "<a href=\"http://x.y\" title=\"a &amp; b\">b</a>"),
    ("[c](<http://x.y/a b>)", "<a href=\"http://x.y/a%20b\">c</a>"),
    ("[d](http://x.y/\\))", "<a href=\"http://x.y/)\">d</a>"),
    ("[*e*](#place), [f](mailto:a@b.c)", "<a href=\"#place\"><em>e</em></a>, <a href=\"mailto:a@b.c\">f</a>"),
    ("<https://a.b/c?d=1&e=2>", "<a href=\"https://a.b/c?d=1&amp;e=2\">https://a.b/c?d=1&amp;e=2</a>"),
    ("[a [b](http://x) c](http://y)", "[a <a href=\"http://x\">b</a> c](http://y)"),
    ("[![alt](http://x/p.png)](http://x)", "<a href=\"http://x\"><em>alt</em></a>"),
    ("[ref] and [text][ref]", "[ref] and [text][ref]"),
  ])
  func linksAreRead(_ text: String, _ meant: String) { #expect(line(text) == meant) }

  @Test(arguments: [
    ("***bi***", "<em><strong>bi</strong></em>"), ("*a **b** c*", "<em>a <strong>b</strong> c</em>"),
    ("**a *b* c**", "<strong>a <em>b</em> c</strong>"), ("**a*b**c*", "<strong>a*b</strong>c*"),
    ("__x__ _y_ my_long_name", "<strong>x</strong> <em>y</em> my_long_name"), ("2 * 3 * 4 _ 5", "2 * 3 * 4 _ 5"),
    ("~~x~~ ~y~ a~~~b~~~c", "<del>x</del> ~y~ a~~~b~~~c"), ("*not `x* y`", "*not <code>x* y</code>"),
    ("`` a`b `` `c", "<code>a`b</code> `c"), ("\\*x\\* \\`y\\` \\a", "*x* `y` \\a"),
    ("a  \nb\\\nc\nd", "a  <br>\nb<br>\nc\nd"),
    ("&amp; &lt;b&gt; &#233;&#xE9; &nosuch; & &#+65;", "&amp; &lt;b&gt; éé &amp;nosuch; &amp; &amp;#+65;"),
  ])
  func emphasisCodeAndEntitiesAreRead(_ text: String, _ meant: String) { #expect(line(text) == meant) }

  @Test func blocksAreRead() {
    #expect(html("Title\n=====\n\nSub\n---\ntext") == "<h1>Title</h1>\n<h2 id=\"p-2\">Sub</h2>\n<p>text</p>\n")
    #expect(html("## A ##\n### C#") == "<h2>A</h2>\n<h3 id=\"p-2\">C#</h3>\n")
    #expect(html("text\n***\n* * *\n___") == "<p>text</p>\n<hr>\n<hr>\n<hr>\n")
    #expect(
      html("| a \\| b | `c\\|d` |\n|---|---|\n| 1 \\| | 2 |")
        == "<table>\n<tr><th>a | b</th><th><code>c|d</code></th></tr>\n<tr><td>1 |</td><td>2</td></tr>\n</table>\n")
    #expect(html("- a  \n  b\n- c") == "<ul>\n<li>a  <br>\nb</li>\n<li>c</li>\n</ul>\n")
    #expect(html("> - a\n>   - b").contains("<li>a\n<ul>\n<li>b</li>"))
    let headings = MarkdownText("A *b* `c`\n===\n\n[d](http://x) &amp; e\n---\n", place: "p").headings
    #expect(headings.map(\.title) == ["A b c", "d & e"])
  }

  /// Nothing that runs, and no markup but a page's own, whichever way it is written.
  @Test(arguments: [
    "[x](javascript:alert(1))", "[x](JAVASCRIPT:alert(1))", "[x](<javascript:alert(1)>)", "<javascript:alert(1)>",
    "[x](javascript&#58;alert(1))", "[x](&#x6A;avascript:alert(1))", "[x](\\javascript:alert(1))",
    "[x](data:text/html,a)",
    "[x]( javascript:alert(1))", "[x](&#1;javascript:alert(1))", "![x](javascript:alert(1))", "[x](//evil.example)",
  ])
  func whatRunsIsNoAddress(_ text: String) { #expect(!html(text).contains("href") && !html(text).contains("src")) }

  @Test(arguments: [
    "[x](http://a\"onclick=\"alert(1))", "[x](http://a \"b\" onclick=\"c\")", "[x](http://a '\"><b>')",
    "[x](<http://a\"><b>)", "<http://a\"onclick=b>", "![\"><b>](http://a)", "&lt;b&gt;<b>", "&#60;b&#62;", "`<b>`",
    "[<b>](http://a)", "<b>**x**</b>", "[x](http://a&quot;onclick=b)", "[x](http://a&#10;b)", "[x](<http://a\u{7F}b>)",
  ])
  func textStaysText(_ text: String) throws {
    var html = html(text)
    // What is left without the page's own tags has no sign of markup.
    for tag in ["p", "em", "strong", "code", "/p", "/em", "/strong", "/code", "/a"] {
      html = html.replacingOccurrences(of: "<\(tag)>", with: "")
    }
    while let start = html.range(of: "<a href=\""),
      let end = html.range(of: ">", range: start.upperBound..<html.endIndex)
    {
      let attributes = html[start.upperBound..<end.lowerBound].components(separatedBy: "\" title=\"")
      #expect(attributes.count <= 2 && attributes.last?.hasSuffix("\"") == true)
      for text in attributes {
        #expect(!text.dropLast(text.hasSuffix("\"") ? 1 : 0).contains { "\"<\n".contains($0) }, "\(text)")
      }
      html.removeSubrange(start.lowerBound..<end.upperBound)
    }
    #expect(!html.contains("<") && !html.contains(">") && !html.contains("\""), "\(html)")
  }

  /// Twice as much text takes about twice as long; were it four times, these would take hours.
  @Test(arguments: [
    "*", "*a ", "a* ", "a**b*", "_a_ ", "~~a", "*_~~", "[", "]", "![", "[a](b", "[a](b(", "[a](<b", "[a](http://x \"",
    "[a](http://x) ", "[*", "`", "`a``b", "<http://a", "&amp", "&#1", ">", "> ", "- ", "\\", "a  \n", "|a|\n|-|\n",
    "=\n",
  ])
  func hostileTextEnds(_ part: String) {
    let text = String(repeating: part, count: 5_000)
    #expect(!html(text).isEmpty)
    #expect(!html(text + "a" + String(text.reversed())).isEmpty)
  }

  @Test func quotesAndListsAreNotEndlesslyDeep() {
    #expect(html(String(repeating: ">", count: 10_000)).components(separatedBy: "<blockquote>").count < 100)
    let list = (0..<300).map { String(repeating: " ", count: 2 * $0) + "- a" }.joined(separator: "\n")
    #expect(html(list).components(separatedBy: "<ul>").count < 100)
    #expect(html(list).components(separatedBy: "<li>").count == 301)
  }
}
