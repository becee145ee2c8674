import Datasets
import MetricLearning
import NeuralNetworks
import Tensors

extension ReferenceGallery {
  /// What a gallery compares by.
  public struct Measure: Hashable, Sendable, Codable {
    /// The distance between two embeddings.
    public var metric: Metric
    /// 0: each image as it is. Else the mean embedding of so many views of it, as the augmentation draws them.
    public var views: Int
    /// What draws the views; nil where there are none.
    public var augmentation: Augmentation?

    public init(metric: Metric = .euclidean, views: Int = 0, augmentation: Augmentation? = nil) {
      self.metric = metric
      self.views = views
      self.augmentation = augmentation
    }

    /// "euclidean distances", "l1 distances of 8 views".
    public var words: String {
      metric.text + " distances" + (views > 0 ? " of \(views) view\(views == 1 ? "" : "s")" : "")
    }
  }

  /// The distance of two embeddings, by the gallery's metric.
  func distance(_ a: [Float], _ b: [Float]) -> Double {
    // In double precision, where that is only a sum.
    guard measure.metric == .euclidean else { return measure.metric.distance(a, b).map(Double.init) ?? .infinity }
    var sum = 0.0
    for index in 0..<min(a.count, b.count) {
      let difference = Double(a[index]) - Double(b[index])
      sum += difference * difference
    }
    return sum.squareRoot()
  }

  /// Labelled images as the gallery sees them, for distances between them.
  public func embeddings(of images: [Float], shape: [Int], labels: [Int]) throws -> Embeddings {
    let values = try embed(images, shape: shape, function: "calibrate")
    return try Embeddings(
      values: values, width: values.count / max(1, labels.count), labels: labels, metric: measure.metric,
      function: "calibrate")
  }

  /// The network's results for prepared images, [count, width]; with views, their means.
  func embedded(_ images: [Float], shape: [Int], count: Int) throws -> [Float] {
    let views = measure.views > 0 ? measure.augmentation.map { (measure.views, $0) } : nil
    let (size, width) = (shape.reduce(1, *), (network.outputShape ?? []).reduce(1, *))
    let asker = LongWork.isGivenUp
    func values(_ fill: (Range<Int>, UnsafeMutableBufferPointer<Float>) throws -> Void) throws -> [Float] {
      var values = [Float](repeating: 0, count: count * width)
      try values.withUnsafeMutableBufferPointer { out in
        try network.embed(
          count: count, into: out, width: width, interrupted: { asker?() ?? false }, fill: fill)
      }
      return values
    }
    guard let (number, augmentation) = views else {
      return try values { range, target in
        for index in 0..<range.count * size { target[index] = images[range.lowerBound * size + index] }
      }
    }
    let scaling = network.preprocessing.flatMap(Preprocessing.init(json:))
    var sum = [Float](repeating: 0, count: count * width)
    for view in 0..<number {
      let more = try values { range, target in
        for (place, item) in range.enumerated() {
          // The same views of every image, wherever it stands among others.
          let turned = augmentation.applied(
            to: Array(images[item * size..<(item + 1) * size]), shape: shape, scaling: scaling,
            seed: 0x7669_6577 &+ UInt64(view))
          for index in 0..<size { target[place * size + index] = turned[index] }
        }
      }
      for index in sum.indices { sum[index] += more[index] }
    }
    for row in 0..<count {
      var scale = Float(number)
      if network.layers.last == .normalize {
        let square = (row * width..<(row + 1) * width).reduce(Float(0)) { $0 + sum[$1] * sum[$1] }
        scale = max(square.squareRoot(), 1e-12)
      }
      for k in row * width..<(row + 1) * width { sum[k] /= scale }
    }
    return sum
  }
}
