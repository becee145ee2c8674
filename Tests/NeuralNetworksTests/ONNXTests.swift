import Diagnostics
import Foundation
import Tensors
import TestSupport
import Testing

@testable import NeuralNetworks
@testable import ONNXFormat

/// Networks as ONNX's graphs, and graphs as networks. What other programs say of both: Scripts/judge-networks.sh.
@Suite struct ONNXTests {
  static let networks: [PlanCase] =
    [
      PlanCase(layers: Network.recipeLayers, shape: [1, 24, 24], batch: 3),
      PlanCase(layers: Network.conv4Layers(width: 8), shape: [1, 28, 28], batch: 2),
      PlanCase(layers: Network.resnetLayers(width: 8, size: 6), shape: [3, 16, 16], batch: 2),
      PlanCase(
        layers: [
          .conv(6, 3, stride: 2, padding: .same), .groupNorm(3), .activation(.tanh),
          .parallel([[.conv(4, 1)], [.avgPool(Window(size: Extent(3), stride: Extent(1), padding: .same)), .relu]]),
          .residual([.conv(12, 3, stride: 2)], shortcut: .pool), .flatten, .dense(units: 3, bias: false), .normalize,
        ], shape: [2, 15, 13], batch: 2),
    ] + ImportedLayersTests.cases

