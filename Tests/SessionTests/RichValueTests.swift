import Testing

@testable import Session

@Suite struct RichValueTests {
  private func html(_ desk: Desk, _ code: String) -> String? {
    let result = desk.type(code)
    return result.rich?.media(text: result.value ?? "")["text/html"]
  }

  @Test func aNetworkIsATable() throws {
    let desk = Desk()
    desk.type("net = conv(4, 3) >> relu >> flatten >> dense(8)")
    let unbuilt = try #require(html(desk, "net"))
    #expect(unbuilt.contains("<th style=\"text-align:left;white-space:pre-wrap\">layer</th>"))
    #expect(unbuilt.contains("not built yet"))
    desk.type("net(zeros([1, 1, 10, 10]));")
    let built = try #require(html(desk, "net.summary()"))
    #expect(built.contains(">40</td>") && built.contains("2,096 parameters") && !built.contains("not built"))
    // As it was when it was shown.
    #expect(
      desk.session.document(withPictures: true).cells.compactMap { $0.parts.first?.media["text/html"] }.first == unbuilt
    )
  }

  @Test func aSweepIsATable() throws {
    let desk = Desk()
    desk.type(
      "data = glyphs(4, 6, seed=1)",
      "start = s -> trainer(flatten >> dense(s.size), data, optimizer=sgd(s.rate), batch=16)")
    let table = try #require(
      html(desk, "sweep(start, [{size: 2, rate: 0.1}, {size: 4, rate: 0.1}], net -> net.parameters, epochs=[1])"))
    #expect(table.contains("<caption") && table.contains(">rate</th>") && table.contains("<td"))
  }

  @Test func whatItSaysIsText() throws {
    let desk = Desk()
    desk.type("data = glyphs(4, 6, seed=1)", "start = s -> trainer(flatten >> dense(2), data, batch=16)")
    let table = try #require(html(desk, "sweep(start, [{note: \"<script>\"}], net -> 1, epochs=[1])"))
    #expect(table.contains("&lt;script&gt;") && !table.contains("<script>"))
  }

  @Test func matchesHaveTheirPictures() throws {
    let desk = Desk()
    desk.type(
      "data = glyphs(4, 6, seed=1)", "people = gallery(flatten >> dense(8))",
      "for name in data.classes { people.enroll(name, data[name][0]) }")
    let table = try #require(html(desk, "people.query(data[1], k=3)"))
    #expect(table.components(separatedBy: "<img ").count == 4 && table.contains(">distance</th>"))
  }

  /// What a function prints is no value, though the cell ends in a call.
  @Test func whatIsPrintedIsNoValue() {
    let desk = Desk()
    desk.type("fn told(x) { print(x) }", "told(3)", "told(3); 4")
    let pieces = desk.session.document().cells.map(\.pieces)
    #expect(pieces[1] == [.printed("3\n")])
    #expect(pieces[2] == [.printed("3\n"), .part(.value, text: "4", media: [:])])
  }

  @Test func anImageIsAPicture() throws {
    let desk = Desk()
    let picture = try #require(html(desk, "glyphs(2, 3, seed=1)[0]"))
    #expect(picture.contains("<img alt=") && picture.contains("data:image/png;base64,"))
    #expect(desk.type("1 + 1").rich == nil)
  }
}
