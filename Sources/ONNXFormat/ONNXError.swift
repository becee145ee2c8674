import Diagnostics

/// What can be wrong with a file that claims to be ONNX.
public enum ONNXError: ExplainedError, Hashable {
  /// `reason` in words.
  case broken(reason: String)
  /// Numbers of a kind, or in a place, that are not read.
  case unsupported(reason: String, help: String)

  /// In words, behind the name of the file.
  public var reason: String {
    switch self {
    case .broken(let reason): "it is no whole ONNX file: \(reason)"
    case .unsupported(let reason, _): reason
    }
  }

  public var explanation: Explanation {
    switch self {
    case .broken: Explanation("this file cannot be read: \(reason)", help: "export or fetch it once more")
    case .unsupported(_, let help): Explanation("this file cannot be read: \(reason)", help: help)
    }
  }
}
