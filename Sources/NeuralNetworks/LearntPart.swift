/// Layers that had learnt before they became a part of a network: what `build` gives them instead of fresh weights.
struct LearntPart: Sendable {
  /// What the names of its arrays begin with: "" among the network's own layers, "2.1." in the first block of its second.
  var prefix: String
  /// Number of its first layer there, from 0.
  var start: Int
  /// Of an item that it takes.
  var shape: [Int]
  /// In the layers' order.
  var arrays: [[Float]]
}

extension Network {
  /// The layers of `first`, then those of `second`. What either has learnt stays; where only `second` has, it waits in the
  /// new network for the first batch to tell the shapes.
  ///
  /// - Throws: `NetworkError.builtForOtherShape` where the results of `first` are not what `second` has learnt from.
  public convenience init(_ first: Network, then second: Network, seed: UInt64) throws {
    try self.init(
      first.layers + second.layers,
      learnt: first.parts(under: "", from: 0) + second.parts(under: "", from: first.layers.count))
    preprocessing = first.preprocessing ?? second.preprocessing
    learning = first.learning
    learning.merge(second.learning)
    if let shape = first.inputShape { try build(inputShape: shape, seed: seed) }
  }

  /// One layer made of blocks, which keep what they have learnt; where one of them is built, the others get their weights.
  ///
  /// - Throws: `NetworkError.builtForOtherShape` where two blocks have learnt from images of different shapes.
  public convenience init(_ layer: Layer, of blocks: [Network], seed: UInt64) throws {
    let isNumbered = if case .several = layer.kind.blocks { true } else { false }
    try self.init(
      [layer],
      learnt: blocks.enumerated().flatMap { index, block in
        block.parts(under: isNumbered ? "1.\(index + 1)." : "1.", from: 0)
      })
    preprocessing = blocks.lazy.compactMap(\.preprocessing).first
    for block in blocks { learning.merge(block.learning) }
    if let shape = blocks.lazy.compactMap(\.inputShape).first { try build(inputShape: shape, seed: seed) }
  }

  /// One of its layers as a network of its own, with a copy of the weights; nil where it has none yet.
  public func part(_ index: Int) throws -> Network? {
    guard var shape = inputShape, layers.indices.contains(index) else { return nil }
    for layer in layers[..<index] { shape = try layer.outputShape(of: shape) }
    let prefix = "\(index + 1)."
    let part = LearntPart(
      prefix: "", start: 0, shape: shape, arrays: weights.filter { $0.name.hasPrefix(prefix) }.map(\.values))
    let network = try Network([layers[index]], learnt: [part])
    try network.build(inputShape: shape, seed: 0)
    network.learning = learning
    return network
  }

  /// What its parts have learnt, while it waits for its first batch.
  public var learntArrays: [[Float]] { learnt.flatMap(\.arrays) }

  /// Whether it has learnt, or a part of it has.
  public var hasLearnt: Bool { isBuilt || !learnt.isEmpty }

  /// What it has learnt, as parts of a network with the same arrays.
  var wholePart: [LearntPart] { parts(under: "", from: 0) }

  /// What it has learnt, as parts of a network in which its layers stand behind `offset` others.
  private func parts(under prefix: String, from offset: Int) -> [LearntPart] {
    if let inputShape {
      return [LearntPart(prefix: prefix, start: offset, shape: inputShape, arrays: snapshot().arrays)]
    }
    return learnt.map { part in
      var part = part
      let number = part.prefix.prefix { $0 != "." }
      if let layer = Int(number) {
        part.prefix = "\(prefix)\(layer + offset)\(part.prefix.dropFirst(number.count))"
      } else {
        part.prefix = prefix
        part.start += offset
      }
      return part
    }
  }
}
