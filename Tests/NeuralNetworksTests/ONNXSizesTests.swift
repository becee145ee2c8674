import ONNXFormat
import Tensors
import Testing

@testable import NeuralNetworks

/// Sizes that a graph computes while it runs, as exporters write them, computed while it is read.
@Suite struct ONNXSizesTests {
  private static func node(_ op: String, _ inputs: [String], _ output: String) -> ONNXNode {
    ONNXNode(op, name: output, inputs: inputs, outputs: [output])
  }

  private static let input: [ONNXValue.Dimension] = [.named("n"), .size(2), .size(1), .size(3)]

  /// Items of [2, 1, 3] that count up from 0, expanded to a shape that nodes compute.
  private static func expanded(_ nodes: [ONNXNode], _ tensors: [ONNXTensor]) throws -> Tensor {
    var model = ONNXModel()
    model.graph.inputs = [ONNXValue("x", .float, input)]
    model.graph.outputs = [ONNXValue("y", .float, nil)]
    model.graph.nodes = nodes + [node("Expand", ["x", "s"], "y")]
    model.graph.initializers = tensors
    let network = try Network.fromONNX(model.encoded(), file: "“x.onnx”").network
    return try network.embed(Tensor((0..<6).map(Float.init), shape: [1, 2, 1, 3]))
  }

  private static func words(_ nodes: [ONNXNode], _ tensors: [ONNXTensor]) -> String {
    ONNXTests.words(nodes + [node("Expand", ["x", "s"], "y")], tensors, input: input)
  }

  /// PyTorch 2.15 writes `x.expand(-1, -1, 4, -1)` so: where the wanted size is -1 it takes 1.
  @Test func theWantedSizeOrOne() throws {
    let y = try Self.expanded(
      [
        Self.node("Mul", ["ones", "minus"], "m"), Self.node("Equal", ["wanted", "m"], "c"),
        Self.node("Where", ["c", "ones", "wanted"], "s"),
      ],
      [
        ONNXTests.ints("ones", [1, 1, 1, 1]), ONNXTests.ints("minus", [-1]), ONNXTests.ints("wanted", [-1, -1, 4, -1]),
      ])
    #expect(y.shape == [1, 2, 4, 3])
    #expect(y.values == [[0, 1, 2], [3, 4, 5]].flatMap { row in (0..<4).flatMap { _ in row.map(Float.init) } })
  }

  /// With an open batch: its size is at least 1, so it is no -1.
  @Test func sizesOfTheInput() throws {
    let y = try Self.expanded(
      [
        Self.node("Shape", ["x"], "all"), Self.node("Equal", ["all", "minus"], "c"),
        Self.node("Max", ["all", "least"], "more"), Self.node("Where", ["c", "least", "more"], "s"),
      ], [ONNXTests.ints("minus", [-1]), ONNXTests.ints("least", [1, 2, 5, 1])])
    #expect(y.shape == [1, 2, 5, 3])
  }

  @Test func refusedInWords() {
    let tensors = [ONNXTests.ints("one", [1]), ONNXTests.ints("two", [1, 2]), ONNXTests.ints("all", [1, 2, 4])]
    #expect(Self.words([Self.node("Equal", ["one"], "s")], tensors).contains("takes other than two inputs"))
    #expect(Self.words([Self.node("Where", ["one", "one"], "s")], tensors).contains("takes other than three inputs"))
    #expect(Self.words([Self.node("Equal", ["two", "all"], "s")], tensors).contains("takes shapes of two lengths"))
    // Whether the batch has one image is known when it comes.
    let byBatch = [
      Self.node("Shape", ["x"], "sizes"), Self.node("Equal", ["sizes", "one"], "c"),
      Self.node("Where", ["c", "four", "sizes"], "s"),
    ]
    #expect(Self.words(byBatch, tensors + [ONNXTests.ints("four", [4])]).contains("chooses a size by the batch's"))
  }
}
