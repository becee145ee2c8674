import Tensors

/// What the arithmetic of this processor and this build gives for a small fixed piece of training.
///
/// The same source gives other bits where OpenBLAS picks other kernels for the processor, where there is no AVX2, or
/// where a kernel was changed. A probe that goes through the kernels themselves sees all three.
public enum NumericsProbe {
  /// "avx2", or "portable" where the processor lacks it or `TWINBOOK_PORTABLE=1` asks for it.
  public static var kernelName: String { Kernel.fast ? "avx2" : "portable" }

  /// The weights after three steps of a network that uses every family of kernels: convolutions of few and of many
  /// channels with and without pooling, batch normalisation, dropout, dense layers, normalisation, and Adam.
  ///
  /// - Returns: all weights in the layers' order; about 40,000 numbers, some milliseconds of work.
  public static func trainedWeights() throws -> [Float] {
    let network = try Network([
      .conv(16, 3), .activation(.relu), .maxPool(2), .conv(8, 5, padding: .same), .activation(.relu), .maxPool(2),
      .dropout(rate: 0.25),
      .conv(32, 3, padding: .same), .batchNorm(), .activation(.relu), .maxPool(2),
      .conv(32, 3, padding: .same), .activation(.tanh), .flatten, .dense(units: 40), .activation(.sigmoid),
      .dense(units: 24), .normalize,
    ])
    try network.build(inputShape: [1, 26, 22], seed: 1)
    let batch = 20
    let plan = try Plan(network, batch: batch, training: true)
    let state = try OptimizerState(.adam(0.01))
    for step in 0..<3 {
      plan.withInput { input in
        for index in input.indices { input[index] = Float((index &* 2_654_435_761 &+ step) % 1009) / 1009 }
      }
      plan.forward(dropoutSeed: UInt64(step))
      plan.withOutput { value, gradient in
        for index in gradient.indices { gradient[index] = value[index] - Float(index % 7) / 7 }
      }
      plan.backward()
      state.update(network)
    }
    return network.weights.flatMap(\.values)
  }
}
