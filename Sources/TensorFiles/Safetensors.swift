import Files
import Foundation
import Tensors

/// Safetensors: a JSON header with names, types, shapes and places, then the numbers. Nothing in it can run.
/// Source: huggingface/safetensors, format description.
public struct Safetensors: Sendable {
  /// In the order in which their numbers stand.
  public var tensors: [(name: String, tensor: Tensor)]
  /// Strings under "__metadata__".
  public var metadata: [String: String]
  /// What `decode` was asked to leave out.
  public private(set) var unread: [(name: String, reason: TensorFileError)] = []

  public init(tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  public subscript(_ name: String) -> Tensor? { tensors.first { $0.name == name }?.tensor }

  /// The header takes at most so many bytes: a hundred thousand tensors.
  static let headerLimit = 16 << 20

  /// Whether the bytes begin as safetensors do.
  public static func recognises(_ bytes: [UInt8]) -> Bool {
    guard bytes.count > 9, bytes[8] == 0x7B else { return false }
    return length(bytes).map { $0 <= headerLimit } ?? false
  }

  /// Whether the bytes claim to hold JSON under a key of the metadata; only the header is looked at.
  public static func recognises(_ bytes: [UInt8], metadata key: String) -> Bool {
    guard recognises(bytes), let length = length(bytes) else { return false }
    let header = bytes[8..<(8 + min(length, bytes.count - 8))]
    return String(decoding: header, as: UTF8.self).contains("\"\(key)\":\"{")
  }

  private static func length(_ bytes: [UInt8]) -> Int? {
    guard bytes.count >= 8, bytes[7] == 0, bytes[6] == 0 else { return nil }
    return bytes[0..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// Reads F32, F64, F16, BF16, I8–I64, U8–U64 and BOOL as float32.
  /// - Parameters:
  ///   - name: what errors call the file.
  ///   - isStrict: refuses a file with a tensor of another type. Else such tensors are left out, and stand in `unread`.
  public static func decode(
    _ bytes: [UInt8], name: String = "the file", isStrict: Bool = true
  ) throws -> Safetensors {
    func broken(_ reason: String) -> TensorFileError { .broken(file: name, format: "safetensors", reason: reason) }
    guard let headerLength = length(bytes), headerLength <= headerLimit else {
      throw broken("its header's length is no length")
    }
    guard bytes.count - 8 >= headerLength else { throw broken("the file ends early, in its header") }
    let header = Data(bytes[8..<(8 + headerLength)])
    guard bytes.count > 8, bytes[8] == 0x7B, Self.depthIsSmall(header),
      let object = try? JSONSerialization.jsonObject(with: header), let entries = object as? [String: Any]
    else { throw broken("its header is not JSON") }
    var metadata: [String: String] = [:]
    var found: [(start: Int, end: Int, name: String, type: ElementType, shape: [Int], count: Int)] = []
    var unread: [(name: String, reason: TensorFileError)] = []
    let start = 8 + headerLength
    let available = bytes.count - start
    var total = 0
    for (key, value) in entries {
      if key == "__metadata__" {
        guard let strings = value as? [String: String] else { throw broken("its metadata are not strings") }
        metadata = strings
        continue
      }
      guard let entry = value as? [String: Any], let typeName = entry["dtype"] as? String,
        let shape = entry["shape"] as? [Int], let offsets = entry["data_offsets"] as? [Int], offsets.count == 2
      else { throw broken("the entry “\(key.prefix(80))” is incomplete") }
      guard let type = types[typeName] else {
        let reason = TensorFileError.unsupported(
          file: "“\(key.prefix(80))” in \(name)", type: String(typeName.prefix(40)))
        if isStrict { throw reason }
        unread.append((key, reason))
        continue
      }
      guard shape.count <= 32, let count = elements(shape) else {
        throw broken("“\(key.prefix(80))” claims the shape \(shape.prefix(8))")
      }
      guard offsets[0] >= 0, offsets[1] >= offsets[0], offsets[1] - offsets[0] == count * type.size else {
        throw broken("“\(key.prefix(80))” has other than the bytes of its shape")
      }
      guard offsets[1] <= available else {
        throw broken("the file ends early: “\(key.prefix(80))” lies beyond its end")
      }
      total += count * 4
      if total > TensorFileError.limit {
        throw TensorFileError.tooLarge(file: name, bytes: total, limit: TensorFileError.limit)
      }
      found.append((offsets[0], offsets[1], key, type, shape, count))
    }
    found.sort { ($0.start, $0.end, $0.name) < ($1.start, $1.end, $1.name) }
    for index in found.indices.dropFirst() where found[index].start < found[index - 1].end {
      throw broken("“\(found[index - 1].name.prefix(80))” and “\(found[index].name.prefix(80))” overlap")
    }
    let tensors = try bytes.withUnsafeBytes { source in
      try found.map { entry in
        (name: entry.name, tensor: try entry.type.tensor(entry.shape, in: source, from: start + entry.start))
      }
    }
    var file = Safetensors(tensors: tensors, metadata: metadata)
    file.unread = unread.sorted { $0.name < $1.name }
    return file
  }

  public static func read(_ path: String) throws -> Safetensors {
    try decode(try FileSystem.read(path), name: "“\(path)”")
  }

  /// float32, in the order of `tensors`; keys of the metadata sorted, so that equal content gives equal bytes.
  /// - Parameter keepsMasks: a mask's numbers become BOOL.
  public func encode(keepsMasks: Bool = false) throws -> [UInt8] {
    var seen: Set<String> = ["__metadata__"]
    var parts: [String] = []
    if !metadata.isEmpty {
      let pairs = try metadata.keys.sorted().map { try Self.quoted($0) + ":" + Self.quoted(metadata[$0] ?? "") }
      parts.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var at = 0
    let types = tensors.map { WideType($0.tensor, keepsMasks: keepsMasks) }
    for ((name, tensor), type) in zip(tensors, types) {
      guard !name.isEmpty, seen.insert(name).inserted else { throw TensorFileError.badName(name: name) }
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      let end = at + type.size * tensor.count
      parts.append(
        "\(try Self.quoted(name)):{\"dtype\":\"\(type.safetensors)\",\"shape\":[\(shape)],\"data_offsets\":[\(at),\(end)]}"
      )
      at = end
    }
    var header = Array("{\(parts.joined(separator: ","))}".utf8)
    while header.count % 8 != 0 { header.append(0x20) }
    var bytes = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> ($0 * 8)) }
    bytes += header
    for ((_, tensor), type) in zip(tensors, types) { append(tensor, as: type, to: &bytes) }
    return bytes
  }

  /// Whole or not at all.
  public func write(to path: String, keepsMasks: Bool = false) throws {
    try FileSystem.write(try encode(keepsMasks: keepsMasks), to: path)
  }

  private static func quoted(_ text: String) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes]
    return String(decoding: try encoder.encode(text), as: UTF8.self)
  }

