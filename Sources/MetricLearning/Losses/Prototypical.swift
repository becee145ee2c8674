import NeuralNetworks

/// In each batch the first `shots` items of a class make its prototype (their mean), the others ask: −log softmax over
/// the prototypes of −|x − c|². Snell, Swersky and Zemel 2017.
struct Prototypical: BatchLoss, LossKind {
  let shots: Int

  static let declaration = Declaration<EmbeddingLoss>(
    "prototypical", .integer("shots", in: 1...1023, default: 1),
    summary: "Loss of episodes: in each batch, some images of a class make its prototype, the others ask.",
    details: """
      The first `shots` images of a class in the batch make its prototype, their mean; for the others −log softmax \
      over the prototypes of −|x − c|². Use perclass above shots. Snell, Swersky and Zemel 2017.
      """, example: "prototypical()\n#> prototypical(shots=1)", seeAlso: ["episodes", "supcon"]
  ) { .prototypical(shots: $0) }

  var text: String { "prototypical(shots=\(shots))" }
  var comparesBatch: Bool { true }
  var needsMatrix: Bool { false }

  func value(_ batch: LabelledBatch) throws(MetricError) -> Double {
    let (embeddings, width, gradient) = (batch.embeddings, batch.width, batch.gradient)
    let n = batch.count
    var place: [Int: Int] = [:]
    var support: [[Int]] = []
    var queries: [(row: Int, prototype: Int)] = []
    for (row, label) in batch.labels.enumerated() {
      let prototype = place[label] ?? support.count
      if prototype == support.count {
        place[label] = prototype
        support.append([])
      }
      if support[prototype].count < shots {
        support[prototype].append(row)
      } else {
        queries.append((row, prototype))
      }
    }
    guard !queries.isEmpty else { throw .noPositives(function: text, needed: shots + 1) }
    var prototypes = [Float](repeating: 0, count: support.count * width)
    for (c, rows) in support.enumerated() {
      for row in rows {
        for k in 0..<width { prototypes[c * width + k] += embeddings[row * width + k] / Float(rows.count) }
      }
    }
    for index in 0..<n * width { gradient[index] = 0 }
    var slopes = [Float](repeating: 0, count: prototypes.count)
    var total = 0.0
    var logits = [Float](repeating: 0, count: support.count)
    let scale = 1 / Float(queries.count)
    prototypes.withUnsafeBufferPointer { prototypes in
      for (row, own) in queries {
        let x = embeddings.row(row, width)
        for c in logits.indices { logits[c] = -squaredDistance(x, prototypes.row(c, width)) }
        total += softmaxLoss(&logits, own)
        for c in logits.indices {
          // d(loss)/d(−|x − c|²)
          let slope = 2 * (logits[c] - (c == own ? 1 : 0)) * scale
          for k in 0..<width {
            let part = slope * (x[k] - prototypes[c * width + k])
            gradient[row * width + k] -= part
            slopes[c * width + k] += part
          }
        }
      }
    }
    for (c, rows) in support.enumerated() {
      for row in rows {
        for k in 0..<width { gradient[row * width + k] += slopes[c * width + k] / Float(rows.count) }
      }
    }
    return total / Double(queries.count)
  }
}

extension EmbeddingLoss {
  /// `shots`: images of a class that make its prototype, at least 1.
  public static func prototypical(shots: Int) -> EmbeddingLoss { EmbeddingLoss(Prototypical(shots: shots)) }
}
