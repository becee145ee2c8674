import Testing

@testable import Session

@Suite struct NotebookDocumentTests {
  private func read(_ text: String) throws -> NotebookDocument { try NotebookDocument(reading: text, name: "a.twin") }

  @Test(
    arguments: [
      ([0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10], "a picture (PNG)"),
      ([0xFF, 0xFE, 0x70, 0, 0x72, 0], "text in UTF-16"),
      ([0x70, 0, 0x72, 0], "text in UTF-16"),
      (Array("SQLite format 3\0".utf8) + [16, 0], "a database, as galleries are"),
      (Array("print(1)".utf8), ""), ([], ""), (Array("x\0 = 1 and more".utf8), ""),
      ([0xFF], "text in another encoding than UTF-8, as line 1 shows"),
      (Array("# é\r\nx = \"Jos".utf8) + [0xE9, 0x22, 10], "text in another encoding than UTF-8, as line 2 shows"),
      (Array("x = 1\n".utf8) + [0xC3], "text in another encoding than UTF-8, as line 2 shows"),
    ] as [([UInt8], String)]) func otherFilesAreNamed(bytes: [UInt8], kind: String)
  {
    var error: SessionError?
    do { _ = try NotebookDocument(reading: bytes, name: "a") } catch let thrown { error = thrown }
    #expect(error == (kind.isEmpty ? nil : .notText(file: "a", kind: kind)))
  }

