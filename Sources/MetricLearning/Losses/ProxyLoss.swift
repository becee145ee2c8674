import Tensors

/// A loss that is a function of the cosines of items and learnt points, several for each class.
protocol CentresLoss: BatchLoss {
  /// Points of each class.
  var centres: Int { get }
  /// The loss from the cosines [items, classes × centres], which become d(loss)/d(cosine).
  /// - Parameter draw: of the losses that draw.
  func value(_ cosines: inout [Float], labels: [Int], classes: Int, draw: UInt64) -> Double
}

/// A loss that is a function of the cosines of items and the classes' learnt proxies, one for each class.
protocol ProxyLoss: CentresLoss {
  /// The loss from the cosines [items, classes], which become d(loss)/d(cosine).
  func value(_ cosines: inout [Float], labels: [Int], classes: Int) -> Double
}

extension ProxyLoss {
  var centres: Int { 1 }

  func value(_ cosines: inout [Float], labels: [Int], classes: Int, draw: UInt64) -> Double {
    value(&cosines, labels: labels, classes: classes)
  }
}

extension CentresLoss {
  var knowsClasses: Bool { true }

  func arrays(classes: Int, width: Int) -> [LossArray] {
    // Refused by its size before anything is made of it.
    let (rows, overflow) = classes.multipliedReportingOverflow(by: centres)
    return [.proxies(classes: overflow ? .max : rows, width: width)]
  }

  func value(_ batch: LabelledBatch) throws(MetricError) -> Double {
    let (parameters, classes) = try batch.classParameters(text, centres: centres)
    let (n, width, points) = (batch.count, batch.width, classes * centres)
    return parameters.with(0) { proxies, proxyGradient in
      let items = UnitRows(batch.embeddings, count: n, width: width)
      let targets = UnitRows(UnsafeBufferPointer(proxies), count: points, width: width)
      var slopes = items.products(targets)
      let loss = value(&slopes, labels: batch.labels, classes: classes, draw: batch.draw)
      var direction = [Float](repeating: 0, count: n * width)
      sgemm(slopes, targets.values, &direction, m: n, n: width, k: points)
      items.back(direction, batch.gradient)
      var proxyDirection = [Float](repeating: 0, count: points * width)
      sgemm(slopes, items.values, &proxyDirection, m: points, n: width, k: n, transposeA: true)
      targets.back(proxyDirection, proxyGradient)
      return loss
    }
  }
}

extension LabelledBatch {
  /// What the loss has learnt of classes, the first array [classes × centres, width], and how many classes there are.
  func classParameters(_ loss: String, centres: Int = 1) throws(MetricError) -> (LossParameters, classes: Int) {
    guard let parameters, let array = parameters.arrays.first, array.shape.count == 2, array.shape[1] == width,
      array.shape[0] % centres == 0
    else { throw .needsParameters(loss: loss, shape: centres == 1 ? [-1, width] : [-1, centres, width]) }
    let classes = array.shape[0] / centres
    if let bad = labels.first(where: { $0 < 0 || $0 >= classes }) {
      throw .labelBeyondProxies(loss: loss, label: bad, classes: classes)
    }
    return (parameters, classes)
  }
}

/// Mean cross-entropy of softmax(scale · s), the own class's s put through `own` (value and slope); leaves d(loss)/ds.
func softmaxOfCosines(
  _ values: inout [Float], _ labels: [Int], _ classes: Int, scale: Float, own: (Float) -> (Float, Float)
) -> Double {
  softmaxOfCosines(&values, labels, classes, scale: scale) { _, cosine in own(cosine) }
}

/// - Parameter own: of an item and its own class's s.
func softmaxOfCosines(
  _ values: inout [Float], _ labels: [Int], _ classes: Int, scale: Float, own: (Int, Float) -> (Float, Float)
) -> Double {
  var total = 0.0
  var row = [Float](repeating: 0, count: classes)
  let mean = 1 / Float(labels.count)
  for (i, label) in labels.enumerated() {
    let at = i * classes
    let (value, slope) = own(i, values[at + label])
    for c in 0..<classes { row[c] = scale * values[at + c] }
    row[label] = scale * value
    total += softmaxLoss(&row, label)
    for c in 0..<classes { values[at + c] = scale * row[c] * mean }
    values[at + label] = scale * (row[label] - 1) * slope * mean
  }
  return total / Double(labels.count)
}
