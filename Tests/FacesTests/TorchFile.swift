import TestSupport

/// Writes weight files in PyTorch's format before 1.6, as `torch.save` did, so that tests need no weights of anybody's.
struct TorchFile {
  var tensors: [(name: String, shape: [Int], values: [Float])]
  /// Strides that are written in place of a tensor's own.
  var strides: [String: [Int]] = [:]
  /// Instead of `torch FloatStorage`.
  var storageType = "torch\nFloatStorage"
  /// Instead of the rebuilding of tensors.
  var rebuild = "torch._utils\n_rebuild_tensor_v2"

  func bytes() -> [UInt8] {
    var out: [UInt8] = [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]
    out += [0x80, 2, 0x4D] + little(1001, 2) + [0x2E]
    out += [0x80, 2, 0x7D, 0x71, 0, 0x28] + text("protocol_version") + [0x4D] + little(1001, 2)
    out +=
      text("little_endian") + [0x88] + text("type_sizes") + [0x7D, 0x28] + text("int") + number(4) + [0x75, 0x75, 0x2E]
    out += pickle()
    out += [0x80, 2, 0x5D, 0x28] + tensors.indices.flatMap { text("key\($0)") } + [0x65, 0x2E]
    for tensor in tensors { out += little(tensor.values.count, 8) + numbers(tensor.values) }
    return out
  }

  /// As PyTorch writes since 1.6: a zip of the pickle and of each storage.
  /// - Parameter pickle: in place of its own.
  func zipped(pickle: [UInt8]? = nil) -> [UInt8] {
    let storages = tensors.enumerated().map { ("archive/data/key\($0)", numbers($1.values)) }
    return storedZip(
      [("archive/data.pkl", pickle ?? self.pickle()), ("archive/byteorder", Array("little".utf8))] + storages)
  }

  private func numbers(_ values: [Float]) -> [UInt8] { values.flatMap { little(Int($0.bitPattern), 4) } }

  /// The state dictionary.
  func pickle() -> [UInt8] {
    var out: [UInt8] = [0x80, 2] + global("collections\nOrderedDict") + [0x71, 0, 0x29, 0x52, 0x71, 1, 0x28]
    for (index, tensor) in tensors.enumerated() {
      out += text(tensor.name) + opcodes(ofTensor: index) + [0x71, UInt8(2 + index % 200)]
    }
    // The attribute `_metadata` of a state dictionary, as modules write it.
    return out + [0x75, 0x7D] + text("_metadata") + global("collections\nOrderedDict") + [0x29, 0x52, 0x73, 0x62, 0x2E]
  }

  /// What puts a tensor on the stack.
  func opcodes(ofTensor index: Int) -> [UInt8] {
    let tensor = tensors[index]
    var out = global(rebuild) + [0x28, 0x28] + text("storage") + global(storageType)
    out += text("key\(index)") + text("cpu") + number(tensor.values.count) + [0x4E, 0x74, 0x51]
    out += number(0) + tuple(tensor.shape) + tuple(strides[tensor.name] ?? rowMajor(tensor.shape))
    return out + [0x89] + global("collections\nOrderedDict") + [0x29, 0x52, 0x74, 0x52]
  }

  private func rowMajor(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
    return strides
  }

  private func little(_ value: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
  private func text(_ text: String) -> [UInt8] { [0x58] + little(text.utf8.count, 4) + Array(text.utf8) }
  private func global(_ name: String) -> [UInt8] { [0x63] + Array(name.utf8) + [0x0A] }
  private func number(_ value: Int) -> [UInt8] { value < 256 ? [0x4B, UInt8(value)] : [0x4A] + little(value, 4) }
  private func tuple(_ values: [Int]) -> [UInt8] {
    values.isEmpty ? [0x29] : [0x28] + values.flatMap(number) + [0x74]
  }
}
