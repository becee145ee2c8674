import Foundation
import ONNXFormat
import Tensors
import Testing

@testable import NeuralNetworks

/// Comparisons and choices of ONNX's graphs, against what they say, number by number.
@Suite struct ONNXChoiceTests {
  private static let numbers: [Float] = [-30, -2, -1, -0.5, -0.25, 0, 0.25, 0.5, 1, 19.9, 25, .infinity]

  private static func node(
    _ op: String, _ inputs: [String], _ output: String = "y", _ attributes: [String: ONNXAttribute] = [:]
  ) -> ONNXNode { ONNXNode(op, name: output, inputs: inputs, outputs: [output], attributes: attributes) }

  private static func scalar(_ name: String, _ value: Float) -> ONNXTensor {
    ONNXTensor(name, .float, [], .floats([value]))
  }

  private static func model(_ nodes: [ONNXNode], _ tensors: [ONNXTensor], sizes: [Int]) -> ONNXModel {
    var model = ONNXModel()
    model.graph.inputs = [ONNXValue("x", .float, [.named("n")] + sizes.map { .size($0) })]
    model.graph.outputs = [ONNXValue("y", .float, nil)]
    (model.graph.nodes, model.graph.initializers) = (nodes, tensors)
    return model
  }

  /// What the nodes make of the numbers, and what is made of that when it has gone out and come in again.
  private static func results(_ nodes: [ONNXNode], _ tensors: [ONNXTensor] = []) throws -> [Float] {
    let bytes = model(nodes, tensors, sizes: [numbers.count]).encoded()
    let network = try Network.fromONNX(bytes, file: "“x.onnx”").network
    let batch = try Tensor(numbers, shape: [1, numbers.count])
    let values = try network.embed(batch).values
    var out = try network.onnx().encoded()
    for trip in 0..<3 {
      let again = try Network.fromONNX(out, file: "“y.onnx”").network
      #expect(try again.embed(batch).values == values)
      let more = try again.onnx().encoded()
      if trip > 0 { #expect(more.count == out.count) }
      out = more
    }
    let traced = try network.traced(batch).values
    #expect(zip(traced, values).allSatisfy { abs($0 - $1) <= 1e-6 * max(1, abs($1)) || $0 == $1 })
    return values
  }

  /// Softplus as PyTorch 2.9 and later writes it. Where x is chosen, no number that softplus makes of it comes through.
  @Test func softplusWithItsThreshold() throws {
    let nodes = [
      Self.node("Softplus", ["x"], "soft"), Self.node("Greater", ["x", "limit"], "above"),
      Self.node("Where", ["above", "x", "soft"]),
    ]
    for (got, x) in zip(try Self.results(nodes, [Self.scalar("limit", 20)]), Self.numbers) {
      #expect(got == (x > 20 ? x : got))
      let wanted = x > 20 ? x : log1pExp(x)
      #expect(got == wanted || abs(got - wanted) <= 1e-6 * max(1e-6, wanted))
    }
  }

  private func log1pExp(_ x: Float) -> Float { max(x, 0) + Float(Foundation.log1p(exp(-abs(Double(x))))) }

  @Test func shrunk() throws {
    let hard = Self.node("Shrink", ["x"], "y", ["lambd": .float(0.5)])
    #expect(try Self.results([hard]) == Self.numbers.map { abs($0) > 0.5 ? $0 : 0 })
    let soft = Self.node("Shrink", ["x"], "y", ["lambd": .float(0.5), "bias": .float(0.5)])
    #expect(try Self.results([soft]) == Self.numbers.map { $0 > 0.5 ? $0 - 0.5 : $0 < -0.5 ? $0 + 0.5 : 0 })
    let above = Self.node("ThresholdedRelu", ["x"], "y", ["alpha": .float(0.25)])
    #expect(try Self.results([above]) == Self.numbers.map { $0 > 0.25 ? $0 : 0 })
  }

  /// As PyTorch's exporters write hardshrink and threshold.
  @Test func piecesOfPyTorch() throws {
    let (low, high, zero) = (Self.scalar("low", -0.5), Self.scalar("high", 0.5), Self.scalar("zero", 0))
    let hard = [
      Self.node("Less", ["x", "low"], "a"), Self.node("Greater", ["x", "high"], "b"),
      Self.node("Or", ["a", "b"], "far"), Self.node("Where", ["far", "x", "zero"]),
    ]
    #expect(try Self.results(hard, [low, high, zero]) == Self.numbers.map { abs($0) > 0.5 ? $0 : 0 })
    let threshold = [
      Self.node("LessOrEqual", ["x", "low"], "near"), Self.node("Where", ["near", "high", "x"]),
    ]
    #expect(try Self.results(threshold, [low, high]) == Self.numbers.map { $0 <= -0.5 ? 0.5 : $0 })
  }

  /// Each comparison with a number on either side, what joins them, and truths as numbers.
  @Test func comparisons() throws {
    let limit = Self.scalar("c", -0.5)
    let cases: [(String, (Float, Float) -> Bool)] = [
      ("Greater", { $0 > $1 }), ("GreaterOrEqual", { $0 >= $1 }), ("Less", { $0 < $1 }), ("LessOrEqual", { $0 <= $1 }),
      ("Equal", { $0 == $1 }),
    ]
    let cast = Self.node("Cast", ["t"], "y", ["to": .int(1)])
    for (op, holds) in cases {
      #expect(
        try Self.results([Self.node(op, ["x", "c"], "t"), cast], [limit])
          == Self.numbers.map { holds($0, -0.5) ? 1 : 0 })
      #expect(
        try Self.results([Self.node(op, ["c", "x"], "t"), cast], [limit])
          == Self.numbers.map { holds(-0.5, $0) ? 1 : 0 })
    }
    let two = [Self.node("Less", ["x", "c"], "a"), Self.node("Cast", ["x"], "b", ["to": .int(9)])]
    let joins: [(String, (Bool, Bool) -> Bool)] = [
      ("And", { $0 && $1 }), ("Or", { $0 || $1 }), ("Xor", { $0 != $1 }),
    ]
    for (op, join) in joins {
      let nodes = two + [Self.node(op, ["a", "b"], "u"), Self.node("Not", ["u"], "t"), cast]
      #expect(try Self.results(nodes, [limit]) == Self.numbers.map { join($0 < -0.5, $0 != 0) ? 0 : 1 })
    }
  }

  /// Steps, half of which round to the even number.
  @Test func steps() throws {
    let steps: [(String, (Float) -> Float)] = [
      ("Sign", { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }), ("Floor", { $0.rounded(.down) }), ("Ceil", { $0.rounded(.up) }),
      ("Round", { $0.rounded(.toNearestOrEven) }),
    ]
    for (op, step) in steps { #expect(try Self.results([Self.node(op, ["x"])]) == Self.numbers.map(step)) }
  }

  /// Arrays for the condition and for what is chosen; a condition of one number chooses while the file is read.
  @Test func arraysAndConstants() throws {
    let count = Self.numbers.count
    let every = (0..<count).map { $0 % 3 == 0 ? 1 : 0 }
    let mask = ONNXTensor("m", .bool, [1, count], .ints(every))
    let other = ONNXTensor("o", .float, [count], .floats((0..<count).map { Float($0) }))
    #expect(
      try Self.results([Self.node("Where", ["m", "o", "x"])], [mask, other])
        == (0..<count).map { every[$0] == 1 ? Float($0) : Self.numbers[$0] })
    let yes = ONNXTensor("m", .bool, [], .ints([1]))
    let chosen = [Self.node("Tanh", ["x"], "z"), Self.node("Where", ["m", "z", "x"])]
    #expect(try Self.results(chosen, [yes]) == Self.results([Self.node("Tanh", ["x"])]))
  }

  @Test func refusedInWords() throws {
    let infinite = Self.scalar("c", -.infinity)
    let below = Self.node("Less", ["x", "zero"], "t")
    let zero = Self.scalar("zero", 0)
    #expect(
      ONNXTests.words([below, Self.node("Where", ["t", "c", "x"])], [infinite, zero]).contains("which is not finite"))
    #expect(ONNXTests.words([Self.node("Not", ["x"])]).contains("takes what is no truth of the items"))
    #expect(ONNXTests.words([below, Self.node("Relu", ["t"])], [zero]).contains("a constant or a truth"))
    #expect(ONNXTests.words([below, Self.node("Where", ["t", "x"])], [zero]).contains("other than three inputs"))
    let few = ONNXTensor("f", .float, [5], .floats([1, 2, 3, 4, 5]))
    #expect(!ONNXTests.words([below, Self.node("Where", ["t", "x", "f"])], [zero, few]).isEmpty)
  }
}
