import TensorFiles
import Tensors

/// The weights of the three networks by name ("pnet.conv1.weight"), as facenet-pytorch 2.6.0 has them and as the cache
/// keeps them.
struct DetectorWeights {
  let file: String
  private let tensors: [String: Tensor]

  init(_ weights: Safetensors, file: String) {
    self.file = file
    tensors = Dictionary(weights.tensors.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
  }

  private func values(_ name: String, _ shape: [Int]) throws(FacesError) -> [Float] {
    guard let tensor = tensors[name] else { throw .missingWeight(file: file, name: name) }
    guard tensor.shape == shape else {
      throw .wrongShape(file: file, name: name, expected: shape, got: tensor.shape)
    }
    return tensor.values
  }

  /// "pnet.conv1" with "pnet.prelu1".
  private func convolution(_ network: String, _ number: Int, _ channels: Int, _ filters: Int, _ side: Int)
    throws(FacesError) -> PanelLayer
  {
    let name = "\(network).conv\(number)"
    return PanelLayer(
      weights: try values(name + ".weight", [filters, channels, side, side]), filters: filters, channels: channels,
      kernelHeight: side, kernelWidth: side, bias: try values(name + ".bias", [filters]),
      slope: try values("\(network).prelu\(number).weight", [filters]))
  }

  /// A dense layer after a convolution whose maps have side × side pixels. PyTorch's has its inputs by column, row and
  /// channel (the weights come from a program that counts columns first); here they go by row, column and channel.
  private func dense(_ network: String, _ number: Int, side: Int, channels: Int, _ filters: Int) throws(FacesError)
    -> PanelLayer
  {
    let name = "\(network).dense\(number)"
    let inputs = side * side * channels
    let given = try values(name + ".weight", [filters, inputs])
    var turned = given
    for filter in 0..<filters {
      for row in 0..<side {
        for column in 0..<side {
          for channel in 0..<channels {
            turned[filter * inputs + (row * side + column) * channels + channel] =
              given[filter * inputs + (column * side + row) * channels + channel]
          }
        }
      }
    }
    return PanelLayer(
      weights: turned, filters: filters, channels: inputs, kernelHeight: 1, kernelWidth: 1,
      bias: try values(name + ".bias", [filters]), slope: try values("\(network).prelu\(number).weight", [filters]))
  }

  /// Linear layers side by side.
  private func heads(_ parts: [(name: String, filters: Int)], inputs: Int, shape: [Int]) throws(FacesError)
    -> PanelLayer
  {
    var (weights, bias): ([Float], [Float]) = ([], [])
    for part in parts {
      weights += try values(part.name + ".weight", [part.filters, inputs] + shape)
      bias += try values(part.name + ".bias", [part.filters])
    }
    return PanelLayer(
      weights: weights, filters: bias.count, channels: inputs, kernelHeight: 1, kernelWidth: 1, bias: bias, slope: nil)
  }

  func proposalNetwork() throws(FacesError) -> ProposalNetwork {
    ProposalNetwork(
      conv1: try convolution("pnet", 1, 3, 10, 3), conv2: try convolution("pnet", 2, 10, 16, 3),
      conv3: try convolution("pnet", 3, 16, 32, 3),
      heads: try heads([("pnet.conv4_1", 2), ("pnet.conv4_2", 4)], inputs: 32, shape: [1, 1]))
  }

  func refiningNetwork() throws(FacesError) -> CropNetwork {
    CropNetwork(
      side: 24,
      stages: [
        .init(layer: try convolution("rnet", 1, 3, 28, 3), window: 3),
        .init(layer: try convolution("rnet", 2, 28, 48, 3), window: 3),
        .init(layer: try convolution("rnet", 3, 48, 64, 2), window: nil),
      ], dense: try dense("rnet", 4, side: 3, channels: 64, 128),
      heads: try heads([("rnet.dense5_1", 2), ("rnet.dense5_2", 4)], inputs: 128, shape: []))
  }

  func outputNetwork() throws(FacesError) -> CropNetwork {
    CropNetwork(
      side: 48,
      stages: [
        .init(layer: try convolution("onet", 1, 3, 32, 3), window: 3),
        .init(layer: try convolution("onet", 2, 32, 64, 3), window: 3),
        .init(layer: try convolution("onet", 3, 64, 64, 3), window: 2),
        .init(layer: try convolution("onet", 4, 64, 128, 2), window: nil),
      ], dense: try dense("onet", 5, side: 3, channels: 128, 256),
      heads: try heads([("onet.dense6_1", 2), ("onet.dense6_2", 4), ("onet.dense6_3", 10)], inputs: 256, shape: []))
  }
}
