/// A model as ONNX files hold it, as far as networks of images need it: one graph, without functions, control flow,
/// sparse tensors or sequences.
///
/// Source: `onnx.proto3` of ONNX 1.16, intermediate representation 8.
public struct ONNXModel: Sendable {
  public var irVersion = 8
  /// Of the standard operators.
  public var opset = 18
  /// Domains besides the standard one.
  public var otherDomains: [String] = []
  public var producer = ""
  public var producerVersion = ""
  public var documentation = ""
  public var metadata: [(key: String, value: String)] = []
  public var graph = ONNXGraph()
  /// Files beside the model's own in which tensors lie that were not read, by the names that the model has for them.
  public internal(set) var missingFiles: [String] = []

  public init() {}
}

public struct ONNXGraph: Sendable {
  public var name = ""
  /// In an order in which each comes after those whose results it takes.
  public var nodes: [ONNXNode] = []
  public var inputs: [ONNXValue] = []
  public var outputs: [ONNXValue] = []
  /// Constants by name.
  public var initializers: [ONNXTensor] = []

  public init() {}
}

public struct ONNXNode: Sendable {
  public var op: String
  public var name: String
  /// Empty for the standard operators.
  public var domain = ""
  /// Names; empty where an optional input is left out.
  public var inputs: [String]
  public var outputs: [String]
  public var attributes: [String: ONNXAttribute]

  public init(
    _ op: String, name: String, inputs: [String], outputs: [String], attributes: [String: ONNXAttribute] = [:]
  ) {
    self.op = op
    self.name = name
    self.inputs = inputs
    self.outputs = outputs
    self.attributes = attributes
  }
}

public enum ONNXAttribute: Sendable {
  case int(Int)
  case float(Float)
  case text(String)
  case ints([Int])
  case floats([Float])
  case tensor(ONNXTensor)
  /// A graph, a type, texts: what no operator that is read has.
  case other
}

/// An input or output of the graph.
public struct ONNXValue: Sendable {
  public enum Dimension: Hashable, Sendable {
    case size(Int)
    /// Not known beforehand, by a name.
    case named(String)
  }

  public var name: String
  public var type: ONNXType
  /// Nil where nothing is said.
  public var shape: [Dimension]?

  public init(_ name: String, _ type: ONNXType, _ shape: [Dimension]?) {
    self.name = name
    self.type = type
    self.shape = shape
  }
}

/// Kinds of elements, by their numbers in files.
public enum ONNXType: Int, Sendable {
  case none = 0
  case float = 1
  case uint8 = 2
  case int8 = 3
  case uint16 = 4
  case int16 = 5
  case int32 = 6
  case int64 = 7
  case bool = 9
  case float16 = 10
  case double = 11
  case uint32 = 12
  case uint64 = 13
  case bfloat16 = 16

  /// Bytes an element.
  public var size: Int {
    switch self {
    case .none: 0
    case .uint8, .int8, .bool: 1
    case .uint16, .int16, .float16, .bfloat16: 2
    case .float, .int32, .uint32: 4
    case .int64, .double, .uint64: 8
    }
  }
}

public struct ONNXTensor: Sendable {
  public enum Contents: Sendable {
    case floats([Float])
    case doubles([Double])
    case ints([Int])
  }

  public var name: String
  public var type: ONNXType
  public var shape: [Int]
  public var contents: Contents

  public init(_ name: String, _ type: ONNXType, _ shape: [Int], _ contents: Contents) {
    self.name = name
    self.type = type
    self.shape = shape
    self.contents = contents
  }

  public var count: Int {
    switch contents {
    case .floats(let values): values.count
    case .doubles(let values): values.count
    case .ints(let values): values.count
    }
  }

  /// As float32, whatever they are.
  public var floats: [Float] {
    switch contents {
    case .floats(let values): values
    case .doubles(let values): values.map(Float.init)
    case .ints(let values): values.map(Float.init)
    }
  }

  /// Whole numbers; nil where they are none.
  public var ints: [Int]? { if case .ints(let values) = contents { values } else { nil } }
}
