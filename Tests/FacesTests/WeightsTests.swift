import Datasets
import Diagnostics
import Downloads
import Files
import Foundation
@testable import TensorFiles
import TestSupport
import Testing

@testable import FaceDetection
@testable import Faces

@Suite struct WeightsTests {
  static func words(_ work: () throws -> Void) -> String {
    do {
      try work()
      return "done"
    } catch let error as any ExplainedError { return error.explanation.message } catch { return "\(error)" }
  }

  /// A package of weights of the right shapes, and the set that its checksum makes of it.
  static func wheel(_ names: [String] = ["pnet", "rnet", "onet"], at path: String) throws -> PublicSet {
    let weights = try RandomWeights(seed: 3)
    let bytes = storedZip(
      names.map { ("facenet_pytorch/data/\($0).pt", weights.torchFile($0).bytes()) } + [
        ("facenet_pytorch/__init__.py", [])
      ])
    try FileSystem.write(bytes, to: path)
    var set = PublicSet.mtcnn
    set.sha256 = SHA256.hex(bytes)
    return set
  }

  @Test func aPackageBecomesSafetensors() throws {
    let place = ExtractionTests.Place()
    defer { place.end() }
    try FileSystem.makeFolder(place.folder)
    let path = place.folder + "/weights.whl"
    let set = try Self.wheel(at: path)
    let fetcher = Fetcher(base: "http://127.0.0.1:9", cacheFolder: place.folder + "/cache")
    #expect(
      Self.words { _ = try MTCNNWeights.find(dataFolder: nil, cacheFolder: fetcher.cacheFolder) }
        == "the face detector's weights are not there (looked in \(fetcher.cacheFolder))")
    let kept = try MTCNNWeights.fetch(fetcher, from: path, set: set)
    #expect(kept == fetcher.cacheFolder + "/" + MTCNNWeights.path && FileSystem.exists(path))
    #expect(try MTCNNWeights.find(dataFolder: nil, cacheFolder: fetcher.cacheFolder) == kept)
    // What is there is not fetched again: nobody listens at port 9.
    #expect(try MTCNNWeights.fetch(fetcher, set: set) == kept)
    let read = try Safetensors.read(kept)
    let written = try RandomWeights(seed: 3).safetensors
    #expect(read.tensors.count == written.tensors.count)
    for (name, tensor) in written.tensors { #expect(read[name]?.values == tensor.values) }
    _ = try MTCNNWeights.detector(dataFolder: nil, cacheFolder: fetcher.cacheFolder)
  }

  /// Weights that were cut off since are not taken for those that were fetched, and are told how to be had anew.
  @Test func damagedWeightsAreFetchedAnew() throws {
    let place = ExtractionTests.Place()
    defer { place.end() }
    try FileSystem.makeFolder(place.folder)
    let path = place.folder + "/weights.whl"
    let set = try Self.wheel(at: path)
    let fetcher = Fetcher(base: "http://127.0.0.1:9", cacheFolder: place.folder + "/cache")
    let kept = try MTCNNWeights.fetch(fetcher, from: path, set: set)
    let whole = try FileSystem.read(kept)
    #expect(MTCNNWeights.isWhole(kept))
    for damaged in [Array(whole.prefix(1000)), Array(whole.dropLast()), [], Array("junk".utf8)] {
      try FileSystem.write(damaged, to: kept)
      #expect(!MTCNNWeights.isWhole(kept))
      do {
        _ = try MTCNNWeights.detector(dataFolder: nil, cacheFolder: fetcher.cacheFolder)
        Issue.record("\(damaged.count) bytes are no weights")
      } catch let error as any ExplainedError {
        #expect(error.explanation.help?.contains("fetch(\"mtcnn\") gets it anew") == true, "\(error)")
        #expect(error.explanation.message.contains(kept), "\(error)")
      }
    }
    #expect(try MTCNNWeights.fetch(fetcher, from: path, set: set) == kept && MTCNNWeights.isWhole(kept))
    #expect(!FaceResNetWeights.isWhole(place.folder + "/cache/" + FaceResNetWeights.path))
    #expect(!FaceResNetWeights.isWhole(kept))
  }

  @Test func otherPackagesAreRefused() throws {
    let place = ExtractionTests.Place()
    defer { place.end() }
    try FileSystem.makeFolder(place.folder)
    let path = place.folder + "/weights.whl"
    let fetcher = Fetcher(base: nil, cacheFolder: place.folder + "/cache")
    let set = try Self.wheel(at: path)
    var other = set
    other.sha256 = "00"
    #expect(
      Self.words { _ = try MTCNNWeights.fetch(fetcher, from: path, set: other) }
        == "“\(path)” has the SHA-256 \(set.sha256 ?? "") where 00 is due")
    let partly = try Self.wheel(["pnet", "onet"], at: path)
    #expect(
      Self.words { _ = try MTCNNWeights.fetch(fetcher, from: path, set: partly) }
        == "“\(path)” is not the package facenet-pytorch 2.6.0: rnet.pt is not in it")
    try FileSystem.write("no zip", to: path)
    var text = set
    text.sha256 = SHA256.hex(Array("no zip".utf8))
    #expect(
      Self.words { _ = try MTCNNWeights.fetch(fetcher, from: path, set: text) }
        .hasPrefix("“\(path)” is not the package facenet-pytorch 2.6.0: "))
    #expect(!FileSystem.exists(fetcher.cacheFolder + "/" + MTCNNWeights.path))
    // Weights of another shape, or none.
    let weights = try RandomWeights(seed: 3).safetensors
    let fewer = Safetensors(tensors: weights.tensors.filter { $0.name != "onet.dense5.bias" })
    #expect(Self.words { _ = try FaceDetector(fewer, file: "w") } == "w holds no weights “onet.dense5.bias”")
    let turned = Safetensors(
      tensors: try weights.tensors.map {
        ($0.name, $0.name == "pnet.conv2.weight" ? try $0.tensor.transposed() : $0.tensor)
      })
    #expect(
      Self.words { _ = try FaceDetector(turned, file: "w") }
        == "w: “pnet.conv2.weight” has the shape [3, 3, 10, 16] where [16, 10, 3, 3] is due")
  }
}
