/// SplitMix64, so that every run mutates alike.
struct FuzzRandom {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
  mutating func below(_ n: Int) -> Int { Int(next() % UInt64(max(1, n))) }

  /// Cut off, or with a few bytes changed, removed or put in.
  mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
    var result = bytes
    if below(4) == 0 { return Array(bytes.prefix(below(bytes.count))) }
    for _ in 0...below(4) where !result.isEmpty {
      // Headers are where lies do most harm.
      let at = below(2) == 0 ? below(min(64, result.count)) : below(result.count)
      switch below(4) {
      case 0: result[at] = UInt8(truncatingIfNeeded: next())
      case 1: result[at] = [0, 255, 127, 128, 57][below(5)]
      case 2: result.remove(at: at)
      default: result.insert(UInt8(truncatingIfNeeded: next()), at: at)
      }
    }
    return result
  }
}
