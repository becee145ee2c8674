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
  /// the network's training images were (`QueryPreparation`, which the page asks, too).
  package func images(
    _ parameter: TypedParameter<Value>, for network: Network, as use: ImageUse = .query
  ) throws -> (values: [Float], shape: [Int]) {
    let given = try self[parameter]
    if let object = given.asObject(ImageObject.self) { return try images(of: object, for: network, as: use) }
    if let dataset = given.asObject(DatasetObject.self)?.dataset {
      if use == .reference, network.preprocessing == nil { network.imagePreprocessing = dataset.preprocessing }
      return (try dataset.tensor().values, dataset.shape)
    }
    if case .tensor(let box) = given {
      let shape = box.tensor.shape
      if shape.count == 3 { return (box.tensor.values, shape) }
      if shape.count == 4 { return (box.tensor.values, Array(shape.dropFirst())) }
    }
    throw mismatch(
      parameter, expected: "an image, a dataset or a tensor [channels, height, width]",
      help: Self.imageOfPathHelp(given) ?? Self.imagesOfListHelp(given))
  }

  /// `people.enroll("ann", [a, b])`: images of a list may differ in their shapes, and are given one by one.
  private static func imagesOfListHelp(_ given: Value) -> String? {
    given.asItems == nil ? nil : "a call for each picture, or a dataset: data[[0, 1]]"
  }

  /// `people.query("x.jpg")`: a path is not yet an image.
  package static func imageOfPathHelp(_ given: Value) -> String? {
    guard let path = given.asText else { return nil }
    return path.utf8.count <= 60
      ? "image(\(quoted(path))) reads a file, images(\(quoted(path))) a folder" : "image(path) reads a file"
  }

  /// One image, prepared as the network's training images were.
  package func images(
    of object: ImageObject, for network: Network, as use: ImageUse
  ) throws -> (values: [Float], shape: [Int]) {
    let image = object.image
    let own = object.prepared ?? Preprocessing(shape: [image.channels, image.height, image.width])
    var preparation = QueryPreparation(network.imagePreprocessing ?? own)
    if let shape = network.inputShape, shape.count == 3, shape[0] == 1 || shape[0] == 3, preparation.shape != shape,
      use != .input
    {
      preparation = QueryPreparation(kept: network.preprocessing, shape: shape)
    }
    if use == .reference, network.preprocessing == nil { network.imagePreprocessing = preparation.preprocessing }
    return (try preparation.values(image, prepared: object.prepared), preparation.shape)
  }
}

/// What images are given to a network for.
package enum ImageUse {
  /// To be embedded, as `net(images)` does.
  case input
  /// To be compared with a gallery: fitted to what its network takes, where its own preparation is not known.
  case query
  /// To stay in a gallery: a network that never learnt from images takes its preparation from the first.
  case reference
}
