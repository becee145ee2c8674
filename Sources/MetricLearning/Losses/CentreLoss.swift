import NeuralNetworks
import Tensors

/// Softmax cross-entropy of a linear classifier on the embeddings, plus weight/2 · mean |x − c|², c the learnt centre of
/// the item's class. Wen, Zhang, Li and Qiao 2016.
struct CentreLoss: BatchLoss, LossKind {
  let weight: Double

  static let declaration = Declaration<EmbeddingLoss>(
    "centre", .positive("weight", default: 0.01),
    summary: "Loss on labels: a linear classifier, and each embedding near its class's learnt centre.",
    details: """
      Softmax cross-entropy of a linear classifier on the embedding, plus weight/2 · mean |x − c|², c the centre of the \
      image's class; classifier and centres are learnt with the network and kept by the trainer. Wen, Zhang, Li and Qiao \
      2016.
      """, example: "centre()\n#> centre(weight=0.01)", seeAlso: ["crossentropy", "cosface"]
  ) { .centre(weight: $0) }

  var text: String { "centre(weight=\(EmbeddingLoss.shown(weight)))" }
  var knowsClasses: Bool { true }

  func arrays(classes: Int, width: Int) -> [LossArray] {
    [
      LossArray(
        name: "loss.weights", shape: [classes, width],
        first: .normal(deviation: Float((1 / Double(width)).squareRoot()))),
      LossArray(name: "loss.bias", shape: [classes], first: .all(0), isDecayed: false),
      LossArray(name: "loss.centres", shape: [classes, width], first: .all(0)),
    ]
  }

  func value(_ batch: LabelledBatch) throws(MetricError) -> Double {
    let (parameters, classes) = try batch.classParameters(text)
    guard parameters.arrays.count == 3, let x = batch.embeddings.baseAddress,
      let gradient = batch.gradient.baseAddress
    else { throw .needsParameters(loss: text, shape: [-1, batch.width]) }
    let (n, width, weight) = (batch.count, batch.width, Float(weight))
    let mean = 1 / Float(n)
    return parameters.with(0) { w, dW in
      parameters.with(1) { b, dB in
        parameters.with(2) { centres, dCentres in
          guard let w = w.baseAddress, let dW = dW.baseAddress else { return 0 }
          var logits = [Float](repeating: 0, count: n * classes)
          sgemm(x, w, &logits, m: n, n: classes, k: width, transposeB: true)
          for c in 0..<classes { dB[c] = 0 }
          for k in 0..<classes * width { dCentres[k] = 0 }
          var total = 0.0
          var row = [Float](repeating: 0, count: classes)
          for (i, label) in batch.labels.enumerated() {
            for c in 0..<classes { row[c] = logits[i * classes + c] + b[c] }
            total += softmaxLoss(&row, label)
            for c in 0..<classes {
              let slope = (row[c] - (c == label ? 1 : 0)) * mean
              logits[i * classes + c] = slope
              dB[c] += slope
            }
          }
          sgemm(logits, w, gradient, m: n, n: width, k: classes)
          sgemm(logits, x, dW, m: classes, n: width, k: n, transposeA: true)
          for (i, label) in batch.labels.enumerated() {
            for k in 0..<width {
              let away = batch.embeddings[i * width + k] - centres[label * width + k]
              total += Double(weight * away * away / 2)
              batch.gradient[i * width + k] += weight * away * mean
              dCentres[label * width + k] -= weight * away * mean
            }
          }
          return total / Double(n)
        }
      }
    }
  }
}

extension EmbeddingLoss {
  /// `weight` of the distance to the centres, above 0.
  public static func centre(weight: Double) -> EmbeddingLoss { EmbeddingLoss(CentreLoss(weight: weight)) }
}
