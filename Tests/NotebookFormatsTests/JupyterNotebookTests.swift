import Diagnostics
import Foundation
import JSON
import Session
import TestSupport
import Testing

@testable import NotebookFormats

struct JupyterNotebookTests {
  /// Every script of the project.
  static let scripts: [String] = {
    let walk = FileManager.default.enumerator(atPath: Repository.root.path)
    var found: [String] = []
    while let path = walk?.nextObject() as? String {
      if path == ".build" { walk?.skipDescendants() }
      if path.hasSuffix(".twin") { found.append(path) }
    }
    return found.sorted()
  }()

  /// Through a notebook and back.
  private func back(_ bytes: [UInt8]) throws -> [UInt8] {
    let document = try NotebookDocument(readingWithLayout: bytes, name: "a.twin")
    let notebook = JupyterNotebook().bytes(of: document, name: "a.ipynb")
    let read = try JupyterNotebook().document(reading: notebook, name: "a.ipynb")
    return PercentFormat().bytes(of: read, name: "a.twin")
  }

  @Test func thereAreScripts() { #expect(Self.scripts.count > 20) }

  @Test(arguments: scripts) func scriptsComeBackToTheByte(_ path: String) throws {
    let bytes = Array(try Data(contentsOf: Repository.root.appendingPathComponent(path)))
    #expect(try back(bytes) == bytes)
  }

  /// What `%save` can write, without a layout of anybody's own.
  @Test(arguments: [
    "# %% [failed] A title\n# x = (\n#> error: no\n",
    "# %% [allow-fail] Fails\nprint(1)\nundefined\n#> 1\n#> error: nothing is called undefined\n",
    "# %% [paused after 75 batches]\nloop.run()\n",
    "# %%% Deeper tags=[\"slow\", \"raises-exception\"] key=1\n1\n#> 1\n",
    "# %% T {\"id\": 1, \"a\": [1, 2]}\n1\n",
    "# %% T {\"id\":1}\n1\n",
    "# %% [markdown]\n\"\"\"\nText with *stars*\n\"\"\"\n",
    "# %% Empty result\nprint(\"\")\n#>\n",
    "# %% [markdown] cell_type=\"raw\"\n# raw text\n",
    "# %% [raw]\n# raw text\n",
    "# %% [raw] Title tags=[\"a\"]\n# raw text\n\n# %% [markdown]\n# text\n",
    "# ---\n# format: 1\n# jupyter: {\"title\":\"T\"}\n# jupytext: x\n# jupyter: {}\n# ---\n\n# %%\n1\n",
    "# %% [markdown] Logo {\"attachments\": {\"a.png\": {\"image/png\": \"aGk=\"}}, \"key\": 1}\n# ![x](attachment:a.png)\n",
    "#!/usr/bin/env twinbook\n# ---\n# twinbook: 0.1.0\n# format: 1\n# seed: 18446744073709551615\n# numerics: 1\n"
      + "# tolerance: 0.05\n# jupyter:\n#   kernelspec: x\n# ---\n\n# %%\n\"😀 é\"\n#> \"😀 é\"\n",
    "# %%\nx = \"\"\"\n# %% no cell\n#> no result\n\"\"\"\nx\n",
    "# %% # doubled\n# # doubled\n1\n",
    "# %% T {\"execution\": {\"iopub.status.busy\": \"2026-12-01T03:19:00.9Z\"}}\n1\n",
    "# %% T {\"execution\": {\"mine\": 1}}\n1\n",
  ])
  func whatTheFormatHasSurvives(_ text: String) throws {
    let document = try NotebookDocument(reading: text, name: "a")
    #expect(document.text == text, "the sample is not as %save writes it")
    let notebook = JupyterNotebookWriter.notebook(document)
    #expect(notebook["metadata"]?["twinbook"]?["text"] == nil)
    let read = try JupyterNotebook().document(reading: notebook.sorted.indented(by: 1), name: "a.ipynb")
    #expect(read.text == text)
  }

  /// As Jupyter's editors write them: pictures that were dropped on a cell, raw cells, and what other programs keep.
  @Test func picturesRawCellsAndForeignMetadataSurvive() throws {
    let notebook = """
      {"cells": [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["![x](attachment:a.png)"],
         "attachments": {"a.png": {"image/png": "aGk="}}},
        {"cell_type": "raw", "id": "b", "metadata": {"raw_mimetype": "text/html"}, "source": ["<b>bold</b>"]}],
       "metadata": {"authors": [{"name": "Ann"}], "title": "Faces", "kernelspec": {"name": "twinbook", "language": "twin"}},
       "nbformat": 4, "nbformat_minor": 5}
      """
    let document = try JupyterNotebook().document(reading: Array(notebook.utf8), name: "a.ipynb")
    #expect(
      document.text == """
        # ---
        # format: 1
        # jupyter: {"authors":[{"name":"Ann"}],"title":"Faces"}
        # ---

        # %% [markdown] {"attachments": {"a.png": {"image/png": "aGk="}}}
        # ![x](attachment:a.png)

        # %% [raw] raw_mimetype="text/html"
        # <b>bold</b>

        """)
    // By way of the script, and changed by another editor.
    for read in [document, try NotebookDocument(reading: document.text, name: "a.twin")] {
      let written = JupyterNotebookWriter.notebook(read)
      #expect(written["metadata"]?["title"]?.string == "Faces")
      #expect(written["metadata"]?["authors"]?.array?.first?["name"]?.string == "Ann")
      #expect(written["metadata"]?["kernelspec"]?["display_name"]?.string == "Twinbook")
      let cells = written["cells"]?.array ?? []
      #expect(cells.map { $0["cell_type"]?.string } == ["markdown", "raw"])
      #expect(cells.first?["attachments"]?["a.png"]?["image/png"]?.string == "aGk=")
      #expect(cells.first?["metadata"]?["attachments"] == nil && cells.first?["metadata"]?["twinbook"] == nil)
      #expect(cells.last?["metadata"]?["raw_mimetype"]?.string == "text/html")
      var changed = written
      changed["metadata"]?["title"] = .string("People")
      let again = try JupyterNotebook().document(reading: changed.sorted.indented(by: 1), name: "a.ipynb")
      #expect(again.header.others == ["# jupyter: {\"authors\":[{\"name\":\"Ann\"}],\"title\":\"People\"}"])
    }
  }

