import Files
import Foundation
import NeuralNetworks
import TensorFiles
import Tensors

extension ReferenceGallery {
  /// What stands in the metadata under `gallery`.
  private struct Card: Codable {
    var format = 1
    /// Of each reference, in the order of the array `gallery.inputs`.
    var labels: [String]
    var comparison: Comparison
    var calibration: Calibration?
    /// Whether the network was trained after the threshold was measured.
    var isStale: Bool
    /// What it compares by, where that is not the Euclidean distance of the images as they are.
    var measure: Measure?
  }

  /// As versions of before wrote it, one safetensors file: the network (arrays, layers, preprocessing) as `Network.save` writes it, the prepared reference
  /// images as `gallery.inputs`, and labels, threshold and its origin as JSON in the metadata.
  public func encoded() throws -> [UInt8] {
    guard let inputShape = network.inputShape else { throw NetworkError.notBuilt(function: "save") }
    let size = inputShape.reduce(1, *)
    let pictures = references.map(\.input)
    let missing = pictures.count { $0.count != size }
    guard missing == 0 else { throw GalleryError.picturesMissing(missing: missing, of: referenceCount) }
    var file = try network.checkpoint()
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let card = Card(
      // An older version would compare otherwise: it refuses the file.
      format: measure == Measure() ? 1 : 2, labels: references.map(\.label), comparison: comparison,
      calibration: calibration, isStale: isCalibrationStale, measure: measure == Measure() ? nil : measure)
    file.metadata["gallery"] = String(decoding: try encoder.encode(card), as: UTF8.self)
    if !references.isEmpty {
      file.tensors.append(
        (name: Self.inputsName, tensor: try Tensor(pictures.flatMap { $0 }, shape: [references.count] + inputShape))
      )
    }
    return try file.encode()
  }

  static let inputsName = "gallery.inputs"

  /// Whether bytes claim to be a gallery rather than a network or other arrays; only the header is looked at.
  public static func recognises(_ bytes: [UInt8]) -> Bool {
    Safetensors.recognises(bytes, metadata: "gallery")
  }

  /// A gallery from `encoded`, with a network of its own.
  ///
  /// - Parameter path: for the words of errors.
  public static func decoded(_ bytes: [UInt8], path: String) throws -> ReferenceGallery {
    func bad(_ reason: String) -> GalleryError { .notAGallery(path: path, reason: reason) }
    guard Safetensors.recognises(bytes) else { throw GalleryError.noGallery(path: path) }
    let file = try Safetensors.decode(bytes, name: "“\(path)”")
    guard let text = file.metadata["gallery"] else { throw bad("it has no gallery in its metadata") }
    guard let card = try? JSONDecoder().decode(Card.self, from: Data(text.utf8)) else {
      throw bad("what it says of its references cannot be read")
    }
    guard card.format == 1 || card.format == 2 else { throw bad("it was written by a newer version of Twinbook") }
    if let calibration = card.calibration {
      guard calibration.threshold.isFinite, calibration.threshold >= 0 else {
        throw bad("its threshold is no distance")
      }
    }
    let measure = card.measure ?? Measure()
    guard (0...10_000).contains(measure.views), measure.augmentation?.isSound ?? (measure.views == 0) else {
      throw bad("what it compares by makes no sense")
    }
    let network = try Network(checkpoint: file, path: path)
    let gallery = ReferenceGallery(network: network, comparison: card.comparison, measure: measure)
    if !card.labels.isEmpty {
      guard let shape = network.inputShape, let inputs = file[inputsName], inputs.shape == [card.labels.count] + shape
      else { throw bad("its reference images are missing or have another shape than the network takes") }
      guard card.labels.allSatisfy({ $0.contains { !$0.isWhitespace } }) else { throw bad("a label is empty") }
      let values = try gallery.embed(inputs.values, shape: shape, function: "load")
      try gallery.add(
        card.labels, images: inputs.values, imageSize: shape.reduce(1, *), embeddings: values,
        width: values.count / card.labels.count, Origin(enrolled: gallery.now()), isKept: true)
    }
    gallery.embeddedVersion = network.version
    gallery.calibration = card.calibration
    gallery.calibratedVersion = card.isStale ? network.version - 1 : network.version
    return gallery
  }

  /// A gallery from a file: a database, which it stays in, or a file of an older version, which is read.
  public static func load(_ path: String) throws -> ReferenceGallery {
    if GalleryStore.recognises(try FileSystem.readStart(path, count: 16)) { return try open(path) }
    return try decoded(try FileSystem.read(path), path: path)
  }
}
