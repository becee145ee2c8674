import MetricLearning

/// Numbers for tests, from a generator of their own: the tests' figures do not move with the product's generator.
struct TestNumbers {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493 }
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
  /// −1…1
  mutating func float() -> Float { Float(next() % 20_001) / 10_000 - 1 }
  mutating func floats(_ count: Int) -> [Float] { (0..<count).map { _ in float() } }
}

/// Rows around a centre for each class: near enough to be learnt from, not near enough to be perfect.
func clouds(classes: Int, each: Int, width: Int, noise: Float, seed: UInt64) throws -> Embeddings {
  var numbers = TestNumbers(seed)
  var values: [Float] = []
  var labels: [Int] = []
  for label in 0..<classes {
    let centre = numbers.floats(width)
    for _ in 0..<each {
      values += centre.map { $0 + noise * numbers.float() }
      labels.append(label)
    }
  }
  return try Embeddings(values: values, width: width, labels: labels)
}
