import FuzzSupport
import NeuralNetworks
import TensorFiles

/// Networks of our own and from elsewhere.
public enum NetworkReader: String, FuzzedReader {
  case network, keras, onnx

  public func read(_ bytes: [UInt8]) {
    switch self {
    case .network: _ = try? Network.decoded(bytes, path: "x.safetensors")
    case .keras:
      guard var file = try? KerasFile(bytes, file: "x.keras") else { return }
      _ = try? Network.fromKeras(file)
      _ = try? file.arrays()
    case .onnx: _ = try? Network.fromONNX(bytes, file: "x.onnx") { _, _ in [UInt8](repeating: 0x3d, count: 96) }
    }
  }
}
