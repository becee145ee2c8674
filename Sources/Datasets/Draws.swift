import Tensors

/// Draws of whole numbers from a `RandomStream`, each purpose from a stream of its own.
enum Draws {
  static let splitting: UInt64 = 0x5350_4C49_5400_0000
  static let shuffling: UInt64 = 0x5348_5546_0000_0000

  /// Unbiased, 0..<n.
  static func below(_ n: Int, _ stream: inout RandomStream) -> Int {
    let bound = UInt64(max(1, n))
    let limit = UInt64.max - (UInt64.max % bound + 1) % bound
    while true {
      let value = stream.nextUInt64()
      if value <= limit { return Int(value % bound) }
    }
  }

  static func permutation(_ n: Int, seed: UInt64, stream number: UInt64) -> [Int] {
    var stream = RandomStream(seed: seed, stream: number)
    var order = Array(0..<max(0, n))
    for last in stride(from: order.count - 1, to: 0, by: -1) { order.swapAt(last, below(last + 1, &stream)) }
    return order
  }

  static func uniform(_ low: Double, _ high: Double, _ stream: inout RandomStream) -> Double {
    low + (high - low) * Double(stream.uniform())
  }

  static func normal(_ stream: inout RandomStream) -> Double { Double(stream.normal()) }
}