  /// A script that is laid out by hand, and one of Windows.
  @Test(arguments: [
    "1 + 1\n", "#%% a\r\nx = 1\r\n\r\n\r\n#%%\r\nx\r\n#>1\r\n", "# %% t   \n\n\n1\n#> 1  \n\n", "", "\n\n",
    "# %% a\u{2028}b\u{0C}c\n1\n", "\u{FEFF}#%%\n\t1 # 😀\t\r\n#>\t1",
  ])
  func layoutsOfOthersComeBack(_ text: String) throws {
    #expect(try back(Array(text.utf8)) == Array(text.utf8))
    let document = try NotebookDocument(readingWithLayout: Array(text.utf8), name: "a.twin")
    let page = Page().bytes(of: document, name: "a.html")
    try Page().check(page, name: "a.html")
    let read = try Page().document(reading: page, name: "a.html")
    #expect(PercentFormat().bytes(of: read, name: "a.twin") == Array(text.utf8))
  }

  /// A run gives a script results that its layout has not: a page and a notebook are written without that layout.
  @Test(arguments: ["1 + 1\n", "#%%\n1 + 1\n", "# %%\n1 + 1\n\n", "# %%\r\n1 + 1\r\n", "# %%\n1 + 1\n#> 3\n\n"])
  func aLayoutOfBeforeARunIsNotWritten(_ text: String) throws {
    var document = try NotebookDocument(readingWithLayout: Array(text.utf8), name: "a.twin")
    document.cells[0].result = "2"
    #expect(document.layout != nil && document.layoutOfThis == nil)
    let page = Page().bytes(of: document, name: "a.html")
    try Page().check(page, name: "a.html")
    let read = try Page().document(reading: page, name: "a.html")
    #expect(read.layout == nil && read.percentText == document.text)
    // On by way of a notebook.
    let notebook = JupyterNotebook().bytes(of: document, name: "a.ipynb")
    let other = try JupyterNotebook().document(reading: notebook, name: "a.ipynb")
    #expect(other.layout == nil)
    try Page().check(Page().bytes(of: other, name: "b.html"), name: "b.html")
  }

