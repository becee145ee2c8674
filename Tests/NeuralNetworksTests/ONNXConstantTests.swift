import ONNXFormat
import Tensors
import Testing

@testable import NeuralNetworks

/// What is computed of a file's arrays while it is read, and what of them learns.
@Suite struct ONNXConstantTests {
  private static func node(
    _ op: String, _ inputs: [String], _ output: String = "y", _ attributes: [String: ONNXAttribute] = [:]
  ) -> ONNXNode { ONNXNode(op, name: output, inputs: inputs, outputs: [output], attributes: attributes) }

  private static func ints(_ name: String, _ values: [Int], _ shape: [Int]) -> ONNXTensor {
    ONNXTensor(name, .int64, shape, .ints(values))
  }

  private static func model(
    _ nodes: [ONNXNode], _ tensors: [ONNXTensor], sizes: [Int], outputs: [String] = ["y"]
  ) -> [UInt8] {
    var model = ONNXModel()
    model.graph.inputs = [ONNXValue("x", .float, [.named("n")] + sizes.map { .size($0) })]
    model.graph.outputs = outputs.map { ONNXValue($0, .float, nil) }
    (model.graph.nodes, model.graph.initializers) = (nodes, tensors)
    return model.encoded()
  }

  private static func network(_ nodes: [ONNXNode], _ tensors: [ONNXTensor], sizes: [Int]) throws -> Network {
    try Network.fromONNX(model(nodes, tensors, sizes: sizes), file: "“x.onnx”").network
  }

  /// Whole numbers keep their axes: a mean for each channel, not for each column.
  @Test func wholeNumbersKeepTheirShape() throws {
    let mean = Self.ints("mean", [1, 2, 3], [3, 1, 1])
    let zero = try Tensor([Float](repeating: 0, count: 27), shape: [1, 3, 3, 3])
    let wanted = [-1, -2, -3].flatMap { [Float](repeating: $0, count: 9) }
    for steps in [
      [Self.node("Cast", ["mean"], "m", ["to": .int(1)])],
      [Self.node("Identity", ["mean"], "i"), Self.node("Cast", ["i"], "m", ["to": .int(1)])],
      [
        Self.node("Transpose", ["mean"], "t", ["perm": .ints([2, 0, 1])]), Self.node("Reshape", ["t", "s"], "r"),
        Self.node("Cast", ["r"], "m", ["to": .int(1)]),
      ],
    ] {
      let network = try Self.network(
        steps + [Self.node("Sub", ["x", "m"])], [mean, Self.ints("s", [-1, 1, 1], [3])], sizes: [3, 3, 3])
      #expect(try network.embed(zero).values == wanted)
    }
    // A row of a table, and a column.
    let table = Self.ints("table", [1, 2, 3, 4, 5, 6], [2, 3])
    for (axis, place, row) in [(0, 1, [4, 5, 6]), (1, -1, [3, 6])] {
      let network = try Self.network(
        [
          Self.node("Gather", ["table", "place"], "g", ["axis": .int(axis)]),
          Self.node("Cast", ["g"], "m", ["to": .int(1)]), Self.node("Add", ["x", "m"]),
        ], [table, Self.ints("place", [place], [])], sizes: [row.count])
      let x = try Tensor([Float](repeating: 0, count: row.count), shape: [1, row.count])
      #expect(try network.embed(x).values == row.map { Float($0) })
    }
  }

  /// As `torch.full_like` is written: whatever the batch's size is.
  @Test func onesInTheShapeOfTheItems() throws {
    let ones = ONNXTensor("value", .float, [1], .floats([1]))
    let network = try Self.network(
      [
        Self.node("Shape", ["x"], "s"), Self.node("ConstantOfShape", ["s"], "c", ["value": .tensor(ones)]),
        Self.node("Sub", ["x", "c"]),
      ], [], sizes: [2, 2])
    let values = try network.embed(try Tensor((0..<12).map { Float($0) }, shape: [3, 2, 2])).values
    #expect(values == (0..<12).map { Float($0) - 1 })
    // As the newer exporter writes it: for each item of the batch with which it was exported.
    let three = ONNXTensor("c", .float, [3, 2], .floats([1, 2, 1, 2, 1, 2]))
    let other = try Self.network([Self.node("Sub", ["x", "c"])], [three], sizes: [2])
    #expect(try other.embed(try Tensor([1, 2], shape: [1, 2])).values == [0, 0])
    let differs = ONNXTensor("c", .float, [3, 2], .floats([1, 2, 1, 2, 1, 3]))
    #expect(throws: ImportError.self) { try Self.network([Self.node("Sub", ["x", "c"])], [differs], sizes: [2]) }
    let none = ONNXTensor("c", .float, [0, 2], .floats([]))
    #expect(throws: ImportError.self) { try Self.network([Self.node("Sub", ["x", "c"])], [none], sizes: [2]) }
  }

