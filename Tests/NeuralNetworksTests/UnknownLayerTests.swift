import Testing

@testable import NeuralNetworks

/// A network of a later version may have layers that this one does not know.
@Suite struct UnknownLayerTests {
  @Test func theLayerIsNamed() throws {
    let network = try Network([.relu, .dense(units: 3)])
    try network.build(inputShape: [2], seed: 1)
    let bytes = try network.encoded()
    let name = Array("dense".utf8)
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: name) })
    var changed = bytes
    changed.replaceSubrange(place..<place + name.count, with: Array("douse".utf8))
    #expect(
      throws: NetworkError.notATwinbookNetwork(
        path: "n", reason: "its layer 2 is none that this version of Twinbook knows")
    ) { try Network.decoded(changed, path: "n") }
    #expect(try Network.decoded(bytes, path: "n").layers == network.layers)
  }
}
