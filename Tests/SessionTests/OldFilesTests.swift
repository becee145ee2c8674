import Foundation
import Gallery
import Interpreter
import NeuralNetworks
import TestSupport
import Testing

@testable import Session

/// Files that older versions wrote still open, and say what they said then (`Tests/OldFiles`).
@Suite struct OldFilesTests {
  private let old = Repository.root.path + "/Tests/OldFiles"

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: old + "/" + name, encoding: .utf8)
  }

  @Test func aGalleryAnswersAsItDid() throws {
    let desk = Desk()
    let result = desk.type(
      "people = load(\"\(old)/people.gallery\")\nimages = glyphs(4, 4, seed=1, size=8)",
      "print(people.query(images[1]))")
    #expect(result.status == .finished, "\(result.diagnostics.map(\.explanation.message))")
    #expect(result.output == (try text("answer.txt")))
  }

  /// Written again it holds the same.
  @Test func networksAndGalleriesGoThereAndBack() throws {
    let network = try Network.load(old + "/net.safetensors")
    let again = try Network.decoded(try network.encoded(), path: "again")
    #expect(again.layers == network.layers && again.preprocessing == network.preprocessing)
    #expect(again.weights.map(\.values) == network.weights.map(\.values) && !network.weights.isEmpty)
    let gallery = try ReferenceGallery.load(old + "/people.gallery")
    let back = try ReferenceGallery.decoded(try gallery.encoded(), path: "again")
    #expect(back.references == gallery.references && gallery.references.count == 4)
    #expect(back.calibration == gallery.calibration && gallery.calibration != nil)
    #expect(gallery.network.weights.map(\.values) == network.weights.map(\.values))
  }

  /// It did not note all that a training depends on, so that going on might give another training's result; the network
  /// in it is whole.
  @Test func aTrainersStateIsToldFromItsNetwork() throws {
    let desk = Desk()
    let rule = "rmsprop(0.001, form=\"pytorch\")"
    let script = try text("make.twin").split(separator: "\n").prefix(3).joined(separator: "\n")
      .replacingOccurrences(of: "batch=8, seed=1)", with: "batch=8, seed=1, optimizer=\(rule))")
    let result = desk.type(script, "loop = loop.resume(\"\(old)/loop.state\")")
    let words = result.diagnostics.map(\.explanation.message)
    #expect(result.status == .failed && words.contains { $0.contains("an older version wrote it") }, "\(words)")
    #expect(desk.value("load(\"\(old)/loop.state\").history.epoch") == "[1]")
  }

  @Test func aJournalComesBack() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/twinbook-old-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder + "/journals", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.copyItem(
      atPath: old + "/session.journal", toPath: folder + "/journals/1795914004057-25014.journal")
    let lost = try #require(LostSession.all(in: folder).first)
    #expect(lost.cells.map(\.source) == ["x = 1", "y = x + 41", "xs = [1, 2]"])
    #expect(lost.unfinished == "while true { }" && lost.seed == 0)
    let desk = Desk()
    #expect(desk.session.restore(lost) { _, _ in }.succeeded)
    #expect(desk.value("y + len(xs)") == "44")
  }
}