  /// As weight normalisation is written: v · g / |v|.
  @Test func weightsThatAreComputed() throws {
    let v = ONNXTensor("v", .float, [2, 2], .floats([3, 4, 0, 2]))
    let g = ONNXTensor("g", .float, [2, 1], .floats([10, 1]))
    let network = try Self.network(
      [
        Self.node("ReduceL2", ["v", "axes"], "length", ["keepdims": .int(1)]), Self.node("Div", ["g", "length"], "f"),
        Self.node("Mul", ["v", "f"], "w"), Self.node("Transpose", ["w"], "t"), Self.node("MatMul", ["x", "t"]),
      ], [v, g, Self.ints("axes", [1], [1])], sizes: [2])
    #expect(try network.embed(try Tensor([1, 1], shape: [1, 2])).values == [14, 1])
  }

  /// As PyTorch's older exporter writes `F.normalize(weight)`: a length that is clipped and repeated.
  @Test func lengthsOfWeightsThatAreClipped() throws {
    let w = ONNXTensor("w", .float, [3, 2], .floats([3, 4, 0, 0.5, 0, 0]))
    let low = ONNXTensor("low", .float, [], .floats([1]))
    let two = ONNXTensor("two", .float, [], .floats([2]))
    let network = try Self.network(
      [
        Self.node("ReduceL2", ["w", "axes"], "length", ["keepdims": .int(1)]),
        Self.node("Clip", ["length", "low", ""], "clipped"), Self.node("Expand", ["clipped", "shape"], "wide"),
        Self.node("Div", ["w", "wide"], "unit"), Self.node("Abs", ["unit"], "a"), Self.node("Pow", ["a", "two"], "p"),
        Self.node("Transpose", ["p"], "t"), Self.node("MatMul", ["x", "t"]),
      ], [w, low, two, Self.ints("axes", [1], [1]), Self.ints("shape", [3, 2], [2])], sizes: [2])
    let y = try network.embed(try Tensor([1, 1], shape: [1, 2])).values
    #expect(zip(y, [1, 0.25, 0]).allSatisfy { abs($0 - $1) < 1e-6 } && y.count == 3)
    for shape in [[0, 2], [2, 2], [1 << 40, 1 << 40, 2]] {
      let nodes = [Self.node("Expand", ["w", "s"], "e"), Self.node("Add", ["x", "e"])]
      #expect(!ONNXTests.words(nodes, [w, Self.ints("s", shape, [shape.count])]).isEmpty)
    }
  }

  /// Since version 18 a border may be of some axes alone.
  @Test func bordersOfSomeAxes() throws {
    let value = ONNXTensor("value", .float, [], .floats([9]))
    func padded(_ pads: [Int], _ axes: [Int]) throws -> Network {
      try Self.network(
        [Self.node("Pad", ["x", "pads", "value", "axes"])],
        [value, Self.ints("pads", pads, [pads.count]), Self.ints("axes", axes, [axes.count])], sizes: [1, 1, 2])
    }
    let x = try Tensor([1, 2], shape: [1, 1, 1, 2])
    let wide = try padded([1, 2], [-1]).embed(x)
    #expect(wide.shape == [1, 1, 1, 5] && wide.values == [9, 1, 2, 9, 9])
    let high = try padded([0, 1, 1, 0], [3, 2]).embed(x)
    #expect(high.shape == [1, 1, 2, 3] && high.values == [9, 9, 9, 1, 2, 9])
    for (pads, axes) in [([1, 2], [0]), ([1, 2], [4]), ([1, 2], [-5]), ([1, 2, 3, 4], [3, 3]), ([1, 2, 3], [3])] {
      #expect(throws: ImportError.self) { try padded(pads, axes) }
    }
  }

  /// As the older exporter writes `std`: the number of pixels is the product of sizes.
  @Test func productsOfSizes() throws {
    let nodes = [
      Self.node("Shape", ["x"], "s"), Self.node("Gather", ["s", "places"], "g"),
      Self.node("ReduceProd", ["g"], "count", ["keepdims": .int(0)]),
      Self.node("Cast", ["count"], "f", ["to": .int(1)]),
      Self.node("Sub", ["f", "one"], "less"), Self.node("ReduceMean", ["x", "axes"], "m", ["keepdims": .int(0)]),
      Self.node("Mul", ["m", "f"], "sum"), Self.node("Div", ["sum", "less"]),
    ]
    let one = ONNXTensor("one", .float, [], .floats([1]))
    let network = try Self.network(
      nodes, [one, Self.ints("places", [2, 3], [2]), Self.ints("axes", [-1, -2], [2])], sizes: [2, 2, 3])
    let y = try network.embed(try Tensor((0..<12).map { Float($0) }, shape: [1, 2, 2, 3])).values
    #expect(y.count == 2 && abs(y[0] - 3) < 1e-6 && abs(y[1] - 10.2) < 1e-5)
  }