  /// Jupyter keeps a notebook's metadata, and with it the layout of before.
  @Test func aNotebookThatWasEditedBecomesASoundPage() throws {
    let document = try NotebookDocument(readingWithLayout: Array("#%%\n1 + 1\n#> 2\n".utf8), name: "a")
    var read = try JupyterNotebook().document(
      reading: JupyterNotebook().bytes(of: document, name: "a"), name: "a.ipynb")
    read.cells[0].source = "1 + 2"
    read.cells[0].result = "3"
    #expect(read.layout != nil)
    try Page().check(Page().bytes(of: read, name: "a.html"), name: "a.html")
  }

  @Test func aNotebookThatWasChangedIsWrittenAnew() throws {
    let document = try NotebookDocument(readingWithLayout: Array("#%%\n1 + 1\n#> 2\n".utf8), name: "a")
    var read = try JupyterNotebook().document(
      reading: JupyterNotebook().bytes(of: document, name: "a"), name: "a.ipynb")
    read.cells[0].source = "1 + 2"
    #expect(read.percentText == "# %%\n1 + 2\n#> 2\n")
  }

  @Test func cellsAreWhatJupyterCallsThem() throws {
    let text = """
      # %% [markdown]
      # # Words

      # %% Sum
      print("a")
      1 + 1
      #> a
      #> 2

      # %%
      3 * 4
      #> 12

      # %% [allow-fail]
      y
      #> error: nothing is called y
      """
    let notebook = JupyterNotebookWriter.notebook(try NotebookDocument(reading: text, name: "a"))
    let cells = try #require(notebook["cells"]?.array)
    #expect(cells.map { $0["cell_type"]?.string } == ["markdown", "code", "code", "code"])
    #expect(cells[0]["source"]?.array?.compactMap(\.string) == ["# Words"])
    #expect(cells[1]["source"]?.array?.compactMap(\.string) == ["# Sum\n", "print(\"a\")\n", "1 + 1"])
    #expect(cells[1]["outputs"]?.array?.first?["output_type"]?.string == "stream")
    let value = try #require(cells[2]["outputs"]?.array?.first)
    #expect(value["output_type"]?.string == "execute_result" && value["execution_count"]?.int == 2)
    #expect(value["data"]?["text/plain"]?.array?.compactMap(\.string) == ["12"])
    #expect(cells[3]["metadata"]?["tags"]?.array?.compactMap(\.string) == ["raises-exception"])
    let failure = try #require(cells[3]["outputs"]?.array?.first)
    #expect(failure["evalue"]?.string == "nothing is called y")
  }

  @Test func partsOfAResultBecomeOutputsOfTheirOwn() throws {
    var cell = NotebookDocument.Cell(source: "plot(x); print(1)\n2", result: "1\na curve\n2")
    cell.parts = [
      ResultPart(.figure, lines: 1..<2, media: ["image/svg+xml": "<svg/>", "image/png": "AAAA"]),
      ResultPart(.value, lines: 2..<3),
    ]
    let notebook = JupyterNotebookWriter.notebook(NotebookDocument(cells: [cell]))
    let outputs = try #require(notebook["cells"]?.array?[0]["outputs"]?.array)
    #expect(outputs.map { $0["output_type"]?.string } == ["stream", "display_data", "execute_result"])
    #expect(outputs[1]["data"]?["image/png"]?.string == "AAAA")
    let read = try JupyterNotebook().document(reading: notebook.sorted.indented(by: 1), name: "a")
    #expect(read.cells[0].result == cell.result && read.cells[0].parts == cell.parts)
  }

