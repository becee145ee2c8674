import NeuralNetworks
import Tensors

extension EmbeddingLoss {
  /// The loss of pairs as a tensor of one number: row i of `a` [n, width] beside row i of `b`. Where a tape has recorded
  /// either, the loss is recorded too, as one entry.
  ///
  /// - Throws: `lossShapes` where the two differ or `same` has another length.
  public func pairLoss(_ a: Tensor, _ b: Tensor, same: [Bool]) throws -> Tensor {
    guard a.shape.count == 2, a.shape == b.shape, a.shape[0] == same.count else {
      throw MetricError.lossShapes(loss: text, shapes: [a.shape, b.shape, [same.count]])
    }
    let (x, y) = (a.values, b.values)
    var gradientA = [Float](repeating: 0, count: a.count)
    var gradientB = gradientA
    let loss = try pairLoss(x, y, width: a.shape[1], same: same, gradientA: &gradientA, gradientB: &gradientB)
    let gradients = [try Tensor(gradientA, shape: a.shape), try Tensor(gradientB, shape: b.shape)]
    return Self.recorded(text, Tensor(scalar: Float(loss)), inputs: [a, b], gradients: gradients)
  }

  /// The loss of one batch of embeddings [n, width] with the class of each row, as a tensor of one number; recorded as
  /// `pairLoss` is, by the proxies too where they are given.
  ///
  /// - Parameters:
  ///   - proxies: what the loss learns of its own, where that is one array: [classes, width], with several centres
  ///     [classes, centres, width] or [classes · centres, width], or [1] for a boundary; of a loss that has a teacher the
  ///     teacher's embeddings [n, …].
  ///   - draw: of the miners that draw.
  public func batchLoss(
    _ embeddings: Tensor, labels: [Int], proxies: Tensor? = nil, draw: UInt64 = 0
  ) throws -> Tensor {
    guard embeddings.shape.count == 2, embeddings.shape[0] == labels.count else {
      throw MetricError.lossShapes(loss: text, shapes: [embeddings.shape, [labels.count]])
    }
    let width = embeddings.shape[1]
    if let teacher = kind.teachers.first {
      return try imitated(embeddings, labels: labels, teacher, says: proxies, draw: draw)
    }
    var parameters: LossParameters?
    if let proxies { parameters = LossParameters([try learnt(proxies, width: width)]) }
    var gradient = [Float](repeating: 0, count: embeddings.count)
    let loss = try batchLoss(
      embeddings.values, width: width, labels: labels, parameters: parameters, draw: draw, gradient: &gradient)
    var inputs = [embeddings]
    var gradients = [try Tensor(gradient, shape: embeddings.shape)]
    if let proxies, let array = parameters?.arrays.first {
      inputs.append(proxies)
      gradients.append(try Tensor(array.gradients, shape: proxies.shape))
    }
    return Self.recorded(text, Tensor(scalar: Float(loss)), inputs: inputs, gradients: gradients)
  }

  /// What the loss learns of its own, as a program gives it.
  /// - Throws: `needsParameters` with the shape that is wanted, where the loss learns nothing, or not in one array.
  private func learnt(_ given: Tensor, width: Int) throws(MetricError) -> Weights {
    let (one, two) = (kind.arrays(classes: 1, width: width), kind.arrays(classes: 2, width: width))
    guard one.count == 1, one[0].isTrained else {
      throw .needsParameters(loss: text, shape: one.contains(where: \.isTrained) ? [-1, width] : [])
    }
    // Rows of each class; 0 where what is learnt is of no class.
    let rows = two[0].shape[0] - one[0].shape[0]
    let shape: [Int]
    if rows == 0 {
      shape = given.count == 1 && given.rank == 0 ? [1] : given.shape
      guard shape == one[0].shape else { throw .needsParameters(loss: text, shape: one[0].shape) }
    } else {
      let (count, overflow) = given.shape.dropLast().reduce((1, false)) { sum, size in
        let (product, isTooLarge) = sum.0.multipliedReportingOverflow(by: size)
        return (product, sum.1 || isTooLarge)
      }
      shape = [count, width]
      let isByClass = rows > 1 && given.rank == 3 && given.shape[1] == rows
      guard !overflow, given.shape.last == width, given.rank == 2 || isByClass, count > 0, count % rows == 0 else {
        throw .needsParameters(loss: text, shape: rows == 1 ? [-1, width] : [-1, rows, width])
      }
    }
    let array = Weights(name: one[0].name, shape: shape)
    _ = array.set(given.values)
    return array
  }

  /// The loss of a batch of which a teacher says something.
  private func imitated(
    _ embeddings: Tensor, labels: [Int], _ teacher: Teacher, says taught: Tensor?, draw: UInt64
  ) throws -> Tensor {
    guard let taught, kind.teachers.allSatisfy({ $0 == teacher }) else { throw MetricError.needsTeacher(loss: text) }
    guard taught.shape.count == 2, taught.shape[0] == labels.count else {
      throw MetricError.lossShapes(loss: text, shapes: [embeddings.shape, [labels.count], taught.shape])
    }
    var gradient = [Float](repeating: 0, count: embeddings.count)
    let loss = try batchLoss(
      embeddings.values, width: embeddings.shape[1], labels: labels, parameters: nil, draw: draw,
      lessons: Lessons(rows: [teacher: taught.values]), gradient: &gradient)
    return Self.recorded(
      text, Tensor(scalar: Float(loss)), inputs: [embeddings],
      gradients: [try Tensor(gradient, shape: embeddings.shape)])
  }

  private static func recorded(_ name: String, _ loss: Tensor, inputs: [Tensor], gradients: [Tensor]) -> Tensor {
    guard let tape = inputs.lazy.compactMap({ $0.trace?.tape }).first else { return loss }
    return tape.record(custom: name, inputs: inputs, output: loss) { upstream in
      try gradients.map { try upstream * $0 }
    }
  }
}
