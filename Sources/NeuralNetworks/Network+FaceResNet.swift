import TensorFiles
import Tensors

/// dlib's face recognition network (King 2017): 29 convolutions in residual blocks (He et al. 2016), 128 numbers, trained
/// with a metric loss on some three million faces of 7,485 people.
extension Network {
  /// For images [3, 150, 150], aligned by five points, 0 to 1. What normalised the input and what scaled the results of
  /// convolutions is part of their weights.
  public static let faceResNetLayers: [Layer] = {
    func block(_ filters: Int) -> [Layer] {
      let inside: [Layer] = [.conv(filters, 3, padding: .same), .relu, .conv(filters, 3, padding: .same)]
      return [.residual(inside), .relu]
    }
    func down(_ filters: Int) -> [Layer] {
      let inside: [Layer] = [.conv(filters, 3, stride: 2), .relu, .conv(filters, 3, padding: .same)]
      return [.residual(inside, shortcut: .pool), .relu]
    }
    var layers: [Layer] = [.conv(32, 7, stride: 2), .relu, .maxPool(3, stride: 2)]
    layers += block(32) + block(32) + block(32)
    layers += down(64) + block(64) + block(64) + block(64)
    layers += down(128) + block(128) + block(128)
    layers += down(256) + block(256) + block(256)
    layers += down(256)
    return layers + [.globalPool, .dense(units: 128, bias: false)]
  }()

  /// With the weights as `DlibFaceNetwork` reads them.
  ///
  /// - Parameter file: for the words of errors.
  /// - Throws: `NetworkError.notATwinbookNetwork` where they are not this network's.
  public convenience init(faceResNet weights: Safetensors, file: String) throws {
    func bad(_ reason: String) -> NetworkError { .notATwinbookNetwork(path: file, reason: reason) }
    try self.init(Self.faceResNetLayers)
    try build(inputShape: [3, 150, 150], seed: 0)
    let tensors = Dictionary(weights.tensors.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
    func values(_ name: String, _ count: Int) throws -> [Float] {
      guard let tensor = tensors[name], tensor.count == count else { throw bad("the array \(name) is missing") }
      return tensor.values
    }
    var arrays: [[Float]] = []
    var number = 0
    for array in self.weights {
      guard array.name.hasSuffix("weight") else { continue }
      guard array.shape.count == 4 else {
        arrays.append(try values("dense.weight", array.count))
        continue
      }
      number += 1
      let (filters, prefix) = (array.shape[0], "conv\(number).")
      let (scale, shift) = (try values(prefix + "scale", filters), try values(prefix + "shift", filters))
      var kernel = try values(prefix + "weight", array.count)
      var bias = try values(prefix + "bias", filters)
      let size = array.count / filters
      // The first one sees (255 x − mean) / 256, which is a sum of its kernel's numbers and a share of the bias.
      let mean = number == 1 ? try values("mean", 3) : []
      for filter in 0..<filters {
        var constant = Double(bias[filter])
        for index in filter * size..<(filter + 1) * size {
          var weight = Double(kernel[index])
          if number == 1 {
            constant -= weight * Double(mean[(index % size) / (size / 3)]) / 256
            weight *= 255 / 256
          }
          kernel[index] = Float(weight * Double(scale[filter]))
        }
        bias[filter] = Float(constant * Double(scale[filter]) + Double(shift[filter]))
      }
      arrays += [kernel, bias]
    }
    restore(Snapshot(arrays: arrays))
    guard isFinite else { throw bad("a weight is not finite") }
    learning.hasUnknown = true
  }
}
