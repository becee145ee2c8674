import NeuralNetworks

extension Embeddings {
  /// Embeddings of all items of a source, without augmentation or dropout. Memory: count × width floats and one batch.
  ///
  /// - Parameters:
  ///   - seed: draws the weights where the network has none yet.
  public init(
    _ network: Network, _ source: any ImageSource, function: String, seed: UInt64 = 0,
    interrupted: () -> Bool = { false }
  ) throws {
    guard source.count > 0 else { throw MetricError.emptyData(function: function) }
    let values = try Self.values(
      network, source, items: Array(0..<source.count), seed: seed, interrupted: interrupted)
    try self.init(
      values: values, width: values.count / source.count, labels: source.labels, function: function)
  }

  static func values(
    _ network: Network, _ source: any ImageSource, items: [Int], seed: UInt64 = 0,
    interrupted: () -> Bool = { false }
  ) throws -> [Float] {
    try network.build(inputShape: source.shape, seed: seed)
    let width = (network.outputShape ?? []).reduce(1, *)
    var values = [Float](repeating: 0, count: items.count * width)
    try values.withUnsafeMutableBufferPointer { out in
      try network.embed(count: items.count, into: out, width: width, interrupted: interrupted) { range, target in
        guard let base = target.baseAddress else { return }
        try source.fill(base, items: Array(items[range]), draw: nil)
      }
    }
    return values
  }
}

extension Pairs {
  /// The distance of each pair under a network; every image is embedded once.
  public func distances(_ network: Network, seed: UInt64 = 0, interrupted: () -> Bool = { false }) throws -> [Float] {
    let (values, width, place) = try embedded(network, seed: seed, interrupted: interrupted)
    return values.withUnsafeBufferPointer { v in
      guard let base = v.baseAddress else { return [] }
      return (0..<count).map { i in
        squaredDistance(
          base + place[Int(first[i])] * width, base + place[Int(second[i])] * width, width
        ).squareRoot()
      }
    }
  }

  /// Embeddings of the images that occur, and for each image of the source its row among them.
  func embedded(
    _ network: Network, seed: UInt64 = 0, interrupted: () -> Bool = { false }
  ) throws -> (values: [Float], width: Int, place: [Int]) {
    var place = [Int](repeating: -1, count: source.count)
    var items: [Int] = []
    for index in first + second where place[Int(index)] < 0 {
      place[Int(index)] = items.count
      items.append(Int(index))
    }
    guard !items.isEmpty else { throw MetricError.emptyData(function: "distances") }
    let values = try Embeddings.values(network, source, items: items, seed: seed, interrupted: interrupted)
    return (values, values.count / items.count, place)
  }
}
