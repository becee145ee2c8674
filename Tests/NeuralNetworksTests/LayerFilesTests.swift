import Foundation
import TensorFiles
import Tensors
import Testing

@testable import NeuralNetworks

/// Layers in files: what was written before opens, and stands in new files as it stood in old ones.
@Suite struct LayerFilesTests {
  private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

  private static func reference(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: tests.appending(path: "References/files/\(name)")))
  }

  /// Files, the layers in them and what they give for 0, 1/240 … 239/240 (layers.twin printed it).
  private static let files: [(name: String, layers: String, results: [Float])] = [
    (
      "every-layer.safetensors",
      """
      symmetric(conv(4, 3, padding="same") >> batchnorm >> leakyrelu(0.1)) >> \
      residual(conv(6, [3, 5], stride=[2, 1], padding="same", bias=false, init="he") >> \
      batchnorm(momentum=0.8, epsilon=0.001) >> relu) >> \
      parallel(conv(2, 1, init="koch"), maxpool(3, stride=1, padding=1) >> conv(3, 1, padding=0)) >> \
      squeezeexcite(2) >> avgpool(2, padding="same") >> sigmoid >> \
      parallel(globalpool, flatten >> dense(5, bias=false, init="koch") >> tanh) >> dropout(0.25) >> \
      residual(dense(4)) >> normalize
      """,
      [0.213284, 0.524006, -0.738023, -0.367762, 0.228603, 0.518121, -0.692813, -0.446432]
    ),
    (
      "hog-layers.safetensors", "hog(4) >> hog(2, bins=4, signed=true) >> flatten >> dense(3, init=\"he\")",
      [0.131187, 0.178766, -0.10275, 0.131187, 0.178766, -0.10275]
    ),
  ]

  @Test(arguments: files.indices) func filesOfBeforeOpenAndAreWrittenAsTheyWere(_ index: Int) throws {
    let file = Self.files[index]
    let bytes = try Self.reference(file.name)
    let network = try Network.decoded(bytes, path: file.name)
    #expect(network.layers.map(\.describe).joined(separator: " >> ") == file.layers)
    let (before, after) = (
      try Safetensors.decode(bytes, name: file.name),
      try Safetensors.decode(try network.encoded(), name: "the new file")
    )
    #expect(before.metadata == after.metadata && before.tensors.map(\.name) == after.tensors.map(\.name))
    #expect(before.tensors.map(\.tensor.values) == after.tensors.map(\.tensor.values))
    let x = try Tensor((0..<240).map { Float($0) / 240 }, shape: [2, 1, 12, 10])
    for results in [try network.embed(x), try network.traced(x)] {
      #expect(results.count == file.results.count)
      for (one, other) in zip(results.values, file.results) { #expect(abs(one - other) < 2e-5) }
    }
  }

  @Test func layersThatNobodyKnowsAreRefused() throws {
    for text in [
      "{}", "{\"attention\":{}}", "{\"relu\":{}}", "{\"flatten\":{},\"normalize\":{}}", "{\"dense\":{\"units\":3}}",
      "{\"conv\":{\"_0\":{\"filters\":3}}}", "[]", "3",
    ] {
      #expect(throws: DecodingError.self) { try JSONDecoder().decode(Layer.self, from: Data(text.utf8)) }
    }
  }

  /// A file of the folder whose layer is not in the list would be a layer that no program can make and no file opens.
  @Test func everyLayerOfTheFolderIsInTheList() throws {
    let folder = Self.tests.deletingLastPathComponent().appending(path: "Sources/NeuralNetworks/Layers")
    var declared: Set<String> = []
    for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
      for match in try String(contentsOf: file, encoding: .utf8).matches(
        of: #/struct (\w+): (?:LayerKind|PoolLayer|TracedLayer|ConvolutionKind) /#)
      {
        declared.insert(String(match.1))
      }
    }
    #expect(declared.count > 10)
    #expect(declared == Set(Layer.kinds.map { "\($0)" }))
    #expect(Set(Layer.kinds.map { $0.fileName }).count == Layer.kinds.count)
  }
}
