import ONNXFormat

/// Pictures as programs hold them, [batch, height, width, 3] in bytes, become what the network takes.
extension ImagePreparation {
  /// - Parameter channels: 1 or 3, of what the network takes.
  func export(_ name: String, channels: Int, to graph: inout GraphExport) -> String {
    let wide = graph.add("Cast", [name], ["to": .int(ONNXType.float.rawValue)])
    var x = graph.add("Transpose", [wide], ["perm": .ints([0, 3, 1, 2])])
    var isGray = false
    for step in steps {
      switch step {
      case .gray:
        if !isGray { x = Self.gray(x, in: &graph) }
        isGray = true
      case .resize(let height, let width):
        x = Self.resized(x, axis: 3, to: width, in: &graph)
        x = Self.resized(x, axis: 2, to: height, in: &graph)
      case .halve:
        let (start, end) = (graph.ints([0, 0]), graph.ints([Int(Int32.max), Int(Int32.max)]))
        let (axes, steps) = (graph.ints([2, 3]), graph.ints([2, 2]))
        x = graph.add("Slice", [x, start, end, axes, steps])
      case .crop(let top, let left, let height, let width):
        let (start, end) = (graph.ints([top, left]), graph.ints([top + height, left + width]))
        x = graph.add("Slice", [x, start, end, graph.ints([2, 3])])
      case .invert: x = graph.add("Sub", [graph.scalar(255), x])
      }
    }
    if channels == 1, !isGray { x = Self.gray(x, in: &graph) }
    x = graph.add("Div", [x, graph.scalar(255)])
    if mean != 0 { x = graph.add("Sub", [x, graph.scalar(mean)]) }
    if deviation != 1 { x = graph.add("Div", [x, graph.scalar(deviation)]) }
    return x
  }

  /// ⌊(19595 R + 38470 G + 7471 B + 32768) / 65536⌋: whole numbers below 2²⁴, which float32 holds exactly.
  private static func gray(_ x: String, in graph: inout GraphExport) -> String {
    let weights = graph.floats([19595, 38470, 7471], [1, 3, 1, 1])
    let sum = graph.add("ReduceSum", [graph.add("Mul", [x, weights]), graph.ints([1])], ["keepdims": .int(1)])
    let scaled = graph.add("Mul", [graph.add("Add", [sum, graph.scalar(32768)]), graph.scalar(1 / 65536)])
    return graph.add("Floor", [scaled])
  }

  /// One axis by Pillow's bilinear filter with antialiasing: a matrix of triangles, made from the size that comes in, in
  /// steps of 2⁻²², and the sums rounded to bytes.
  private static func resized(_ x: String, axis: Int, to size: Int, in graph: inout GraphExport) -> String {
    let double = ["to": ONNXAttribute.int(ONNXType.double.rawValue)]
    let given = graph.add("Gather", [graph.add("Shape", [x]), graph.integer(axis)], ["axis": .int(0)])
    let from = graph.add("Cast", [given], double)
    let (one, half) = (graph.doubles([1], []), graph.doubles([0.5], []))
    let scale = graph.add("Div", [from, graph.doubles([Double(size)], [])])
    let filter = graph.add("Max", [scale, one])
    // [size, 1] and [1, given]
    let targets = graph.doubles((0..<size).map { Double($0) + 0.5 }, [size, 1])
    let middles = graph.add("Mul", [targets, scale])
    let range = graph.add("Range", [graph.integer(0), given, graph.integer(1)])
    let sources = graph.add("Add", [graph.add("Cast", [range], double), half])
    let line = graph.add("Unsqueeze", [sources, graph.ints([0])])
    let apart = graph.add("Div", [graph.add("Abs", [graph.add("Sub", [line, middles])]), filter])
    let triangle = graph.add("Max", [graph.add("Sub", [one, apart]), graph.doubles([0], [])])
    let total = graph.add("ReduceSum", [triangle, graph.ints([1])], ["keepdims": .int(1)])
    let steps = graph.doubles([4_194_304], [])
    let shares = graph.add("Mul", [graph.add("Div", [triangle, total]), steps])
    let whole = graph.add("Floor", [graph.add("Add", [shares, half])])
    let pixels = graph.add("Cast", [x], double)
    // Whole numbers below 2⁵³, which float64 holds exactly, in whatever order they are summed.
    let sums =
      axis == 3
      ? graph.add("MatMul", [pixels, graph.add("Transpose", [whole], ["perm": .ints([1, 0])])])
      : graph.add("MatMul", [whole, pixels])
    let scaled = graph.add("Add", [graph.add("Div", [sums, steps]), half])
    let bytes = graph.add("Clip", [graph.add("Floor", [scaled]), graph.doubles([0], []), graph.doubles([255], [])])
    return graph.add("Cast", [bytes], ["to": .int(ONNXType.float.rawValue)])
  }
}