  /// nbconvert writes when it ran each cell: the script is the same as before the run.
  @Test func timesOfARunAreNotPartOfTheScript() throws {
    let text = "# %% Sum tags=[\"slow\"]\n1 + 1\n#> 2\n"
    var notebook = JupyterNotebookWriter.notebook(try NotebookDocument(reading: text, name: "a"))
    var cells = try #require(notebook["cells"]?.array)
    cells[0]["metadata"]?["execution"] = .object([
      "iopub.status.busy": .string("2026-12-01T03:19:00.948217Z"),
      "shell.execute_reply": .string("2026-12-01T03:19:00.955010Z"),
    ])
    notebook["cells"] = .array(cells)
    #expect(try JupyterNotebook().document(reading: notebook.sorted.indented(by: 1), name: "a").text == text)
  }

  /// Jupyter's kernel sees cells alone: a seed in the header is a cell there, which nobody finds who reads the notebook.
  @Test func theSeedIsACellOfTheNotebook() throws {
    func text(_ seed: String) -> String {
      "# ---\n# twinbook: 0.1.0\n# format: 1\n# seed: \(seed)\n# numerics: 1\n# ---\n\n# %% [markdown]\n# # Words\n\n"
        + "# %%\nrand(2)\n#> tensor([0.5, 0.25])\n"
    }
    let document = try NotebookDocument(reading: text("42"), name: "a")
    var notebook = JupyterNotebookWriter.notebook(document)
    let cells = try #require(notebook["cells"]?.array)
    #expect(cells.map { $0["cell_type"]?.string } == ["markdown", "code", "code"])
    #expect(cells[1]["source"]?.array?.compactMap(\.string) == ["%seed 42"])
    #expect(cells[1]["outputs"]?.array?[0]["text"]?.array?.compactMap(\.string) == ["seed 42\n"])
    // The command is no cell of the session, and counts as none.
    #expect(cells[1]["execution_count"]?.isNull == true && cells[2]["execution_count"]?.int == 1)
    #expect(try JupyterNotebook().document(reading: notebook.sorted.indented(by: 1), name: "a").text == text("42"))
    // In Jupyter it runs, and somebody may take another seed or write more into the cell.
    func changed(_ source: String) throws -> NotebookDocument {
      var cells = cells
      cells[1]["source"] = .string(source)
      cells[1]["execution_count"] = .int(1)
      notebook["cells"] = .array(cells)
      return try JupyterNotebook().document(reading: notebook.sorted.indented(by: 1), name: "a")
    }
    #expect(try changed("%seed 43\n").text == text("43"))
    let more = try changed("%seed 42\nx = 1")
    #expect(more.header.seed == 42 && more.cells.map(\.source) == ["# Words", "%seed 42\nx = 1", "rand(2)"])
    #expect(try changed("%seed many").cells.count == 3)
    // The kernel begins with 0 by itself, and where nothing runs no seed is set.
    for other in [text("0"), "# %%\nrand(2)\n", "# ---\n# format: 1\n# seed: 7\n# ---\n\n# %% [markdown]\n# Words\n"] {
      let document = try NotebookDocument(reading: other, name: "a")
      #expect(JupyterNotebookWriter.notebook(document)["cells"]?.array?.count == document.cells.count)
    }
    // What was never run says no seed either.
    let unrun = JupyterNotebookWriter.notebook(
      try NotebookDocument(reading: "# ---\n# format: 1\n# seed: 7\n# ---\n\n# %%\nrand(2)\n", name: "a"))
    #expect(unrun["cells"]?.array?[0]["outputs"]?.array?.isEmpty == true)
  }

