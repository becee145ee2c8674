import Diagnostics
import TensorFiles

/// A sum over all that a trainer's state says, which stands beside it in the file: a bit that a disk or a network turned
/// would lead to another result, and nobody would know.
enum StateSum {
  /// In the file's metadata.
  static let key = "check"

  /// Of the metadata and of every array: its name, its shape and the bits of its numbers, in their order.
  static func digits(of file: Safetensors) -> String {
    var hash = FNVHash()
    for (name, text) in file.metadata.sorted(by: { $0.key < $1.key }) where name != key {
      add(name, to: &hash)
      add(text, to: &hash)
    }
    for (name, tensor) in file.tensors {
      add(name, to: &hash)
      for size in tensor.shape { hash.add(UInt64(size)) }
      for value in tensor.values { hash.add(value.bitPattern) }
    }
    return hash.digits
  }

  private static func add(_ text: String, to hash: inout FNVHash) {
    hash.add(UInt64(text.utf8.count))
    hash.add(utf8: text)
  }

  /// Whether a file is as it was written. Files of older versions have no sum, and nothing is known of them.
  static func fits(_ file: Safetensors, _ bytes: [UInt8]) -> Bool {
    guard let written = file.metadata[key] else { return true }
    let header = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let numbers = file.tensors.reduce(0) { $0 + $1.tensor.count * MemoryLayout<Float>.size }
    return bytes.count == 8 + header + numbers && written == digits(of: file)
  }
}
