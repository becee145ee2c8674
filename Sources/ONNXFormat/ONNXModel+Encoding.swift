extension ONNXModel {
  /// The bytes of a file; equal models give equal bytes.
  public func encoded() -> [UInt8] {
    var writer = ProtobufWriter()
    writer.int(1, irVersion)
    if !producer.isEmpty { writer.text(2, producer) }
    if !producerVersion.isEmpty { writer.text(3, producerVersion) }
    if !documentation.isEmpty { writer.text(6, documentation) }
    writer.message(7) { graph.write(to: &$0) }
    writer.message(8) { $0.int(2, opset) }
    for (key, value) in metadata {
      writer.message(14) {
        $0.text(1, key)
        $0.text(2, value)
      }
    }
    return writer.bytes
  }
}

extension ONNXGraph {
  fileprivate func write(to writer: inout ProtobufWriter) {
    for node in nodes { writer.message(1) { node.write(to: &$0) } }
    writer.text(2, name)
    for tensor in initializers { writer.message(5) { tensor.write(to: &$0) } }
    for value in inputs { writer.message(11) { value.write(to: &$0) } }
    for value in outputs { writer.message(12) { value.write(to: &$0) } }
  }
}

extension ONNXNode {
  fileprivate func write(to writer: inout ProtobufWriter) {
    for input in inputs { writer.text(1, input) }
    for output in outputs { writer.text(2, output) }
    writer.text(3, name)
    writer.text(4, op)
    for key in attributes.keys.sorted() {
      guard let attribute = attributes[key] else { continue }
      writer.message(5) { attribute.write(key, to: &$0) }
    }
  }
}

extension ONNXAttribute {
  fileprivate func write(_ name: String, to writer: inout ProtobufWriter) {
    writer.text(1, name)
    switch self {
    case .float(let value):
      writer.float(2, value)
      writer.int(20, 1)
    case .int(let value):
      writer.int(3, value)
      writer.int(20, 2)
    case .text(let value):
      writer.text(4, value)
      writer.int(20, 3)
    case .tensor(let tensor):
      writer.message(5) { tensor.write(to: &$0) }
      writer.int(20, 4)
    case .floats(let values):
      for value in values { writer.float(7, value) }
      writer.int(20, 6)
    case .ints(let values):
      for value in values { writer.int(8, value) }
      writer.int(20, 7)
    case .other: break
    }
  }
}

extension ONNXTensor {
  fileprivate func write(to writer: inout ProtobufWriter) {
    writer.packed(1, shape)
    writer.int(2, type.rawValue)
    if !name.isEmpty { writer.text(8, name) }
    writer.data(9, raw)
  }

  /// The numbers as files hold them, little-endian.
  private var raw: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count * type.size)
    func append(_ value: some FixedWidthInteger) {
      withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
    switch contents {
    case .floats(let values): for value in values { append(value.bitPattern) }
    case .doubles(let values): for value in values { append(value.bitPattern) }
    case .ints(let values):
      for value in values {
        switch type {
        case .uint8, .bool: append(UInt8(truncatingIfNeeded: value))
        case .int32: append(Int32(truncatingIfNeeded: value))
        default: append(Int64(value))
        }
      }
    }
    return bytes
  }
}

extension ONNXValue {
  fileprivate func write(to writer: inout ProtobufWriter) {
    writer.text(1, name)
    writer.message(2) { type in
      type.message(1) { tensor in
        tensor.int(1, self.type.rawValue)
        guard let shape else { return }
        tensor.message(2) { dimensions in
          for dimension in shape {
            dimensions.message(1) {
              switch dimension {
              case .size(let size): $0.int(1, size)
              case .named(let name): $0.text(2, name)
              }
            }
          }
        }
      }
    }
  }
}
