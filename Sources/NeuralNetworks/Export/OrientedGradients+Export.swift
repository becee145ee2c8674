import ONNXFormat

extension OrientedGradientsLayer {
  /// ONNX has neither votes nor atan2; the arithmetic is said with what it has. Of several channels the gradient of the
  /// longest counts, of equal ones the first.
  func export(_ x: GraphExport.Node, to graph: inout GraphExport) throws(NetworkError) -> GraphExport.Node {
    let shape = try outputShape(of: x.shape)
    let (height, width) = (x.shape[1], x.shape[2])
    var across = Self.difference(x, axis: 3, size: width, in: &graph)
    var down = Self.difference(x, axis: 2, size: height, in: &graph)
    var squares = graph.add("Add", [graph.add("Mul", [across, across]), graph.add("Mul", [down, down])])
    if x.shape[0] > 1 {
      let best = graph.add("ArgMax", [squares], ["axis": .int(1), "keepdims": .int(1), "select_last_index": .int(0)])
      (across, down, squares) = (
        graph.add("GatherElements", [across, best], ["axis": .int(1)]),
        graph.add("GatherElements", [down, best], ["axis": .int(1)]),
        graph.add("GatherElements", [squares, best], ["axis": .int(1)])
      )
    }
    let isSteep = graph.add("Greater", [squares, graph.scalar(1e-20)])
    let length = graph.add("Where", [isSteep, graph.add("Sqrt", [squares]), graph.scalar(0)])
    let place = self.place(across, down, in: &graph)
    // [bins, 1, 1] less the place, around the circle of bins.
    let numbers = graph.floats((0..<bins).map(Float.init), [1, bins, 1, 1])
    let apart = graph.add("Abs", [graph.add("Sub", [place, numbers])])
    let around = graph.add("Min", [apart, graph.add("Sub", [graph.scalar(Float(bins)), apart])])
    let share = graph.add("Relu", [graph.add("Sub", [graph.scalar(1), around])])
    let votes = graph.add("Mul", [share, length])
    // [rows, height] and [width, columns]: to which cells a pixel's vote goes.
    let rows = Self.shares(height, cells: shape[1], cell: cell)
    let columns = Self.shares(width, cells: shape[2], cell: cell)
    let turned = (0..<width).flatMap { pixel in (0..<shape[2]).map { columns[$0 * width + pixel] } }
    let narrow = graph.add("MatMul", [votes, graph.floats(turned, [width, shape[2]])])
    let cells = graph.add("MatMul", [graph.floats(rows, [shape[1], height]), narrow])
    let sum = graph.add("ReduceSumSquare", [cells, graph.ints([1])], ["keepdims": .int(1)])
    let floor = OrientedGradients.floor * OrientedGradients.floor
    let norm = graph.add("Sqrt", [graph.add("Add", [sum, graph.scalar(floor)])])
    return graph.add("Div", [cells, norm], shape: shape)
  }

  /// Each pixel's two neighbours, the pixel itself at the border, their difference over their distance.
  private static func difference(_ x: GraphExport.Node, axis: Int, size: Int, in graph: inout GraphExport) -> String {
    let next = graph.ints((0..<size).map { min(size - 1, $0 + 1) })
    let last = graph.ints((0..<size).map { max(0, $0 - 1) })
    let after = graph.add("Gather", [x.name, next], ["axis": .int(axis)])
    let before = graph.add("Gather", [x.name, last], ["axis": .int(axis)])
    let inverse = (0..<size).map { place -> Float in
      let distance = min(size - 1, place + 1) - max(0, place - 1)
      return distance > 0 ? 1 / Float(distance) : 0
    }
    let factors = graph.floats(inverse, axis == 3 ? [1, 1, 1, size] : [1, 1, size, 1])
    return graph.add("Mul", [graph.add("Sub", [after, before]), factors])
  }

  /// The direction as a place among the bins, from 0 up to, not including, their number.
  private func place(_ across: String, _ down: String, in graph: inout GraphExport) -> String {
    let zero = graph.scalar(0)
    let isUpright = graph.add("Equal", [across, zero])
    let divisor = graph.add("Where", [isUpright, graph.scalar(1), across])
    let slope = graph.add("Atan", [graph.add("Div", [down, divisor])])
    // Straight up or down: a quarter of the circle, with the sign of y.
    let quarter = graph.add("Mul", [graph.add("Sign", [down]), graph.scalar(.pi / 2)])
    var angle = graph.add("Where", [isUpright, quarter, slope])
    if signed {
      // To the left, half a circle on.
      let isLeft = graph.add("Less", [across, zero])
      angle = graph.add("Add", [angle, graph.add("Where", [isLeft, graph.scalar(.pi), zero])])
    }
    let turn = signed ? 2 * Float.pi : Float.pi
    let isBelow = graph.add("Less", [angle, zero])
    let positive = graph.add("Add", [angle, graph.add("Where", [isBelow, graph.scalar(turn), zero])])
    let place = graph.add("Mul", [graph.add("Div", [positive, graph.scalar(turn)]), graph.scalar(Float(bins))])
    let isWhole = graph.add("Less", [place, graph.scalar(Float(bins))])
    return graph.add("Where", [isWhole, place, graph.add("Sub", [place, graph.scalar(Float(bins))])])
  }

  /// [cells, pixels]
  private static func shares(_ pixels: Int, cells: Int, cell: Int) -> [Float] {
    var matrix = [Float](repeating: 0, count: cells * pixels)
    for pixel in 0..<pixels {
      let share = OrientedGradients.Share(pixel, of: cells, cell)
      if share.firstWeight > 0 { matrix[share.first * pixels + pixel] += share.firstWeight }
      if share.secondWeight > 0 { matrix[share.second * pixels + pixel] += share.secondWeight }
    }
    return matrix
  }
}
