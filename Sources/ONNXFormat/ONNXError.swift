import Diagnostics

/// What can be wrong with a file that claims to be ONNX.
public enum ONNXError: ExplainedError, Hashable {
  /// `reason` in words.
  case broken(reason: String)
  /// Numbers of a kind, or in a place, that are not read.
  case unsupported(reason: String, help: String)

  public var explanation: Explanation {
    switch self {
    case .broken(let reason): Explanation("this is no readable ONNX file: \(reason)")
    case .unsupported(let reason, let help): Explanation("this ONNX file cannot be read: \(reason)", help: help)
    }
  }
}
