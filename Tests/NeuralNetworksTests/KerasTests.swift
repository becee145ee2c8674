import Diagnostics
import Foundation
import Tensors
import TestSupport
import Testing

@testable import NeuralNetworks
@testable import TensorFiles

/// Files that Keras 3 and Keras 2 wrote, and what they compute (Tests/References/keras_files.py). What more of Keras's
/// layers give: Scripts/judge-networks.sh keras.
@Suite struct KerasTests {
  static let files: [String: [UInt8]] = {
    guard let zip = try? referenceFile("files/keras.zip"),
      let files = try? ZipEntries.read(zip, broken: { .broken(file: "keras.zip", format: "zip", reason: $0) })
    else { return [:] }
    return files
  }()

  private static func keras(_ name: String) throws -> KerasFile {
    try KerasFile(try #require(files[name]), file: "“\(name)”")
  }

  /// Lines of names and numbers.
  private static func figures(_ name: String) throws -> [Float] {
    let text = String(decoding: try #require(files["results.txt"]), as: UTF8.self)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(name + " ") })
    return line.split(separator: " ").dropFirst().compactMap { Float($0) }
  }

  private static func batch() throws -> Tensor { try Tensor(try figures("x"), shape: [3, 2, 7, 6]) }

  private static func expect(_ network: Network, gives name: String, place: SourceLocation = #_sourceLocation) throws {
    let figures = try figures(name)
    let result = try network.embed(try batch())
    #expect(result.shape == [3, Int(figures[0])], sourceLocation: place)
    for (ours, theirs) in zip(result.values, figures.dropFirst()) {
      #expect(abs(ours - theirs) <= 1e-5 * max(1, abs(theirs)), sourceLocation: place)
    }
  }

  @Test(arguments: ["twin-3.keras", "twin-2.h5"]) func twins(name: String) throws {
    let (network, note) = try Network.fromKeras(try Self.keras(name))
    #expect(
      note
        == "“\(name)” is a twin: the part that each of its 2 inputs goes through, up to “base”, was taken; what stands "
        + "behind it is left out: difference")
    #expect(network.inputShape == [2, 7, 6] && network.learning.hasUnknown)
    #expect(
      network.layers.map(\.describe)
        == [
          "conv(3, 3, stride=2, padding=\"same\")", "relu", "batchnorm(momentum=0.99, epsilon=0.001)", "flatten",
          "dense(4)",
        ])
    let figures = name == "twin-3.keras" ? "twin-3" : "twin-2"
    try Self.expect(network, gives: figures)
    // By its name; and one layer of it.
    try Self.expect(try Network.fromKeras(try Self.keras(name), layer: "base").network, gives: figures)
    let short = try Network.fromKeras(try Self.keras(name), layer: "batch_normalization").network
    #expect(short.outputShape == [3, 4, 3])
  }

  @Test func graphs() throws {
    let (network, note) = try Network.fromKeras(try Self.keras("graph-3.h5"))
    #expect(note == nil)
    try Self.expect(network, gives: "graph-3")
    // Rows that were images come in Keras's order where they are the result.
    let flat = try Network.fromKeras(try Self.keras("graph-3.h5"), layer: "flat").network.embed(try Self.batch())
    let image = try Network.fromKeras(try Self.keras("graph-3.h5"), layer: "both").network.embed(try Self.batch())
    #expect(flat.values == (try image.transposed([0, 2, 3, 1])).values)
  }

