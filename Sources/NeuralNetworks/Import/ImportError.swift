import Diagnostics

/// What keeps a network from elsewhere from being read.
public enum ImportError: ExplainedError, Hashable {
  /// An operator that nothing here does.
  case unknownOperator(file: String, op: String, node: String)
  /// A known operator, used as is not read; `reason` in words.
  case node(file: String, op: String, node: String, reason: String)
  /// The file as a whole.
  case file(String, reason: String, help: String?)

  public var explanation: Explanation {
    switch self {
    case .unknownOperator(let file, let op, let node):
      return Explanation(
        "\(file) has the operator \(op) (node “\(node)”), which is not read",
        help: "Documentation/networks.md lists the operators that are")
    case .node(let file, let op, let node, let reason):
      return Explanation("\(file) cannot be read: \(op) (node “\(node)”) \(reason)")
    case .file(let file, let reason, let help): return Explanation("\(file) cannot be read: \(reason)", help: help)
    }
  }
}
