import CoreLibrary
import Datasets
import Diagnostics
import Faces
import Files
import Foundation
import Gallery
import Images
import Interpreter
import NeuralNetworks
import Sandbox
import Syntax
import TensorFiles

@testable import Server

/// What is read from strangers, one reader a name. libFuzzer calls the one that FUZZ_READER names with bytes that it makes up
/// from a corpus; whatever they are, the answer is a value or an error in words.
private enum Reader: String, CaseIterable {
  case image, npy, npz, safetensors, network, gallery, torch, hdf5, keras, onnx, zip, csv, http, program

  func read(_ bytes: [UInt8]) {
    switch self {
    case .image: _ = try? PixelImage.decode(bytes, limit: 1 << 22)
    case .npy: _ = try? NPY.decode(bytes)
    case .npz: _ = try? NPZ.decode(bytes)
    case .safetensors: _ = try? Safetensors.decode(bytes)
    case .network: _ = try? Network.decoded(bytes, path: "x.safetensors")
    case .gallery: _ = try? ReferenceGallery.decoded(bytes, path: "x.gallery")
    case .torch: _ = try? TorchWeights.decode(bytes)
    case .hdf5:
      guard var file = try? HDF5File(bytes) else { return }
      for node in file.root.arrays { _ = try? file.tensor(node) }
      for name in ["text", "list", "layer_names", "weight_names"] { _ = try? file.texts(name, of: file.root) }
    case .keras:
      guard var file = try? KerasFile(bytes, file: "x.keras") else { return }
      _ = try? Network.fromKeras(file)
      _ = try? file.arrays()
    case .onnx: _ = try? Network.fromONNX(bytes, file: "x.onnx")
    case .zip:
      // libzip reads from a file: each process has one of its own.
      let path = "/tmp/twinbook-fuzz-\(getpid()).zip"
      try? Data(bytes).write(to: URL(fileURLWithPath: path))
      _ = try? Datasets.load(path, dataFolder: nil, cacheFolder: "/nowhere")
    case .csv: _ = CSV.records(String(decoding: bytes, as: UTF8.self))
    case .http: _ = try? HTTPHead(bytes)
    case .program: Self.run(String(decoding: bytes, as: UTF8.self))
    }
  }

  /// In a box of nothing: what the machine does is what is tried.
  private static func run(_ text: String) {
    let interpreter = Interpreter(output: Silence(), registry: Self.library)
    interpreter.context.limits.steps = 20_000
    interpreter.context.limits.items = 100_000
    interpreter.context.limits.memory = 5 << 30
    interpreter.context.isReplaying = true
    interpreter.context.access = box
    _ = interpreter.evaluate(SourceText(name: "fuzz", text: text))
  }

  private static var library: BuiltinRegistry {
    var library = BuiltinRegistry()
    CoreLibrary.register(&library)
    return library
  }

  private static let box: AccessPolicy = {
    let folder = "/tmp/twinbook-fuzz-\(getpid())"
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    guard let files = try? FileAccess(scriptFolder: nil, folders: [], scratch: folder, base: folder) else {
      fatalError("no folder for the fuzzer")
    }
    return AccessPolicy(files: files, allowsNetwork: false, processes: .none, allowsCommands: false)
  }()

  static let chosen: Reader = {
    let name = ProcessInfo.processInfo.environment["FUZZ_READER"] ?? ""
    guard let reader = Reader(rawValue: name) else {
      print("FUZZ_READER is one of \(allCases.map(\.rawValue).joined(separator: " "))")
      exit(2)
    }
    return reader
  }()
}

private final class Silence: OutputSink {
  func print(_ text: String) {}
  func warn(_ explanation: Explanation) {}
  func progress(_ event: ProgressEvent) {}
  func display(_ object: HostObject) {}
  func readLine(prompt: String) -> String? { nil }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  Reader.chosen.read(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}