  /// An epsilon is no weight, nor is what a shape is repeated by; arrays are.
  @Test func singleNumbersDoNotLearn() throws {
    let nodes = [
      Self.node("ReduceL2", ["x", "axes"], "length", ["keepdims": .int(1)]),
      Self.node("Max", ["length", "epsilon"], "l"), Self.node("Expand", ["l", "shape"], "e"),
      Self.node("Div", ["x", "e"], "d"), Self.node("Mul", ["d", "scale"]),
    ]
    let epsilon = ONNXTensor("epsilon", .float, [], .floats([1e-12]))
    let scale = ONNXTensor("scale", .float, [3], .floats([2, 2, 2]))
    let network = try Self.network(
      nodes, [epsilon, scale, Self.ints("axes", [1], [1]), Self.ints("shape", [1, 3], [2])], sizes: [3])
    #expect(network.weights.map(\.count) == [3])
    let values = try network.embed(try Tensor([0, 3, 4], shape: [1, 3])).values
    #expect(zip(values, [0, 1.2, 1.6]).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  /// One number an item is [batch] there and [batch, 1] here; what is divided by it meets it all the same.
  @Test func lengthsWithoutTheirAxis() throws {
    let nodes = [
      Self.node("ReduceL2", ["x", "axes"], "length", ["keepdims": .int(0)]), Self.node("Sqrt", ["length"], "root"),
      Self.node("Mul", ["root", "root"], "again"), Self.node("Unsqueeze", ["again", "axes"], "wide"),
      Self.node("Div", ["x", "wide"]),
    ]
    let network = try Self.network(nodes, [Self.ints("axes", [1], [1])], sizes: [2])
    let values = try network.embed(try Tensor([3, 4, 0, 2], shape: [2, 2])).values
    #expect(zip(values, [0.6, 0.8, 0, 1]).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  /// By a division of floats, as onnxruntime and PyTorch take the nearest pixel: 11 by 1.1 is 10 there.
  @Test func nearestPixelsByFloats() throws {
    let scales = ONNXTensor("scales", .float, [4], .floats([1, 1, 1, 1.1]))
    let attributes: [String: ONNXAttribute] = [
      "mode": .text("nearest"), "coordinate_transformation_mode": .text("asymmetric"), "nearest_mode": .text("floor"),
    ]
    let network = try Self.network(
      [Self.node("Resize", ["x", "", "scales"], "y", attributes)], [scales], sizes: [1, 1, 12])
    let y = try network.embed(try Tensor((0..<12).map { Float($0) }, shape: [1, 1, 1, 12])).values
    #expect(y == (0..<13).map { (Float($0) / Float(1.1)).rounded(.down) } && y[11] == 10)
  }

  @Test func oneOfSeveralOutputs() throws {
    let nodes = [
      Self.node("Relu", ["x"], "features"), Self.node("Neg", ["features"], "y"), Self.node("Abs", ["y"], "z"),
    ]
    let bytes = Self.model(nodes, [], sizes: [2], outputs: ["y", "z"])
    let x = try Tensor([-1, 2], shape: [1, 2])
    let (first, note) = try Network.fromONNX(bytes, file: "“x.onnx”")
    #expect(try first.embed(x).values == [0, -2])
    #expect(note == "“x.onnx” has 2 outputs, y, z: this is the network to y")
    for (name, wanted) in [("z", [0, 2]), ("features", [0, 2])] as [(String, [Float])] {
      let (network, note) = try Network.fromONNX(bytes, file: "“x.onnx”", output: name)
      #expect(try network.embed(x).values == wanted && note == nil)
    }
    #expect {
      try Network.fromONNX(bytes, file: "“x.onnx”", output: "nobody")
    } throws: { ($0 as? ImportError)?.explanation.help == "its outputs are [\"y\", \"z\"]" }
  }

  @Test func refusedInWords() {
    let old = Self.node("Add", ["x", "c"], "y", ["broadcast": .int(1), "axis": .int(1)])
    var model = ONNXModel()
    model.opset = 6
    model.graph.inputs = [ONNXValue("x", .float, [.named("n"), .size(3), .size(4), .size(3)])]
    model.graph.outputs = [ONNXValue("y", .float, nil)]
    model.graph.nodes = [old]
    model.graph.initializers = [ONNXTensor("c", .float, [3], .floats([1, 2, 3]))]
    #expect { try Network.fromONNX(model.encoded(), file: "x") } throws: {
      "\($0)".contains("as versions before 7 did")
    }
    let infinite = ONNXTensor("c", .float, [6], .floats([1, 2, 3, 4, 5, .infinity]))
    #expect(ONNXTests.words([Self.node("Add", ["x", "c"])], [infinite]).contains("a constant that is not finite"))
    let table = Self.ints("t", [1, 2, 3, 4], [2, 2])
    for places in [[2], [-3], [Int.max], [Int.min]] {
      let nodes = [
        Self.node("Gather", ["t", "p"], "g"), Self.node("Cast", ["g"], "f", ["to": .int(1)]),
        Self.node("Add", ["x", "f"]),
      ]
      #expect(!ONNXTests.words(nodes, [table, Self.ints("p", places, [1])]).isEmpty)
    }
    for axes in [[9], [Int.min], [Int.max, 0]] {
      let nodes = [Self.node("Unsqueeze", ["t", "a"], "u"), Self.node("Add", ["x", "u"])]
      #expect(!ONNXTests.words(nodes, [table, Self.ints("a", axes, [axes.count])]).isEmpty)
    }
  }
}
