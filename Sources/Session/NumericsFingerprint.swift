import NeuralNetworks

#if canImport(Glibc)
  import Glibc
#endif

/// What this machine's arithmetic gives: a hash of exponentials and logarithms and of a small piece of training, with
/// the name of the kernels in use. Where it is the same, results are the same bits.
public enum NumericsFingerprint {
  /// "9f3ac0d1-avx2". Computed when it is first asked for: a session that saves nothing does not wait for it.
  public static let current: String = compute()

  private static func compute() -> String {
    // Deliberately no round numbers: rounding must show.
    let values = (0..<64).map { index in sinf(Float(index) * 0.37) * 1.7 + 0.013 }
    var hash = HashFNV()
    for value in values {
      hash.add(expf(value))
      hash.add(logf(abs(value) + 0.1))
      hash.add(tanhf(value))
    }
    // Fails only where there is no memory for it, and then nothing can be compared bit by bit.
    guard let weights = try? NumericsProbe.trainedWeights() else { return "00000000-unknown" }
    for weight in weights { hash.add(weight) }
    let digits = String(hash.value >> 32, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits + "-" + NumericsProbe.kernelName
  }

  private struct HashFNV {
    var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ number: Float) {
      for shift in stride(from: UInt32(0), to: 32, by: 8) {
        value = (value ^ UInt64(number.bitPattern >> shift & 0xFF)) &* 0x100_0000_01b3
      }
    }
  }
}
