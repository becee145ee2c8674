import Diagnostics
import NeuralNetworks

/// A network whose embeddings another one learns to imitate, as it was when the loss was made.
public struct Teacher: Hashable, Sendable {
  /// A copy of the network that was given: it never learns.
  public let network: Network
  /// Of its layers and weights, in hexadecimal: teachers of one fingerprint teach the same.
  public let fingerprint: String

  /// - Throws: `NetworkError.notBuilt` for a network without weights.
  public init(_ network: Network) throws {
    guard let shape = network.inputShape else { throw NetworkError.notBuilt(function: "distill") }
    self.network = try network.copy()
    var hash = FNVHash()
    hash.add(widened: "\(network.layers.map(\.describe)) \(shape) \(network.trainingStart())")
    fingerprint = String(hash.value, radix: 16)
  }

  public static func == (one: Teacher, other: Teacher) -> Bool { one.fingerprint == other.fingerprint }

  public func hash(into hasher: inout Hasher) { hasher.combine(fingerprint) }
}

/// What teachers say of a batch.
struct Lessons {
  /// Of each teacher: its embeddings of the batch's items, [items, width].
  var rows: [Teacher: [Float]] = [:]
}
