import Diagnostics
import Interpreter
import ScriptSupport
import Testing

/// Every error has a line of help, and it leads to what was meant.
struct WaysOutTests {
  private func help(_ code: String, after first: String? = nil) -> String {
    let run = ScriptRun(steps: 1_000_000)
    if let first { _ = run.cell(first) }
    guard case .failed(let diagnostics) = run.interpreter.evaluate(SourceText(name: "cell", text: code)) else {
      return "no error"
    }
    return diagnostics.first?.explanation.help ?? "no help"
  }

  /// A cell was left out. What the library has under a like name was hardly meant.
  @Test(arguments: ["net", "c", "a", "d", "label", "people", "row", "x.y = 3", "\"{x}\"", "print(net)"])
  func aNameWithoutAValue(_ code: String) {
    #expect(help(code) == "no cell has given it a value yet")
  }

  @Test(arguments: [
    ("prnt(1)", "did you mean `print`?"), ("LEN([1])", "did you mean `len`?"),
    ("c(1, 2)", "a list is written [1, 2, 3]"), ("np", "what it has is built in"),
    ("loop", "no cell has given it a value yet; write for i in 0..<n"), ("loop()", "write for i in 0..<n"),
    ("hlp", "no cell has given it a value yet"), ("helq", "no cell has given it a value yet; did you mean `help`?"),
    ("pop", "no cell has given it a value yet; a list"),
    ("np.concatenate([[1]])", "write concat([a, b], axis=0)"), ("np.zip([1], [2])", "leave `np.` out: zip(…)"),
    ("torch.special.round(2.5)", "leave `torch.special.` out: round(…)"), ("math.pi", "leave `math.` out: pi"),
    ("np.nothing(3)", "what it has is built in"), ("F.round", "no cell has given it a value yet"),
    ("cat([[1], [2]])", "write concat([a, b], axis=0)"), ("cat", "no cell has given it a value yet; write concat("),
    ("ravel([1])", "x.flatten()"), ("Infinity", "write inf"), ("Resize(32)", "data.resize(32, 32)"),
    ("gelu", "the activations are relu"), ("Nadam()", "the optimizers are sgd"), ("ls", "%ls lists"),
    ("__name__ == \"__main__\"", "leave it out"),
    ("nothing_known(1)", "no cell has given it a value yet; help() lists the functions of the library"),
  ])
  func aNameThatIsNear(_ code: String, _ hint: String) {
    let found = help(code)
    #expect(found.hasPrefix(hint), "\(found)")
  }

  @Test func aNearNameOfTheSession() {
    #expect(help("nt", after: "net = 3") == "did you mean `net`?")
  }

  @Test(arguments: [
    ("1 / 0", "if b != 0"), ("10 % 0", "if b != 0"), ("2(3)", "2 * (3)"), ("x = 5\nx()", "2 * (3)"),
    ("x = 5\nx[0]", "have items"), ("x = 5\nx.foo", "sqrt(x)"), ("\"abc\".foo", "help(x) lists what a string has"),
    ("a, b = [1, 2, 3]", "xs[:2]"), ("a, b = [1]", "as many names"), ("none + 1", "sort, gives none"),
    ("-\"a\"", "number(text)"), ("x = {a: 1}\nx[0]", "r[\"name\"]"), ("[1][\"a\"]", "a record has names"),
    ("[1][0.5]", "floor(i)"), ("[][0]", "len(x) > 0"), ("[1][::0]", "xs[::-1]"),
    ("x = 1\nx.y = 2", "fields of records"),
    ("assert(1 == 2)", "assert(x > 0"), ("{a: 1} < {a: 2}", "compare a part"),
    ("[1, 2] > 1", "tensor(xs) > 2"), ("2 < 0..<3", "tensor(xs) > 2"), ("8 >> 1", "shifts bits"),
    ("[1].find(1)", "xs.index(x)"), ("\"ab\".reverse()", "x[::-1]"),
    ("fn f(a, b=2) { a }\nf()", "no argument came; a parameter with a default may be left out: a=0"),
    ("filter((a, b, c) -> true, [1])", "1 argument came"), ("(x -> x)(1, 2)", "leave some out"),
    ("len()", "help(\"len\") says what it takes"), ("len(1, 2)", "help(\"len\") says what it takes"),
    ("round(\"a\")", "help(\"round\") says what it takes"),
    ("[1].remove(2)", "help(\"list.remove\") says what it takes"),
    ("map(chr, [-1])", "help(\"chr\") says what it takes"), ("chr(-1)", "help(\"chr\") says what it takes"),
  ])
  func everyErrorHasAWayOut(_ code: String, _ hint: String) {
    let found = help(code)
    #expect(found.contains(hint), "\(code): \(found)")
  }

  /// A reason of the script's own is left as it is.
  @Test(arguments: ["error(\"too dark\")", "assert(1 == 2, \"why\")", "try { len() } catch e { error(\"again\") }"])
  func ownReasonsStandAlone(_ code: String) {
    #expect(help(code) == "no help")
  }

  /// What an error was about before is not what this one is about.
  @Test func adviceIsOfTheCallThatFailed() {
    #expect(help("fn f(a) { a }\nf()", after: "try { round(\"a\") } catch e { 0 }").hasPrefix("no argument came"))
  }

  @Test(arguments: ["for", "while", "if", "fn", "and", "none"]) func wordsOfTheLanguageHaveAPage(_ word: String) {
    let (lines, error) = ScriptRun(steps: 10_000).cell("help(\"\(word)\")")
    #expect(error == nil && lines.contains("Example:") && lines.first?.contains(word) == true, "\(lines)")
  }

  @Test func otherLanguagesWordsLeadToTwins() {
    #expect(help("help(\"def\")").contains("write fn area(w, h)"))
    #expect(help("help(\"whil\")") == "did you mean “while”?")
    #expect(help("help(\"np.concatenate\")") == "write concat([a, b], axis=0)")
    #expect(ScriptRun(steps: 10_000).cell("help(\"np.zip\")").lines.first?.hasPrefix("zip(") == true)
  }
}
