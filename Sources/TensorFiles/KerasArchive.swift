/// The parts of a `.keras` file (Keras 3): a zip of what the model is and of its weights as HDF5.
public struct KerasArchive: Sendable {
  /// JSON.
  public let config: [UInt8]
  /// JSON that says which version of Keras wrote it; nil in a file without.
  public let metadata: [UInt8]?
  /// HDF5.
  public let weights: [UInt8]

  private static let parts = ["metadata.json", "config.json", "model.weights.h5"]

  /// Whether bytes look like such a file.
  public static func recognises(_ bytes: [UInt8]) -> Bool {
    guard let first = ZipEntries.firstName(bytes) else { return false }
    return parts.contains(first) || first.hasPrefix("assets/")
  }

  /// - Parameter name: what errors call the file.
  /// - Throws: `TensorFileError`.
  public init(_ bytes: [UInt8], name: String) throws {
    func broken(_ reason: String) -> TensorFileError { .broken(file: name, format: "Keras", reason: reason) }
    let files = try ZipEntries.read(bytes, broken: broken)
    guard let config = files["config.json"] else { throw broken("it holds no config.json") }
    guard let weights = files["model.weights.h5"] else {
      throw broken("it holds no model.weights.h5 (weights in several files are not read)")
    }
    (self.config, self.weights, metadata) = (config, weights, files["metadata.json"])
  }
}
