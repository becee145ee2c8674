import NeuralNetworks
import Tensors

/// What a loss learns beside the network: proxies of the classes, a boundary, the weights of a distance. Kept by the
/// trainer and changed by the same optimiser. An object with identity.
public final class LossParameters: @unchecked Sendable {
  public let arrays: [Weights]

  init(_ arrays: [Weights]) { self.arrays = arrays }

  public struct Snapshot: Sendable, Hashable, Codable {
    /// In the order of `arrays`.
    public var arrays: [[Float]]
  }

  /// Whether all its numbers are.
  var isFinite: Bool { arrays.allSatisfy(\.isFinite) }

  public func snapshot() -> Snapshot { Snapshot(arrays: arrays.map(\.values)) }

  /// False where the snapshot is of other arrays.
  @discardableResult
  public func restore(_ snapshot: Snapshot) -> Bool {
    guard snapshot.arrays.map(\.count) == arrays.map(\.count) else { return false }
    for (array, values) in zip(arrays, snapshot.arrays) { _ = array.set(values) }
    return true
  }

  /// Runs `body` with the numbers and the gradients of an array; gradients are to be written, not added.
  func with<Result>(
    _ index: Int, _ body: (_ values: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>) -> Result
  ) -> Result {
    arrays[index].withPointers(body)
  }
}

extension EmbeddingLoss {
  /// Whether the loss learns something of its own.
  public var hasParameters: Bool { !parameterShapes(classes: 1, width: 1).isEmpty }

  /// Names and shapes of what it learns for so many classes and embeddings of so many numbers.
  public func parameterShapes(classes: Int, width: Int) -> [(name: String, shape: [Int])] {
    switch self {
    case .weightedL1: [("loss.weights", [width]), ("loss.bias", [1])]
    case .margin: [("loss.beta", [1])]
    case .proxyNCA, .proxyAnchor, .arcFace, .cosFace: [("loss.proxies", [classes, width])]
    case .centre: [("loss.weights", [classes, width]), ("loss.bias", [classes]), ("loss.centres", [classes, width])]
    default: []
    }
  }

  /// First values, drawn from the seed; nil for a loss that learns nothing. Proxies start at random points of the
  /// sphere, Koch's weights as N(0, 0.2), centres at 0.
  /// - Throws: `proxiesTooLarge`.
  public func parameters(classes: Int, width: Int, seed: UInt64) throws(MetricError) -> LossParameters? {
    let shapes = parameterShapes(classes: classes, width: width)
    guard !shapes.isEmpty else { return nil }
    let (size, overflow) = classes.multipliedReportingOverflow(by: width)
    guard !overflow, size <= Self.proxyLimit else {
      throw .proxiesTooLarge(loss: text, classes: classes, width: width)
    }
    var random = RandomStream(seed: seed, stream: 0x6C6F73)
    let arrays = shapes.map { name, shape in
      // A boundary and a bias are no weights: pulled to 0, they say something else.
      let array = Weights(name: name, shape: shape, isDecayed: name != "loss.beta" && name != "loss.bias")
      var values = [Float](repeating: 0, count: array.count)
      switch (self, name) {
      case (.margin(_, let beta, _), _): values[0] = Float(beta)
      case (.weightedL1, "loss.weights"): for k in values.indices { values[k] = 0.2 * Float(random.normal()) }
      case (.centre, "loss.weights"):
        let deviation = Float((1 / Double(width)).squareRoot())
        for k in values.indices { values[k] = deviation * Float(random.normal()) }
      case (_, "loss.proxies"):
        for row in 0..<classes {
          var length: Float = 0
          for k in row * width..<(row + 1) * width {
            values[k] = Float(random.normal())
            length += values[k] * values[k]
          }
          for k in row * width..<(row + 1) * width { values[k] /= max(length.squareRoot(), 1e-6) }
        }
      default: break
      }
      _ = array.set(values)
      return array
    }
    return LossParameters(arrays)
  }

  /// The distance that the loss has learnt, where it learns one.
  public func learntMetric(_ parameters: LossParameters?) -> Metric? {
    guard case .weightedL1 = self, let arrays = parameters?.arrays, arrays.count == 2 else { return nil }
    return .weightedL1(weights: arrays[0].values, bias: arrays[1].values.first ?? 0)
  }
}
