import Tensors

extension Pairs {
  /// The same pairs in an order drawn from the seed.
  public func shuffled(seed: UInt64) throws -> Pairs {
    var order = Array(0..<count)
    var random = RandomStream(seed: seed, stream: 0x6F7264)
    try random.shuffleInterruptibly(&order)
    return try subset(order)
  }

  /// Images of the source as a tensor [items, channels, height, width]; with `draw`, augmented.
  public func images(_ items: some Collection<Int32>, draw: UInt64?) throws -> Tensor {
    try images(items.map(Int.init), [items.count], draw: draw)
  }

  /// Both images of each pair side by side: [count, 2, channels, height, width].
  public func imageTensor() throws -> Tensor {
    try images((0..<count).flatMap { [Int(first[$0]), Int(second[$0])] }, [count, 2], draw: nil)
  }

  private func images(_ positions: [Int], _ shape: [Int], draw: UInt64?) throws -> Tensor {
    let wanted = source.isAugmented ? draw : nil
    return try Tensor(shape: shape + source.shape) { out in
      guard let base = out.baseAddress, !positions.isEmpty else { return }
      try source.fill(base, items: positions, draw: wanted)
    }
  }
}
