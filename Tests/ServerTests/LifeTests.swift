@testable import Datasets
import Diagnostics
import Foundation
import Gallery
import Images
import NeuralNetworks
import Testing

@testable import Server

@Suite struct LifeTests {
  @Test func startsAndStopsAgainAndAgain() async throws {
    let characters = try Characters()
    let png = try characters.png(0)
    for _ in 0..<5 {
      try await withServer(characters.gallery) { client in
        #expect(try await client.post("/api/query", png).status == 200)
        // A connection that stays open keeps nobody from leaving.
        _ = try Connection(port: client.port)
      }
    }
    // The gallery is its owner's again.
    #expect(
      try characters.gallery.query(characters.gallery.references[0].input, shape: characters.dataset.shape, k: 1)[0]
        .distance == 0)
  }

  @Test func aTakenPortIsSaidSo() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery) { client in
      var options = ServerOptions()
      options.port = client.port
      let second = try GalleryServer(lending: LentGallery(try Characters().gallery), options)
      await #expect(throws: ServerError.portTaken(host: "127.0.0.1", port: client.port)) { try await second.start() }
    }
  }

  @Test func badWishesAreRefused() throws {
    let characters = try Characters()
    func serve(_ change: (inout ServerOptions) -> Void) throws {
      var options = ServerOptions()
      change(&options)
      _ = try GalleryServer(lending: LentGallery(characters.gallery), options)
    }
    #expect(throws: ServerError.badHost("example.org")) { try serve { $0.host = "example.org" } }
    #expect(throws: ServerError.weakToken(length: 2)) { try serve { $0.token = "ab" } }
    let flat = ReferenceGallery(network: try Network([.dense(units: 2)]))
    #expect(throws: ServerError.notBuilt) { try GalleryServer(lending: LentGallery(flat)) }
    try flat.enroll("ann", images: [1, 2, 3], shape: [3])
    #expect(throws: ServerError.notPictures(shape: [3])) { try GalleryServer(lending: LentGallery(flat)) }
    #expect(
      ServerError.notPictures(shape: [3]).explanation
        == Explanation("serve needs a network that takes pictures [1 or 3 channels, height, width], this one takes [3]")
    )
    #expect(
      ServerError.portTaken(host: "127.0.0.1", port: 80).explanation
        == Explanation(
          "another program listens at 127.0.0.1:80", help: "choose another port, or 0 for any that is free"))
  }

  @Test func servesUntilItIsToldToStop() async throws {
    let characters = try Characters()
    var options = ServerOptions()
    options.port = 0
    let server = try GalleryServer(lending: LentGallery(characters.gallery), options)
    let (port, tally) = try await onThread {
      var port = 0
      var asked = 0
      let tally = try server.serve(
        onStart: { port = $0 },
        shouldStop: {
          asked += 1
          return asked > 2
        })
      return (port, tally)
    }
    #expect(port > 0)
    #expect(tally == GalleryServer.Tally())
  }

  @Test func picturesAreFittedAsTheTrainingImagesWere() throws {
    func preparation(_ steps: [Preprocessing.Step], _ shape: [Int]) throws -> QueryPreparation {
      let network = try Network([.flatten, .dense(units: 2)])
      try network.build(inputShape: shape, seed: 1)
      var preprocessing = Preprocessing(shape: shape)
      preprocessing.steps = steps
      network.preprocessing = String(decoding: try JSONEncoder().encode(preprocessing), as: UTF8.self)
      return try QueryPreparation(network)
    }
    let photograph = try #require(
      PixelImage(width: 300, height: 200, channels: 3, pixels: [UInt8](repeating: 9, count: 180_000)))
    let halved = try preparation([.gray, .halve], [1, 80, 80])
    #expect(try halved.fitted(photograph).width == 160)
    #expect(try halved.values(photograph).count == 6400)
    let resized = try preparation([.resize(height: 28, width: 28)], [3, 28, 28])
    let cut = try resized.fitted(photograph)
    #expect(cut.width == 200 && cut.height == 200)
    #expect(try resized.values(photograph).count == 3 * 28 * 28)
    let cropped = try preparation([.crop(top: 4, left: 2, height: 20, width: 30), .invert], [1, 20, 30])
    #expect(try cropped.values(photograph).count == 600)
    // What is drawn is found wherever it stands: nothing is cut off before.
    let aligned = try preparation([.invert, .align(height: 28, width: 28, spread: 0.3)], [1, 28, 28])
    #expect(try aligned.fitted(photograph) == photograph)
    #expect(try aligned.values(photograph).count == 784)
    let exact = try preparation([], [3, 200, 300])
    #expect(try exact.fitted(photograph) == photograph)
  }
}
