import Diagnostics
import Files
import Foundation
import TensorFiles
import Tensors

extension Network {
  /// What stands in the metadata beside the arrays.
  private struct Card: Codable {
    var format = 1
    var layers: [Layer]
    var inputShape: [Int]
    var preprocessing: String?
    /// Nil in files of older versions, and where nothing was learnt.
    var learning: LearningRecord?
  }

  /// The network as safetensors: all arrays as float32, the layers and the preprocessing as JSON in the metadata under
  /// `twinbook`. What holds a network besides other things adds them here.
  ///
  /// - Throws: `NetworkError.notBuilt` where there are no weights yet.
  public func checkpoint() throws -> Safetensors {
    guard let inputShape else { throw NetworkError.notBuilt(function: "save") }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let card = Card(
      layers: layers, inputShape: inputShape, preprocessing: preprocessing,
      learning: learning.isEmpty ? nil : learning)
    return Safetensors(
      tensors: try weights.map { ($0.name, try Tensor($0.values, shape: $0.shape)) },
      metadata: ["twinbook": String(decoding: try encoder.encode(card), as: UTF8.self)])
  }

  /// `checkpoint` as the bytes of a file.
  public func encoded() throws -> [UInt8] { try checkpoint().encode() }

  /// Whether bytes claim to hold a network; only the header is looked at.
  public static func recognises(_ bytes: [UInt8]) -> Bool { Safetensors.recognises(bytes, metadata: "twinbook") }

  /// A network from `encoded`.
  ///
  /// - Parameter path: for the words of errors.
  /// - Throws: `NetworkError.notATwinbookNetwork` for anything else; nothing of a bad file is trusted.
  public static func decoded(_ bytes: [UInt8], path: String) throws -> Network {
    do {
      return try Network(checkpoint: try Safetensors.decode(bytes, name: "“\(path)”"), path: path)
    } catch TensorFileError.broken(_, _, let reason) {
      throw NetworkError.notATwinbookNetwork(path: path, reason: reason)
    }
  }

  /// A network from `checkpoint`, whatever else the file holds.
  ///
  /// - Parameter path: for the words of errors.
  /// - Throws: `NetworkError.notATwinbookNetwork` where its arrays are not those of its layers.
  public convenience init(checkpoint file: Safetensors, path: String) throws {
    func bad(_ reason: String) -> NetworkError { .notATwinbookNetwork(path: path, reason: reason) }
    guard let text = file.metadata["twinbook"] else { throw bad("its header does not say which layers it has") }
    let card: Card
    do { card = try JSONDecoder().decode(Card.self, from: Data(text.utf8)) } catch let error as DecodingError {
      throw bad(
        Self.layer(of: error).map { "its layer \($0) is none that this version of Twinbook knows" }
          ?? "its header does not say which layers it has")
    }
    guard card.format == 1 else { throw bad("it was written by a newer version of Twinbook") }
    guard !card.inputShape.isEmpty, card.inputShape.count <= 8,
      card.inputShape.allSatisfy({ (1...Layer.sizeLimit).contains($0) })
    else { throw bad("its input shape makes no sense") }
    try self.init(card.layers)
    // The arrays have to be there before memory for them is taken: weights come to no more bytes than the file has.
    let available = file.tensors.reduce(0) { $0 + 4 * $1.tensor.count }
    guard try weightBytes(inputShape: card.inputShape) <= available else { throw bad("arrays are missing") }
    try build(inputShape: card.inputShape, seed: 0)
    let tensors = Dictionary(file.tensors.map { ($0.name, $0.tensor) }) { first, _ in first }
    for array in weights {
      guard let tensor = tensors[array.name] else { throw bad("the array \(array.name) is missing") }
      guard tensor.shape == array.shape, array.set(tensor.values) else {
        throw bad("the array \(array.name) has another shape than its layer")
      }
    }
    preprocessing = card.preprocessing
    learning = card.learning ?? LearningRecord()
  }

  /// The number, from 1, of the layer that cannot be read; nil: it is something else that cannot.
  private static func layer(of error: DecodingError) -> Int? {
    let path =
      switch error {
      case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
        .dataCorrupted(let context):
        context.codingPath
      @unknown default: [any CodingKey]()
      }
    guard path.count >= 2, path[0].stringValue == "layers" else { return nil }
    return path[1].intValue.map { $0 + 1 }
  }

  /// Bytes of all weights for a shape, without making them.
  private func weightBytes(inputShape: [Int]) throws(NetworkError) -> Int {
    var list = WeightList()
    try list.add(layers, input: inputShape, prefix: "")
    let (product, overflow) = list.count.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    return overflow ? Int.max : product
  }

  /// Writes the network whole or not at all.
  public func save(_ path: String) throws { try FileSystem.write(try encoded(), to: path) }

  /// Reads what `save` wrote.
  public static func load(_ path: String) throws -> Network { try decoded(try FileSystem.read(path), path: path) }
}