  @Test func metadataAndTagsOfOthersStay() throws {
    let notebook = """
      {"cells": [{"cell_type": "code", "execution_count": null, "id": "a", "outputs": [],
        "metadata": {"collapsed": true, "tags": ["slow", "raises-exception"], "slideshow": {"slide_type": "slide"}},
        "source": "1"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
      """
    let document = try JupyterNotebook().document(reading: Array(notebook.utf8), name: "a.ipynb")
    #expect(document.cells[0].allowsFailure)
    let again = try NotebookDocument(reading: document.text, name: "a.twin")
    let metadata = try #require(JupyterNotebookWriter.notebook(again)["cells"]?.array?[0]["metadata"])
    #expect(metadata["collapsed"]?.bool == true)
    #expect(metadata["slideshow"]?["slide_type"]?.string == "slide")
    #expect(metadata["tags"]?.array?.compactMap(\.string) == ["slow", "raises-exception"])
  }

  private func read(cells: String) throws -> NotebookDocument {
    let notebook = "{\"cells\": [\(cells)], \"metadata\": {}, \"nbformat\": 4, \"nbformat_minor\": 5}"
    return try JupyterNotebook().document(reading: Array(notebook.utf8), name: "a.ipynb")
  }

  /// A script of it runs the same cells: with a blank before its mark, a title would be read as what the cell is.
  @Test(arguments: [" [failed] [raw] ", "\u{A0}[markdown] x", "[raw]", "a\n[failed]", " "])
  func titlesThatLookLikeMarksAreTitles(_ title: String) throws {
    let metadata = JSONValue.object(["title": .string(title)]).indented(by: 1)
    let document = try read(
      cells: "{\"cell_type\": \"code\", \"source\": \"4\", \"outputs\": [], \"metadata\": "
        + String(decoding: metadata, as: UTF8.self) + "}")
    let script = try NotebookDocument(reading: document.text, name: "a.twin")
    #expect(script.cells.map(\.kind) == [.code] && script.cells.map(\.source) == ["4"])
    #expect(script.cells.map(\.title) == document.cells.map(\.title) && script.text == document.text)
  }

  /// Jupyter shows a notebook's cells and nothing of its metadata: a script of it has no other code.
  @Test func noCodeComesOutOfMetadata() throws {
    let notebook = """
      {"cells": [{"cell_type": "code", "source": "1", "outputs": []}], "nbformat": 4, "nbformat_minor": 5,
       "metadata": {"twinbook": {"interpreter": "#!/bin/sh\\nevil()", "text": "evil()\\n",
        "header": ["# kept: yes", "", "# ---", "# --- ", "# a\\nevil()", "# b\\revil()", "# seed: 7"]}}}
      """
    let document = try JupyterNotebook().document(reading: Array(notebook.utf8), name: "a.ipynb")
    #expect(document.interpreterLine == nil && document.header.others == ["# kept: yes", ""])
    #expect(!document.percentText.contains("evil") && document.header.seed == nil)
    #expect(try NotebookDocument(reading: document.percentText, name: "a").cells.map(\.source) == ["1"])
  }

  /// A kilobyte of somebody else's must not become gigabytes.
  @Test func aMarkerIsNoLongerThanALine() throws {
    let document = try read(
      cells: "{\"cell_type\": \"code\", \"source\": \"1\", \"metadata\": {\"twinbook\": {\"depth\": 1000000}}}")
    #expect(document.cells[0].depth == 100 && document.text.utf8.count < 200)
  }

  @Test func windowsEndsOfLinesAndMissingOutputsAreTaken() throws {
    let document = try read(
      cells: "{\"cell_type\": \"code\", \"source\": [\"a = 1\\r\\n\", \"a\\r\\n\"]}, "
        + "{\"cell_type\": \"markdown\", \"source\": \"x\\r\\ny\"}")
    #expect(document.cells.map(\.source) == ["a = 1\na", "x\ny"])
    #expect(document.cells[0].result == nil && document.cells[0].parts.isEmpty)
  }

