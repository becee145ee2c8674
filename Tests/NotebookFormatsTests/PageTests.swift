import Diagnostics
import Foundation
import Session
import Testing

@testable import NotebookFormats

struct PageTests {
  private func page(_ text: String, parts: [[ResultPart]] = []) throws -> String {
    var document = try NotebookDocument(reading: text, name: "a.twin")
    for (index, parts) in parts.enumerated() { document.cells[index].parts = parts }
    return String(decoding: Page().bytes(of: document, name: "a.html"), as: UTF8.self)
  }

  private static let sample = """
    # ---
    # twinbook: 0.1.0
    # format: 1
    # seed: 3
    # numerics: 1
    # ---

    # %% [markdown]
    # # Title & more
    #
    # A *point* and `code`, [a link](https://example.org/), [none](javascript:alert(1)).
    #
    # - one
    # - two

    # %% First
    x = "a" # remark
    #> a
    """

  @Test func aPageGivesItsSessionBack() throws {
    let text = try NotebookDocument(reading: Self.sample, name: "a").text
    let page = try page(text)
    let bytes = Array(page.utf8)
    #expect(try Page().document(reading: bytes, name: "a.html").text == text)
    try Page().check(bytes, name: "a.html")
    #expect(page.contains("<h1>Title &amp; more</h1>") && page.contains("<em>point</em>"))
    #expect(page.contains("<li>one</li>") && page.contains("<a href=\"https://example.org/\">a link</a>"))
    #expect(!page.contains("javascript:alert(1)\""))
    #expect(page.contains("<span class=\"s\">&quot;a&quot;</span>") && page.contains("<h4>First</h4>"))
  }

  /// What a cell holds otherwise than a file does: empty lines around it, remarks that look like results.
  @Test func aPageShowsWhatItsSessionSays() throws {
    for source in ["\n\n  7  \n", "#> like a result\n3", "#< like an answer\n3", "# %% like a marker\n3"] {
      var cell = NotebookDocument.Cell(source: source, result: "7")
      cell.parts = [ResultPart(.value, lines: 0..<1)]
      let bytes = Page().bytes(of: NotebookDocument(cells: [cell]), name: "a.html")
      try Page().check(bytes, name: "a.html")
    }
  }

  /// Nothing from outside, and nothing that runs.
  @Test func aPageStandsAlone() throws {
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>"
    let page = try page(
      "# %%\nplot(x)\n#> a curve\n", parts: [[ResultPart(.figure, lines: 0..<1, media: ["image/svg+xml": svg])]])
    let body = try #require(page.components(separatedBy: "<body").last)
    #expect(body.components(separatedBy: "<script").count == 2)
    #expect(!body.contains("src=\"http") && !page.contains("<link") && !page.contains("@import"))
    #expect(page.contains("default-src 'none'"))
    #expect(!page.contains("alert(1)"))
  }

  @Test(arguments: [
    "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><b>", "<!-- <script>", "]]>",
  ])
  func whateverIsPrintedIsText(_ text: String) throws {
    let title = text.replacingOccurrences(of: "\"", with: "'")
    let source = """
      # %% [markdown]
      # # \(text)
      # \(text)

      # %% \(title)
      "\(title)"
      #> \(text)

      # %% [failed] \(title)
      # \(text)
      #> \(text)
      """
    let page = try page(source)
    for name in ["b", "img"] { #expect(!page.contains("<\(name)>") && !page.contains("<\(name) src=x")) }
    #expect(!page.contains("<script>") && page.components(separatedBy: "</script").count == 2)
    let bytes = Array(page.utf8)
    try Page().check(bytes, name: "a.html")
    let meant = try NotebookDocument(reading: source, name: "a").text
    #expect(try Page().document(reading: bytes, name: "a").text == meant)
  }

  /// HTML of a value is taken for what it is only as far as it is pictures.
  @Test func foreignMarkupIsNotTakenOver() throws {
    let html =
      "<script>alert(1)</script><img alt=\"&lt;s1&gt;\" width=\"56\" src=\"data:image/png;base64,iVBOR\"><b>x</b>"
      + "<img src=\"https://example.org/x.png\"><img src=\"data:image/png;base64,A\" onerror=\"alert(1)\">"
    let page = try page(
      "# %%\nx\n#> two images\n", parts: [[ResultPart(.value, lines: 0..<1, media: ["text/html": html])]])
    #expect(page.contains("alt=\"&lt;s1&gt;\"") && page.contains("base64,iVBOR\""))
    #expect(!page.contains("alert(1)") && !page.contains("example.org") && !page.contains("<b>"))
    try Page().check(Array(page.utf8), name: "a.html")
  }

  @Test func everyChangeOfWhatIsShownIsFound() throws {
    let svg = "<svg>\(String(repeating: "x", count: 40))</svg>"
    let page = try page(
      Self.sample + "\n\n# %%\nplot(x)\n#> a curve\n",
      parts: [[], [], [ResultPart(.figure, lines: 0..<1, media: ["image/svg+xml": svg])]])
    try Page().check(Array(page.utf8), name: "a.html")
    var bytes = Array(page.utf8)
    var found = 0
    var tried = 0
    for index in stride(from: 0, to: bytes.count, by: 23) {
      tried += 1
      let old = bytes[index]
      bytes[index] = old == UInt8(ascii: "7") ? UInt8(ascii: "8") : UInt8(ascii: "7")
      do { try Page().check(bytes, name: "a.html") } catch { found += 1 }
      bytes[index] = old
    }
    #expect(found == tried && tried > 100)
  }

  /// A page of version 1 is compared with how pages were drawn then, and is no page of another version.
  @Test func olderPagesVerify() throws {
    var content = PageContent(try NotebookDocument(reading: Self.sample, name: "a.twin"))
    content.version = 1
    let bytes = PageWriter(content, fileName: "a.html", isStripped: false).page
    try Page().check(bytes, name: "a.html")
    #expect(bytes != Page().bytes(of: content.document, name: "a.html"))
    let renamed = String(decoding: bytes, as: UTF8.self).replacingOccurrences(of: "\"page\":1", with: "\"page\":2")
    #expect(throws: NotebookFormatError.changedPage(file: "a.html")) {
      try Page().check(Array(renamed.utf8), name: "a.html")
    }
  }

