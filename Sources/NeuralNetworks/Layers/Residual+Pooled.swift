import Tensors

/// How x comes to the shape of the block's result.
public enum ResidualShortcut: String, Sendable, Hashable, Codable, CaseIterable {
  /// By a 1×1 convolution that learns, where the shapes differ.
  case project
  /// By averaging two by two, and zeros where one of both is larger.
  case pool
}

/// The shortcut that learns nothing: x averaged by two each way; zeros behind the last channel, row and column bring it
/// and the block's result to one shape.
extension ResidualLayer {
  static let pooling = Window(size: Extent(2))

  func pooledShape(_ inside: [Int], _ input: [Int]) throws(NetworkError) -> [Int] {
    try checkImages(input)
    guard inside.count == 3 else { throw .blockChangesShape(layer: layer, number: nil, before: input, after: inside) }
    let pooled = try Layer.avgPool(Self.pooling).outputShape(of: input)
    return try checkSize(zip(inside, pooled).map { max($0, $1) })
  }

  func planPooled(_ given: PlanNode, in builder: inout PlanBuilder) -> PlanNode {
    let node = builder.channelsLast(given)
    var entry = node
    entry.mayBeOverwritten = false
    let count = node.count
    // The block writes the gradient of its input; the shortcut's share is added when all of the block is over.
    let side = node.gradient.map { FloatBuffer($0.count) }
    if let dx = node.gradient, let side {
      builder.backwardSlices { range, _ in
        let start = range.lowerBound * count
        kernels.accumulate(side.base + start, into: dx.base + start, range.count * count)
      }
    }
    let inside = builder.channelsLast(builder.add(block, to: entry))
    guard let shape = try? pooledShape(inside.shape, node.shape) else { return node }
    let result = builder.node(shape, layout: .channelsLast, mayBeOverwritten: true)
    let sum = PooledSum(input: node.shape, inside: inside.shape, output: shape)
    let (x, a, y) = (node.value, inside.value, result.value)
    let (insideCount, size) = (inside.count, result.count)
    builder.forwardSlices { range, _ in
      for item in range { sum.forward(x.base + item * count, a.base + item * insideCount, y.base + item * size) }
    }
    guard let dy = result.gradient else { return result }
    let da = inside.gradient
    builder.backwardSlices { range, _ in
      for item in range {
        sum.backward(
          dy.base + item * size, da.map { $0.base + item * insideCount }, side.map { $0.base + item * count })
      }
    }
    return result
  }

  func tracedPooled(_ x: Tensor, _ inside: Tensor) throws -> Tensor {
    let pooled = try x.averagePool((2, 2))
    let shape = zip(inside.shape, pooled.shape).map { max($0, $1) }
    func filled(_ tensor: Tensor) throws -> Tensor {
      let wide = try tensor.padded(
        top: 0, left: 0, bottom: shape[2] - tensor.shape[2], right: shape[3] - tensor.shape[3])
      guard tensor.shape[1] < shape[1] else { return wide }
      return try Tensor.concat([wide, .zeros([shape[0], shape[1] - tensor.shape[1], shape[2], shape[3]])], axis: 1)
    }
    return try filled(inside) + filled(pooled)
  }
}

/// One item at a time, all [height, width, channels] with channels filled up to a multiple of 8.
private struct PooledSum: Sendable {
  let input: [Int]
  let inside: [Int]
  let output: [Int]

  private func line(_ shape: [Int]) -> Int { roundedUp(shape[0], to: 8) }

  func forward(_ x: Floats, _ a: Floats, _ y: MutableFloats) {
    let (from, block, to) = (line(input), line(inside), line(output))
    for row in 0..<output[1] {
      for column in 0..<output[2] {
        let out = y + (row * output[2] + column) * to
        out.update(repeating: 0, count: to)
        if row < inside[1], column < inside[2] {
          out.update(from: a + (row * inside[2] + column) * block, count: inside[0])
        }
        guard row < input[1] / 2, column < input[2] / 2 else { continue }
        for tap in 0..<4 {
          let source = x + ((2 * row + tap / 2) * input[2] + 2 * column + tap % 2) * from
          kernels.affine2(source, out, out, input[0], a: 0.25, b: 1, c: 0)
        }
      }
    }
  }

  /// Overwrites the gradients of the block's result and of x.
  func backward(_ dy: Floats, _ da: MutableFloats?, _ dx: MutableFloats?) {
    let (from, block, to) = (line(input), line(inside), line(output))
    if let da {
      for row in 0..<inside[1] {
        for column in 0..<inside[2] {
          let target = da + (row * inside[2] + column) * block
          target.update(repeating: 0, count: block)
          target.update(from: dy + (row * output[2] + column) * to, count: inside[0])
        }
      }
    }
    guard let dx else { return }
    dx.update(repeating: 0, count: input[1] * input[2] * from)
    for row in 0..<input[1] / 2 * 2 {
      for column in 0..<input[2] / 2 * 2 {
        let source = dy + ((row / 2) * output[2] + column / 2) * to
        kernels.affine(source, dx + (row * input[2] + column) * from, input[0], scale: 0.25, shift: 0)
      }
    }
  }
}
