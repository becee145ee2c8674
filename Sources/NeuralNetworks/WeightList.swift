import Tensors

/// What an array holds before it has learnt anything.
enum FirstValues: Hashable, Sendable {
  case all(Float)
  /// Uniform in ±bound.
  case uniform(within: Float)
  case normal(deviation: Float)
  /// Normal, drawn where the array before it left off.
  case normalGoingOn(mean: Float, deviation: Float)
}

/// The arrays of layers in their order, by name and shape, before memory is taken for any.
struct WeightList {
  private struct Entry {
    let name: String
    let shape: [Int]
    let first: FirstValues
    let isTrained: Bool
    let isFrozen: Bool
  }

  private var entries: [Entry] = []
  private let learnt: [LearntPart]
  /// Whether what is added now is in frozen layers.
  private var isFrozen = false
  /// What has learnt already, and the number of its first array.
  private var places: [(first: Int, part: LearntPart)] = []

  init(learnt: [LearntPart] = []) { self.learnt = learnt }

  /// How many there are.
  var arrays: Int { entries.count }
  /// Numbers of all arrays together. No layer has more than `Layer.elementLimit`.
  var count: Int { entries.reduce(0) { $0 + $1.shape.reduce(1, *) } }

  /// - Parameter frozen: how many of the layers are, from the first; those within frozen ones are in any case.
  /// - Returns: the shape of an item after the layers.
  /// - Throws: `NetworkError.builtForOtherShape` for a part that has learnt from items of another shape than it would get.
  @discardableResult
  mutating func add(
    _ layers: [Layer], input: [Int], prefix: String, frozen: Int = 0
  ) throws(NetworkError) -> [Int] {
    var shape = input
    let isWithin = isFrozen
    defer { isFrozen = isWithin }
    var found: [(first: Int, part: LearntPart)] = []
    for (index, layer) in layers.enumerated() {
      for part in learnt where part.prefix == prefix && part.start == index {
        guard part.shape == shape else { throw .builtForOtherShape(built: part.shape, got: shape, first: layer) }
        found.append((entries.count, part))
      }
      isFrozen = isWithin || index < frozen
      try layer.kind.addWeights(to: &self, input: shape, prefix: "\(prefix)\(index + 1).")
      shape = try layer.outputShape(of: shape)
    }
    places += found
    return shape
  }

  mutating func add(_ name: String, _ shape: [Int], _ first: FirstValues, isTrained: Bool = true) {
    entries.append(
      Entry(
        name: name, shape: shape, first: first, isTrained: isTrained && !isFrozen, isFrozen: isTrained && isFrozen))
  }

  /// Takes the memory, draws the first values, and puts what has learnt already in its place.
  func weights(seed: UInt64) -> [Weights] {
    var random = RandomStream(seed: seed, stream: 0)
    let weights = entries.enumerated().map { index, entry in
      let array = Weights(
        name: entry.name, shape: entry.shape, isTrained: entry.isTrained, isFrozen: entry.isFrozen)
      let base = array.buffer.base
      // One stream an array, so that a layer's first weights do not depend on the layers before it.
      switch entry.first {
      case .all(let value): base.update(repeating: value, count: array.count)
      case .uniform(let bound):
        random = RandomStream(seed: seed, stream: UInt64(index))
        for place in 0..<array.count { base[place] = (2 * Float(random.uniform()) - 1) * bound }
      case .normal(let deviation):
        random = RandomStream(seed: seed, stream: UInt64(index))
        for place in 0..<array.count { base[place] = Float(random.normal()) * deviation }
      case .normalGoingOn(let mean, let deviation):
        for place in 0..<array.count { base[place] = mean + deviation * Float(random.normal()) }
      }
      return array
    }
    for (first, part) in places {
      for (array, values) in zip(weights[first...], part.arrays) { _ = array.set(values) }
    }
    return weights
  }
}
