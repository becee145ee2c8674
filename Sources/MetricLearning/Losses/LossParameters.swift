import NeuralNetworks
import Tensors

/// An array that a loss learns: its name in files, its shape and what it begins from.
struct LossArray {
  enum First {
    case all(Float)
    case normal(deviation: Float)
    /// Random points of the sphere, one a row.
    case unitRows
  }

  let name: String
  let shape: [Int]
  let first: First
  /// Whether weight decay pulls it to 0: a boundary and a bias are no weights, and say something else there.
  var isDecayed = true
  /// False for what the loss remembers from batch to batch: kept and copied as the rest, but no optimiser touches it.
  var isTrained = true

  /// One point of the embedding's space for each class.
  static func proxies(classes: Int, width: Int) -> LossArray {
    LossArray(name: "loss.proxies", shape: [classes, width], first: .unitRows)
  }

  /// Takes the memory and draws what it begins from.
  fileprivate func weights(_ random: inout RandomStream) -> Weights {
    let array = Weights(name: name, shape: shape, isTrained: isTrained, isDecayed: isDecayed)
    var values = [Float](repeating: 0, count: array.count)
    switch first {
    case .all(let value): for k in values.indices { values[k] = value }
    case .normal(let deviation): for k in values.indices { values[k] = deviation * Float(random.normal()) }
    case .unitRows:
      let width = shape[1]
      for row in 0..<shape[0] {
        var length: Float = 0
        for k in row * width..<(row + 1) * width {
          values[k] = Float(random.normal())
          length += values[k] * values[k]
        }
        for k in row * width..<(row + 1) * width { values[k] /= max(length.squareRoot(), 1e-6) }
      }
    }
    _ = array.set(values)
    return array
  }
}

/// What a loss learns beside the network: proxies of the classes, a boundary, the weights of a distance. Kept by the
/// trainer and changed by the same optimiser. An object with identity.
public final class LossParameters: Sendable {
  /// In the order in which the loss names them.
  public let arrays: [Weights]

  init(_ arrays: [Weights]) { self.arrays = arrays }

  /// A copy of every array's numbers, to go back to.
  public struct Snapshot: Sendable, Hashable, Codable {
    /// In the order of `arrays`.
    public var arrays: [[Float]]
  }

  /// Whether all its numbers are.
  var isFinite: Bool { arrays.allSatisfy(\.isFinite) }

  /// A copy of all numbers.
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
    _ index: Int,
    _ body: (_ values: UnsafeMutableBufferPointer<Float>, _ gradient: UnsafeMutableBufferPointer<Float>) -> Result
  ) -> Result {
    arrays[index].withBuffers(body)
  }
}

extension EmbeddingLoss {
  /// Whether the loss learns something of its own.
  public var hasParameters: Bool { kind.arrays(classes: 1, width: 1).contains(where: \.isTrained) }

  /// First values, drawn from the seed; nil for a loss that learns nothing. Proxies start at random points of the
  /// sphere, Koch's weights as N(0, 0.2), centres at 0.
  /// - Throws: `proxiesTooLarge`; `outOfRange` for a memory of as many numbers.
  public func parameters(classes: Int, width: Int, seed: UInt64) throws(MetricError) -> LossParameters? {
    let arrays = kind.arrays(classes: classes, width: width)
    guard !arrays.isEmpty else { return nil }
    let (size, overflow) = classes.multipliedReportingOverflow(by: width)
    guard !overflow, size <= Self.proxyLimit else {
      throw .proxiesTooLarge(loss: text, classes: classes, width: width)
    }
    for array in arrays where !array.isTrained && array.shape.reduce(1.0, { $0 * Double($1) }) > Double(Self.proxyLimit)
    {
      throw .outOfRange(
        function: "crossbatch", argument: "size", got: "\(array.shape[0]) for embeddings of \(width) numbers",
        expected: "at most \(Self.proxyLimit / max(1, width))")
    }
    var random = RandomStream(seed: seed, stream: 0x6C6F73)
    return LossParameters(arrays.map { $0.weights(&random) })
  }

  /// The distance that the loss has learnt, where it learns one.
  public func learntMetric(_ parameters: LossParameters?) -> Metric? { parameters.flatMap(kind.learntMetric) }
}
