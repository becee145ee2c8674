import TensorFiles
import Tensors

/// A file that Keras wrote, of any of its kinds.
public struct KerasFile {
  /// What the model is, as JSON; nil in a file of weights alone.
  let config: [UInt8]?
  /// The arrays, by their paths in the file.
  public internal(set) var weights: HDF5File
  /// "3.15.1"; nil where the file does not say.
  private let version: String?
  /// For the words of errors.
  public let file: String

  /// Whether bytes may be such a file: HDF5, or the zip of Keras 3.
  public static func recognises(_ bytes: [UInt8]) -> Bool {
    HDF5File.recognises(bytes) || KerasArchive.recognises(bytes)
  }

  /// - Throws: `TensorFileError`.
  public init(_ bytes: [UInt8], file: String) throws {
    self.file = file
    if KerasArchive.recognises(bytes) {
      let archive = try KerasArchive(bytes, name: file)
      config = archive.config
      version = archive.metadata.flatMap { KerasValue(json: $0) }?["keras_version"]?.text
      weights = try HDF5File(archive.weights, name: "the weights in \(file)")
    } else {
      var hdf5 = try HDF5File(bytes, name: file)
      let holder = hdf5.root.child("model_weights") ?? hdf5.root
      version = try (hdf5.texts("keras_version", of: hdf5.root) ?? hdf5.texts("keras_version", of: holder))?.first
      weights = hdf5
      config = try weights.texts("model_config", of: weights.root)?.first.map { Array($0.utf8) }
    }
  }

  /// Of parts.
  init(config: [UInt8]?, weights: HDF5File, version: String? = nil, file: String) {
    (self.config, self.weights, self.version, self.file) = (config, weights, version, file)
  }

  /// Whether it says which layers the model has.
  public var hasModel: Bool { config != nil }
  /// Whether Keras 2 wrote it, some of whose names mean something else.
  var isOld: Bool { version?.hasPrefix("2.") ?? false }

  func model() throws -> KerasModel? {
    guard let config else { return nil }
    func bad(_ reason: String) -> ImportError { .file(file, reason: reason, help: nil) }
    guard let value = KerasValue(json: config) else { throw bad("what it says of its model is no JSON") }
    do { return try KerasModel(value) } catch .reason(let words) { throw bad(words) }
  }
}

extension Network {
  /// A network from a file of Keras's.
  ///
  /// - Parameters:
  ///   - layer: the layer whose result it gives, or a model in the model; nil for the whole, and for what all inputs of a
  ///     twin go through.
  /// - Returns: also what is to be told of that choice.
  /// - Throws: `TensorFileError`, `ImportError`, `NetworkError`.
  public static func fromKeras(_ file: KerasFile, layer: String? = nil) throws -> (network: Network, note: String?) {
    guard let model = try file.model() else {
      throw ImportError.file(
        file.file, reason: "it holds weights alone, and no model",
        help: "make the network, call it once, and net.adopt(path)")
    }
    let weights = try KerasWeights(file.weights, of: model, file: file.file)
    var reader = KerasReader(model, weights, isOld: file.isOld, file: file.file)
    return try reader.network(layer: layer)
  }
}
