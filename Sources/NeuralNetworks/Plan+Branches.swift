import Tensors

/// Layers that several paths lead through: residual and parallel blocks.
extension PlanBuilder {
  mutating func addResidual(_ block: [Layer], to node: PlanNode) -> PlanNode {
    var entry = node
    entry.mayBeOverwritten = false
    let count = node.count
    // The block writes the gradient of its input; the shortcut's share is added when all of the block is over.
    var side: PlanNode?
    if let dx = node.gradient {
      let shortcut = PlanNode(
        shape: node.shape, layout: node.layout, value: node.value, gradient: FloatBuffer(dx.count))
      side = shortcut
      if let extra = shortcut.gradient {
        backwardSlices { range, _ in
          let start = range.lowerBound * count
          kernels.accumulate(extra.base + start, into: dx.base + start, range.count * count)
        }
      }
    }
    let inside = add(block, to: entry)
    var around = side ?? entry
    let sameShape = inside.shape == node.shape
    if !sameShape, let layer = Layer.shortcut(from: node.shape, to: inside.shape) {
      around = add([layer], to: around)
    }
    around = inside.layout == .planes ? planes(around) : channelsLast(around)
    let result = self.node(inside.shape, layout: inside.layout, mayBeOverwritten: true)
    let size = inside.count
    let (a, b, y) = (inside.value, around.value, result.value)
    forwardSlices { range, _ in
      let start = range.lowerBound * size
      y.base.advanced(by: start).update(from: a.base + start, count: range.count * size)
      kernels.accumulate(b.base + start, into: y.base + start, range.count * size)
    }
    guard let dy = result.gradient else { return result }
    let (da, db) = (inside.gradient, around.gradient)
    backwardSlices { range, _ in
      let start = range.lowerBound * size
      da?.base.advanced(by: start).update(from: dy.base + start, count: range.count * size)
      db?.base.advanced(by: start).update(from: dy.base + start, count: range.count * size)
    }
    return result
  }

  mutating func addParallel(_ blocks: [[Layer]], to node: PlanNode) -> PlanNode {
    var entry = node
    entry.mayBeOverwritten = false
    let count = node.count
    // The first block writes the input's gradient; the shares of the others are added when all blocks are over.
    let sides = blocks.dropFirst().map { _ in
      PlanNode(
        shape: node.shape, layout: node.layout, value: node.value,
        gradient: node.gradient.map { FloatBuffer($0.count) })
    }
    if let dx = node.gradient {
      let extras = sides.compactMap(\.gradient)
      backwardSlices { range, _ in
        let start = range.lowerBound * count
        for extra in extras { kernels.accumulate(extra.base + start, into: dx.base + start, range.count * count) }
      }
    }
    var results: [PlanNode] = []
    for (block, input) in zip(blocks, [entry] + sides) {
      let inside = add(block, to: input)
      results.append(planes(inside))
    }
    let shape = [results.reduce(0) { $0 + $1.shape[0] }] + (results.first?.shape.dropFirst() ?? [])
    let result = self.node(shape, mayBeOverwritten: true)
    let size = result.count
    var place = 0
    for part in results {
      let (at, width) = (place, part.count)
      place += width
      let (x, y) = (part.value, result.value)
      forwardSlices { range, _ in
        for item in range { y.base.advanced(by: item * size + at).update(from: x.base + item * width, count: width) }
      }
      guard let dx = part.gradient, let dy = result.gradient else { continue }
      backwardSlices { range, _ in
        for item in range { dx.base.advanced(by: item * width).update(from: dy.base + item * size + at, count: width) }
      }
    }
    return result
  }
}
