import Testing

@testable import Session

/// What a front end asks beside a cell (Jupyter's user expressions) leaves nothing behind and waits for nobody.
@Suite struct PeekTests {
  private func text(_ desk: Desk, _ code: String) -> String {
    switch desk.session.peek(code) {
    case .success(let text): text
    case .failure(let diagnostic): "error: " + diagnostic.explanation.message
    }
  }

  @Test func nothingIsLeftBehind() {
    let desk = Desk()
    desk.type("a = [1]", "r = randn(1, seed=1)")
    #expect(text(desk, "a") == "[1]" && text(desk, "b = 2; b + 1") == "3" && text(desk, "a[0] = 5; a") == "[5]")
    #expect(desk.value("a") == "[1]" && text(desk, "b").hasPrefix("error: "))
    #expect(desk.session.cellNumber == 4)
  }

  @Test func nothingIsSaidOrAsked() {
    let desk = Desk()
    desk.front.answers = ["typed", "too"]
    desk.front.written = ""
    #expect(text(desk, "print(1); x = input(\"? \"); x == none") == "true")
    #expect(text(desk, "glyphs(8, 6).split(fraction=0.5, seed=1)").contains("24 images"))
    #expect(desk.front.written == "" && desk.front.warnings == [] && desk.front.answers == ["typed", "too"])
    // The same cell does ask.
    #expect(desk.value("input(\"? \")") == "\"typed\"")
  }
}
