import DataBindings
import Datasets
import Diagnostics
import Foundation
import Interpreter
import NeuralNetworks
import Tensors

extension Network {
  /// How images are prepared for this network, where it is known.
  package var imagePreprocessing: Preprocessing? {
    get { preprocessing.flatMap(Preprocessing.init(json:)) }
    set {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      preprocessing = newValue.flatMap { try? encoder.encode($0) }.map { String(decoding: $0, as: UTF8.self) }
    }
  }
}

extension Arguments {
  /// Images for a network: an image, a dataset, or a tensor of one image or several. An image from a file is prepared as
  /// the network's training images were.
  package func images(_ index: Int, for network: Network) throws -> (values: [Float], shape: [Int]) {
    if let object = self[index].asObject(ImageObject.self) { return try images(of: object, for: network) }
    if let dataset = self[index].asObject(DatasetObject.self)?.dataset {
      if network.preprocessing == nil { network.imagePreprocessing = dataset.preprocessing }
      return (try dataset.tensor().values, dataset.shape)
    }
    if case .tensor(let box) = self[index] {
      let shape = box.tensor.shape
      if shape.count == 3 { return (box.tensor.values, shape) }
      if shape.count == 4 { return (box.tensor.values, Array(shape.dropFirst())) }
    }
    throw mismatch(
      index, expected: "an image, a dataset or a tensor [channels, height, width]", help: imageOfPathHelp(index))
  }

  /// `people.query("x.jpg")`: a path is not yet an image.
  package func imageOfPathHelp(_ index: Int) -> String? {
    guard let path = self[index].asText else { return nil }
    return path.utf8.count <= 60
      ? "image(\(quoted(path))) reads a file, images(\(quoted(path))) a folder" : "image(path) reads a file"
  }

  /// One image, prepared as the network's training images were.
  package func images(of object: ImageObject, for network: Network) throws -> (values: [Float], shape: [Int]) {
    var preprocessing = network.imagePreprocessing
    if preprocessing == nil {
      preprocessing =
        object.prepared ?? Preprocessing(shape: [object.image.channels, object.image.height, object.image.width])
      network.imagePreprocessing = preprocessing
    }
    guard let preprocessing else { return ([], []) }
    let tensor = try preprocessing.prepare(try object.preparedFor(preprocessing), alreadyPrepared: true)
    return (tensor.values, Array(tensor.shape.dropFirst()))
  }
}
