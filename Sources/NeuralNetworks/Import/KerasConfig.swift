import Foundation

/// A value of the JSON in which Keras says what a model is.
enum KerasValue: Decodable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case list([KerasValue])
  case object([String: KerasValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode([String: KerasValue].self) {
      self = .object(value)
    } else {
      self = .list(try container.decode([KerasValue].self))
    }
  }

  /// Nil for what is no JSON, or nests so deep that nobody wrote it.
  init?(json: [UInt8]) {
    // Foundation's reader of JSON5 ends the process at a key without quotes that is not UTF-8.
    guard json.count <= 64 << 20, Self.isPlain(json), String(validating: json, as: UTF8.self) != nil else { return nil }
    let decoder = JSONDecoder()
    // Python writes Infinity and NaN.
    decoder.allowsJSON5 = true
    guard let value = try? decoder.decode(KerasValue.self, from: Data(json)) else { return nil }
    self = value
  }

  /// Whether it nests no deeper than models do (each nested one takes some ten levels), and has outside of texts only what
  /// Python writes there.
  private static func isPlain(_ json: [UInt8]) -> Bool {
    var depth = 0
    var (isInText, isEscaped) = (false, false)
    for byte in json {
      if isInText {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInText = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isInText = true
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        if depth > 100 { return false }
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      // JSON5 knows remarks and texts in single quotes, in which brackets would not count. Python writes neither.
      case UInt8(ascii: "'"), UInt8(ascii: "/"): return false
      // Nor keys without quotes, which JSON5 has, too, and which may have letters of any kind.
      case UInt8(ascii: "\\"), 0x80...: return false
      default: break
      }
    }
    return true
  }

  /// A member of an object; nil also for null.
  subscript(_ name: String) -> KerasValue? {
    guard case .object(let members) = self, let value = members[name] else { return nil }
    if case .null = value { return nil }
    return value
  }

  var text: String? { if case .text(let value) = self { value } else { nil } }
  var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  var list: [KerasValue]? { if case .list(let value) = self { value } else { nil } }
  var isNull: Bool { if case .null = self { true } else { false } }

  var double: Double? {
    guard case .number(let value) = self, value.isFinite else { return nil }
    return value
  }

  var int: Int? { double.flatMap { Int(exactly: $0) } }
}

/// A model as Keras's file describes it: layers, and which takes what of which.
struct KerasModel {
  /// A result: of the n-th call of a layer, one of those that it gives.
  struct Reference: Hashable {
    var layer: String
    var call: Int
    var result: Int
  }

  struct Layer {
    /// The name of its class, `Conv2D`.
    var kind: String
    var name: String
    var config: KerasValue
    /// What each call of it takes.
    var calls: [[Reference]]
    /// Of its first call: a number among two arguments, and its place.
    var number: (place: Int, value: Float)?
    /// Where it is a model itself.
    var model: KerasModel?
  }

  let name: String
  let layers: [Layer]
  let inputs: [Reference]
  let outputs: [Reference]
  /// Places in `layers`.
  private let places: [String: Int]

  func layer(_ name: String) -> Layer? { places[name].map { layers[$0] } }

  static let kinds: Set<String> = ["Sequential", "Functional", "Model"]
  private static let deepest = 8

