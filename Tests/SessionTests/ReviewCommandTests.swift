import Faces
import Foundation
import Testing

@testable import Session

/// `%review` but for its keys: what is asked about, and the cell that comes out.
@Suite struct ReviewCommandTests {
  private let folder = NSTemporaryDirectory() + "review-\(UUID().uuidString)"
  private var letters: String { folder + "/letters" }

  /// A session with somebody in front of it, and twelve pictures.
  private func begin() -> Desk {
    let desk = Desk(interactiveIn: folder)
    desk.type("glyphs(3, 4, seed=1).save(\"\(letters)\")")
    return desk
  }

  private func end() { try? FileManager.default.removeItem(atPath: folder) }

  private func review(_ result: CellResult) throws -> SessionReview {
    guard case .review(let review)? = result.effect else { throw Missing(diagnostics: "\(result.diagnostics)") }
    return review
  }

  private struct Missing: Error { var diagnostics: String }

  @Test func theCellHoldsTheDecisionsAndIsACellLikeAnyOther() throws {
    defer { end() }
    let desk = begin()
    let before = desk.session.document().text
    let review = try review(desk.type("%review \(letters)/"))
    // To look changes nothing.
    #expect(desk.session.document().text == before && desk.value("r") == nil)
    desk.type("%undo")
    #expect(review.walk.order.count == 12 && review.brokenCount == 0)
    #expect(review.cell(for: review.walk) == "r = review(\"\(letters)\")\nr")
    var walk = review.walk
    walk.decide(.kept)
    walk.decide(.dropped)
    let file = walk.review.items[walk.order[1]].file
    let cell = review.cell(for: walk)
    #expect(desk.type(cell).value?.hasPrefix("12 pictures of 3 classes in “\(letters)”, 1 dropped") == true)
    #expect(desk.value("r.dropped") == "[\"\(file)\"]")
  }

  @Test func theNameIsFreeOrChosen() throws {
    defer { end() }
    let desk = begin()
    desk.type("r = 1", "r2 = 2")
    let third = try review(desk.type("%review \(letters)"))
    #expect(third.cell(for: third.walk).hasPrefix("r3 = review("))
    let chosen = try review(desk.type("%review \"\(letters)\" as r"))
    #expect(chosen.cell(for: chosen.walk).hasSuffix(")\nr"))
  }

  @Test func anEarlierReviewGoesOn() throws {
    defer { end() }
    let desk = begin()
    desk.type("mine = review(\"\(letters)\", drop=[\"glyph2/003.png\"])")
    let review = try review(desk.type("%review mine"))
    var walk = review.walk
    #expect(walk.order.count == 11 && walk.dropped == ["glyph2/003.png"])
    while let current = walk.current {
      walk.decide(walk.review.items[current].file == "glyph1/002.png" ? .dropped : .kept)
    }
    let cell = review.cell(for: walk)
    #expect(cell == "mine = review(\"\(letters)\", drop=[\n  \"glyph1/002.png\",\n  \"glyph2/003.png\"\n])\nmine")
    desk.type(cell)
    #expect(desk.value("mine.dropped") == "[\"glyph1/002.png\", \"glyph2/003.png\"]")
    #expect(desk.session.complete("%review mi").candidates == [.init("mine", "review")])
    desk.type("mine = review(\"\(letters)\", drop=mine.kept + mine.dropped)")
    #expect(desk.says("%review mine").hasSuffix("all pictures are dropped\n"))
    #expect(desk.says("%review mine as b").hasSuffix("all pictures are dropped\n"))
  }

  @Test func aNetworkMeasures() throws {
    defer { end() }
    let desk = Desk(interactiveIn: folder)
    desk.type(RoundTripTests.training, "loop.run(epochs=1)", "letters.save(\"\(letters)\")")
    let review = try review(desk.type("%review \(letters) network=net as mine"))
    #expect(review.walk.order.count == 30)
    #expect(review.cell(for: review.walk) == "mine = review(\"\(letters)\", network=net)\nmine")
    #expect(desk.type(review.cell(for: review.walk)).value?.contains("by the network's embeddings") == true)
    // To go on with pixels would be another ranking, and nobody would see why.
    #expect(desk.says("%review mine").hasPrefix("error: %review expects network=… again, by which it was ranked"))
    #expect(desk.type("%review mine network=net").effect != nil)
  }

  @Test func manyFilesStandOnLinesOfTheirOwn() throws {
    defer { end() }
    let desk = begin()
    let review = try review(desk.type("%review \(letters)"))
    var walk = review.walk
    for _ in walk.order { walk.decide(.dropped) }
    let cell = review.cell(for: walk)
    #expect(cell.split(separator: "\n").count == 15)
    #expect(cell.contains("drop=[\n  \"glyph1/001.png\",\n  \"glyph1/002.png\""))
    desk.type(cell)
    #expect(desk.value("len(r.dropped)") == "12")
  }

