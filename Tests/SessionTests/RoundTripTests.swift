import KernelInterface
import Testing

@testable import Session

/// Evaluated, saved, read back, replayed: the same for each kind of value.
@Suite struct RoundTripTests {
  static let training = """
    letters = glyphs(6, 5, seed=1, size=12)
    net = conv(4, 3) >> relu >> maxpool(2) >> flatten >> dense(8)
    loop = trainer(net, pairs(letters, 64, seed=2), loss=contrastive(1), optimizer=adam(0.001), batch=16, seed=3)
    """

  static let values: [String] = [
    "1", "-0.1", "1e300", "1 / 3", "12345678901", "0 * -1", "\"\"", "\"line\\nbreak\\ttab \\\"quoted\\\" \\\\\"",
    "\"größe 漢字 👩‍👩‍👧 e\u{301}\"", "\"#> no result\"", "\"\"\"\n# %% no cell\n#> no result\n\"\"\"", "true", "none", "[]",
    "[1, [2, \"x\", none], {a: 1}]", "[i for i in 0..<1000]", "{}", "{name: \"iu\", age: 31, nested: {list: [1]}}",
    "{\"two words\": 1}", "0..<5", "1...5", "fn area(w, h=1) { w * h }\narea", "x -> x * x", "len",
    "tensor([1, 2.5, -3])", "zeros([0, 3])", "zeros([2, 3, 4])", "randn([40, 50])", "randn([3], seed=4)",
    "tensor(5)", "tensor([1, 2]) / 0", "glyphs(4, 3, seed=1)", "glyphs(4, 3, seed=1)[0]",
    "glyphs(30, 3, seed=1).split(classes=20, seed=1)", "pairs(glyphs(4, 3, seed=1), 20, seed=2)",
    "conv(6, 3, padding=\"same\")", "relu", "conv(6, 3) >> relu >> flatten >> dense(5)",
    "contrastive(margin=1)", "triplet(0.2)", "adam(0.001)", "sgd(0.1, momentum=0.9)", "print(\"a\")\nprint(1, 2)\n3",
    "print(\"no newline\\n\\n\")", "for i in 0..<3 { print(i) }", "plot([1, 4, 9])", "histogram([1, 2, 2, 3])",
    "scatter(randn([20, 2], seed=1), [0] * 10 + [1] * 10)", "montage(glyphs(4, 3, seed=1))", "x = 5", "5;",
    training + "\nnet", training + "\nloop", training + "\nloop.run(epochs=2)",
    training + "\nloop.run(epochs=2)\nplot(loop)",
    training + "\nd = distances(net, letters)\nd", training + "\nplot(distances(net, letters))",
    training + "\ncurve(distances(net, letters), \"roc\")",
    training + "\nepisodes(net, letters, ways=4, shots=1, trials=50, seed=3)",
    training + "\npeople = gallery(net)\nfor name in letters.classes { people.enroll(name, letters[name][0]) }\npeople",
    training + "\npeople = gallery(net)\npeople.enroll(\"a\", letters[0])\npeople.query(letters[1], k=1)",
    training + "\npeople = gallery(net)\npeople.enroll(\"a\", letters[0])\npeople.query(letters[1])[0]",
    training + "\nnet(letters[0:3].tensor)", "grad(x -> x * x)(3)", "try { error(\"no\") } catch e { e.message }",
    "try { error(\"no\") } catch e { e }", "fn f() { error(\"no\") }\n\ntry { f() } catch e { [e.line, e.source] }",
    "\n\n  7  \n\n", "#> like a result\n3", "#< like an answer\n3",
  ]

  @Test(arguments: values) func isSavedAndReplaysVerified(code: String) throws {
    let desk = Desk(seed: 5)
    let result = desk.type(code)
    #expect(result.status == .finished, "\(result.diagnostics.map(\.explanation.message))")
    let text = desk.session.document().text
    // Reading what was written gives the same, and so does writing it again.
    let document = try NotebookDocument(reading: text, name: "a.twin")
    #expect(document.text == text)
    #expect(document.cells.count == 1)
    let (outcome, differences) = try replay(text)
    #expect(outcome.succeeded && outcome.cellsCompared == 1, "\(differences)")
  }

  @Test func aWholeSessionOfAllOfThemReplaysVerified() throws {
    let desk = Desk(seed: 6)
    for code in Self.values { desk.type(code) }
    let (outcome, differences) = try replay(desk.session.document().text)
    #expect(outcome.succeeded, "\(differences)")
    #expect(outcome.cellsCompared == Self.values.count)
  }

  @Test func aResultThatChangedIsFound() throws {
    for (code, old, new) in [
      ("plot([1, 4, 9])", "1 to 9", "1 to 9.1"), ("tensor([1, 2])", "#> tensor([1, 2])", "#> tensor([1, 2.0001])"),
      ("\"a\"", "#> \"a\"", "#> \"b\""),
    ] {
      let desk = Desk()
      desk.type(code)
      let text = desk.session.document().text
      #expect(text.contains(old), "\(text)")
      let (outcome, _) = try replay(text.replacing(old, with: new))
      #expect(outcome.failedCell == 1)
    }
  }

  @Test func savedTextReadsAsIfWrittenByHand() {
    let desk = Desk(seed: 7)
    desk.type("# %% First words\nx = 20 + 1\nx * 2", "%time y = x + 1", "%who", "nope +", "y\n%seed", "1 / 0")
    let text = desk.session.document().text
    #expect(
      text == """
        # ---
        # twinbook: \(NotebookSession.version)
        # format: 1
        # seed: 7
        # numerics: \(NumericsContract.version)
        # ---

        # %% First words
        x = 20 + 1
        x * 2
        #> 42

        # %%
        y = x + 1

        # %% [failed]
        # nope +
        #> error: expected an expression, got the end of the text

        # %%
        y
        #> 22

        # %% [failed]
        # 1 / 0
        #> error: division by zero

        """, "\(text)")
  }

  @Test func whatAFailedCellLeftBehindIsThereInAReplay() throws {
    let desk = Desk(seed: 8)
    desk.type("x = 1", "x = 41\nnope", "x + 1", "error(\"leaves nothing\")", "randn([2])")
    let text = desk.session.document().text
    #expect(text.contains("# %% [allow-fail]\nx = 41\nnope\n#> error: unknown name `nope`\n"), "\(text)")
    #expect(text.contains("# %% [failed]\n# error(\"leaves nothing\")\n"), "\(text)")
    let (outcome, differences) = try replay(text)
    #expect(outcome.succeeded, "\(differences)")
  }

  @Test func minimalKeepsWhatTheLastResultNeeds() throws {
    let desk = Desk(seed: 10)
    desk.type(
      "a = 1", "unused = 2", Self.training, "unused + 1", "loop.run(epochs=1)", "b = a + 1",
      "d = distances(net, letters)",
      "plot(d)", "b + a")
    #expect(
      desk.session.document(minimal: true).cells.map(\.source) == ["a = 1", "b = a + 1", "b + a"])
    desk.type("d")
    let text = desk.session.document(minimal: true).text
    #expect(!text.contains("unused") && !text.contains("b = ") && text.contains("loop.run"), "\(text)")
    let (outcome, differences) = try replay(text)
    #expect(outcome.succeeded, "\(differences)")
  }
}
