/// Numbers for tests, from a generator of their own: the tests' figures do not move with the product's generator.
public struct TestNumbers {
  private var state: UInt64
  public init(_ seed: UInt64) { state = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493 }
  public mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
  /// −1…1
  public mutating func float() -> Float { Float(next() % 20_001) / 10_000 - 1 }
  public mutating func floats(_ count: Int) -> [Float] { (0..<count).map { _ in float() } }
}
