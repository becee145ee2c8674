/// A place in the sequence of random numbers.
struct RandomPlace: Codable, Equatable, Sendable {
  var seed: UInt64
  /// How many seeds have been taken from its sequence.
  var drawn: UInt64
}
