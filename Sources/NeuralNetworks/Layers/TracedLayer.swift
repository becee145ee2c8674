import Tensors

/// A kind of layer whose plan is its trace: forward and backward as operations of tensors, a whole batch at a time. For
/// what networks from elsewhere have and ours seldom need; slower than steps written for a plan, and as exact.
protocol TracedLayer: LayerKind {
  /// How many arrays it takes.
  var arrayCount: Int { get }
}

extension TracedLayer {
  var arrayCount: Int { 0 }

  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode {
    guard let shape = try? outputShape(of: node.shape) else { return node }
    let arrays = (0..<arrayCount).map { _ in builder.nextWeights() }
    let result = builder.node(shape, mayBeOverwritten: true)
    let (x, y, run, itemShape) = (node.value, result.value, builder.run, node.shape)
    let (inCount, outCount) = (node.count, result.count)
    @Sendable func tensor(_ buffer: FloatBuffer, _ shape: [Int]) throws -> Tensor {
      try Tensor(shape: [run.items] + shape) { out in
        for index in out.indices { out[index] = buffer.base[index] }
      }
    }
    builder.gatherItems(node)
    builder.forwardTasks(1) { _ in
      guard run.items > 0 else { return }
      let values = try? Self.traced(self, tensor(x, itemShape), arrays.map { try Tensor($0.values, shape: $0.shape) })
      Self.copy(values, to: y.base, run.items * outCount)
    }
    builder.isWhole(result)
    guard builder.training, let dy = result.gradient else { return result }
    let parts = arrays.map { $0.isTrained ? builder.gradientParts(of: $0) : nil }
    let dx = node.gradient
    builder.backwardTasks(1) { _ in
      guard run.items > 0 else { return }
      let found = try? valueAndGradients(
        of: { variables in
          try (Self.traced(self, variables[0], Array(variables.dropFirst())) * tensor(dy, shape)).sum()
        }, at: [tensor(x, itemShape)] + arrays.map { try Tensor($0.values, shape: $0.shape) }
      ).gradients
      if let dx { Self.copy(found?.first, to: dx.base, run.items * inCount) }
      for (index, part) in parts.enumerated() {
        if let part { Self.copy(found.map { $0[index + 1] }, to: part.base, arrays[index].count) }
      }
    }
    builder.gatherGradients(result)
    return result
  }

  private static func traced(_ kind: Self, _ x: Tensor, _ arrays: [Tensor]) throws -> Tensor {
    var weights = TracedWeights(tensors: arrays)
    return try kind.traced(x, &weights)
  }

  /// Where there was no memory for the tensors the numbers are none, which training refuses in words.
  private static func copy(_ tensor: Tensor?, to out: MutableFloats, _ count: Int) {
    guard let tensor, tensor.count == count else { return out.update(repeating: .nan, count: count) }
    tensor.withUnsafeBuffer { values in
      if let base = values.baseAddress { out.update(from: base, count: count) }
    }
  }
}
