import Diagnostics
import Syntax
import Testing

/// The dump of a text, or its errors.
func dump(_ text: String) -> String {
  switch Parser.parse(SourceText(name: "test", text: text)) {
  case .success(let program): program.dump
  case .failure(let errors): errors.diagnostics.map { $0.rendered() }.joined(separator: "\n")
  }
}

struct TreeTests {
  @Test(arguments: [
    // The table of precedence, loosest first: |> >> or and not comparisons ranges + * - ^ postfix.
    ("x |> f >> g", "(|> x (>> f g))"),
    ("a >> b or c", "(>> a (or b c))"),
    ("a or b and c", "(or a (and b c))"),
    ("a and b or c", "(or (and a b) c)"),
    ("a and not b", "(and a (not b))"),
    ("not a == b", "(not (== a b))"),
    ("not not a and b", "(and (not (not a)) b)"),
    ("x in 0..<5", "(in x (..< 0 5))"),
    ("x not in xs and y", "(and (not in x xs) y)"),
    ("0..<n + 1", "(..< 0 (+ n 1))"),
    ("1...5", "(... 1 5)"),
    ("a + b * c", "(+ a (* b c))"),
    ("a * b + c", "(+ (* a b) c)"),
    ("a - b - c", "(- (- a b) c)"),
    ("a / b @ c % d", "(% (@ (/ a b) c) d)"),
    ("-2^2", "(- (^ 2 2))"),
    ("-a * b", "(* (- a) b)"),
    ("a * -b", "(* a (- b))"),
    ("2^-1", "(^ 2 (- 1))"),
    ("2^3^2", "(^ 2 (^ 3 2))"),
    ("-x.a[0](1)^2", "(- (^ (call (index (. x a) 0) 1) 2))"),
    ("a < b", "(< a b)"),
    ("a < b <= c", "(chain a < b <= c)"),
    ("(a < b) < c", "(< (< a b) c)"),
    ("a == b and b != c", "(and (== a b) (!= b c))"),
    ("a |> b |> c", "(|> (|> a b) c)"),
    ("--a", "(- (- a))"),
    ("+a", "(+ a)"),
  ])
  func precedence(_ text: String, _ tree: String) {
    #expect(dump(text) == tree)
  }

  @Test(arguments: [
    ("1_000", "1000"), ("0xff", "255"), ("0b101", "5"), ("1e-3", "0.001"), (".5", "0.5"), ("1.", "1"),
    ("2.5e3", "2500"), ("1e999", "inf"), ("0..<5", "(..< 0 5)"), ("3.sqrt", "(. 3 sqrt)"), ("xs[.5]", "(index xs 0.5)"),
  ])
  func numbers(_ text: String, _ tree: String) {
    #expect(dump(text) == tree)
  }

