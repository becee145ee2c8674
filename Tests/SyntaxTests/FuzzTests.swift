import Diagnostics
import Syntax
import Testing

/// Whatever comes in, the parser gives a tree or errors with places inside the text; it never traps.
struct FuzzTests {
  struct Generator {
    var state: UInt64

    mutating func next(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(limit))
    }
  }

  static let words =
    Symbol.allCases.map(\.rawValue) + ForeignSymbol.allCases.map(\.rawValue) + Keyword.allCases.map(\.rawValue) + [
      "x", "f", "12", "1.5", "\"a\"", "\"{x:.2}\"", "\"{", "\"\"\"", "'", "\n", "\n", " ", "# r\n", "def", "0x", "1_",
      "é", "🙂",
      "{a: 1}", "\\", "x -> ", "(a, b) -> {", "fn f(", "if x {", "} else {", "for i in ", "try {", "} catch e {",
    ]

  static let program = """
    # %% cell
    net = conv(6, 3) >> relu >> maxpool(2) >>
          flatten >> dense(50)
    fn area(w, h=1) { if w > 0 { return w * h } else { -1 } }
    a, (b, c) = [1, [2, 3]]
    xs = [f(x)[1:2, ::2] for x in 0..<10 for y in xs if x % 2 == 0 and not y in {a: "b{c:.3f}"}]
    for i, x in enumerate(xs) { total += x ^ 2; if i >= 3 { break } }
    try { error("no {a + "n{b}"}") } catch e { print(e.message, end="") }
    while true { n -= 1; if n < 0 or done { break } else if n == 1 { continue } }
    people.query(strangers["s31"][-4], k=3).best |> print;
    """

  func check(_ text: String) {
    let source = SourceText(name: "fuzz", text: text)
    switch Parser.parse(source) {
    case .success(let program):
      _ = program.dump
    case .failure(let errors):
      #expect(!errors.diagnostics.isEmpty)
      #expect(errors.diagnostics.count <= 20)
      for diagnostic in errors.diagnostics {
        #expect(diagnostic.rendered().hasPrefix("error: "))
        if let span = diagnostic.place?.span {
          #expect(span.start >= 0 && span.start <= span.end && span.end <= source.bytes.count)
        }
      }
    }
    _ = Parser.completeness(of: source)
    let tokens = Lexer.tokens(source)
    #expect(tokens.last?.kind == .end)
  }

  @Test func randomBytes() {
    var generator = Generator(state: 1)
    for _ in 0..<2000 {
      let bytes = (0..<generator.next(80)).map { _ in UInt8(generator.next(256)) }
      check(String(decoding: bytes, as: UTF8.self))
      check(String(decoding: bytes.map { $0 & 127 }, as: UTF8.self))
    }
  }

  @Test func randomTokens() {
    var generator = Generator(state: 2)
    for _ in 0..<4000 {
      let words = (0..<generator.next(40)).map { _ in Self.words[generator.next(Self.words.count)] }
      check(words.joined(separator: generator.next(2) == 0 ? " " : ""))
    }
  }

  @Test func mutatedProgram() {
    var generator = Generator(state: 3)
    let original = Array(Self.program.utf8)
    for _ in 0..<2000 {
      var bytes = original
      for _ in 0...generator.next(4) {
        let place = generator.next(bytes.count)
        switch generator.next(4) {
        case 0: bytes.remove(at: place)
        case 1: bytes[place] = UInt8(32 + generator.next(95))
        case 2:
          bytes.insert(contentsOf: Array(Self.words[generator.next(Self.words.count)].utf8), at: place)
        default: bytes.removeSubrange(place..<min(bytes.count, place + generator.next(30)))
        }
        if bytes.isEmpty { bytes = original }
      }
      check(String(decoding: bytes, as: UTF8.self))
    }
  }

  /// Each prefix of a program that is right is complete, incomplete, or ends within a token or a thought.
  @Test func prefixes() {
    let bytes = Array(Self.program.utf8)
    for length in 0...bytes.count { check(String(decoding: bytes[..<length], as: UTF8.self)) }
  }

  @Test(arguments: [
    "(", "[", "{", "-", "not ", "x -> ", "if a { ", "f(", "{a: ", "\"{", "x[", "1 + (", "fn () { ", "[x for x in ",
  ])
  func depth(_ opener: String) {
    for count in [10, 190, 250, 100_000] { check(String(repeating: opener, count: count)) }
    check(String(repeating: opener, count: 150) + "x")
  }

  @Test(arguments: [" + x", ".x", "(x)", "[x]", " >> x", " |> x", " < x", " and x", " ^ x", ", x", "\nx", ";x"])
  func chains(_ link: String) {
    for count in [10, 500, 50_000] { check("x" + String(repeating: link, count: count)) }
  }

  @Test func longElseIf() {
    check("if a { 1 }" + String(repeating: " else if b { 2 }", count: 10_000))
  }
}
