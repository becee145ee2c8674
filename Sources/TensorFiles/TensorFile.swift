import Files
import Tensors

/// Files of numbers, recognised by content.
public enum TensorFile {
  public enum Kind: Sendable, Hashable { case npy, npz, safetensors }

  public static func kind(of bytes: [UInt8]) -> Kind? {
    if bytes.starts(with: NPY.magic) { return .npy }
    if bytes.starts(with: [0x50, 0x4B, 3, 4]) || bytes.starts(with: [0x50, 0x4B, 5, 6]) { return .npz }
    return Safetensors.recognises(bytes) ? .safetensors : nil
  }

  public enum Content: Sendable {
    case array(Tensor)
    case arrays([(name: String, content: ArrayContent)])
    case safetensors(Safetensors)
  }

  public static func read(_ path: String) throws -> Content {
    let bytes = try FileSystem.read(path)
    let name = "“\(path)”"
    switch kind(of: bytes) {
    case .npy: return .array(try NPY.decode(bytes, name: name))
    case .npz: return .arrays(try NPZ.read(bytes, name: name))
    case .safetensors: return .safetensors(try Safetensors.decode(bytes, name: name))
    case nil: throw TensorFileError.unknown(bytes, file: name)
    }
  }

  /// As npy, whole or not at all.
  public static func write(_ tensor: Tensor, to path: String, keepsMasks: Bool = false) throws {
    try FileSystem.write(NPY.encode(tensor, keepsMasks: keepsMasks), to: path)
  }
}