  /// JSON of this format is three deep; a header of a million brackets would overflow a parser's stack.
  private static func depthIsSmall(_ header: Data) -> Bool {
    var depth = 0
    var inString = false
    var escaped = false
    for byte in header {
      if inString {
        if escaped { escaped = false } else if byte == 0x5C { escaped = true } else if byte == 0x22 { inString = false }
      } else if byte == 0x22 {
        inString = true
      } else if byte == 0x7B || byte == 0x5B {
        depth += 1
        if depth > 8 { return false }
      } else if byte == 0x7D || byte == 0x5D {
        depth -= 1
      }
    }
    return true
  }

  private static let types: [String: ElementType] = [
    "F64": ElementType(kind: .float, size: 8), "F32": ElementType(kind: .float, size: 4),
    "F16": ElementType(kind: .float, size: 2), "BF16": ElementType(kind: .brain, size: 2),
    "I64": ElementType(kind: .signed, size: 8), "I32": ElementType(kind: .signed, size: 4),
    "I16": ElementType(kind: .signed, size: 2), "I8": ElementType(kind: .signed, size: 1),
    "U64": ElementType(kind: .unsigned, size: 8), "U32": ElementType(kind: .unsigned, size: 4),
    "U16": ElementType(kind: .unsigned, size: 2), "U8": ElementType(kind: .unsigned, size: 1),
    "BOOL": ElementType(kind: .bool, size: 1),
  ]
}
