import Datasets
import Foundation
import Gallery
import Images
import Interpreter
import Testing

@testable import Server
@testable import Session

/// One photograph has one distance, on the page and in the language.
@Suite struct QueryPreparationTests {
  private let folder = FileManager.default.temporaryDirectory.path + "/twinbook-queries-\(UUID().uuidString)"

  /// Coloured, of another size and form than what the network takes.
  private func photograph(width: Int, height: Int) throws -> PixelImage {
    let pixels = (0..<(width * height * 3)).map { UInt8(truncatingIfNeeded: ($0 * $0 / 7) ^ ($0 / 5)) }
    return try #require(PixelImage(width: width, height: height, channels: 3, pixels: pixels))
  }

  private static let preparations = [
    // Learnt from pictures that were resized, and from pictures as they were.
    "images = glyphs(4, 4, seed=1, size=32).resize(16, 16)\ntrainer(net, images, loss=triplet(), seed=1).run(epochs=1)",
    "images = glyphs(4, 4, seed=1, size=16)\ntrainer(net, images, loss=triplet(), seed=1).run(epochs=1)",
    // Never learnt: the first reference says how pictures are prepared.
    "images = glyphs(4, 4, seed=1, size=16)",
  ]

  @Test(arguments: preparations)
  func thePageAndTheLanguageAgree(_ learn: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let desk = Desk()
    let path = folder + "/people.gallery"
    #expect(desk.type("net = flatten >> dense(8)", learn).status == .finished)
    #expect(
      desk.type(
        "people = gallery(net)\nfor name in images.classes { people.enroll(name, images[name][0]) }",
        "people.save(\"\(path)\")"
      ).status == .finished)
    let gallery = try ReferenceGallery.load(path)
    let preparation = try QueryPreparation(gallery.network)
    for (width, height) in [(16, 16), (40, 40), (90, 60), (31, 77)] {
      let photo = try photograph(width: width, height: height)
      let file = folder + "/photo-\(width).png"
      try photo.write(to: file)
      let asked = desk.type("d = people.query(image(\"\(file)\"))[0].distance")
      #expect(asked.status == .finished, "\(asked.diagnostics.map(\.explanation.message))")
      let language = try #require(desk.session.engine.value(of: "d")?.asNumber)
      let picture = try PreparedPicture(
        try photo.encodePNG(), finder: .wholePicture, preparation: preparation, limits: ServerLimits())
      let page = try gallery.query(picture.faces[0].input, shape: preparation.shape, k: 1)[0].distance
      #expect(Float(language) == Float(page), "\(width)×\(height)")
    }
  }

  /// To ask is to change nothing: what a network carries comes from training and from references.
  @Test func askingLeavesTheNetworkAsItIs() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let desk = Desk()
    let path = folder + "/net.safetensors"
    desk.type("net = flatten >> dense(8)", "images = glyphs(4, 4, seed=1, size=16).resize(12, 12)", "e = net(images)")
    #expect(desk.type("net.save(\"\(path)\")").status == .finished)
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    desk.type("e = net(images[0])", "net.save(\"\(path)\")")
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    #expect(!String(decoding: before, as: UTF8.self).contains("resize"))
  }
}
