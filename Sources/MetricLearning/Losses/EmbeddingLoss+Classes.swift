import ElementaryFunctions
import Tensors

/// Losses that learn something of each class: a proxy, or a classifier and a centre.
extension EmbeddingLoss {
  func classLoss(
    _ embeddings: UnsafePointer<Float>, _ width: Int, _ labels: [Int], _ parameters: LossParameters?,
    _ gradient: UnsafeMutablePointer<Float>
  ) throws(MetricError) -> Double {
    guard let parameters, let proxies = parameters.arrays.first, proxies.shape.count == 2, proxies.shape[1] == width
    else { throw .needsParameters(loss: text, shape: [-1, width]) }
    let classes = proxies.shape[0]
    if let bad = labels.first(where: { $0 < 0 || $0 >= classes }) {
      throw .labelBeyondProxies(loss: text, label: bad, classes: classes)
    }
    if case .centre(let weight) = self {
      guard parameters.arrays.count == 3 else { throw .needsParameters(loss: text, shape: [-1, width]) }
      return centreLoss(embeddings, width, labels, classes, Float(weight), parameters, gradient)
    }
    return parameters.with(0) { values, slopes in
      proxyLoss(embeddings, width, labels, values, classes, gradient, slopes)
    }
  }

  /// Cosines of items and proxies, a function of them, and the way back through both.
  private func proxyLoss(
    _ embeddings: UnsafePointer<Float>, _ width: Int, _ labels: [Int], _ proxies: UnsafePointer<Float>, _ classes: Int,
    _ gradient: UnsafeMutablePointer<Float>, _ proxyGradient: UnsafeMutablePointer<Float>
  ) -> Double {
    let n = labels.count
    let items = UnitRows(embeddings, count: n, width: width)
    let targets = UnitRows(proxies, count: classes, width: width)
    var slopes = items.products(targets)
    let loss: Double
    switch self {
    case .proxyNCA(let scale):
      // −scale·|x̂ − p̂|² = 2·scale·(s − 1)
      loss = Self.softmaxRows(&slopes, labels, classes, scale: 2 * Float(scale)) { ($0, 1) }
    case .cosFace(let margin, let scale):
      loss = Self.softmaxRows(&slopes, labels, classes, scale: Float(scale)) { ($0 - Float(margin), 1) }
    case .arcFace(let margin, let scale):
      loss = Self.softmaxRows(&slopes, labels, classes, scale: Float(scale)) { Self.arc($0, margin) }
    case .proxyAnchor(let margin, let alpha):
      loss = Self.anchorSlopes(&slopes, labels, classes, margin, alpha)
    default: loss = .nan
    }
    var direction = [Float](repeating: 0, count: n * width)
    sgemm(slopes, targets.values, &direction, m: n, n: width, k: classes)
    items.back(direction, gradient)
    var proxyDirection = [Float](repeating: 0, count: classes * width)
    sgemm(slopes, items.values, &proxyDirection, m: classes, n: width, k: n, transposeA: true)
    targets.back(proxyDirection, proxyGradient)
    return loss
  }

  /// cos(θ + margin) from cos θ, and its slope.
  static func arc(_ cosine: Float, _ margin: Double) -> (Float, Float) {
    let c = min(1 - 1e-6, max(-1 + 1e-6, Double(cosine)))
    let sine = (1 - c * c).squareRoot()
    guard c > Elementary.cos(.pi - margin) else { return (Float(c - margin * Elementary.sin(margin)), 1) }
    return (
      Float(c * Elementary.cos(margin) - sine * Elementary.sin(margin)),
      Float(Elementary.cos(margin) + c / sine * Elementary.sin(margin))
    )
  }

  /// Mean cross-entropy of softmax(scale · s), the own class's s put through `own` (value and slope); leaves d(loss)/ds.
  private static func softmaxRows(
    _ values: inout [Float], _ labels: [Int], _ classes: Int, scale: Float, own: (Float) -> (Float, Float)
  ) -> Double {
    var total = 0.0
    var row = [Float](repeating: 0, count: classes)
    let mean = 1 / Float(labels.count)
    for (i, label) in labels.enumerated() {
      let at = i * classes
      let (value, slope) = own(values[at + label])
      for c in 0..<classes { row[c] = scale * values[at + c] }
      row[label] = scale * value
      total += softmax(&row, label)
      for c in 0..<classes { values[at + c] = scale * row[c] * mean }
      values[at + label] = scale * (row[label] - 1) * slope * mean
    }
    return total / Double(labels.count)
  }

  private static func anchorSlopes(
    _ values: inout [Float], _ labels: [Int], _ classes: Int, _ margin: Double, _ alpha: Double
  ) -> Double {
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

  private func centreLoss(
    _ x: UnsafePointer<Float>, _ width: Int, _ labels: [Int], _ classes: Int, _ weight: Float,
    _ parameters: LossParameters, _ gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    let n = labels.count
    let mean = 1 / Float(n)
    return parameters.with(0) { w, dW in
      parameters.with(1) { b, dB in
        parameters.with(2) { centres, dCentres in
          var logits = [Float](repeating: 0, count: n * classes)
          sgemm(x, w, &logits, m: n, n: classes, k: width, transposeB: true)
          for c in 0..<classes { dB[c] = 0 }
          for k in 0..<classes * width { dCentres[k] = 0 }
          var total = 0.0
          var row = [Float](repeating: 0, count: classes)
          for (i, label) in labels.enumerated() {
            for c in 0..<classes { row[c] = logits[i * classes + c] + b[c] }
            total += Self.softmax(&row, label)
            for c in 0..<classes {
              let slope = (row[c] - (c == label ? 1 : 0)) * mean
              logits[i * classes + c] = slope
              dB[c] += slope
            }
          }
          sgemm(logits, w, gradient, m: n, n: width, k: classes)
          sgemm(logits, x, dW, m: classes, n: width, k: n, transposeA: true)
          for (i, label) in labels.enumerated() {
            for k in 0..<width {
              let away = x[i * width + k] - centres[label * width + k]
              total += Double(weight * away * away / 2)
              gradient[i * width + k] += weight * away * mean
              dCentres[label * width + k] -= weight * away * mean
            }
          }
          return total / Double(n)
        }
      }
    }
  }
}
