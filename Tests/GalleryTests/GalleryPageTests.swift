import Foundation
import NeuralNetworks
import TestSupport
import Testing

@testable import Gallery

/// What the page shows of a gallery that is large, or was enrolled by embeddings alone.
@Suite struct GalleryPageTests {
  private let folder: TemporaryFolder
  private let shape = GalleryTests.shape

  init() throws { folder = try TemporaryFolder() }

  private func made(isInFile: Bool) throws -> ReferenceGallery {
    guard isInFile else { return ReferenceGallery(network: try GalleryTests.identity()) }
    return try ReferenceGallery.open(
      folder.path + "/people.gallery", network: try GalleryTests.identity(), comparison: nil, measure: nil)
  }

  /// A reference without a picture has none to ask for; the count is of all.
  @Test(arguments: [false, true]) func referencesWithoutPicturesAreNotShown(_ isInFile: Bool) throws {
    let people = try made(isInFile: isInFile)
    try people.enroll(["ann", "bob"], embeddings: [1, 2, 3, 4], width: 2)
    try people.enroll("ann", images: [5, 6], shape: shape)
    let list = try people.page(offset: 0, limit: 9, references: 9).list
    #expect(list.map(\.label) == ["ann", "bob"] && list.map(\.count) == [2, 1])
    #expect(list.map(\.references) == [[2], []])
    #expect(try (0..<4).map { try people.keepsPicture(ofReference: $0) } == [false, false, true, false])
    // A removed one leaves its row behind, and the places of those after it change.
    try people.remove("bob")
    #expect(try people.page(offset: 0, limit: 9, references: 9).list.map(\.references) == [[1]])
    #expect(try (0..<2).map { try people.keepsPicture(ofReference: $0) } == [false, true])
    #expect(try people.input(ofReference: 1) == [5, 6])
  }

  /// A name is found however its accents are written, in memory as in a file: folders of macOS write them apart.
  @Test(arguments: [false, true]) func accentsAreFound(_ isInFile: Bool) throws {
    let people = try made(isInFile: isInFile)
    try people.enroll(["E\u{301}va", "Ren\u{E9}", "Ann"], embeddings: [1, 2, 3, 4, 5, 6], width: 2)
    func found(_ search: String) throws -> [String] {
      let page = try people.page(search: search, offset: 0, limit: 9, references: 0)
      #expect(page.found == page.list.count)
      return page.list.map(\.label)
    }
    for search in ["\u{E9}VA", "e\u{301}va", "VA"] { #expect(try found(search) == ["E\u{301}va"], "\(search)") }
    for search in ["REN\u{C9}", "rene\u{301}"] { #expect(try found(search) == ["Ren\u{E9}"], "\(search)") }
    // A letter with an accent is another than the one without.
    #expect(try found("ev") == [] && found("n") == ["Ren\u{E9}", "Ann"])
    // As files of before have it.
    try people.store?.database.run("UPDATE label SET folded = 'e' || char(769) || 'va' WHERE id = 1")
    #expect(try found("\u{E9}va") == ["E\u{301}va"])
  }

  /// Of two thousand people a sample hardly has two references of one: each that was met is compared with their others.
  @Test(arguments: [false, true]) func samplesHaveBothKinds(_ isInFile: Bool) throws {
    let people = try made(isInFile: isInFile)
    let names = (0..<2000).map { "p\($0)" }
    // Each person at a place of their own, the second reference 0.25 beside the first, the third 0.5 beside that.
    for offset: Float in [0, 0.25, 0.75] {
      try people.enroll(names, embeddings: (0..<2000).flatMap { [Float($0) * 10 + offset, 0] }, width: 2)
    }
    let sample = try people.referenceDistances(most: 100)
    #expect(sample.references == 100 && sample.different.count >= 100 * 99 / 2 - 100)
    for distance: Float in [0.25, 0.5, 0.75] {
      #expect(sample.same.count { $0 == distance } * 3 == sample.same.count && sample.same.count >= 100)
    }
    #expect(sample.different.allSatisfy { $0 >= 9.25 })
    // All of a small one, each pair once.
    let few = try made(isInFile: false)
    try few.enroll(["a", "a", "b"], embeddings: [0, 0, 3, 4, 0, 1], width: 2)
    let all = try few.referenceDistances(most: 3)
    #expect(all.references == 3 && all.same == [5] && all.different == [1, 4.2426405])
  }
}
