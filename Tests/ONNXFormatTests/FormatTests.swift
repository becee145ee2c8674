import Foundation
import TestSupport
import Testing

@testable import ONNXFormat

struct FormatTests {
  static func model() -> ONNXModel {
    var model = ONNXModel()
    model.producer = "test"
    model.metadata = [(key: "labels", value: "[\"ä\"]")]
    model.graph.name = "graph"
    model.graph.inputs = [ONNXValue("x", .float, [.named("batch"), .size(3)])]
    model.graph.outputs = [ONNXValue("y", .float, [.named("batch"), .size(2)])]
    model.graph.initializers = [
      ONNXTensor("w", .float, [2, 3], .floats([1, -2, 3, 4, 5, 1e-30])), ONNXTensor("s", .int64, [1], .ints([-1])),
      ONNXTensor("d", .double, [], .doubles([0.1])), ONNXTensor("b", .uint8, [3], .ints([0, 128, 255])),
    ]
    model.graph.nodes = [
      ONNXNode(
        "Gemm", name: "g", inputs: ["x", "w", ""], outputs: ["y"],
        attributes: [
          "transB": .int(1), "alpha": .float(0.5), "mode": .text("linear"), "pads": .ints([-1, 0, 1 << 40]),
          "scales": .floats([1, 2]), "value": .tensor(ONNXTensor("t", .float, [1], .floats([7]))),
        ])
    ]
    return model
  }

  @Test func whatIsWrittenIsRead() throws {
    let bytes = Self.model().encoded()
    #expect(ONNXModel.recognises(bytes))
    let read = try ONNXModel(decoding: bytes)
    #expect(read.encoded() == bytes)
    #expect(read.graph.nodes[0].inputs == ["x", "w", ""])
    #expect(read.graph.initializers[0].floats == [1, -2, 3, 4, 5, 1e-30])
    #expect(read.graph.initializers[1].ints == [-1])
    guard case .ints(let pads)? = read.graph.nodes[0].attributes["pads"] else {
      Issue.record("no pads")
      return
    }
    #expect(pads == [-1, 0, 1 << 40])
    #expect(read.graph.inputs[0].shape == [.named("batch"), .size(3)])
  }

  @Test func numbersOfEveryLength() throws {
    for value in [0, 1, 127, 128, 300, -1, Int.max, Int.min] {
      var writer = ProtobufWriter()
      writer.int(5, value)
      var reader = ProtobufReader(writer.bytes)
      let field = try #require(try reader.next())
      #expect(field.field == 5)
      #expect(try field.value.int() == value)
      #expect(try reader.next() == nil)
    }
  }

  /// Every beginning of a file is refused in words; none is read beyond its end.
  @Test func cutOff() {
    let bytes = Self.model().encoded()
    // The remarks, 20 bytes at the end, may be missing.
    for count in 0..<bytes.count - 30 {
      #expect(throws: ONNXError.self) { _ = try ONNXModel(decoding: Array(bytes[..<count])) }
    }
  }

  @Test func lies() throws {
    func tensor(_ fill: (inout ProtobufWriter) -> Void) -> [UInt8] {
      var writer = ProtobufWriter()
      writer.int(1, 8)
      writer.message(7) { graph in graph.message(5) { fill(&$0) } }
      writer.message(8) { $0.int(2, 18) }
      return writer.bytes
    }
    let vast = tensor {
      $0.packed(1, [1 << 62, 2])
      $0.int(2, 1)
    }
    #expect(throws: ONNXError.self) { try ONNXModel(decoding: vast) }
    let negative = tensor {
      $0.packed(1, [-1])
      $0.int(2, 1)
    }
    #expect(throws: ONNXError.self) { try ONNXModel(decoding: negative) }
    let short = tensor {
      $0.packed(1, [1 << 28])
      $0.int(2, 1)
      $0.data(9, [0, 0, 0, 0] as [UInt8])
    }
    #expect(throws: ONNXError.self) { try ONNXModel(decoding: short) }
    let outside = tensor {
      $0.packed(1, [1])
      $0.int(2, 1)
      $0.message(13) {
        $0.text(1, "location")
        $0.text(2, "../../etc/passwd")
      }
      $0.int(14, 1)
    }
    #expect {
      try ONNXModel(decoding: outside)
    } throws: { error in
      (error as? ONNXError)?.explanation.message.contains("another file") == true
    }
  }

  /// Messages within messages, a hundred thousand deep: what is not known is passed over, never gone into.
  @Test func recursion() throws {
    var inner: [UInt8] = []
    for _ in 0..<2000 {
      var writer = ProtobufWriter()
      writer.data(6, inner)
      inner = writer.bytes
    }
    var writer = ProtobufWriter()
    writer.int(1, 8)
    writer.message(7) { graph in
      graph.message(1) { node in
        node.text(4, "If")
        node.data(5, inner)
      }
    }
    writer.message(8) { $0.int(2, 18) }
    let model = try ONNXModel(decoding: writer.bytes)
    #expect(model.graph.nodes.count == 1)
  }

  /// Bytes changed at random; TWINBOOK_FUZZ=n does so n times as often.
  @Test func changedBytes() {
    let bytes = Self.model().encoded()
    var random = FuzzRandom(state: 17)
    let times = ProcessInfo.processInfo.environment["TWINBOOK_FUZZ"].flatMap { Int($0) } ?? 1
    for _ in 0..<20_000 * times {
      let changed = random.mutated(bytes)
      _ = ONNXModel.recognises(changed)
      _ = try? ONNXModel(decoding: changed)
    }
  }
}
