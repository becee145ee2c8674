import ElementaryFunctions
import NeuralNetworks

/// The mean over proxies with items in the batch of log(1 + Σ exp(−α(s − δ))) over their items, plus the mean over all
/// proxies of log(1 + Σ exp(α(s + δ))) over the others' items. Kim, Kim, Cho and Kwak 2020.
struct ProxyAnchor: ProxyLoss, LossKind {
  let margin: Double
  let alpha: Double

  static let declaration = Declaration<EmbeddingLoss>(
    "proxyanchor", .number("margin", in: 0...1, default: 0.1), .positive("alpha", default: 32),
    summary: "Loss on labels: each class's proxy among the images of the batch.",
    details: """
      The mean over proxies with images in the batch of log(1 + Σ exp(−α(s − margin))) over their images, plus the mean over \
      all proxies of log(1 + Σ exp(α(s + margin))) over the others', s the cosine. Kim, Kim, Cho and Kwak 2020.
      """ + EmbeddingLoss.proxyNote, example: "proxyanchor()\n#> proxyanchor(margin=0.1, alpha=32)",
    seeAlso: ["proxynca", "supcon"]
  ) { .proxyAnchor(margin: $0, alpha: $1) }

  var text: String { "proxyanchor(margin=\(EmbeddingLoss.shown(margin)), alpha=\(EmbeddingLoss.shown(alpha)))" }
  var comparesBatch: Bool { true }
  var needsMatrix: Bool { false }

  func value(_ values: inout [Float], labels: [Int], classes: Int) -> Double {
    let n = labels.count
    let present = Set(labels).count
    var loss = 0.0
    for c in 0..<classes {
      for own in [true, false] {
        let rate = own ? -alpha : alpha
        let shift = own ? -margin : margin
        let share = 1 / Double(own ? present : classes)
        var greatest = 0.0
        var any = false
        for i in 0..<n where (labels[i] == c) == own {
          any = true
          greatest = max(greatest, rate * (Double(values[i * classes + c]) + shift))
        }
        guard any else { continue }
        var sum = Elementary.exp(-greatest)
        for i in 0..<n where (labels[i] == c) == own {
          sum += Elementary.exp(rate * (Double(values[i * classes + c]) + shift) - greatest)
        }
        loss += (greatest + Elementary.log(sum)) * share
        for i in 0..<n where (labels[i] == c) == own {
          let part = Elementary.exp(rate * (Double(values[i * classes + c]) + shift) - greatest) / sum
          values[i * classes + c] = Float(part * rate * share)
        }
      }
    }
    return loss
  }
}

extension EmbeddingLoss {
  /// `margin` of the cosine, from 0 to 1; `alpha` above 0.
  public static func proxyAnchor(margin: Double, alpha: Double) -> EmbeddingLoss {
    EmbeddingLoss(ProxyAnchor(margin: margin, alpha: alpha))
  }
}
