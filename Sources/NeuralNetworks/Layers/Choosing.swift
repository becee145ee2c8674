import Tensors

/// One of two items, number by number: the first's where the number of a third item is not 0, else the second's. Where of ONNX,
/// which networks from elsewhere write for functions of several pieces. What was not chosen has no part in the result, be it
/// infinite or no number, and no gradient.
enum Choosing {
  static func traced(_ condition: Tensor, _ a: Tensor, _ b: Tensor) throws -> Tensor {
    let rank = max(condition.rank, a.rank, b.rank)
    let (m, x, y) = (try condition.asItems(rank), try a.asItems(rank), try b.asItems(rank))
    return try x.selected(where: m, else: y)
  }

  static func plan(_ inputs: [PlanNode], in builder: inout PlanBuilder) -> PlanNode {
    let nodes = inputs.map { builder.planes($0) }
    guard nodes.count == 3, let shape = ElementOperation.shape(of: nodes.map(\.shape)) else { return inputs[0] }
    let result = builder.node(shape, mayBeOverwritten: true)
    let tables = nodes.map { ElementOperation.places($0.shape, in: shape) }
    let (m, x, z, y) = (nodes[0].value, nodes[1].value, nodes[2].value, result.value)
    let (counts, count) = (nodes.map(\.count), result.count)
    builder.forwardSlices { range, _ in
      for item in range {
        let (choice, first) = (m.base + item * counts[0], x.base + item * counts[1])
        let (second, to) = (z.base + item * counts[2], y.base + item * count)
        for index in 0..<count {
          let isFirst = choice[Int(tables[0].base[index])] != 0
          to[index] = isFirst ? first[Int(tables[1].base[index])] : second[Int(tables[2].base[index])]
        }
      }
    }
    guard let dy = result.gradient else { return result }
    let (dm, dx, dz) = (nodes[0].gradient, nodes[1].gradient, nodes[2].gradient)
    builder.backwardSlices { range, _ in
      for item in range {
        let (choice, slope) = (m.base + item * counts[0], dy.base + item * count)
        for (gradient, size) in zip([dm, dx, dz], counts) {
          gradient.map { ($0.base + item * size).update(repeating: 0, count: size) }
        }
        for index in 0..<count {
          if choice[Int(tables[0].base[index])] != 0 {
            if let dx { dx.base[item * counts[1] + Int(tables[1].base[index])] += slope[index] }
          } else if let dz {
            dz.base[item * counts[2] + Int(tables[2].base[index])] += slope[index]
          }
        }
      }
    }
    return result
  }
}

extension Tensor {
  /// A batch whose items have axes of 1 in front, `rank` with the batch's: items' shapes are aligned at their ends, which the
  /// batch axis must not disturb.
  func asItems(_ rank: Int) throws -> Tensor {
    try reshaped([shape[0]] + [Int](repeating: 1, count: rank - self.rank) + shape.dropFirst())
  }
}
