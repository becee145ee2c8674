import TestSupport
import MetricLearning

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

extension TrainingObserver {
  /// Pauses a training after so many batches.
  static func stopping(after count: Int) -> TrainingObserver {
    var batches = 0
    return TrainingObserver(shouldStop: {
      batches += 1
      return batches == count
    })
  }
}
