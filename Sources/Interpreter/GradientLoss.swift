import Diagnostics

/// A gradient would be lost without a word.
enum GradientLoss: ExplainedError {
  /// `parameter` is nil for what stands before the dot.
  case argument(function: String, parameter: String?)
  case rangeStart

  var explanation: Explanation {
    let help = "detach(x) takes a value out of the gradient's computation"
    return switch self {
    case .argument(let function, let parameter):
      Explanation(
        "\(function) has no gradient, and \(parameter.map { "`\($0)`" } ?? "what stands before the dot") carries one",
        help: help)
    case .rangeStart: Explanation("a range has no gradient, and where it begins carries one", help: help)
    }
  }
}

extension Value {
  /// A tensor on a gradient's tape, or a list with one.
  public var carriesGradient: Bool {
    switch self {
    case .tensor(let box): box.tensor.trace != nil
    case .list(let box): box.items.contains { $0.carriesGradient }
    default: false
    }
  }
}
