import Images
import Tensors

extension Dataset {
  /// At most so many pictures make a mean, evenly chosen: more would not change it.
  private static let mostForMean = 1000

  /// Each image moved, turned and scaled a little, so that all lie over each other (see `MeanTemplate`); its size stays.
  ///
  /// - Parameter like: a dataset that was congealed: these images are brought to its mean picture. nil: to their own.
  /// - Throws: `DatasetError.empty`, `.notCongealed`, `TensorError.interrupted`.
  public func congealed(like other: Dataset?) throws -> Dataset {
    try applying(.congeal(try other.map { try $0.meanTemplate() } ?? ownTemplate()))
  }

  /// The newest one that its images were brought to.
  private func meanTemplate() throws -> MeanTemplate {
    for step in preprocessing.steps.reversed() {
      if case .congeal(let template) = step { return template }
    }
    throw DatasetError.notCongealed(name: name)
  }

  private func ownTemplate() throws -> MeanTemplate {
    guard count > 0 else { throw DatasetError.empty(function: "congeal") }
    let used = min(count, Self.mostForMean)
    return try MeanTemplate(count: used, height: shape[1], width: shape[2], check: LongWork.check) { index in
      let item = items[index * count / used]
      guard let image = store.image(Int(item.image)) else { throw DatasetError.empty(function: "congeal") }
      return image
    }
  }
}