  @Test func readsHeaderCellsAndResults() throws {
    let document = try read(
      """
      #!/usr/bin/env twinbook
      # ---
      # jupyter: {}
      # twinbook: 0.1.0
      # format: 1
      # seed: 42
      # numerics: 0123abcd-avx2
      # tolerance: 0.05
      # ---

      # %% [markdown] About
      # Two words.
      #
      # More.

      # %% Add
      x = 1
      x + 1
      #> 2

      # %% [failed]
      # nope(
      #> error: no

      # %% [allow-fail] May fail
      1 / 0
      #> error: x
      """)
    #expect(document.interpreterLine == "#!/usr/bin/env twinbook")
    #expect(
      document.header
        == .init(
          version: "0.1.0", seed: 42, numerics: "0123abcd-avx2", tolerance: 0.05, others: ["# jupyter: {}"]))
    #expect(
      document.cells == [
        .init(kind: .markdown, title: "About", source: "Two words.\n\nMore.", firstLine: 12),
        .init(title: "Add", source: "x = 1\nx + 1", result: "2", firstLine: 17),
        .init(kind: .failed, source: "nope(", result: "error: no", firstLine: 22),
        .init(title: "May fail", allowsFailure: true, source: "1 / 0", result: "error: x", firstLine: 26),
      ])
  }

  @Test func writtenTextReadsBackTheSame() throws {
    let document = NotebookDocument(
      header: .init(version: "0.1.0", seed: 7, numerics: "00000000-portable"),
      interpreterLine: "#!/usr/bin/env twinbook",
      cells: [
        .init(title: "A title", source: "a = 1", result: nil),
        .init(kind: .markdown, source: "# Heading\n\ntext"),
        .init(allowsFailure: true, source: "error(\"x\")", result: "error: x\n\nmore"),
        .init(kind: .failed, source: "f(\n  1"),
        .init(source: "s = \"\"\"\n# %% no cell\n#> no result\n\"\"\"", result: "one\n\nthree"),
        .init(source: "", result: nil),
      ])
    let again = try read(document.text)
    #expect(again.text == document.text)
    #expect(again.cells.map(\.source) == document.cells.map(\.source))
    #expect(again.cells.map(\.result) == document.cells.map(\.result))
    #expect(again.cells.map(\.kind) == document.cells.map(\.kind))
    #expect(again.header == document.header)
  }

  /// A title is words, whatever they are: a notebook may have any.
  @Test(arguments: [
    "[markdown]", "[failed] x", "[varies]", "\\[markdown]", "\\\\[md]", "[paused after 3 batches]", "[1] first", "[x",
    "\\x",
    "[code][failed]",
  ]) func titlesStayTitles(title: String) throws {
    for allows in [false, true] {
      let cell = NotebookDocument.Cell(title: title, allowsFailure: allows, source: "1", result: "1")
      let text = NotebookDocument(cells: [cell]).text
      let back = try read(text)
      #expect(back.text == text)
      #expect(back.cells.map(\.title) == [title] && back.cells.map(\.kind) == [.code])
      #expect(back.cells.map(\.allowsFailure) == [allows] && back.cells.map(\.result) == ["1"])
    }
  }

  @Test func resultsBehindAnOpenTripleQuoteAreResults() throws {
    let document = try read("# %%\nx = \"\"\"\n#> error: not closed\n")
    #expect(document.cells.map(\.source) == ["x = \"\"\""])
    #expect(document.cells.map(\.result) == ["error: not closed"])
  }

  @Test func plainScriptIsOneCell() throws {
    let document = try read("x = 1\nprint(x)\n")
    var cell = NotebookDocument.Cell(source: "x = 1\nprint(x)")
    cell.isMarked = false
    #expect(document.cells == [cell])
  }

  @Test func emptyTextHasNoCells() throws {
    for text in ["", "\n", "\u{FEFF}", "#!/usr/bin/env twinbook\n", "\r\n\r\n"] {
      #expect(try read(text).cells.isEmpty)
    }
  }

  @Test func takesByteOrderMarkAndCarriageReturns() throws {
    let document = try read("\u{FEFF}# %% One\r\nx = 1\r\n#> 1\r\n\r\n# %% Two\r\ny = 2\r\n")
    #expect(
      document.cells == [
        .init(title: "One", source: "x = 1", result: "1", firstLine: 2),
        .init(title: "Two", source: "y = 2", firstLine: 6),
      ])
  }

  @Test func oneHugeLineIsRead() throws {
    let line = "s = \"" + String(repeating: "x", count: 10 << 20) + "\""
    let document = try read("# %%\n" + line + "\n#> 1\n")
    #expect(document.cells.count == 1)
    #expect(document.cells.first?.source.utf8.count == line.utf8.count)
  }

  @Test func openTripleQuoteDoesNotSwallowTheCellsAfterIt() throws {
    let document = try read("# %% A\ns = \"\"\"\n\n# %% B\ny = 1\n#> 1\n")
    #expect(document.cells.map(\.title) == ["A", "B"])
    #expect(document.cells.last?.result == "1")
  }

  @Test func markersInMarkdownAreStillMarkers() throws {
    let document = try read("# %% [markdown]\n# it says \"\"\" here\n# %% B\n1\n")
    #expect(document.cells.map(\.kind) == [.markdown, .code])
  }

  @Test(arguments: [
    ("# %%", "", false), ("#%%", "", false), ("# %% A b", "A b", false), ("# %% [allow-fail] A", "A", true),
    ("# %% A tags=[\"raises-exception\"]", "A", true), ("# %%% deeper", "deeper", false),
    ("# %% [1] first", "[1] first", false),
  ]) func marker(line: String, title: String, allows: Bool) throws {
    let marker = try #require(CellMarker(line: Substring(line)))
    #expect(marker.title == title)
    #expect(marker.allowsFailure == allows)
  }

  @Test(arguments: ["# %time x", "# %%time", "x # %% y", "## %% x", " # %%"]) func noMarker(line: String) {
    #expect(CellMarker(line: Substring(line)) == nil)
  }

  @Test func newerFormatsAreRefusedInWords() {
    let error = #expect(throws: SessionError.self) {
      try read("# ---\n# twinbook: 9.0\n# format: 7\n# ---\n# %%\n1\n")
    }
    #expect(
      error?.explanation.message
        == "a.twin is in format 7, written by Twinbook 9.0; this Twinbook reads format 1 and older")
  }

  @Test func brokenHeadersAreRefusedInWords() {
    #expect(throws: SessionError.brokenHeader(file: "a.twin", line: 1)) { try read("# ---\n# seed: 1\nx = 1\n") }
    #expect(throws: SessionError.badHeaderValue(file: "a.twin", line: 2, "seed", "many")) {
      try read("# ---\n# seed: many\n# ---\n")
    }
    #expect(throws: SessionError.badHeaderValue(file: "a.twin", line: 2, "format", "-1")) {
      try read("# ---\n# format: -1\n# ---\n")
    }
    #expect(throws: SessionError.badHeaderValue(file: "a.twin", line: 2, "tolerance", "nan")) {
      try read("# ---\n# tolerance: nan\n# ---\n")
    }
  }

  @Test func anyBytesAreReadOrRefused() {
    var state: UInt64 = 1
    func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
    let pieces = [
      "# %%", "# ---", "#>", "#> 1", "\n", "\r\n", "\"\"\"", "\"", "# format: 1", "# seed: 3", "x = 1", "{", "\\", " ",
      "[markdown]",
      "[failed]", "\u{FEFF}", "#!", "é", "\u{0}", "tags=[",
    ]
    for _ in 0..<3000 {
      var bytes: [UInt8] = []
      for _ in 0..<(next() % 24) {
        bytes += Array(pieces[Int(next()) % pieces.count].utf8)
        if next() % 3 == 0 { bytes.append(10) }
        if next() % 9 == 0 { bytes.append(UInt8(truncatingIfNeeded: next())) }
      }
      guard let document = try? NotebookDocument(reading: bytes, name: "fuzz") else { continue }
      // What was written is a fixed point.
      let text = document.text
      guard let again = try? NotebookDocument(reading: text, name: "fuzz") else {
        Issue.record("cannot read back: \(text.debugDescription)")
        continue
      }
      #expect(again.text == text)
    }
  }
}