  /// - Parameter value: an object with `class_name` and `config`.
  /// - Throws: words for what is wrong, without the file.
  init(_ value: KerasValue, depth: Int = 0) throws(KerasProblem) {
    guard depth < Self.deepest else { throw .reason("models in it nest more than \(Self.deepest) deep") }
    guard let kind = value["class_name"]?.text, let config = value["config"] else {
      throw .reason("it does not say what the model is")
    }
    guard Self.kinds.contains(kind) else {
      throw .reason("its model is of the class \(kind.prefix(80)), a program of its author's, which is never run")
    }
    name = config["name"]?.text ?? kind
    guard let listed = config["layers"]?.list ?? config.list, listed.count <= 1 << 14 else {
      throw .reason("its model has no list of layers")
    }
    var layers: [Layer] = []
    var places: [String: Int] = [:]
    for entry in listed {
      let layer = try Self.layer(entry, number: layers.count, depth)
      guard places.updateValue(layers.count, forKey: layer.name) == nil else {
        throw .reason("two layers in it have the name “\(layer.name.prefix(80))”")
      }
      layers.append(layer)
    }
    if kind == "Sequential" {
      (layers, self.inputs, self.outputs) = try Self.chained(layers, value)
      places = Dictionary(layers.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    } else {
      let inputs = Self.references(config["input_layers"])
      var outputs = Self.references(config["output_layers"])
      guard !inputs.isEmpty, !outputs.isEmpty else { throw .reason("its model has no inputs or no outputs") }
      Self.renumber(&layers, &outputs)
      (self.inputs, self.outputs) = (inputs, outputs)
    }
    self.layers = layers
    self.places = places
  }

  private static func layer(_ entry: KerasValue, number: Int, _ depth: Int) throws(KerasProblem) -> Layer {
    guard let kind = entry["class_name"]?.text, let config = entry["config"] else {
      throw .reason("a layer in it does not say what it is")
    }
    // Sequential models of Keras's first version hold a list.
    let name = entry["name"]?.text ?? config["name"]?.text ?? "\(kind.lowercased())_\(number)"
    var model: KerasModel?
    if kinds.contains(kind) { model = try KerasModel(entry, depth: depth + 1) }
    var calls: [[Reference]] = []
    for node in entry["inbound_nodes"]?.list ?? [] {
      guard calls.count < 1 << 14 else { throw .reason("the layer “\(name.prefix(80))” is called too often") }
      calls.append(taken(node))
    }
    return Layer(
      kind: kind, name: name, config: config, calls: calls, number: Self.number(entry["inbound_nodes"]?.list ?? []),
      model: model)
  }

  /// The number that an operator takes beside a result: `x + 3`. Only of what is called once.
  private static func number(_ nodes: [KerasValue]) -> (place: Int, value: Float)? {
    guard nodes.count == 1, let arguments = nodes[0]["args"]?.list, arguments.count == 2,
      let place = arguments.firstIndex(where: { $0.double != nil }), let value = arguments[place].double
    else { return nil }
    return (place, Float(value))
  }

  /// What a call takes: in Keras 3 tensors that say where they are from, in Keras 2 lists `[layer, call, result, {}]`.
  private static func taken(_ node: KerasValue) -> [Reference] {
    var found: [Reference] = []
    func add(_ value: KerasValue) {
      switch value {
      case .object(let members):
        if members["class_name"]?.text == "__keras_tensor__" {
          found += members["config"]?["keras_history"].flatMap { reference($0) }.map { [$0] } ?? []
        } else {
          for (_, member) in members.sorted(by: { $0.key < $1.key }) { add(member) }
        }
      case .list(let items):
        if let one = reference(value) { found.append(one) } else { for item in items { add(item) } }
      default: break
      }
    }
    add(node)
    return found
  }

  private static func reference(_ value: KerasValue) -> Reference? {
    guard let parts = value.list, parts.count >= 3, let layer = parts[0].text, let call = parts[1].int,
      let result = parts[2].int, (0...1 << 20).contains(call), (0...1 << 20).contains(result)
    else { return nil }
    return Reference(layer: layer, call: call, result: result)
  }

  /// One or several.
  private static func references(_ value: KerasValue?) -> [Reference] { value.map { taken($0) } ?? [] }

  /// Keras before 2.4 counted the call with which a nested model was made: its files say 1 and 2 of two calls.
  private static func renumber(_ layers: inout [Layer], _ outputs: inout [Reference]) {
    var last: [String: Int] = [:]
    for reference in layers.flatMap({ $0.calls.joined() }) + outputs {
      last[reference.layer] = max(last[reference.layer] ?? 0, reference.call)
    }
    var shift: [String: Int] = [:]
    for layer in layers where layer.model != nil {
      if let last = last[layer.name], last >= layer.calls.count, layer.calls.count > 0 {
        shift[layer.name] = last - layer.calls.count + 1
      }
    }
    guard !shift.isEmpty else { return }
    func shifted(_ one: Reference) -> Reference {
      Reference(layer: one.layer, call: max(0, one.call - (shift[one.layer] ?? 0)), result: one.result)
    }
    for index in layers.indices { layers[index].calls = layers[index].calls.map { $0.map(shifted) } }
    outputs = outputs.map(shifted)
  }

  /// Layers one after the other, behind an input of the shape that the model says somewhere.
  private static func chained(
    _ given: [Layer], _ value: KerasValue
  ) throws(KerasProblem) -> ([Layer], [Reference], [Reference]) {
    var layers = given
    guard let first = layers.first else { throw .reason("its model has no layers") }
    if first.kind != "InputLayer" {
      let shape =
        first.config["batch_shape"] ?? first.config["batch_input_shape"] ?? first.model?.inputShape
        ?? value["config"]?["build_input_shape"] ?? value["build_config"]?["input_shape"]
      var members: [String: KerasValue] = [:]
      if let shape { members["batch_shape"] = shape }
      layers.insert(
        Layer(kind: "InputLayer", name: " input", config: .object(members), calls: [], model: nil), at: 0)
    }
    for index in layers.indices.dropFirst() {
      layers[index].calls = [[Reference(layer: layers[index - 1].name, call: 0, result: 0)]]
    }
    layers[0].calls = []
    let ends = [layers[0].name, layers[layers.count - 1].name].map { Reference(layer: $0, call: 0, result: 0) }
    return (layers, [ends[0]], [ends[1]])
  }

  /// Of its only input, as a file has it.
  private var inputShape: KerasValue? {
    guard inputs.count == 1, let input = layer(inputs[0].layer) else { return nil }
    return input.config["batch_shape"] ?? input.config["batch_input_shape"]
  }
}

/// What is wrong with a model of Keras's, before it is known in which file.
enum KerasProblem: Error {
  case reason(String)
}
