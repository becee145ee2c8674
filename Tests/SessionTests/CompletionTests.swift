import Foundation
import Testing

@testable import Session

@Suite struct CompletionTests {
  private func offered(_ desk: Desk, _ text: String) -> [String] { desk.session.complete(text).candidates.map(\.text) }

  @Test func namesOfTheSessionAndTheLibraryWithTheirKinds() {
    let desk = Desk()
    desk.type("zebra_small = 1", "fn zebrine(a, far=2) { a }")
    let found = desk.session.complete("x = zeb")
    #expect(found.replacedBytes == 3)
    #expect(found.candidates == [.init("zebra_small", "number"), .init("zebrine", "function")])
    #expect(desk.session.complete("contras").candidates == [.init("contrastive", "function")])
    #expect(desk.session.complete("y = whil").candidates == [.init("while", "keyword")])
  }

  @Test func keysInsideBrackets() {
    let desk = Desk()
    desk.type("letters = glyphs(12, 3, seed=1)", "person = {name: \"iu\", nested: {deep: 1}}")
    #expect(
      offered(desk, "person[\"n") == ["name", "nested"] && offered(desk, "x = person[\"nested\"][\"") == ["deep"])
    #expect(desk.session.complete("letters[\"glyph1").candidates.map(\.kind) == ["key", "key", "key", "key"])
    #expect(offered(desk, "letters[\"glyph2") == ["glyph2"])
  }

  @Test func membersOfTheValueBeforeTheDot() {
    let desk = Desk()
    desk.type("letters = glyphs(4, 3, seed=1)", "person = {name: \"iu\", nested: {deep: 1}}", "t = zeros([2])")
    #expect(offered(desk, "letters.spl") == ["split"])
    #expect(desk.session.complete("letters.classes").candidates.first?.kind == "property")
    #expect(offered(desk, "person.n") == ["name", "nested"])
    #expect(offered(desk, "1 + person.nested.d") == ["deep"])
    #expect(offered(desk, "t.resh") == ["reshape"])
    #expect(offered(desk, "\"abc\".upp") == ["upper"])
    #expect(offered(desk, "[1, 2].app") == ["append"])
    #expect(offered(desk, "letters[0].wid") == ["width"])
    #expect(offered(desk, "nothing.x") == [])
    #expect(offered(desk, "3.") == [])
  }

  /// What a call gives is known from the library's table; nothing is run for it.
  @Test func membersOfWhatACallGives() {
    let desk = Desk()
    desk.type(
      "letters = glyphs(4, 3, seed=1)", "net = flatten >> dense(2)", "fn mine(x) { print(\"ran\"); x }", "make = glyphs"
    )
    desk.front.written = ""
    #expect(offered(desk, "glyphs(4, (3), size=12).spl") == ["split"])
    #expect(offered(desk, "images(\"a) [b\").spl") == ["split"])
    #expect(offered(desk, "letters.take(2)[0].wid") == ["width"])
    #expect(offered(desk, "letters.split(0.5).app") == ["append"])
    #expect(offered(desk, "y = letters.gray().resize(12).tens") == ["tensor"])
    #expect(offered(desk, "net(letters).resh") == ["reshape"])
    #expect(offered(desk, "dense(3)(zeros([1, 2])).resh") == ["reshape"])
    #expect(offered(desk, "make(3).shuf") == ["shuffle"])
    #expect(offered(desk, "\"a,b\".split(\",\").app") == ["append"])
    #expect(offered(desk, "\"ab\".upper().low") == ["lower"])
    #expect(offered(desk, "letters.name.upp") == ["upper"])
    #expect(offered(desk, "gallery(net).qu") == ["query"])
    #expect(offered(desk, "letters.take(2).split(fra") == ["fraction="])
    // Functions of the session could do anything, and what depends on the arguments is not known.
    #expect(offered(desk, "mine(letters).") == [])
    #expect(offered(desk, "(1 + 2).") == [])
    #expect(offered(desk, "mean(x).") == [])
    #expect(offered(desk, "letters.labels[0].") == [])
    #expect(desk.front.written == "")
  }

  @Test func singleQuotesAreStringsToo() throws {
    let desk = Desk()
    desk.type("letters = glyphs(12, 3, seed=1)", "person = {name: \"iu\", nested: {deep: 1}}")
    #expect(offered(desk, "letters['glyph2") == ["glyph2"] && offered(desk, "person['nested'].d") == ["deep"])
    #expect(offered(desk, "'abc'.upp") == ["upper"] && offered(desk, "print('{lett") == ["letters"])
    #expect(offered(desk, "'it is \"quoted\"'.upp") == ["upper"])
    #expect(offered(desk, "help('contrast").contains("contrastive") && offered(desk, "x = 'lett") == [])
    #expect(offered(desk, "images('a) [b').spl") == ["split"])
    #expect(offered(desk, "'''a 'b' {lett") == ["letters"])
    #expect(offered(desk, "letters.split('a\"(', fra") == ["fraction="])
  }

  @Test func aLineThatGoesOnWithADot() {
    let desk = Desk()
    desk.type("letters = glyphs(4, 3, seed=1)")
    #expect(offered(desk, "letters\n  .spl") == ["split"] && offered(desk, "letters.take(2)\n.spl") == ["split"])
    #expect(offered(desk, "letters .spl") == ["split"])
  }

  @Test func aLineOfTheShellHasFiles() throws {
    let folder = NSTemporaryDirectory() + "completion-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try "".write(toFile: folder + "/info.npy", atomically: true, encoding: .utf8)
    #expect(offered(Desk(), "!ls -l \(folder)/in") == [folder + "/info.npy"] && offered(Desk(), "!len") == [])
  }

  /// A layer by itself is called, saved and asked as a network is.
  @Test func aLayerHasTheMembersOfANetwork() throws {
    let desk = Desk()
    desk.type("d = dense(2)")
    #expect(offered(desk, "d.sum") == ["summary"] && offered(desk, "dense(2).lay") == ["layers"])
    #expect(offered(desk, "dense(2).copy().summ") == ["summary"])
    #expect(offered(desk, "d.save(\"a\", ra").contains("raw="))
    #expect(try desk.session.inspect("d").contains(".summary"))
    #expect(try desk.session.inspect("d.summary").contains("network.summary"))
    // Looking at it draws no weights.
    #expect(desk.value("d") == desk.value("dense(2)"))
  }

  /// Shift-Tab and `?` know what Tab knows.
  @Test func helpOfWhatACallGives() throws {
    let desk = Desk()
    desk.front.written = ""
    #expect(try desk.session.inspect("glyphs(4, 3).split").contains("dataset.split"))
    #expect(desk.says("?glyphs(4, 3)[0].width").contains("image.width"))
    #expect(desk.says("?glyphs(4, 3).nothing").hasPrefix("error: nothing is called glyphs(4, 3).nothing"))
    #expect(desk.session.chains(before: "x = glyphs(4, 3).spl", after: "it(0.5)") == ["glyphs(4, 3).split"])
    #expect(desk.session.chains(before: "glyphs(4, 3).split(fr", after: "") == ["glyphs(4, 3).split"])
    for text in ["conv(6, ", "", "conv"] { #expect(desk.session.chains(before: text, after: "") == []) }
  }

  @Test func keywordArgumentsOfTheInnermostCall() {
    let desk = Desk()
    desk.type("fn facing(a, far=2) { a }")
    #expect(offered(desk, "conv(6, 3, padd") == ["padding="])
    #expect(desk.session.complete("conv(6, 3, pad").candidates.first?.kind == "argument")
    #expect(offered(desk, "facing(") == ["a=", "far="])
    #expect(offered(desk, "facing(a=1, ") == ["far="])
    #expect(offered(desk, "facing([1, 2], f").contains("far="))
    #expect(!offered(desk, "facing([f").contains("far="))
    #expect(
      offered(desk, "facing(conv(6, st") == ["stride=", "str"] || offered(desk, "facing(conv(6, st").contains("stride=")
    )
  }

  @Test func insideStringsFilesAndDatasets() throws {
    let folder = NSTemporaryDirectory() + "completion-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder + "/inner", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try "".write(toFile: folder + "/info.npy", atomically: true, encoding: .utf8)
    let desk = Desk()
    #expect(offered(desk, "load(\"\(folder)/in") == [folder + "/info.npy", folder + "/inner/"])
    #expect(offered(desk, "%run \(folder)/inf") == [folder + "/info.npy"])
    #expect(offered(desk, "help(\"contrast").contains("contrastive"))
    // An interpolation is code again; a comment is nothing.
    desk.type("letters = 1")
    #expect(offered(desk, "print(\"there are {lett") == ["letters"])
    #expect(offered(desk, "x = 1 # lett") == [])
  }

  /// What Tab puts there is one word for the command, or for the shell.
  @Test func namesWithBlanksAreQuoted() throws {
    let folder = NSTemporaryDirectory() + "completion-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder + "/my data/in ner", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for name in ["a b.twin", "say \"hi\".twin", "my file"] {
      try "".write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
    }
    let desk = Desk()
    #expect(offered(desk, "%run \(folder)/a") == ["\"\(folder)/a b.twin\""])
    #expect(desk.session.complete("%run \(folder)/a").replacedBytes == folder.utf8.count + 2)
    // A quote that is open stays, and a folder's stays open.
    #expect(offered(desk, "%cd \"\(folder)/my d") == ["\"\(folder)/my data/"])
    #expect(desk.session.complete("%cd \"\(folder)/my d").replacedBytes == folder.utf8.count + 6)
    #expect(offered(desk, "%cd '\(folder)/my data/i") == ["'\(folder)/my data/in ner/"])
    #expect(offered(desk, "%load \(folder)/say") == ["'\(folder)/say \"hi\".twin'"])
    #expect(offered(desk, "!cat \(folder)/a") == ["\(folder)/a\\ b.twin"])
    #expect(offered(desk, "!cat \(folder)/my\\ f") == ["\(folder)/my\\ file"])
    #expect(offered(desk, "!cat \"\(folder)/my f") == ["\"\(folder)/my file\""])
    // Each is read as what it names.
    for text in offered(desk, "%run \(folder)/") {
      #expect(NotebookSession.words(text).count == 1, "\(text)")
    }
  }

  @Test func foldersAloneWhereAFolderIsMeant() throws {
    let folder = NSTemporaryDirectory() + "completion-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder + "/inner", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try "".write(toFile: folder + "/info.npy", atomically: true, encoding: .utf8)
    let desk = Desk()
    #expect(offered(desk, "%cd \(folder)/in") == [folder + "/inner/"])
    #expect(offered(desk, "%ls \(folder)/in") == [folder + "/inner/"])
    #expect(offered(desk, "%review \(folder)/in") == [folder + "/inner/"])
  }

  @Test func commandsAndQuestions() {
    let desk = Desk()
    #expect(offered(desk, "%ti") == ["%time", "%timeit"])
    #expect(offered(desk, "%help und") == ["undo"])
    #expect(offered(desk, "%save --m") == ["--minimal"] && offered(desk, "%replay --") == ["--verify", "--trust"])
    #expect(offered(desk, "?contrast").contains("contrastive"))
    #expect(offered(desk, "%time contrast").contains("contrastive"))
    #expect(desk.session.complete("a = 1\n%hi").candidates.map(\.text) == ["%history"])
  }

  @Test func anyTextAtAllIsAnswered() {
    let desk = Desk()
    desk.type("x = {a: [1]}")
    let pieces = [
      "x", ".", "(", ")", "\"", "{", "}", "[", "]", "#", "\\", "\n", "é", "👩‍👩‍👧", "=", "%", "?", "\"\"\"", " ", "in", "1",
    ]
    var state: UInt64 = 1
    for _ in 0..<20_000 {
      var text = ""
      for _ in 0..<8 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text += pieces[Int(state >> 33) % pieces.count]
      }
      let completion = desk.session.complete(text)
      #expect(completion.replacedBytes <= text.utf8.count)
      _ = desk.session.completeness(text)
    }
  }
}
