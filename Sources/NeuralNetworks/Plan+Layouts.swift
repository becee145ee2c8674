import Tensors

/// Where an item's numbers stand in memory.
extension PlanBuilder {
  /// The same numbers as [height, width, channels], filled up to a multiple of 8 channels.
  mutating func channelsLast(_ node: PlanNode) -> PlanNode {
    guard node.layout == .planes else { return node }
    return converted(node, to: .channelsLast)
  }

  /// The same numbers as [channels, height, width].
  mutating func planes(_ node: PlanNode) -> PlanNode {
    guard node.layout == .channelsLast else { return node }
    return converted(node, to: .planes)
  }

  private mutating func converted(_ node: PlanNode, to layout: NodeLayout) -> PlanNode {
    let channels = node.shape[0]
    let pixels = node.shape.dropFirst().reduce(1, *)
    let padded = roundedUp(channels, to: 8)
    if padded == channels, pixels == 1 {
      var same = node
      same.layout = layout
      return same
    }
    let result = PlanNode(
      shape: node.shape, layout: layout, batch: batch, gradient: node.gradient != nil, mayBeOverwritten: true)
    let (x, y, from, to) = (node.value, result.value, node.count, result.count)
    forwardSlices { range, _ in
      for item in range {
        if layout == .channelsLast {
          kernels.toChannelsLast(
            x.base + item * from, channels: channels, pixels: pixels, padded: padded, y.base + item * to)
        } else {
          kernels.toPlanes(x.base + item * from, channels: channels, pixels: pixels, padded: padded, y.base + item * to)
        }
      }
    }
    guard let dx = node.gradient, let dy = result.gradient else { return result }
    backwardSlices { range, _ in
      for item in range {
        if layout == .channelsLast {
          kernels.toPlanes(
            dy.base + item * to, channels: channels, pixels: pixels, padded: padded, dx.base + item * from)
        } else {
          kernels.toChannelsLast(
            dy.base + item * to, channels: channels, pixels: pixels, padded: padded, dx.base + item * from)
        }
      }
    }
    return result
  }
}
