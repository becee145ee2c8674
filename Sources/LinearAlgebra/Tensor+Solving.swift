import Tensors

extension Tensor {
  /// x of A·x = b, as numpy.linalg.solve: b of one axis is a vector, else a matrix or a stack of them; stacks broadcast.
  public func solved(_ right: Tensor) throws -> Tensor {
    guard right.rank == 1 else { return try solvedColumns(right, shown: right.shape) }
    let x = try solvedColumns(right.reshaped([right.shape[0], 1]), shown: right.shape)
    return try x.reshaped(Array(x.shape.dropLast()))
  }

  private func solvedColumns(_ right: Tensor, shown: [Int]) throws -> Tensor {
    let a = try MatrixStack(self, "solve", square: true)
    let b = try MatrixStack(right, "solve", argument: "b")
    guard a.rows == b.rows else { throw LinearAlgebraError.rows(function: "solve", matrix: shape, right: shown) }
    guard let lead = broadcastShape(a.lead, b.lead) else {
      throw LinearAlgebraError.stacks(function: "solve", shape, shown)
    }
    let (size, columns) = (a.rows, b.columns)
    let (matrices, rights) = (BroadcastIndex(from: a.lead, to: lead), BroadcastIndex(from: b.lead, to: lead))
    let out = try ResultNumbers(lead + [size, columns])
    // One matrix with many right sides is factored once.
    let isOne = a.count == 1
    let shared = isOne && a.numbers.count > 0 ? try factored(a, 0, "solve") : nil
    try StackWork.run(
      count: lead.reduce(1, *), cost: pow3(size) * 0.7 + Double(size * size) * 2 * Double(columns)
    ) { item in
      let factors = try shared ?? factored(a, matrices.offset(item), "solve")
      let x = factors.solved(b.columnMajor(rights.offset(item)), columns: columns)
      let to = out.base + item * size * columns
      for column in 0..<columns { for row in 0..<size { to[row * columns + column] = Float(x[column * size + row]) } }
    }
    return try out.tensor().recorded(differentiable: "solve", from: [self, right]) { inputs, x, g in
      let toRight = try inputs[0].matrixTransposed().solved(g)
      let toMatrix = try -toRight.matmul(x.matrixTransposed())
      return [try toMatrix.summed(to: inputs[0].shape), try toRight.summed(to: inputs[1].shape)]
    }
  }

  /// A⁻¹ of each matrix.
  public func inverse() throws -> Tensor {
    let a = try MatrixStack(self, "inverse", square: true)
    let size = a.rows
    let out = try ResultNumbers(shape)
    try StackWork.run(count: a.count, cost: pow3(size) * 2) { item in
      let numbers = try factored(a, item, "inverse").inverse()
      let to = out.base + item * size * size
      for at in numbers.indices { to[at] = Float(numbers[at]) }
    }
    return try out.tensor().recorded(differentiable: "inverse", from: [self]) { _, y, g in
      let turned = try y.matrixTransposed()
      return [try -turned.matmul(g).matmul(turned)]
    }
  }

  /// The determinant of each matrix; 1 of one without rows.
  public func determinant() throws -> Tensor {
    let a = try MatrixStack(self, "det", square: true)
    let size = a.rows
    let out = try ResultNumbers(a.lead)
    try StackWork.run(count: a.count, cost: pow3(size) * 0.7) { item in
      out.base[item] = Float(Factorisation(a.rowMajor(item), size: size).determinant)
    }
    return try out.tensor().recorded(differentiable: "det", from: [self]) { inputs, y, g in
      let (x, scale) = (inputs[0], try g.expanded(-1).expanded(-1))
      // A matrix may be singular and have a gradient; to differentiate that again it must not be.
      if x.trace == nil { return [try scale * x.cofactors()] }
      return [try scale * y.expanded(-1).expanded(-1) * x.inverse().matrixTransposed()]
    }
  }
}

/// - Throws: `LinearAlgebraError.singular`.
private func factored(_ stack: MatrixStack, _ item: Int, _ function: String) throws -> Factorisation {
  let factors = Factorisation(stack.rowMajor(item), size: stack.rows)
  guard !factors.isHopeless() else {
    throw LinearAlgebraError.singular(function: function, place: stack.place(item), isExact: factors.isSingular)
  }
  return factors
}

func pow3(_ size: Int) -> Double { Double(size) * Double(size) * Double(size) }

extension Tensor {
  /// With the last two axes swapped.
  func matrixTransposed() throws -> Tensor {
    var axes = Array(shape.indices)
    axes.swapAt(rank - 2, rank - 1)
    return try transposed(axes)
  }
}
