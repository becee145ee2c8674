import Diagnostics
import Files
import Foundation

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

  /// One array in the header of the safetensors format.
  private struct Entry: Codable {
    var dtype: String
    var shape: [Int]
    var dataOffsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case dataOffsets = "data_offsets"
    }
  }

  private struct Header: Codable {
    var metadata: [String: String] = [:]
    var entries: [String: Entry] = [:]

    private struct Key: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init() {}

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      for key in container.allKeys {
        if key.stringValue == "__metadata__" {
          metadata = try container.decode([String: String].self, forKey: key)
        } else {
          entries[key.stringValue] = try container.decode(Entry.self, forKey: key)
        }
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(metadata, forKey: Key(stringValue: "__metadata__"))
      for (name, entry) in entries { try container.encode(entry, forKey: Key(stringValue: name)) }
    }
  }

  /// The network in the safetensors format: all arrays as little-endian float32, the layers and the preprocessing as
  /// JSON in the metadata under `twinbook`.
  ///
  /// - Throws: `NetworkError.notBuilt` where there are no weights yet.
  public func encoded() throws -> [UInt8] {
    guard let inputShape else { throw NetworkError.notBuilt(function: "save") }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var header = Header()
    let card = Card(
      layers: layers, inputShape: inputShape, preprocessing: preprocessing,
      learning: learning.isEmpty ? nil : learning)
    header.metadata["twinbook"] = String(decoding: try encoder.encode(card), as: UTF8.self)
    var offset = 0
    for array in weights {
      header.entries[array.name] = Entry(
        dtype: "F32", shape: array.shape, dataOffsets: [offset, offset + 4 * array.count])
      offset += 4 * array.count
    }
    var text = [UInt8](try encoder.encode(header))
    // The format wants the data to begin at a multiple of eight.
    while text.count % 8 != 0 { text.append(32) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + text.count + offset)
    withUnsafeBytes(of: UInt64(text.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: text)
    for array in weights {
      bytes.append(contentsOf: UnsafeRawBufferPointer(start: array.buffer.base, count: 4 * array.count))
    }
    return bytes
  }

  /// Whether bytes claim to hold a network; only the header is looked at.
  public static func recognises(_ bytes: [UInt8]) -> Bool {
    guard bytes.count > 9, bytes[8] == 0x7B else { return false }
    let length = bytes[0..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let end = 8 + Int(min(length, UInt64(bytes.count - 8), 1 << 24))
    return String(decoding: bytes[8..<end], as: UTF8.self).contains("\"twinbook\":\"{")
  }

  /// A network from `encoded`.
  ///
  /// - Parameter path: for the words of errors.
  /// - Throws: `NetworkError.notATwinbookNetwork` for anything else; nothing of a bad file is trusted.
  public static func decoded(_ bytes: [UInt8], path: String) throws -> Network {
    func bad(_ reason: String) -> NetworkError { .notATwinbookNetwork(path: path, reason: reason) }
    guard bytes.count >= 8 else { throw bad("it is too short") }
    var length: UInt64 = 0
    for index in (0..<8).reversed() { length = length << 8 | UInt64(bytes[index]) }
    guard length <= UInt64(bytes.count - 8), length < 100 << 20 else { throw bad("its header is cut off") }
    let start = 8 + Int(length)
    guard let header = try? JSONDecoder().decode(Header.self, from: Data(bytes[8..<start])) else {
      throw bad("its header is no safetensors header")
    }
    guard let text = header.metadata["twinbook"],
      let card = try? JSONDecoder().decode(Card.self, from: Data(text.utf8))
    else { throw bad("its header does not say which layers it has") }
    guard card.format == 1 else { throw bad("it was written by a newer version of Twinbook") }
    guard !card.inputShape.isEmpty, card.inputShape.count <= 8,
      card.inputShape.allSatisfy({ (1...Layer.sizeLimit).contains($0) })
    else { throw bad("its input shape makes no sense") }
    // The arrays have to be there before memory for them is taken: weights come to no more bytes than the file has.
    let network = try Network(card.layers)
    guard try network.weightBytes(inputShape: card.inputShape) <= bytes.count - start else {
      throw bad("arrays are missing")
    }
    try network.build(inputShape: card.inputShape, seed: 0)
    for array in network.weights {
      guard let entry = header.entries[array.name] else { throw bad("the array \(array.name) is missing") }
      guard entry.dtype == "F32", entry.shape == array.shape, entry.dataOffsets.count == 2,
        entry.dataOffsets[0] >= 0, entry.dataOffsets[1] >= entry.dataOffsets[0], entry.dataOffsets[0] <= bytes.count,
        entry.dataOffsets[1] - entry.dataOffsets[0] == 4 * array.count,
        entry.dataOffsets[1] <= bytes.count - start
      else { throw bad("the array \(array.name) has another shape than its layer") }
      bytes.withUnsafeBytes { raw in
        UnsafeMutableRawPointer(array.buffer.base).copyMemory(
          from: raw.baseAddress.map { $0 + start + entry.dataOffsets[0] } ?? UnsafeRawPointer(array.buffer.base),
          byteCount: 4 * array.count)
      }
    }
    network.preprocessing = card.preprocessing
    network.learning = card.learning ?? LearningRecord()
    return network
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