  @Test func weightsAreAdopted() throws {
    let layers: [Layer] = [
      .conv(3, 3, stride: 2, padding: .same), .relu, .batchNorm(momentum: 0.99, epsilon: 0.001), .flatten,
      .dense(units: 4),
    ]
    for (name, figures) in [("base-3.weights.h5", "twin-3"), ("twin-3.keras", "twin-3"), ("twin-2.h5", "twin-2")] {
      let network = try Network(layers)
      var file = try Self.keras(name)
      #expect(throws: NetworkError.notBuilt(function: "adopt")) { try network.adopt(&file) }
      try network.build(inputShape: [2, 7, 6], seed: 1)
      let told = try network.adopt(&file)
      #expect(told.count == 8 && told.last?.hasSuffix("[4] → 5.bias") == true)
      try Self.expect(network, gives: figures)
      #expect(file.hasModel == (name != "base-3.weights.h5"))
    }
    var file = try Self.keras("base-3.weights.h5")
    #expect(try file.arrays().map(\.name).contains("layers/dense/vars/0"))
    let other = try Network([.flatten, .dense(units: 5)])
    try other.build(inputShape: [2, 7, 6], seed: 1)
    let before = other.snapshot().arrays
    #expect(throws: ImportError.self) { try other.adopt(&file) }
    #expect(other.snapshot().arrays == before)
  }

  /// In the file's groups the inner convolution comes behind the outer one, which has arrays of the same shapes.
  @Test func modelsWithinModelsAreAdoptedInTheirPlace() throws {
    let network = try Network([
      .conv(2, 3, padding: .same), .conv(2, 3, padding: .same), .flatten, .dense(units: 4),
    ])
    try network.build(inputShape: [2, 7, 6], seed: 1)
    var file = try Self.keras("nested-3.keras")
    let told = try network.adopt(&file)
    #expect(told.count == 6 && told[0] == "layers/sequential/layers/conv2d/vars/0 [3, 3, 2, 2] → 1.weight")
    try Self.expect(network, gives: "nested-3")
    try Self.expect(try Network.fromKeras(file).network, gives: "nested-3")
  }

  // MARK: What is refused

