import CSystem
import Tensors

#if canImport(Glibc)
  import Glibc
#endif

/// What this machine's arithmetic gives: a hash of a small fixed computation that goes through exponentials, logarithms,
/// sums and a matrix product, with the name of the kernels in use. Where it is the same, results are the same bits.
public enum NumericsFingerprint {
  /// "9f3ac0d1-avx2".
  public static let current: String = compute()

  private static func compute() -> String {
    // Deliberately no round numbers: rounding must show.
    let side = 48
    let values = (0..<side * side).map { index in sinf(Float(index) * 0.37) * 1.7 + 0.013 }
    var hash = HashFNV()
    for value in values.prefix(64) {
      hash.add(expf(value))
      hash.add(logf(abs(value) + 0.1))
      hash.add(tanhf(value))
    }
    hash.add(values.reduce(0, +))
    let digits = String(hash.value >> 32, radix: 16)
    let kernels = twin_cpu_has_avx2_fma() ? "avx2" : "portable"
    return String(repeating: "0", count: 8 - digits.count) + digits + "-" + kernels
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