  @Test func namesAreWrittenAsTheLanguageReadsThem() throws {
    defer { end() }
    let desk = begin()
    let odd = "{x} \"\\ 名.png"
    try FileManager.default.moveItem(atPath: letters + "/glyph1/001.png", toPath: letters + "/glyph1/" + odd)
    let review = try review(desk.type("%review \(letters)"))
    var walk = review.walk
    while let current = walk.current { walk.decide(walk.review.items[current].file.hasSuffix(odd) ? .dropped : .kept) }
    #expect(desk.type(review.cell(for: walk)).status == .finished)
    #expect(desk.value("r.dropped[0] == r.dropped[0] and len(r.dropped) == 1") == "true")
  }

  @Test func picturesAreCharactersThatFitTheRows() throws {
    defer { end() }
    let review = try review(begin().type("%review \(letters)"))
    func lines(_ rows: Int) throws -> Int {
      let bytes = try review.picture(
        of: review.walk.order[0], in: review.walk, as: .none, columns: 80, rows: rows, color: false)
      return bytes.reduce(0) { $0 + ($1 == 10 ? 1 : 0) }
    }
    for rows in [1, 2, 3, 4, 5, 8, 13, 40] { #expect(try lines(rows) <= rows) }
    #expect(try lines(3) == 0 && lines(4) == 4 && lines(40) == 16)
    try FileManager.default.removeItem(atPath: letters + "/" + review.walk.review.items[review.walk.order[0]].file)
    #expect(throws: (any Error).self) { try lines(40) }
  }

  @Test func brokenFilesAreCountedAndAFolderOfThemIsRefused() throws {
    defer { end() }
    let desk = begin()
    try Data("no picture".utf8).write(to: URL(fileURLWithPath: letters + "/glyph1/broken.png"))
    #expect(try review(desk.type("%review \(letters)")).brokenCount == 1)
    try FileManager.default.createDirectory(atPath: folder + "/bad", withIntermediateDirectories: true)
    try Data("no picture".utf8).write(to: URL(fileURLWithPath: folder + "/bad/a.png"))
    #expect(desk.says("%review \(folder)/bad").contains("there is nothing to review in “\(folder)/bad”: no picture"))
    try FileManager.default.createDirectory(atPath: folder + "/none", withIntermediateDirectories: true)
    #expect(desk.says("%review \(folder)/none").hasPrefix("error: there is no picture in"))
  }

  @Test(arguments: [
    ("%review", "error: %review expects more\n"), ("%review a as", "error: %review expects more\n"),
    ("%review a as if", "error: %review expects a name behind as, got \"if\"\n"),
    ("%review a as x.y", "error: %review expects a name behind as, got \"x.y\"\n"),
    ("%review a b", "error: %review expects a folder, then “as name” or “network=net”, got \"b\"\n"),
    ("%review nowhere", "error: there is no file “nowhere”\n"),
    ("%review letters network=nope", "error: unknown name `nope`\n"),
  ]) func slipsAreSaidInWords(command: String, words: String) {
    defer { end() }
    let said = Desk(interactiveIn: folder).says(command)
    #expect(said.hasPrefix(words), "\(said)")
  }

  @Test func whereNobodySitsTheWayOutIsSaid() throws {
    let result = Desk().type("%review \"my letters\"")
    let explanation = try #require(result.diagnostics.first?.explanation)
    #expect(result.status == .failed && result.effect == nil)
    #expect(explanation.message == "%review asks a person at a terminal, and here is none")
    #expect(explanation.help?.contains("review(\"my letters\", drop=[\"class/picture.png\"])") == true)
    defer { end() }
    let desk = begin()
    let path = folder + "/run.twin"
    try "%review \(letters)\n".write(toFile: path, atomically: true, encoding: .utf8)
    #expect(desk.type("%run \(path)").diagnostics.first?.explanation.message == "%review cannot stand in a script")
  }

  @Test func foldersAndNetworksAreCompleted() {
    defer { end() }
    let desk = begin()
    desk.type("net = conv(4, 3) >> flatten >> dense(2)")
    try? Data().write(to: URL(fileURLWithPath: folder + "/letters.txt"))
    func offered(_ text: String) -> [String] { desk.session.complete(text).candidates.map(\.text) }
    #expect(offered("%rev") == ["%review"])
    #expect(offered("%review \(folder)/let") == [letters + "/"])
    #expect(offered("%review \(folder)/letters as x net") == ["network=net"])
  }

  @Test func whatWasDecidedSoFarSurvivesTheProcess() throws {
    defer { end() }
    let desk = Desk(interactiveIn: folder)
    desk.session.startJournal()
    desk.type("x = 1")
    desk.session.keepUnfinished("r = 1")
    desk.session.keepUnfinished("r = 2")
    #expect(desk.session.hasUnfinishedCell)
    #expect(try desk.crash(in: folder).unfinished == "r = 2")
  }

  @Test func whatWasGivenUpDoesNotComeBack() throws {
    defer { end() }
    let desk = Desk(interactiveIn: folder)
    desk.session.startJournal()
    desk.type("x = 1")
    desk.session.keepUnfinished("r = 1")
    desk.session.keepUnfinished(nil)
    #expect(!desk.session.hasUnfinishedCell)
    let lost = try desk.crash(in: folder)
    #expect(lost.unfinished == nil && lost.cells.count == 1)
  }
}
