import Diagnostics

/// What keeps a network from elsewhere from being read.
public enum ImportError: ExplainedError, Hashable {
  /// An operator that nothing here does.
  case unknownOperator(file: String, op: String, node: String)
  /// A known operator, used as is not read; `reason` in words.
  case node(file: String, op: String, node: String, reason: String)
  /// A layer of Keras's that nothing here does.
  case unknownLayer(file: String, kind: String, name: String)
  /// A known layer of Keras's, used as is not read; `reason` in words.
  case layer(file: String, kind: String, name: String, reason: String)
  /// A layer that is a program of its author's.
  case program(file: String, name: String)
  /// The file as a whole.
  case file(String, reason: String, help: String?)

  public var explanation: Explanation {
    switch self {
    case .unknownOperator(let file, let op, let node):
      return Explanation(
        "\(file) has the operator \(op) (node “\(node)”), which is not read",
        help: "Documentation/networks.md lists the operators that are")
    case .node(let file, let op, let node, let reason):
      return Explanation(
        "\(file) cannot be read: \(op) (node “\(node)”) \(reason)",
        help:
          "Documentation/networks.md says what is read of each operator; load(path, layer=\"…\") takes a result before it"
      )
    case .unknownLayer(let file, let kind, let name):
      return Explanation(
        "\(file) has the layer \(kind) (“\(name)”), which is not read",
        help: "Documentation/networks.md lists the layers that are; load(path, layer=\"…\") takes what stands before it"
      )
    case .layer(let file, let kind, let name, let reason):
      return Explanation(
        "\(file) cannot be read: the layer \(kind) (“\(name)”) \(reason)",
        help:
          "Documentation/networks.md says what is read of each layer; load(path, layer=\"…\") takes what stands before it"
      )
    case .program(let file, let name):
      return Explanation(
        "\(file) has a Lambda layer (“\(name)”), a program of its author's, which is never run",
        help: "load(path, layer=\"…\") takes what leads to a layer before it")
    case .file(let file, let reason, let help): return Explanation("\(file) cannot be read: \(reason)", help: help)
    }
  }
}
