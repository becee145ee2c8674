import ElementaryFunctions
import NeuralNetworks

/// −log softmax(outputs)[label], the outputs being the network's own. Mean over the batch.
struct CrossEntropy: BatchLoss, LossKind {
  let smoothing: Double

  static let declaration = Declaration<EmbeddingLoss>(
    "crossentropy", .number("smoothing", in: 0...0.99, default: 0),
    summary: "Loss for classification: the network ends with one output for each class.",
    details: """
      −log softmax(outputs)[class], the mean over the batch. `smoothing` gives each class that share of the target \
      divided by the number of outputs.
      """, example: "crossentropy()\n#> crossentropy()", seeAlso: ["trainer", "cosface"]
  ) { .crossEntropy(smoothing: $0) }

  var text: String { smoothing == 0 ? "crossentropy()" : "crossentropy(smoothing=\(EmbeddingLoss.shown(smoothing)))" }
  var knowsClasses: Bool { true }
  var outputsAreClasses: Bool { true }

  func value(_ batch: LabelledBatch) throws(MetricError) -> Double {
    let (outputs, width, gradient) = (batch.embeddings, batch.width, batch.gradient)
    if let bad = batch.labels.first(where: { $0 < 0 || $0 >= width }) {
      throw .labelBeyondOutputs(label: bad, outputs: width)
    }
    let smoothing = Float(smoothing)
    let scale = 1 / Float(batch.count)
    let spread = smoothing / Float(width)
    var total = 0.0
    for (i, label) in batch.labels.enumerated() {
      let row = outputs.row(i, width)
      var greatest = row[0]
      for k in 1..<max(1, width) { greatest = max(greatest, row[k]) }
      var sum: Float = 0
      for k in 0..<width { sum += Elementary.exp(row[k] - greatest) }
      let logSum = greatest + Elementary.log(sum)
      for k in 0..<width {
        let target = spread + (k == label ? 1 - smoothing : 0)
        let logP = row[k] - logSum
        if target > 0 { total -= Double(target * logP) }
        gradient[i * width + k] = (Elementary.exp(logP) - target) * scale
      }
    }
    return total / Double(batch.count)
  }
}

extension EmbeddingLoss {
  /// `smoothing`: the share of the target that all classes divide, from 0 to below 1.
  public static func crossEntropy(smoothing: Double) -> EmbeddingLoss {
    EmbeddingLoss(CrossEntropy(smoothing: smoothing))
  }
}