  @Test(arguments: networks) func outAndIn(one: PlanCase) throws {
    let network = try Network(one.layers)
    try network.build(inputShape: one.shape, seed: 4)
    var random = RandomStream(seed: 9)
    for array in network.weights where !array.name.hasSuffix("variance") {
      #expect(array.set(array.values.map { $0 + 0.1 * Float(random.normal()) }))
    }
    let batch = try Tensor.randn([one.batch] + one.shape, &random)
    let bytes = try network.onnx(metadata: [(key: "labels", value: "[]")]).encoded()
    let read = try Network.fromONNX(bytes, file: "“x.onnx”").network
    let (a, b) = (try network.embed(batch), try read.embed(batch))
    #expect(a.shape == b.shape)
    for (x, y) in zip(a.values, b.values) { #expect(abs(x - y) <= 1e-4 * max(1, abs(x))) }
    #expect(read.learning.hasUnknown)
  }

  /// As PyTorch 2.9 and later writes a network: its weights in a second file.
  @Test func weightsBesideTheModel() throws {
    var writer = ProtobufWriter()
    writer.int(1, 8)
    writer.message(7) { graph in
      graph.message(1) { node in
        node.text(1, "x")
        node.text(1, "w")
        node.text(2, "y")
        node.text(4, "MatMul")
      }
      graph.message(5) { tensor in
        tensor.packed(1, [2, 1])
        tensor.int(2, 1)
        tensor.text(8, "w")
        tensor.message(13) {
          $0.text(1, "location")
          $0.text(2, "x.onnx.data")
        }
        tensor.int(14, 1)
      }
      for (field, name, sizes) in [(11, "x", [1, 2]), (12, "y", [1, 1])] {
        graph.message(field) { value in
          value.text(1, name)
          value.message(2) { type in
            type.message(1) { tensor in
              tensor.int(1, 1)
              tensor.message(2) { shape in for size in sizes { shape.message(1) { $0.int(1, size) } } }
            }
          }
        }
      }
    }
    writer.message(8) { $0.int(2, 18) }
    let bytes = writer.bytes
    let numbers = [Float(3), 0.5].flatMap { number in withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) }
    }
    let network = try Network.fromONNX(bytes, file: "“x.onnx”") { name, limit in
      #expect(name == "x.onnx.data" && limit == 4 << 30)
      return numbers
    }.network
    #expect(try network.embed(Tensor([10, 4], shape: [1, 2])).values == [32])
    #expect {
      try Network.fromONNX(bytes, file: "“x.onnx”")
    } throws: { error in
      let words = (error as? ImportError)?.explanation
      return words?.message == "“x.onnx” cannot be read: its weights lie in another file, “x.onnx.data”"
        && words?.help?.contains("external_data=False") == true
    }
    #expect {
      try Network.fromONNX(bytes, file: "“x.onnx”") { _, _ in throw NetworkError.emptyBatch }
    } throws: { error in
      (error as? ImportError)?.explanation.message.contains("its weights lie in “x.onnx.data”: ") == true
    }
  }

  @Test func whatBatchesHaveIsNotInIt() throws {
    let network = try Network([.dense(units: 2)])
    #expect(throws: NetworkError.notBuilt(function: "save")) { try network.onnx() }
  }

  static func words(_ nodes: [ONNXNode], _ tensors: [ONNXTensor] = [], input: [ONNXValue.Dimension]? = nil)
    -> String
  {
    var model = ONNXModel()
    model.graph.inputs = [ONNXValue("x", .float, input ?? [.named("n"), .size(2), .size(6), .size(6)])]
    model.graph.outputs = [ONNXValue("y", .float, nil)]
    model.graph.nodes = nodes
    model.graph.initializers = tensors
    do {
      _ = try Network.fromONNX(model.encoded(), file: "“x.onnx”")
      return ""
    } catch let error as any ExplainedError { return error.explanation.message } catch { return "\(error)" }
  }

  @Test func refusedInWords() {
    func node(_ op: String, _ inputs: [String] = ["x"], _ attributes: [String: ONNXAttribute] = [:]) -> [ONNXNode] {
      [ONNXNode(op, name: "one", inputs: inputs, outputs: ["y"], attributes: attributes)]
    }
    #expect(Self.words(node("Einsum")) == "“x.onnx” has the operator Einsum (node “one”), which is not read")
    #expect(Self.words(node("If", ["x"], ["then_branch": .other])).contains("operator If"))
    #expect(Self.words(node("Relu", ["z"])).contains("takes “z”, which nothing before it makes"))
    #expect(Self.words(node("Transpose", ["x"], ["perm": .ints([1, 0, 2, 3])])).contains("moves the batch's axis"))
    #expect(Self.words(node("Flatten", ["x"], ["axis": .int(2)])).contains("flattens from the axis 2"))
    #expect(Self.words(node("Relu"), input: nil).isEmpty)
    #expect(Self.words(node("Relu"), input: [.named("n"), .size(2), .named("h"), .size(6)]).contains("not told"))
    #expect(Self.words(node("Relu"), input: [.named("n"), .size(1 << 40)]).contains("not told"))
    #expect(Self.words(node("Relu"), input: [.size(2)]).contains("has 1 axes where 2 to 8 are read"))
    #expect(Self.words(node("Transpose", ["x"], ["perm": .ints([0, 2, 3, .min])])).contains("moves the batch's axis"))
    let weights = ONNXTensor("w", .float, [4, 3, 3, 3], .floats([Float](repeating: 1, count: 108)))
    #expect(Self.words(node("Conv", ["x", "w"]), [weights]).contains("in 1 groups for 2 channels"))
    let sizes = ONNXTensor("s", .int64, [2], .ints([-1, 1 << 60]))
    #expect(!Self.words(node("Reshape", ["x", "s"]), [sizes]).isEmpty)
    let pads = ONNXTensor("p", .int64, [8], .ints([0, 0, 1 << 40, 0, 0, 0, 0, 0]))
    #expect(!Self.words(node("Pad", ["x", "p"]), [pads]).isEmpty)
    let wide = ONNXTensor("s", .int64, [4], .ints([1, 2, 1 << 19, 1 << 19]))
    #expect(!Self.words(node("Expand", ["x", "s"]), [wide]).isEmpty)
    #expect(Self.words([]).contains("no node in it makes “y”"))
    let twice = node("Relu") + node("Tanh")
    #expect(Self.words(twice).contains("stands for two things"))
    let infinite = ONNXTensor("w", .float, [2, 72], .floats([Float](repeating: .nan, count: 144)))
    let flat = [
      ONNXNode("Flatten", name: "f", inputs: ["x"], outputs: ["z"]),
      ONNXNode("Gemm", name: "g", inputs: ["z", "w"], outputs: ["y"], attributes: ["transB": .int(1)]),
    ]
    #expect(Self.words(flat, [infinite]).contains("not finite"))
  }

  /// One node on items of [2, 6, 6] that count up from 0.
  private static func result(
    _ op: String, opset: Int = 18, _ inputs: [String] = ["x"], _ attributes: [String: ONNXAttribute] = [:],
    _ tensors: [ONNXTensor] = []
  ) throws -> Tensor {
    var model = ONNXModel()
    model.opset = opset
    model.graph.inputs = [ONNXValue("x", .float, [.named("n"), .size(2), .size(6), .size(6)])]
    model.graph.outputs = [ONNXValue("y", .float, nil)]
    model.graph.nodes = [ONNXNode(op, name: "", inputs: inputs, outputs: ["y"], attributes: attributes)]
    model.graph.initializers = tensors
    let network = try Network.fromONNX(model.encoded(), file: "“x.onnx”").network
    return try network.embed(Tensor((0..<72).map { Float($0) / 72 }, shape: [1, 2, 6, 6]))
  }

  /// A border beside the longer side of a window may be as wide as that side is long.
  @Test(arguments: ["MaxPool", "AveragePool"]) func flatWindows(op: String) throws {
    let y = try Self.result(
      op, ["x"], ["kernel_shape": .ints([1, 3]), "pads": .ints([0, 2, 0, 1]), "strides": .ints([1, 1])])
    #expect(y.shape == [1, 2, 6, 7])
    // The first window sees one pixel, the second two.
    #expect(y.values[0] == 0)
    #expect(abs(y.values[1] - (op == "MaxPool" ? 1 : 0.5) / 72) < 1e-6)
  }

  /// Before version 13, Softmax went over its axis and all behind it.
  @Test func softmaxOfOldFiles() throws {
    let whole = try Self.result("Softmax", opset: 11)
    #expect(whole.shape == [1, 2, 6, 6])
    #expect(abs(whole.values.reduce(0, +) - 1) < 1e-5)
    let planes = try Self.result("Softmax", opset: 11, ["x"], ["axis": .int(2)])
    #expect(abs(planes.values[..<36].reduce(0, +) - 1) < 1e-5)
    let rows = try Self.result("Softmax", opset: 13)
    #expect(abs(rows.values[..<6].reduce(0, +) - 1) < 1e-5)
  }

  @Test func sumsAndShortShapes() throws {
    let x = (0..<72).map { Float($0) / 72 }
    #expect(try Self.result("Sum", ["x", "x", "x"]).values.elementsEqual(x) { abs($0 - 3 * $1) < 1e-6 })
    let shape = ONNXTensor("s", .int64, [2], .ints([6, 1]))
    // It fits, and changes nothing: then there is no layer.
    let node = ONNXNode("Expand", name: "e", inputs: ["x", "s"], outputs: ["y"])
    #expect(Self.words([node], [shape]) == "“x.onnx” cannot be read: its output is its input")
  }

  /// A node without a name is known by what it gives, and a layer that cannot be made says whose it is.
  @Test func nodesWithoutNames() {
    let node = [
      ONNXNode(
        "MaxPool", name: "", inputs: ["x"], outputs: ["y"],
        attributes: ["kernel_shape": .ints([2, 2]), "pads": .ints([2, 0, 0, 0])])
    ]
    #expect(
      Self.words(node)
        == "“x.onnx” cannot be read: MaxPool (node “y”) makes no layer: maxpool expects padding less than the window's size, got 2"
    )
  }

  static func ints(_ name: String, _ values: [Int]) -> ONNXTensor {
    ONNXTensor(name, .int64, [values.count], .ints(values))
  }

  /// A graph of later versions' operators beside what onnxruntime makes of it (Tests/References/onnx_parts.py).
  @Test func partsAsOnnxruntimeHasThem() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "References/files")
    let bytes = [UInt8](try Data(contentsOf: folder.appending(path: "onnx-parts.onnx")))
    let numbers = try String(contentsOf: folder.appending(path: "onnx-parts.txt"), encoding: .utf8)
      .split(separator: "\n").map { $0.split(separator: " ").compactMap { Float($0) } }
    let network = try Network.fromONNX(bytes, file: "“onnx-parts.onnx”").network
    let x = try Tensor(numbers[0], shape: [2, 4, 6, 6])
    let again = try Network.fromONNX(try network.onnx().encoded(), file: "again").network
    for result in [try network.embed(x), try network.traced(x), try again.embed(x)] {
      #expect(result.count == numbers[1].count)
      for (a, b) in zip(result.values, numbers[1]) { #expect(abs(a - b) < 2e-5 * max(1, abs(b))) }
    }
  }

  /// Parts of items of [2, 6, 6], which count up from 0 in steps of 1/72.
  @Test func parts() throws {
    func whole(_ tensor: Tensor) -> [Int] { tensor.values.map { Int(($0 * 72).rounded()) } }
    let part = try Self.result(
      "Slice", ["x", "s", "e", "a", "t"], [:],
      [
        Self.ints("s", [-1, 1]), Self.ints("e", [Int(Int32.min), 6]), Self.ints("a", [1, 3]), Self.ints("t", [-1, 2]),
      ])
    #expect(part.shape == [1, 2, 6, 3])
    #expect(whole(part)[..<6] == [37, 39, 41, 43, 45, 47])
    // Version 9 has attributes.
    let old = try Self.result(
      "Slice", opset: 9, ["x"], ["starts": .ints([0, 4]), "ends": .ints([1, Int.max]), "axes": .ints([1, 2])])
    #expect(whole(old) == Array(24..<36))
    let one = ONNXTensor("i", .int64, [], .ints([-2]))
    #expect(try Self.result("Gather", ["x", "i"], ["axis": .int(3)], [one]).shape == [1, 2, 6])
    let several = try Self.result("Gather", ["x", "i"], ["axis": .int(2)], [Self.ints("i", [5, 3, 1])])
    #expect(whole(several)[..<8] == [30, 31, 32, 33, 34, 35, 18, 19])
    let twice = try Self.result("Tile", ["x", "r"], [:], [Self.ints("r", [1, 1, 1, 2])])
    #expect(whole(twice)[..<13] == [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 6])
    let deep = try Self.result("SpaceToDepth", ["x"], ["blocksize": .int(3)])
    #expect(deep.shape == [1, 18, 2, 2])
    // Of each block the first pixel, of channel after channel.
    #expect(whole(deep)[..<8] == [0, 3, 18, 21, 36, 39, 54, 57])
  }

  /// All results of a node, each in its place.
  @Test func splitGivesSeveral() throws {
    var model = ONNXModel()
    model.opset = 18
    model.graph.inputs = [ONNXValue("x", .float, [.named("n"), .size(5), .size(1), .size(1)])]
    model.graph.outputs = [ONNXValue("y", .float, nil)]
    model.graph.nodes = [
      ONNXNode(
        "Split", name: "s", inputs: ["x"], outputs: ["a", "", "c"],
        attributes: ["axis": .int(1), "num_outputs": .int(3)]),
      ONNXNode("Concat", name: "j", inputs: ["c", "a"], outputs: ["y"], attributes: ["axis": .int(1)]),
    ]
    let network = try Network.fromONNX(model.encoded(), file: "“x.onnx”").network
    // 2, 2 and the one that is left.
    #expect(try network.embed(Tensor([1, 2, 3, 4, 5], shape: [1, 5, 1, 1])).values == [5, 1, 2])
  }

  /// A product over the last axis of items of any rank, a norm over it, and a transposed convolution against loops.
  @Test func pixelsAndTransposedConvolutions() throws {
    let weights = ONNXTensor("w", .float, [6, 2], .floats((0..<12).map { Float($0 % 5) - 2 }))
    let product = try Self.result("MatMul", ["x", "w"], [:], [weights])
    #expect(product.shape == [1, 2, 6, 2])
    for row in 0..<12 {
      for unit in 0..<2 {
        let sum = (0..<6).reduce(Float(0)) { $0 + Float(row * 6 + $1) / 72 * (Float(($1 * 2 + unit) % 5) - 2) }
        #expect(abs(product.values[row * 2 + unit] - sum) < 1e-5)
      }
    }
    let ones = ONNXTensor("s", .float, [6], .floats([Float](repeating: 1, count: 6)))
    let normal = try Self.result("LayerNormalization", ["x", "s"], ["epsilon": .float(1e-12)], [ones])
    // Six numbers in equal steps: −5/2 … 5/2 over their deviation.
    #expect(abs(normal.values[0] + 2.5 / (35.0 / 12).squareRoot()) < 1e-3)
    let kernel = ONNXTensor("k", .float, [2, 3, 2, 3], .floats((0..<36).map { Float($0 % 7) / 7 }))
    let attributes: [String: ONNXAttribute] = [
      "strides": .ints([2, 3]), "pads": .ints([1, 0, 0, 2]), "output_padding": .ints([1, 0]),
      "dilations": .ints([2, 1]),
    ]
    let y = try Self.result("ConvTranspose", ["x", "k"], attributes, [kernel])
    #expect(y.shape == [1, 3, 2 * 5 + 1 + 3 - 1, 3 * 5 + 3 - 2])
    var sums = [Float](repeating: 0, count: y.count)
    for channel in 0..<2 {
      for pixel in 0..<36 {
        let value = Float(channel * 36 + pixel) / 72
        for filter in 0..<3 {
          for tap in 0..<6 {
            let row = pixel / 6 * 2 + tap / 3 * 2 - 1
            let column = pixel % 6 * 3 + tap % 3
            guard (0..<y.shape[2]).contains(row), (0..<y.shape[3]).contains(column) else { continue }
            sums[(filter * y.shape[2] + row) * y.shape[3] + column] +=
              value * Float(((channel * 3 + filter) * 6 + tap) % 7) / 7
          }
        }
      }
    }
    for (a, b) in zip(y.values, sums) { #expect(abs(a - b) < 1e-5) }
  }

  /// 6 pixels by 1.25 are 7, each 1/1.25 of a pixel apart, not 6/7.
  @Test func sizesThatAreNotWhole() throws {
    let scales = ONNXTensor("f", .float, [4], .floats([1, 1, 1, 1.25]))
    let y = try Self.result(
      "Resize", ["x", "", "f"],
      ["mode": .text("linear"), "coordinate_transformation_mode": .text("asymmetric")], [scales])
    #expect(y.shape == [1, 2, 6, 7])
    for (index, value) in y.values[..<7].enumerated() {
      #expect(abs(value * 72 - min(5, Float(index) * 0.8)) < 1e-4)
    }
    // Of one pixel PyTorch takes the first.
    let first = try Self.result(
      "Resize", ["x", "", "", "s"],
      ["coordinate_transformation_mode": .text("pytorch_half_pixel"), "mode": .text("linear")],
      [Self.ints("s", [1, 2, 1, 3])])
    #expect(abs(first.values[0] * 72 - 0.5) < 1e-4)
  }

  @Test func partsRefusedInWords() {
    func words(
      _ op: String, _ inputs: [String] = ["x"], _ attributes: [String: ONNXAttribute] = [:],
      _ tensors: [ONNXTensor] = []
    )
      -> String
    { Self.words([ONNXNode(op, name: "one", inputs: inputs, outputs: ["y"], attributes: attributes)], tensors) }
    func slice(_ start: Int, _ end: Int, _ axis: Int, _ step: Int) -> String {
      words(
        "Slice", ["x", "s", "e", "a", "t"], [:],
        [Self.ints("s", [start]), Self.ints("e", [end]), Self.ints("a", [axis]), Self.ints("t", [step])])
    }
    #expect(slice(0, 1, 0, 1).contains("cuts the batch"))
    #expect(slice(3, 2, 1, 1).contains("leaves nothing of the axis 1"))
    #expect(slice(0, 2, 1, 0).contains("has the step 0"))
    #expect(slice(0, 2, 1, Int.min).contains("has the step"))
    #expect(slice(Int.min, Int.max, 9, 1).contains("has the axis 9, which is not there"))
    #expect(slice(Int.max, Int.min, 1, 1).contains("leaves nothing"))
    #expect(
      words("Split", ["x", "s"], ["axis": .int(1)], [Self.ints("s", [3])]).contains("has parts [3] of an axis of 2"))
    #expect(words("Split", ["x"], ["axis": .int(0)]).contains("the batch's axis"))
    #expect(
      words("Gather", ["x", "i"], ["axis": .int(2)], [Self.ints("i", [0, 1, 5])]).contains("not equally far apart"))
    #expect(words("Gather", ["x", "i"], ["axis": .int(2)], [Self.ints("i", [6])]).contains("not there"))
    #expect(words("Tile", ["x", "r"], [:], [Self.ints("r", [2, 1, 1, 1])]).contains("repeats the batch"))
    #expect(words("DepthToSpace", ["x"], ["blocksize": .int(2)]).contains("has blocks of 2 in items [2, 6, 6]"))
    #expect(words("DepthToSpace", ["x"], ["blocksize": .int(Int.max)]).contains("has blocks of"))
    #expect(words("MatMul", ["x", "x"]).contains("multiplies two results"))
    #expect(words("GroupNormalization", ["x"], ["num_groups": .int(0)]).contains("has 0 groups for 2 channels"))
    #expect(words("Gelu", ["x"], ["approximate": .text("sigmoid")]).contains("has the approximation sigmoid"))
    let kernel = ONNXTensor("k", .float, [2, 3, 1, 1], .floats([Float](repeating: 1, count: 6)))
    #expect(words("ConvTranspose", ["x", "k"], ["pads": .ints([3, 3, 3, 3])], [kernel]).contains("leaves nothing"))
    #expect(words("ConvTranspose", ["x", "k"], ["pads": .ints([Int.max, 0, 0, 0])], [kernel]).contains("has pads"))
    #expect(words("ConvTranspose", ["x", "k"], ["group": .int(Int.max)], [kernel]).contains("groups"))
    #expect(words("ConvTranspose", ["x", "k"], ["output_shape": .ints([9, 9])], [kernel]).contains("output_shape"))
    let scales = ONNXTensor("f", .float, [4], .floats([1, 1, 1e30, 1]))
    #expect(words("Resize", ["x", "", "f"], [:], [scales]).contains("has scales that are none"))
  }

  /// Bytes and numbers changed at random; TWINBOOK_FUZZ=n does so n times as often.
  @Test func changedFiles() throws {
    var random = FuzzRandom(state: 5)
    let times = ProcessInfo.processInfo.environment["TWINBOOK_FUZZ"].flatMap { Int($0) } ?? 1
    for one in Self.networks.prefix(4) + ImportedLayersTests.cases.suffix(16) {
      let network = try Network(one.layers)
      try network.build(inputShape: one.shape, seed: 4)
      let model = try network.onnx()
      let bytes = model.encoded()
      for _ in 0..<60 * times {
        _ = try? Network.fromONNX(random.mutated(bytes), file: "x")
        // Lies that are well-formed.
        var changed = model
        let node = random.below(changed.graph.nodes.count)
        switch random.below(5) {
        case 0: changed.graph.nodes[node].op = model.graph.nodes[random.below(model.graph.nodes.count)].op
        case 1:
          for key in changed.graph.nodes[node].attributes.keys {
            guard case .ints(var values)? = changed.graph.nodes[node].attributes[key], !values.isEmpty else { continue }
            values[random.below(values.count)] = [-1, 0, 3, 1 << 20, Int.max, Int.min][random.below(6)]
            changed.graph.nodes[node].attributes[key] = .ints(values)
          }
        case 2:
          if !changed.graph.nodes[node].inputs.isEmpty {
            changed.graph.nodes[node].inputs[random.below(changed.graph.nodes[node].inputs.count)] =
              model.graph.nodes[random.below(model.graph.nodes.count)].outputs[0]
          }
        case 3:
          let tensor = random.below(max(1, changed.graph.initializers.count))
          if changed.graph.initializers.indices.contains(tensor) {
            let old = changed.graph.initializers[tensor]
            if case .ints(let values) = old.contents, !values.isEmpty {
              let wild = [-1, 0, 7, 1 << 31, Int.max, Int.min][random.below(6)]
              changed.graph.initializers[tensor] = ONNXTensor(
                old.name, old.type, old.shape, .ints(values.map { random.below(2) == 0 ? $0 : wild }))
            } else {
              changed.graph.initializers[tensor] = ONNXTensor(old.name, old.type, old.shape.reversed(), old.contents)
            }
          }
        default: changed.graph.nodes.remove(at: node)
        }
        _ = try? Network.fromONNX(changed.encoded(), file: "x")
      }
    }
  }
}