  @Test func errorsOfACellNameItsLineInTheFile() throws {
    let document = try NotebookDocument(reading: "# %% A\nx = 1\ny\n", name: "a")
    let bytes = JupyterNotebookWriter.notebook(document).sorted.indented(by: 1)
    let read = try JupyterNotebook().document(reading: bytes, name: "a.ipynb")
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[read.cells[0].firstLine - 1].contains("x = 1"))
  }

  // MARK: Bad input

  private func refusal(_ text: String) -> NotebookFormatError? { refusal(Array(text.utf8)) }

  private func refusal(_ bytes: [UInt8]) -> NotebookFormatError? {
    do {
      _ = try JupyterNotebook().document(reading: bytes, name: "a.ipynb")
      return nil
    } catch { return error as? NotebookFormatError }
  }

  @Test func badNotebooksAreRefusedInWords() throws {
    let rest = "\"metadata\": {}, \"nbformat\": 4, \"nbformat_minor\": 5}"
    #expect(refusal("{\"nbformat\": 3, \"worksheets\": []}") == .olderVersion(file: "a.ipynb", 3))
    #expect(refusal("{\"nbformat\": 5, \"cells\": []}") == .newerVersion(file: "a.ipynb", 5))
    #expect(refusal("") == .cutOff(file: "a.ipynb", line: 1))
    #expect(refusal("{\"cells\": [\n{\"cell_type\": \"co") == .cutOff(file: "a.ipynb", line: 2))
    #expect(refusal("x = 1\n") == .notNotebook(file: "a.ipynb", line: 1))
    #expect(refusal("[1]") == .notNotebook(file: "a.ipynb", line: 1))
    #expect(refusal("{\"cells\": [], \"nbformat\": 4} x") == .notNotebook(file: "a.ipynb", line: 1))
    #expect(refusal(Array("{\n\"".utf8) + [0xE9]) == .notUTF8(file: "a.ipynb", line: 2))
    #expect(
      refusal("{\"cells\": [{\"cell_type\": \"code\", \"source\": [], \"outputs\": 1}], " + rest)
        == .badMember(file: "a.ipynb", line: 1, name: "outputs", expected: "a list"))
    #expect(refusal("{" + rest) == .badMember(file: "a.ipynb", line: 1, name: "cells", expected: "a list"))
    #expect(
      refusal("{\"cells\": [\n{\"cell_type\": \"heading\", \"source\": []}], " + rest)
        == .unknownCell(file: "a.ipynb", line: 2, kind: "heading"))
    #expect(
      refusal(
        "{\"cells\": [{\"cell_type\": \"code\", \"source\": [], \"outputs\": [\n{\"output_type\": \"pyout\"}]}], "
          + rest)
        == .unknownOutput(file: "a.ipynb", line: 2, kind: "pyout"))
    #expect(
      refusal("{\"cells\": [{\"cell_type\": \"code\", \"source\": 1, \"outputs\": []}], " + rest)
        == .badMember(file: "a.ipynb", line: 1, name: "source", expected: "text or a list of lines"))
    let python = "{\"cells\": [], \"metadata\": {\"kernelspec\": {\"language\": \"python\"}}, \"nbformat\": 4}"
    #expect(refusal(python) == .foreignLanguage(file: "a.ipynb", "python"))
    let utf16 = Array("{}".utf16).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    #expect(refusal([0xFF, 0xFE] + utf16) == .encoding(file: "a.ipynb", "UTF-16"))
    #expect(refusal(utf16) == .encoding(file: "a.ipynb", "UTF-16"))
    let deep = String(repeating: "[", count: 100_000)
    #expect(refusal("{\"cells\": " + deep) == .notNotebook(file: "a.ipynb", line: 1))
    for error in [refusal(""), refusal(python), refusal(utf16)] {
      #expect(error?.explanation.help?.isEmpty == false)
    }
  }

  /// Whatever Jupyter shows in place of the text is noticed: a replay compares the text.
  @Test func whatIsShownBesideTextIsNoticed() throws {
    func shown(_ output: String) throws -> Set<ShownForm> {
      let notebook =
        "{\"cells\": [{\"cell_type\": \"code\", \"source\": \"1\", \"metadata\": {}, \"outputs\": [\(output)]}], "
        + "\"metadata\": {}, \"nbformat\": 4, \"nbformat_minor\": 5}"
      return try JupyterNotebook().document(reading: Array(notebook.utf8), name: "a.ipynb").cells[0].shown
    }
    func result(_ type: String) -> String {
      "{\"output_type\": \"execute_result\", \"data\": {\"text/plain\": \"1\", \"\(type)\": \"x\"}}"
    }
    #expect(try shown("{\"output_type\": \"execute_result\", \"data\": {\"text/plain\": \"1\"}}") == [])
    #expect(try shown(result("text/html")) == [.html])
    #expect(try shown(result("image/png")) == [.pictures])
    for type in ["text/markdown", "text/latex", "application/javascript"] {
      #expect(try shown(result(type)) == [.foreign(type)])
    }
    #expect(try shown("{\"output_type\": \"stream\", \"name\": \"stderr\", \"text\": \"EER 0 %\"}") == [.warnings])
    #expect(try shown("{\"output_type\": \"stream\", \"name\": \"stdout\", \"text\": \"EER 0 %\"}") == [])
    func failure(_ traceback: String) -> String {
      "{\"output_type\": \"error\", \"ename\": \"error\", \"evalue\": \"no\", \"traceback\": [\"\(traceback)\"]}"
    }
    #expect(try shown(failure("error: no")) == [])
    #expect(try shown(failure("EER 0 %")) == [.traceback])
    let progress = "\"metadata\": {\"twinbook\": {\"progress\": true}}"
    #expect(
      try shown("{\"output_type\": \"display_data\", \"data\": {\"text/plain\": \"EER 0 %\"}, \(progress)}") == [
        .progress
      ])
    #expect(try shown("{\"output_type\": \"display_data\", \"data\": {}, \(progress)}") == [])
  }

  @Test func numericsAreAVersion() throws {
    func read(_ numerics: String) throws -> String? {
      let notebook =
        "{\"cells\": [], \"metadata\": {\"twinbook\": {\"numerics\": \(numerics)}}, \"nbformat\": 4, "
        + "\"nbformat_minor\": 5}"
      return try JupyterNotebook().document(reading: Array(notebook.utf8), name: "a.ipynb").header.numerics
    }
    #expect(try read("\"1\"") == "1")
    #expect(try read("1") == "1")
    #expect(
      throws: NotebookFormatError.badMember(
        file: "a.ipynb", line: 1, name: "numerics", expected: "a version, as \"1\"")
    ) {
      try read("\"abc\"")
    }
  }

  /// Every beginning of a notebook is refused, none ends the process.
  @Test func everyCutIsRefused() throws {
    let document = try NotebookDocument(reading: "# %% A é\nprint(\"\\t😀\")\n#> \t😀\n", name: "a")
    let bytes = JupyterNotebookWriter.notebook(document).sorted.indented(by: 1)
    for count in 0..<(bytes.count - 2) { #expect(refusal(Array(bytes[..<count])) != nil) }
  }

  @Test func picturesOfAHundredMegabytesAreRead() throws {
    let picture = String(repeating: "iVBORw0K", count: 100 << 17)
    var cell = NotebookDocument.Cell(source: "plot(x)", result: "a curve")
    cell.parts = [ResultPart(.figure, lines: 0..<1, media: ["image/png": picture])]
    let bytes = JupyterNotebookWriter.notebook(NotebookDocument(cells: [cell])).sorted.indented(by: 1)
    let read = try JupyterNotebook().document(reading: bytes, name: "a.ipynb")
    #expect(read.cells[0].parts[0].media["image/png"]?.utf8.count == picture.utf8.count)
    #expect(read.text == "# %%\nplot(x)\n#> a curve\n")
  }
}