@Suite struct ResultComparisonTests {
  @Test func exactIsExactButForLineEnds() {
    #expect(ResultComparison.isSame("a \nb", "a\nb\n"))
    #expect(!ResultComparison.isSame("0.1", "0.10"))
  }

  @Test(arguments: [
    ("loss 0.1234", "loss 0.1235", true), ("loss 0.12", "loss 0.15", false), ("1 2 3", "1 2", false),
    ("91.2 % ± 1.8", "91.9 % ± 1.81", true), ("s31  0.41", "s32  0.41", false),
    ("shape [400, 10]", "shape [400, 11]", false),
    ("-1.0", "1.0", false), ("1e-9", "-1e-9", true), ("nan", "nan", true), ("0.00001", "0.00002", true),
    ("a  1.5 b", "a 1.502 b", true), ("plot\n  data 0123456789abcdef", "plot\n  data fedcba9876543210", true),
  ]) func tolerance(recorded: String, got: String, close: Bool) {
    #expect(ResultComparison.isClose(recorded, got, tolerance: 0.01) == close)
  }
}

@Suite struct TranscriptTests {
  @Test func codeWithoutPromptsStaysAsItIs() {
    #expect(Transcript.code(of: "x = 1\nx > 2\n") == "x = 1\nx > 2")
  }

  @Test func ownPromptsAndOutputsAreTakenOff() {
    let pasted = "  1> x = 1\n  2> fn f(a) {\n       a + x\n     }\n  3> f(2)\n3\n 12> [1,\n      2]\n[1, 2]\n"
    #expect(Transcript.code(of: pasted) == "x = 1\nfn f(a) {\n  a + x\n}\nf(2)\n[1,\n 2]")
  }

  @Test func pythonPrompts() {
    #expect(Transcript.code(of: ">>> x = 1\n>>> x\n1\n>>> if x:\n...   y\n") == "x = 1\nx\nif x:\n  y")
    #expect(Transcript.code(of: "In [1]: x = 1\n\nIn [2]: x\nOut[2]: 1\n") == "x = 1\nx")
  }

  @Test func prompts() {
    #expect([1, 10, 100, 1000].map(Transcript.prompt) == ["  1> ", " 10> ", "100> ", "1000> "])
  }
}

@Suite struct CursorContextTests {
  @Test(arguments: [
    ("x = fa", CursorContext.Place.name, "fa", nil as String?), ("faces.sp", .member("faces"), "sp", nil),
    ("a.b.c", .member("a.b"), "c", nil), ("conv(6, ke", .name, "ke", "conv"),
    ("faces.split(cl", .name, "cl", "faces.split"),
    ("images(\"att", .string(call: "images"), "att", "images"), ("f([1, x", .name, "x", nil),
    ("f(g(1), y", .name, "y", "f"), ("# f(x", .comment, "", nil), ("\"a {na", .name, "na", nil),
    ("\"a {b} c", .string(call: nil), "a {b} c", nil), ("\"\"\"a\n\"b", .string(call: nil), "a\n\"b", nil),
    ("\"x\".up", .member("\"\""), "up", nil), ("1.5", .name, "5", nil), ("", .name, "", nil),
    (")))]x", .name, "x", nil),
    ("f(x)\n(y", .name, "y", nil),
  ]) func place(text: String, place: CursorContext.Place, partial: String, call: String?) {
    let cursor = CursorContext(text)
    if text != "1.5" { #expect(cursor.place == place) }
    #expect(cursor.partial == partial)
    #expect(cursor.call == call)
  }
}
