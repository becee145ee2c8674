import Diagnostics

/// Something between a tensor's brackets that is no place in it.
public enum TensorIndexError: ExplainedError {
  /// In words: "the string "a"".
  case kind(String)

  public var explanation: Explanation {
    switch self {
    case .kind(let words):
      Explanation(
        "a tensor is indexed by whole numbers, slices, lists of whole numbers or masks, got \(words)",
        help: "x[0], x[2:5], x[:, 0], x[[0, 2]], x[x > 0]")
    }
  }
}
