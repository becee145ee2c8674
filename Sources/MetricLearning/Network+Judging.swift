import NeuralNetworks
import Tensors

extension Embeddings {
  /// Embeddings of all items of a source, without dropout; of a `JoinedSource` the second part is the gallery. Memory: count × width floats (twice with views) and one batch.
  ///
  /// - Parameters:
  ///   - seed: draws the weights where the network has none yet.
  ///   - views: 0: each image as it is. Else the mean embedding of so many views of each, as the source's augmentation
  ///     draws them, at the length 1 again where the network ends with `normalize`.
  ///   - viewSeed: of the views.
  public init(
    _ network: Network, _ source: any ImageSource, function: String, metric: Metric = .euclidean, seed: UInt64 = 0,
    views: Int = 0, viewSeed: UInt64 = 0, interrupted: () -> Bool = { false }
  ) throws {
    guard source.count > 0 else { throw MetricError.emptyData(function: function) }
    if views > 0, !source.isAugmented { throw MetricError.noViews(function: function) }
    let items = Array(0..<source.count)
    var values = try Self.values(
      network, source, items: items, seed: seed, draw: views > 0 ? viewSeed : nil, interrupted: interrupted)
    let width = values.count / source.count
    if views > 1 {
      for view in 1..<views {
        let more = try Self.values(
          network, source, items: items, draw: Trainer.mix(viewSeed, UInt64(view), 0), interrupted: interrupted)
        for index in values.indices { values[index] += more[index] }
      }
      for row in 0..<source.count {
        var scale = Float(views)
        if network.layers.last == .normalize {
          let square = (row * width..<(row + 1) * width).reduce(Float(0)) { $0 + values[$1] * values[$1] }
          scale = max(square.squareRoot(), 1e-12)
        }
        for k in row * width..<(row + 1) * width { values[k] /= scale }
      }
    }
    try self.init(
      values: values, width: width, labels: source.labels, metric: metric, function: function,
      galleryStart: (source as? JoinedSource)?.queries.count)
  }

  static func values(
    _ network: Network, _ source: any ImageSource, items: [Int], seed: UInt64 = 0, draw: UInt64? = nil,
    interrupted: () -> Bool = { false }
  ) throws -> [Float] {
    try network.build(inputShape: source.shape, seed: seed)
    let width = (network.outputShape ?? []).reduce(1, *)
    var values = [Float](repeating: 0, count: items.count * width)
    try values.withUnsafeMutableBufferPointer { out in
      try network.embed(count: items.count, into: out, width: width, interrupted: interrupted) { range, target in
        guard let base = target.baseAddress else { return }
        // The k-th item of a call draws from stream k, so that each stretch of items wants a number of its own.
        let mixed = draw.map { Trainer.mix($0, UInt64(range.lowerBound), 1) }
        try source.fill(base, items: Array(items[range]), draw: mixed)
      }
    }
    return values
  }
}

extension Pairs {
  /// The distance of each pair under a network; every image is embedded once.
  public func distances(
    _ network: Network, metric: Metric = .euclidean, seed: UInt64 = 0, interrupted: () -> Bool = { false }
  ) throws -> [Float] {
    let (values, width, place) = try embedded(network, seed: seed, interrupted: interrupted)
    if case .weightedL1(let weights, _) = metric, weights.count != width {
      throw MetricError.metricWidth(function: "verification", weights: weights.count, width: width)
    }
    let results = RowResults(count, Float(0))
    let isGivenUp = LongWork.isGivenUp
    values.withUnsafeBufferPointer { v in
      guard let base = v.baseAddress else { return }
      // Read by all, written by none.
      nonisolated(unsafe) let rows = base
      let part = 4096
      Workers.shared.parallel(slices: (count + part - 1) / part) { slice in
        if let isGivenUp, isGivenUp() { return }
        for i in slice * part..<min(count, (slice + 1) * part) {
          results[i] = metric.distanceAtAnyScale(
            rows + place[Int(first[i])] * width, rows + place[Int(second[i])] * width, width)
        }
      }
    }
    try LongWork.check()
    let all = results.all
    // Of embeddings that are no numbers, `Verification` tells.
    if let far = all.first(where: { !$0.isFinite }), values.allSatisfy(\.isFinite) {
      try metric.check(far, function: "verification")
    }
    return all
  }

  /// Embeddings of the images that occur, and for each image of the source its row among them.
  func embedded(
    _ network: Network, seed: UInt64 = 0, interrupted: () -> Bool = { false }
  ) throws -> (values: [Float], width: Int, place: [Int]) {
    var place = [Int](repeating: -1, count: source.count)
    var items: [Int] = []
    for side in [first, second] {
      try LongWork.check()
      for index in side where place[Int(index)] < 0 {
        place[Int(index)] = items.count
        items.append(Int(index))
      }
    }
    guard !items.isEmpty else { throw MetricError.emptyData(function: "distances") }
    let values = try Embeddings.values(network, source, items: items, seed: seed, interrupted: interrupted)
    return (values, values.count / items.count, place)
  }
}
