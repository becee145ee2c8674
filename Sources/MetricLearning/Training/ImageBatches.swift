import Tensors

/// The batches of labelled images that a trainer with the same seed goes through in one epoch, for loops written by hand.
public struct ImageBatches: Sendable {
  private let source: any ImageSource
  private let batches: [TrainingBatch]
  private let draws: [UInt64]?

  /// - Parameters:
  ///   - size: images of a batch.
  ///   - perClass: images of each class in a batch, for losses that compare a batch's images; nil: every image once.
  ///   - seed: nil: in the source's order, and as they are.
  ///   - epoch: from 0; each is another order and another augmentation.
  public init(_ source: any ImageSource, size: Int, perClass: Int?, seed: UInt64?, epoch: Int) throws(MetricError) {
    guard size >= 1, size <= 65_536 else {
      throw .outOfRange(function: "batches", argument: "size", got: "\(size)", expected: "1 to 65536")
    }
    if let perClass, perClass < 2 || size < 2 * perClass {
      throw .outOfRange(
        function: "batches", argument: "size", got: "\(size)", expected: "at least two classes of \(perClass) images")
    }
    guard source.count > 0 else { throw .emptyData(function: "batches") }
    self.source = source
    guard let seed else {
      let labels = source.labels
      batches = stride(from: 0, to: source.count, by: size).map { start in
        let items = Array(start..<min(source.count, start + size))
        return TrainingBatch(items: items, labels: items.map { labels[$0] })
      }
      draws = nil
      return
    }
    var plan = try BatchPlan(
      data: .images(source), batch: size, perClass: perClass ?? 1, balanced: perClass != nil, shares: false,
      seed: seed, function: "batches")
    var made: [TrainingBatch] = []
    for step in 0..<plan.steps { made.append(plan.batch(epoch: epoch, step: step)) }
    batches = made
    draws = (0..<made.count).map { Trainer.mix(seed, UInt64(epoch), UInt64($0)) }
  }

  /// Batches of the epoch.
  public var count: Int { batches.count }

  /// Images [n, channels, height, width], augmented where a seed was given and the source is, and their labels [n].
  public func batch(_ index: Int) throws -> (images: Tensor, labels: Tensor) {
    let batch = batches[index]
    let draw = source.isAugmented ? draws?[index] : nil
    let images = try Tensor(shape: [batch.items.count] + source.shape) { out in
      if let base = out.baseAddress, !batch.items.isEmpty { try source.fill(base, items: batch.items, draw: draw) }
    }
    return (images, try Tensor(batch.labels.map { Float($0) }, shape: [batch.labels.count]))
  }
}
