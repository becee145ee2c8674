/// How fresh weights are drawn. Biases start at zero.
public enum Initialisation: String, Sendable, Hashable, Codable, CaseIterable {
  /// Uniform in ±√(6 / (inputs + outputs)), as in Keras (Glorot and Bengio 2010).
  case glorot
  /// Normal with variance 2 / inputs (He et al. 2015), for deep stacks of relu.
  case he
  /// Koch et al. 2015: N(0, 0.01) in convolutions with biases N(0.5, 0.01). Their N(0, 0.2) of dense layers saturates the
  /// sigmoid at 9,216 inputs, so that it is divided here by the root of the number of inputs.
  case koch

  /// First values of a layer's weights, each result of which is a sum over so many inputs.
  func weights(inputs: Int, outputs: Int, isDense: Bool) -> FirstValues {
    switch self {
    case .glorot: .uniform(within: Float((6 / Double(inputs + outputs)).squareRoot()))
    case .he: .normal(deviation: Float((2 / Double(inputs)).squareRoot()))
    case .koch: .normal(deviation: isDense ? 0.2 / Float(inputs).squareRoot() : 0.01)
    }
  }

  /// First values of its biases.
  func biases(isDense: Bool) -> FirstValues {
    self == .koch && !isDense ? .normalGoingOn(mean: 0.5, deviation: 0.01) : .all(0)
  }
}
