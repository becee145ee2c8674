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
  }

  /// A model whose one tensor lies in another file.
  static func elsewhere(_ entries: [(String, String)], shape: [Int] = [3], type: Int = 1) -> [UInt8] {
    var writer = ProtobufWriter()
    writer.int(1, 8)
    writer.message(7) { graph in
      graph.message(5) { tensor in
        tensor.packed(1, shape)
        tensor.int(2, type)
        tensor.text(8, "w")
        for (key, value) in entries {
          tensor.message(13) {
            $0.text(1, key)
            $0.text(2, value)
          }
        }
        tensor.int(14, 1)
      }
    }
    writer.message(8) { $0.int(2, 18) }
    return writer.bytes
  }

  @Test func tensorsInOtherFiles() throws {
    let numbers: [Float] = [7, 1.5, -2, 0.25]
    let file = numbers.flatMap { number in withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) } }
    // Any name is told, none is opened: who reads it says which are allowed.
    for name in ["w.data", "../../etc/passwd", "a/b.bin"] {
      let bytes = Self.elsewhere([("location", name), ("offset", "4"), ("length", "12")])
      let alone = try ONNXModel(decoding: bytes)
      #expect(alone.missingFiles == [name])
      #expect(alone.graph.initializers[0].count == 0)
      let whole = try ONNXModel(decoding: bytes, files: [name: file])
      #expect(whole.missingFiles.isEmpty)
      #expect(whole.graph.initializers[0].floats == Array(numbers[1...]))
      #expect(whole.graph.initializers[0].shape == [3])
    }
    // From the beginning, and as long as the shape says, where nothing else is said.
    let first = try ONNXModel(decoding: Self.elsewhere([("location", "w"), ("checksum", "x")]), files: ["w": file])
    #expect(first.graph.initializers[0].floats == Array(numbers[..<3]))
    for (entries, reason) in [
      ([], "which is not named"), ([("location", "")], "which is not named"),
      ([("location", String(repeating: "a", count: 2000))], "which is not named"),
      ([("location", "w"), ("offset", "-4")], "other than the bytes"),
      ([("location", "w"), ("offset", "4x")], "other than the bytes"),
      ([("location", "w"), ("length", "16")], "other than the bytes"),
      ([("location", "w"), ("length", "99999999999999999999")], "other than the bytes"),
      ([("location", "w"), ("offset", "5")], "ends behind the end of “w”, which has 16 bytes"),
      ([("location", "w"), ("offset", "\(Int.max)")], "ends behind the end"),
    ] as [([(String, String)], String)] {
      #expect {
        try ONNXModel(decoding: Self.elsewhere(entries), files: ["w": file])
      } throws: {
        ($0 as? ONNXError)?.explanation.message.contains(reason) == true
      }
    }
    let vast = Self.elsewhere([("location", "w")], shape: [1 << 40, 1 << 20])
    #expect(throws: ONNXError.self) { try ONNXModel(decoding: vast, files: ["w": file]) }
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