  @Test(arguments: [
    (#""a\tb\n""#, #""a\tb\n""#),
    ("'single'", #""single""#),
    (#""loss is {loss:.3}""#, #"(text "loss is " loss:.3)"#),
    (#""{{}} {a}{b}""#, #"(text "{} " a b)"#),
    (#""{d["a"]:>8.2f}|""#, #"(text (index d "a"): >8.2f "|")"#),
    (#""{x[1:2]}""#, "(text (index x 1:2))"),
    (#""{f("{g("x")}")}""#, #"(text (call f (text (call g "x"))))"#),
    ("\"\"\"\none\n  two \"quoted\"\"\"\"", #""one\n  two \"quoted\"""#),
    (#""\u{e9}""#, #""é""#),
    (#""{ {a: 1}.a }""#, "(text (. {a: 1} a))"),
    (#""{x:06.1f} {y:+,d} {z:*^9}""#, #"(text x:06.1f " " y:+,d " " z:*^9)"#),
  ])
  func strings(_ text: String, _ tree: String) {
    #expect(dump(text) == tree)
  }

  @Test(arguments: [
    ("a = 1", "(= a 1)"),
    ("a, b = b, a", "(= [a b] [b a])"),
    ("a, (b, c) = x", "(= [a [b c]] x)"),
    ("[a, b] = x", "(= [a b] x)"),
    ("x[0].y = 3", "(= (. (index x 0) y) 3)"),
    ("x[:, 0] += 1", "(+= (index x : 0) 1)"),
    ("x[1:2, ::3, -1]", "(index x 1:2 ::3 (- 1))"),
    ("a ^= 2; b @= c", "(^= a 2)\n(@= b c)"),
    ("x;", "x;"),
    ("x; y", "x\ny"),
    ("x;\n# remark\n", "x;"),
    ("fn area(w, h=1) { w * h }", "(fn area [w h=1] {(* w h)})"),
    ("f = x -> x * x", "(= f (fn [x] (* x x)))"),
    ("(a, b) -> a + b", "(fn [a b] (+ a b))"),
    ("() -> { n += 1; n }", "(fn [] {(+= n 1); n})"),
    ("() -> {}", "(fn [] {})"),
    ("x -> {a: x}", "(fn [x] {a: x})"),
    ("x -> y -> x + y", "(fn [x] (fn [y] (+ x y)))"),
    ("fn (x) { return x, 1 }", "(fn [x] {(return [x 1])})"),
    ("f(x, epochs=10, g=y -> y)", "(call f x epochs=10 g=(fn [y] y))"),
    ("sum(x for x in xs)", "(call sum (each x (for x xs)))"),
    ("[f(x) for x in xs if p(x)]", "(each (call f x) (for x xs) (if (call p x)))"),
    ("[a + b for a in x for b in y if a < b]", "(each (+ a b) (for a x) (for b y) (if (< a b)))"),
    ("if a { 1 } else if b { 2 } else { 3 }", "(if a {1} b {2} else {3})"),
    ("x = if a { 1 }", "(= x (if a {1}))"),
    ("for i, x in enumerate(xs) { print(x) }", "(for [i x] (call enumerate xs) {(call print x)})"),
    ("while true { if c { break } else { continue } }", "(while true {(if c {(break)} else {(continue)})})"),
    ("try { f() } catch e { e.message }", "(try {(call f)} e {(. e message)})"),
    ("try { f() } catch { 0 }", "(try {(call f)} {0})"),
    (#"{name: "iu", "full name": 3, if: 1}"#, #"{name: "iu", full name: 3, if: 1}"#),
    ("{}", "{}"),
    (
      "()",
      "error: expected an expression, got `)`\n  ╭─ test, line 1\n  │ ()\n  │  ^\n  ╰─ help: a value is missing here: a number, a text, a name, a call f(x)"
    ),
    ("(1, 2)", "[1 2]"), ("(1,)", "[1]"), ("[]", "[]"), ("[1, 2,]", "[1 2]"),
    ("größe = π + 名前", "(= größe (+ π 名前))"),
  ])
  func shapes(_ text: String, _ tree: String) {
    #expect(dump(text) == tree)
  }

  @Test(arguments: [
    ("a\nb", "a\nb"),
    ("a +\n\n b", "(+ a b)"),
    ("f(\n1,\n2\n)", "(call f 1 2)"),
    ("net = a >>\n  b", "(= net (>> a b))"),
    ("net = a\n  >> b\n  >> c\nd", "(= net (>> (>> a b) c))\nd"),
    ("x\n  .f()\n  .g()", "(call (. (call (. x f)) g))"),
    ("x\n# remark\n  |> f", "(|> x f)"),
    ("{a: 1,\n b:\n 2\n}", "{a: 1, b: 2}"),
    ("f({\n a: 1 })", "(call f {a: 1})"),
    ("f(x -> {\n  a = x\n  a\n})", "(call f (fn [x] {(= a x); a}))"),
    ("if a {\n 1\n}\nelse {\n 2\n}", "(if a {1} else {2})"),
    ("if a\n{\n 1\n}", "(if a {1})"),
    ("a = b and\n c", "(= a (and b c))"),
    ("a\n-b", "a\n(- b)"),
    ("\u{FEFF}a\r\nb\r\n", "a\nb"),
    // Lines of old Macs: what follows a remark is no part of it. In a string a CR is a character.
    ("a # remark\rb\rc", "a\nb\nc"), ("# remark\ra = [1,\r 2]\r", "(= a [1 2])"), ("# remark\r\na\r", "a"),
    ("\"x\ry\"", "\"x\\ry\""),
    ("a = [1, # one\n 2]\n", "(= a [1 2])"),
    ("", ""), ("\n\n# only a remark", ""),
  ])
  func newlines(_ text: String, _ tree: String) {
    #expect(dump(text) == tree)
  }

  @Test(arguments: [
    ("", "complete"), ("a", "complete"), ("a +", "incomplete"), ("f(1,", "incomplete"), ("f(1,\n2", "incomplete"),
    ("if a {", "incomplete"), ("if a {\n b\n", "incomplete"), ("if a", "incomplete"), ("x = [1,\n", "incomplete"),
    ("\"\"\"text\n", "incomplete"), ("\"text", "invalid"), ("f(1))", "invalid"), ("a = = b", "invalid"),
    ("for x in xs {\n f(x)\n}", "complete"), ("try { a }", "incomplete"), ("fn f(a", "incomplete"),
    ("{a: 1", "incomplete"),
    ("a b", "invalid"), ("x = (1 2", "invalid"), ("fn f() { return", "incomplete"), ("f(x) {", "invalid"),
    ("not", "incomplete"), ("def f(x):", "invalid"), ("x ->", "incomplete"), ("if a { b b", "invalid"),
  ])
  func completeness(_ text: String, _ wanted: String) {
    let found =
      switch Parser.completeness(of: SourceText(name: "test", text: text)) {
      case .complete: "complete"
      case .incomplete: "incomplete"
      case .invalid: "invalid"
      }
    #expect(found == wanted, "\(text)")
  }
}
