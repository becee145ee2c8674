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
    builder.addTraced(self, arrays: arrayCount, to: node)
  }
}

extension PlanBuilder {
  /// A layer by its trace, which takes so many arrays.
  mutating func addTraced(_ kind: some LayerKind, arrays count: Int, to node: PlanNode) -> PlanNode {
    guard let shape = try? kind.outputShape(of: node.shape) else { return node }
    let node = planes(node)
    let arrays = (0..<count).map { _ in nextWeights() }
    let learning = arrays.indices.filter { arrays[$0].isTrained }
    let result = self.node(shape, mayBeOverwritten: true)
    let (x, y, run, itemShape) = (node.value, result.value, self.run, node.shape)
    let (inCount, outCount) = (node.count, result.count)
    @Sendable func tensor(_ buffer: FloatBuffer, _ shape: [Int]) throws -> Tensor {
      try Tensor(shape: [run.items] + shape) { out in
        for index in out.indices { out[index] = buffer.base[index] }
      }
    }
    @Sendable func traced(_ x: Tensor, _ arrays: [Tensor]) throws -> Tensor {
      var weights = TracedWeights(tensors: arrays)
      return try kind.traced(x, &weights)
    }
    gatherItems(node)
    forwardTasks(1) { _ in
      guard run.items > 0 else { return }
      let values = try? traced(tensor(x, itemShape), arrays.map { try Tensor($0.values, shape: $0.shape) })
      Self.copy(values, to: y.base, run.items * outCount)
    }
    isWhole(result)
    guard training, let dy = result.gradient else { return result }
    let parts = learning.map { gradientParts(of: arrays[$0]) }
    let dx = node.gradient
    backwardTasks(1) { _ in
      guard run.items > 0 else { return }
      let found = try? valueAndGradients(
        of: { variables in
          var all = try arrays.map { try Tensor($0.values, shape: $0.shape) }
          for (place, index) in learning.enumerated() { all[index] = variables[place + 1] }
          return try (traced(variables[0], all) * tensor(dy, shape)).sum()
        },
        at: [tensor(x, itemShape)] + learning.map { try Tensor(arrays[$0].values, shape: arrays[$0].shape) }
      ).gradients
      if let dx { Self.copy(found?.first, to: dx.base, run.items * inCount) }
      for (place, part) in parts.enumerated() {
        Self.copy(found.map { $0[place + 1] }, to: part.base, arrays[learning[place]].count)
      }
    }
    gatherGradients(result)
    return result
  }

  /// Where there was no memory for the tensors the numbers are none, which training refuses in words.
  private static func copy(_ tensor: Tensor?, to out: MutableFloats, _ count: Int) {
    guard let tensor, tensor.count == count else { return out.update(repeating: .nan, count: count) }
    tensor.withUnsafeBuffer { values in
      if let base = values.baseAddress { out.update(from: base, count: count) }
    }
  }
}
