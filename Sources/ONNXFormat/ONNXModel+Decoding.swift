import ElementaryFunctions

extension ONNXModel {
  /// Numbers of all tensors together: as many as a network may have, and some.
  public static let byteLimit = 4 << 30
  private static let nodeLimit = 100_000

  /// Whether bytes look like a model: a protocol buffer that begins with the version of the representation.
  public static func recognises(_ bytes: [UInt8]) -> Bool {
    guard bytes.count > 8, bytes[0] == 0x08, (1...64).contains(bytes[1]) else { return false }
    var reader = ProtobufReader(bytes)
    var hasGraph = false
    // The fields of the outermost message alone.
    for _ in 0..<256 {
      guard let field = try? reader.next() else { break }
      if field.field == 7, case .bytes = field.value { hasGraph = true }
    }
    return hasGraph
  }

  /// Reads a file; nothing of it is trusted, and nothing outside of it is read.
  ///
  /// - Parameter files: those beside it in which tensors lie, by the names that the model has for them. Tensors in others are
  ///   empty, and `missingFiles` names those.
  public init(decoding bytes: [UInt8], files: [String: [UInt8]] = [:]) throws(ONNXError) {
    var reader = ProtobufReader(bytes)
    var tensors = ONNXTensorReader(files: files)
    var graphs: [Range<Int>] = []
    var opsets: [(domain: String, version: Int)] = []
    while let (field, value) = try reader.next() {
      switch field {
      case 1: irVersion = try value.int()
      case 2: producer = try value.text(bytes)
      case 3: producerVersion = try value.text(bytes)
      case 7: graphs.append(try value.range())
      case 8:
        var inner = ProtobufReader(bytes, try value.range())
        var (domain, version) = ("", 1)
        while let (field, value) = try inner.next() {
          if field == 1 { domain = try value.text(bytes) }
          if field == 2 { version = try value.int() }
        }
        opsets.append((domain, version))
      case 14:
        var inner = ProtobufReader(bytes, try value.range())
        var pair = (key: "", value: "")
        while let (field, value) = try inner.next() {
          if field == 1 { pair.key = try value.text(bytes) }
          if field == 2 { pair.value = try value.text(bytes) }
        }
        guard metadata.count < 10_000 else { throw .broken(reason: "it has too many remarks") }
        metadata.append(pair)
      case 25:
        throw .unsupported(
          reason: "it has functions of its own", help: "export the model anew with operators of the standard alone")
      default: continue
      }
    }
    guard graphs.count == 1 else { throw .broken(reason: "it holds \(graphs.count) graphs where one is due") }
    guard let standard = opsets.first(where: { $0.domain.isEmpty || $0.domain == "ai.onnx" }) else {
      throw .broken(reason: "it does not say which version of the operators it takes")
    }
    guard (1...64).contains(standard.version) else {
      throw .broken(reason: "its version of the operators, \(standard.version), is none")
    }
    opset = standard.version
    otherDomains = opsets.map(\.domain).filter { !$0.isEmpty && $0 != "ai.onnx" }
    graph = try ONNXGraph(bytes, graphs[0], nodeLimit: Self.nodeLimit, &tensors)
    missingFiles = tensors.missing
  }
}

extension ONNXGraph {
  fileprivate init(
    _ bytes: [UInt8], _ range: Range<Int>, nodeLimit: Int, _ tensors: inout ONNXTensorReader
  ) throws(ONNXError) {
    var reader = ProtobufReader(bytes, range)
    while let (field, value) = try reader.next() {
      switch field {
      case 1:
        guard nodes.count < nodeLimit else { throw .broken(reason: "it has more than \(nodeLimit) nodes") }
        nodes.append(try ONNXNode(bytes, try value.range(), &tensors))
      case 2: name = try value.text(bytes)
      case 5:
        guard initializers.count < nodeLimit else { throw .broken(reason: "it has more than \(nodeLimit) tensors") }
        initializers.append(try tensors.read(bytes, try value.range()))
      case 11: inputs.append(try ONNXValue(bytes, try value.range()))
      case 12: outputs.append(try ONNXValue(bytes, try value.range()))
      case 15:
        throw .unsupported(reason: "it holds sparse tensors", help: "export the model anew with dense ones")
      default: continue
      }
      guard inputs.count + outputs.count <= 10_000 else { throw .broken(reason: "it has too many inputs and outputs") }
    }
  }
}