  /// A file with one model as JSON and no weights.
  private static func words(_ model: String, layer: String? = nil) throws -> String {
    do {
      let empty = try HDF5File(try #require(files["base-3.weights.h5"]))
      let file = KerasFile(config: Array(model.utf8), weights: empty, file: "x.keras")
      _ = try Network.fromKeras(file, layer: layer)
      return "read"
    } catch let error as any ExplainedError { return error.explanation.message } catch { return "\(error)" }
  }

  private static func chain(_ layers: String, shape: String = "[null, 7, 6, 2]") -> String {
    """
    {"class_name": "Sequential", "config": {"name": "s", "layers": [{"class_name": "InputLayer",
    "config": {"batch_shape": \(shape), "name": "in"}}, \(layers)]}}
    """
  }

  private static func layer(_ kind: String, _ config: String) -> String {
    "{\"class_name\": \"\(kind)\", \"config\": {\"name\": \"one\"\(config.isEmpty ? "" : ", ")\(config)}}"
  }

  /// Foundation's reader of JSON5 ended the process at the first of these (found by the fuzzer).
  @Test func configurationsThatAreNoTextAreRefused() {
    let words = [#"{#a": 1}"#, #"{"a#": 1}"#, #"{\u0061: 1}"#, "{é: 1}", #"{"a": 'b'}"#, #"{"a": "#]
    var texts = words.map { Array($0.utf8) }
    // A byte that begins no letter, in place of a quote and within a text.
    texts[0][1] = 0xFF
    texts[1][3] = 0xFF
    for bytes in texts {
      #expect(KerasValue(json: bytes).map { _ in true } == nil, "\(bytes)")
    }
    let value = KerasValue(json: Array("{\"é\": [NaN, -Infinity, 1.5e-3, true, null]}".utf8))
    guard case .list(let list)? = value?["é"] else {
      Issue.record("what Python writes is read")
      return
    }
    #expect(list.count == 5)
  }

  @Test func refusedInWords() throws {
    func one(_ kind: String, _ config: String = "", shape: String = "[null, 7, 6, 2]") throws -> String {
      try Self.words(Self.chain(Self.layer(kind, config), shape: shape))
    }
    #expect(try one("ReLU") == "read")
    #expect(
      try one("Lambda", "\"function\": [\"4wEAAAA\", null, null]")
        == "x.keras has a Lambda layer (“one”), a program of its author's, which is never run")
    #expect(try one("Custom>Mine") == "x.keras has the layer Custom>Mine (“one”), which is not read")
    #expect(try one("LSTM") == "x.keras has the layer LSTM (“one”), which is not read")
    #expect(
      try one("Dense", "\"units\": 4", shape: "[null, 9]")
        == "x.keras cannot be read: the layer Dense (“one”) has weights of the shapes [[36, 4], [4]], where [[9, 4], [4]] are "
        + "due")
    #expect(try one("Dense", "\"units\": 1e300", shape: "[null, 9]").contains("a units that is no size"))
    #expect(try one("Conv2D", "\"filters\": 3, \"kernel_size\": [3, -1]").contains("a kernel_size that is no height"))
    #expect(try one("Conv2D", "\"filters\": 3, \"kernel_size\": 3, \"padding\": \"causal\"").contains("padding other"))
    #expect(try one("Activation", "\"activation\": \"mine\"").contains("activation “mine”, which is not read"))
    #expect(try one("Reshape", "\"target_shape\": [-1, -1]").contains("makes [-1, -1]"))
    #expect(try one("Reshape", "\"target_shape\": [4611686018427387904, 4]").contains("Reshape"))
    #expect(try one("UpSampling2D", "\"size\": [4096, 4096]").contains("sizes or places"))
    #expect(try one("ZeroPadding2D", "\"padding\": [[4096, 4096], [4096, 1e99]]").contains("a border that is none"))
    #expect(try one("BatchNormalization", "\"axis\": 1").contains("goes over the axes [1]"))
    #expect(try one("ReLU", shape: "[null, null, null, 3]").contains("has sides that are not told"))
    #expect(try one("ReLU", shape: "[null, 1048576, 1048576, 3]").contains("too many numbers"))
    #expect(try Self.words("{").contains("no JSON"))
    #expect(try Self.words("[" + String(repeating: "[", count: 5000)).contains("no JSON"))
    #expect(
      try Self.words("{\"class_name\": \"MyModel\", \"config\": {}}")
        == "x.keras cannot be read: its model is of the class MyModel, a program of its author's, which is never run")
    #expect(try Self.words(Self.chain(Self.layer("ReLU", "")), layer: "two").contains("it has no layer “two”"))
    // Models in models.
    var nested = Self.chain(Self.layer("ReLU", ""))
    for _ in 0..<20 { nested = Self.chain(nested) }
    #expect(try Self.words(nested).contains("nest more than"))
  }

  private static func functional(_ layers: String, inputs: String = "[[\"in\", 0, 0]]", call: Int = 0) -> String {
    """
    {"class_name": "Functional", "config": {"name": "f", "layers": [{"class_name": "InputLayer", "name": "in",
    "config": {"batch_input_shape": [null, 7, 6, 2], "name": "in"}, "inbound_nodes": []}, \(layers)],
    "input_layers": \(inputs), "output_layers": [["one", \(call), 0]]}}
    """
  }

  private static func node(_ kind: String, _ name: String, _ nodes: String) -> String {
    "{\"class_name\": \"\(kind)\", \"name\": \"\(name)\", \"config\": {\"name\": \"\(name)\"}, \"inbound_nodes\": [\(nodes)]}"
  }

  @Test func graphsThatAreNone() throws {
    let good = Self.functional(
      Self.node("ReLU", "a", "[[\"in\", 0, 0, {}]]") + ", "
        + Self.node("Add", "one", "[[\"a\", 0, 0, {}], [\"in\", 0, 0, {}]]"))
    #expect(try Self.words(good) == "read")
    let circle = Self.functional(
      Self.node("ReLU", "a", "[[\"one\", 0, 0, {}]]") + ", " + Self.node("ReLU", "one", "[[\"a\", 0, 0, {}]]"))
    #expect(try Self.words(circle).contains("go round in a circle"))
    #expect(
      try Self.words(Self.functional(Self.node("ReLU", "one", "[[\"b\", 0, 0, {}]]"))).contains(
        "“b”, which is not there"))
    #expect(
      try Self.words(Self.functional(Self.node("ReLU", "one", "[[\"in\", 0, 7, {}]]"))).contains("which gives nothing"))
    #expect(try Self.words(Self.functional(Self.node("ReLU", "one", ""))).contains("not called as often"))
    #expect(try Self.words(Self.functional(Self.node("ReLU", "in", ""))).contains("two layers in it have the name"))
    // Two inputs that go different ways.
    let second =
      "{\"class_name\": \"InputLayer\", \"name\": \"b\", \"config\": {\"batch_shape\": [null, 7, 6, 2], \"name\": \"b\"}}"
    let apart = Self.functional(
      second + ", " + Self.node("ReLU", "r", "[[\"in\", 0, 0, {}]]") + ", "
        + Self.node("Flatten", "s", "[[\"b\", 0, 0, {}]]")
        + ", " + Self.node("Add", "one", "[[\"r\", 0, 0, {}], [\"s\", 0, 0, {}]]"),
      inputs: "[[\"in\", 0, 0], [\"b\", 0, 0]]")
    #expect(try Self.words(apart) == "x.keras cannot be read: it takes 2 inputs, which go different ways")
    #expect(try Self.words(apart, layer: "s") == "read")
    #expect(try Self.words(apart, layer: "one").contains("takes 2 inputs where one is read"))
    // Models that call models twice, fifty deep in effect: work is bounded.
    var doubled = Self.functional(Self.node("ReLU", "one", "[[\"in\", 0, 0, {}]]"))
    for _ in 0..<7 {
      let inner =
        "\"class_name\": \"Functional\"" + doubled.dropFirst("{\"class_name\": \"Functional\"".count).dropLast()
      let calls = (0..<8).map { "[[\"\($0 == 0 ? "in" : "one")\", \(max(0, $0 - 1)), 0, {}]]" }.joined(separator: ", ")
      doubled = Self.functional(
        "{" + inner + ", \"name\": \"one\", \"inbound_nodes\": [\(calls)]}", call: 7)
    }
    #expect(try Self.words(doubled).contains("has more than 16384 layers"))
  }

  @Test func onlyWeights() throws {
    #expect(throws: ImportError.self) { try Network.fromKeras(try Self.keras("base-3.weights.h5")) }
    #expect(throws: TensorFileError.self) { try KerasFile(HDF5File.signature, file: "x") }
    let archive = storedZip([("metadata.json", Array("{}".utf8)), ("config.json", Array("{}".utf8))])
    #expect(throws: TensorFileError.self) { try KerasFile(archive, file: "x") }
  }

  /// Bytes changed at random, of the archive and of the parts in an archive that is whole; TWINBOOK_FUZZ=n does so n times
  /// as often.
  @Test func changedFiles() throws {
    let times = ProcessInfo.processInfo.environment["TWINBOOK_FUZZ"].flatMap { Int($0) } ?? 1
    var random = FuzzRandom(state: 31)
    let whole = try #require(Self.files["twin-3.keras"])
    let parts = try KerasArchive(whole, name: "x")
    let marks = Array("0123456789-[]{}\",:nulltrefas".utf8)
    func look(_ bytes: [UInt8]) {
      guard var file = try? KerasFile(bytes, file: "x") else { return }
      _ = try? Network.fromKeras(file)
      _ = try? file.arrays()
    }
    for _ in 0..<150 * times {
      look(random.mutated(whole))
      var config = parts.config
      for _ in 0...random.below(4) { config[random.below(config.count)] = marks[random.below(marks.count)] }
      look(storedZip([("metadata.json", []), ("config.json", config), ("model.weights.h5", parts.weights)]))
      var weights = parts.weights
      for _ in 0...random.below(4) { weights[random.below(weights.count)] = UInt8(truncatingIfNeeded: random.next()) }
      look(storedZip([("metadata.json", []), ("config.json", parts.config), ("model.weights.h5", weights)]))
    }
    let old = try #require(Self.files["twin-2.h5"])
    for _ in 0..<150 * times { look(random.mutated(old)) }
  }
}