  /// Markdown was read otherwise before version 4: a page of version 3 still verifies, as it was drawn.
  @Test func pagesWithTheOldMarkdownVerify() throws {
    let text = "# %% [markdown]\n# ***bi***  \n# [x](https://a.b/c_(d))\n# Title\n# ---\n"
    var content = PageContent(try NotebookDocument(reading: text, name: "a.twin"))
    content.version = 3
    let bytes = PageWriter(content, fileName: "a.html", isStripped: false).page
    try Page().check(bytes, name: "a.html")
    let old = String(decoding: bytes, as: UTF8.self)
    #expect(old.contains("<a href=\"https://a.b/c_(d\">x</a>)") && !old.contains("<br>"))
    let new = String(decoding: Page().bytes(of: content.document, name: "a.html"), as: UTF8.self)
    #expect(new.contains("<a href=\"https://a.b/c_(d)\">x</a>") && new.contains("<br>") && new.contains("Title</h2>"))
  }

  /// A layout is the session in other lines, and nothing else.
  @Test func aLayoutThatSaysSomethingElseIsFound() throws {
    let layout = "#%%\n1 + 1\n#> 2\n"
    let document = try NotebookDocument(readingWithLayout: Array(layout.utf8), name: "a")
    let page = String(decoding: Page().bytes(of: document, name: "a.html"), as: UTF8.self)
    try Page().check(Array(page.utf8), name: "a.html")
    let other = page.replacingOccurrences(of: "\"layout\":\"#%%\\n1 + 1", with: "\"layout\":\"#%%\\n1 + 9")
    #expect(other != page)
    #expect(throws: NotebookFormatError.brokenSession(file: "a.html")) {
      try Page().check(Array(other.utf8), name: "a.html")
    }
    #expect(try Page().document(reading: Array(other.utf8), name: "a.html").percentText == "# %%\n1 + 1\n#> 2\n")
  }

  @Test func pagesWithoutASessionAreRefused() throws {
    func refusal(_ text: String) -> NotebookFormatError? {
      do {
        try Page().check(Array(text.utf8), name: "a.html")
        return nil
      } catch { return error as? NotebookFormatError }
    }
    #expect(refusal("<html></html>") == .noSession(file: "a.html"))
    #expect(refusal("") == .noSession(file: "a.html"))
    let start = PageReader.sessionStart
    #expect(refusal(start + "{\"page\": 1, \"te</script>") == .brokenSession(file: "a.html"))
    #expect(refusal(start + "{}</script>") == .brokenSession(file: "a.html"))
    #expect(
      refusal(start + "{\"page\": 99, \"text\": \"1\\n\", \"parts\": []}</script>") == .otherPageVersion(file: "a.html")
    )
    #expect(
      refusal(start + "{\"page\": 1, \"text\": \"1\\n\", \"parts\": [[0]]}</script>") == .brokenSession(file: "a.html"))
  }

  @Test func markdownIsDrawn() {
    func html(_ text: String) -> String { MarkdownText(text, place: "p").html }
    #expect(html("a\nb\n\nc") == "<p>a\nb</p>\n<p>c</p>\n")
    #expect(html("1. a\n2. b\n   c") == "<ol>\n<li>a</li>\n<li>b\nc</li>\n</ol>\n")
    #expect(html("- a\n  - b\n- c") == "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n<li>c</li>\n</ul>\n")
    #expect(html("```\n<x> # no\n```") == "<pre><code>&lt;x&gt; # no</code></pre>\n")
    #expect(html("> a\n> b") == "<blockquote>\n<p>a\nb</p>\n</blockquote>\n")
    #expect(html("| a | b |\n|---|---|\n| 1 | `2` |").contains("<td>1</td><td><code>2</code></td>"))
    #expect(html("2 * 3 * 4 **x** \\*y\\*") == "<p>2 * 3 * 4 <strong>x</strong> *y*</p>\n")
    #expect(html("## A `b`") == "<h2>A <code>b</code></h2>\n")
    // Whatever comes, it ends.
    for text in ["-", "```", "|", ">", "- \n-", "[", "](", "**", "#", "|a|\n|-"] { #expect(html(text).count < 200) }
  }
}