extension ONNXNode {
  fileprivate init(
    _ bytes: [UInt8], _ range: Range<Int>, _ tensors: inout ONNXTensorReader
  ) throws(ONNXError) {
    self.init("", name: "", inputs: [], outputs: [])
    var reader = ProtobufReader(bytes, range)
    while let (field, value) = try reader.next() {
      switch field {
      case 1: inputs.append(try value.text(bytes))
      case 2: outputs.append(try value.text(bytes))
      case 3: name = try value.text(bytes)
      case 4: op = try value.text(bytes)
      case 5:
        let (name, attribute) = try ONNXAttribute.read(bytes, try value.range(), &tensors)
        attributes[name] = attribute
      case 7: domain = try value.text(bytes)
      default: continue
      }
    }
    if domain == "ai.onnx" { domain = "" }
  }
}

extension ONNXAttribute {
  fileprivate static func read(
    _ bytes: [UInt8], _ range: Range<Int>, _ tensors: inout ONNXTensorReader
  ) throws(ONNXError) -> (String, ONNXAttribute) {
    var reader = ProtobufReader(bytes, range)
    var (name, type) = ("", 0)
    var (float, int, text): (Float, Int, String) = (0, 0, "")
    var (floats, ints): ([Float], [Int]) = ([], [])
    var tensor: ONNXTensor?
    var isOther = false
    while let (field, value) = try reader.next() {
      switch field {
      case 1: name = try value.text(bytes)
      case 2: float = try value.float()
      case 3: int = try value.int()
      case 4: text = try value.text(bytes)
      case 5: tensor = try tensors.read(bytes, try value.range())
      case 7: floats += try value.floats(bytes)
      case 8: ints += try value.ints(bytes)
      case 20: type = try value.int()
      // A graph within the graph, texts, types: read by nobody, and so never gone into.
      case 6, 9, 10, 11, 14, 15, 22, 23: isOther = true
      default: continue
      }
    }
    if isOther { return (name, .other) }
    switch type {
    case 1: return (name, .float(float))
    case 2: return (name, .int(int))
    case 3: return (name, .text(text))
    case 4: return (name, tensor.map { .tensor($0) } ?? .other)
    case 6: return (name, .floats(floats))
    case 7: return (name, .ints(ints))
    default: return (name, .other)
    }
  }
}

extension ONNXValue {
  fileprivate init(_ bytes: [UInt8], _ range: Range<Int>) throws(ONNXError) {
    var reader = ProtobufReader(bytes, range)
    var (name, type): (String, ONNXType) = ("", .none)
    var shape: [Dimension]?
    while let (field, value) = try reader.next() {
      if field == 1 { name = try value.text(bytes) }
      guard field == 2 else { continue }
      var kinds = ProtobufReader(bytes, try value.range())
      while let (field, value) = try kinds.next() {
        guard field == 1 else { continue }
        var tensor = ProtobufReader(bytes, try value.range())
        while let (field, value) = try tensor.next() {
          if field == 1 { type = ONNXType(rawValue: try value.int()) ?? .none }
          if field == 2 { shape = try Self.dimensions(bytes, try value.range()) }
        }
      }
    }
    self.init(name, type, shape)
  }

  private static func dimensions(_ bytes: [UInt8], _ range: Range<Int>) throws(ONNXError) -> [Dimension] {
    var reader = ProtobufReader(bytes, range)
    var dimensions: [Dimension] = []
    while let (field, value) = try reader.next() {
      guard field == 1 else { continue }
      guard dimensions.count < 32 else { throw .broken(reason: "an input has more than 32 axes") }
      var inner = ProtobufReader(bytes, try value.range())
      var dimension = Dimension.named("")
      while let (field, value) = try inner.next() {
        if field == 1 { dimension = .size(try value.int()) }
        if field == 2 { dimension = .named(try value.text(bytes)) }
      }
      dimensions.append(dimension)
    }
    return dimensions
  }
}
