import TestSupport
import TensorFiles
import Tensors

@testable import FaceDetection
@testable import Faces

/// Weights of the three networks' shapes, drawn from a seed.
struct RandomWeights {
  private(set) var values: [String: (shape: [Int], values: [Float])] = [:]
  private(set) var names: [String] = []

  init(seed: UInt64) throws {
    var random = FuzzRandom(state: seed)
    func draw(_ name: String, _ shape: [Int], _ self: inout RandomWeights) {
      let count = shape.reduce(1, *)
      let fan = shape.count > 1 ? count / shape[0] : 1
      // Slopes and biases of some size, weights that keep the numbers' size from layer to layer.
      let size = shape.count > 1 ? (3 / Float(fan)).squareRoot() : 0.5
      self.values[name] = (shape, (0..<count).map { _ in (Float(random.below(2001)) / 1000 - 1) * size })
      self.names.append(name)
    }
    func convolutions(_ network: String, _ sizes: [(Int, Int, Int)], _ self: inout RandomWeights) {
      for (index, (channels, filters, side)) in sizes.enumerated() {
        draw("\(network).conv\(index + 1).weight", [filters, channels, side, side], &self)
        draw("\(network).conv\(index + 1).bias", [filters], &self)
        draw("\(network).prelu\(index + 1).weight", [filters], &self)
      }
    }
    func dense(_ name: String, _ inputs: [Int], _ outputs: Int, _ self: inout RandomWeights) {
      draw(name + ".weight", [outputs] + inputs, &self)
      draw(name + ".bias", [outputs], &self)
    }
    convolutions("pnet", [(3, 10, 3), (10, 16, 3), (16, 32, 3)], &self)
    dense("pnet.conv4_1", [32, 1, 1], 2, &self)
    dense("pnet.conv4_2", [32, 1, 1], 4, &self)
    convolutions("rnet", [(3, 28, 3), (28, 48, 3), (48, 64, 2)], &self)
    dense("rnet.dense4", [576], 128, &self)
    draw("rnet.prelu4.weight", [128], &self)
    dense("rnet.dense5_1", [128], 2, &self)
    dense("rnet.dense5_2", [128], 4, &self)
    convolutions("onet", [(3, 32, 3), (32, 64, 3), (64, 64, 3), (64, 128, 2)], &self)
    dense("onet.dense5", [1152], 256, &self)
    draw("onet.prelu5.weight", [256], &self)
    dense("onet.dense6_1", [256], 2, &self)
    dense("onet.dense6_2", [256], 4, &self)
    dense("onet.dense6_3", [256], 10, &self)
  }

  func callAsFunction(_ name: String) -> [Float] { values[name]?.values ?? [] }

  var safetensors: Safetensors {
    get throws {
      Safetensors(
        tensors: try names.compactMap { name in
          try values[name].map { (name: name, tensor: try Tensor($0.values, shape: $0.shape)) }
        })
    }
  }

  /// One network's part, as PyTorch would have saved it.
  func torchFile(_ network: String) -> TorchFile {
    TorchFile(
      tensors: names.filter { $0.hasPrefix(network + ".") }.compactMap { name in
        values[name].map { (name: String(name.dropFirst(network.count + 1)), shape: $0.shape, values: $0.values) }
      })
  }
}
