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
  ///   - proxies: [classes, width], of a loss that has them; of one that has a teacher the teacher's embeddings [n, …].
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
    let arrays = kind.arrays(classes: proxies?.shape.first ?? 1, width: width)
    if let proxies {
      guard arrays.count == 1, arrays[0].name == "loss.proxies", proxies.shape == arrays[0].shape else {
        throw MetricError.needsParameters(loss: text, shape: arrays.count == 1 ? [-1, width] : [])
      }
      let array = Weights(name: arrays[0].name, shape: proxies.shape)
      _ = array.set(proxies.values)
      parameters = LossParameters([array])
    }
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
