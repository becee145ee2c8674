/// Which part of a model of Keras's becomes a network: from one input to one result.
struct KerasChoice {
  let model: KerasModel
  /// Names of the models that it stands in.
  let path: [String]
  let input: KerasModel.Reference
  let output: KerasModel.Reference
  /// What was chosen, where the file holds more.
  let note: String?

  /// - Parameter name: a layer's; of a model in it, that model; of another layer, what leads to it.
  init(_ model: KerasModel, layer name: String?, file: String) throws {
    func bad(_ reason: String, help: String?) -> ImportError { .file(file, reason: reason, help: help) }
    guard let name else {
      if model.inputs.count == 1, model.outputs.count == 1 {
        (self.model, path, input, output, note) = (model, [], model.inputs[0], model.outputs[0], nil)
        return
      }
      if model.inputs.count == 1 {
        throw bad(
          "it gives \(model.outputs.count) results where one is read",
          help: "load(path, layer=\"\(model.outputs[0].layer)\") takes one of \(Self.listed(model.outputs))")
      }
      guard let twin = try Self.twin(model, file: file) else {
        throw bad(
          "it takes \(model.inputs.count) inputs, which go different ways",
          help: "load(path, layer=\"…\") takes what leads to a layer, or a model in it: \(Self.names(model))")
      }
      (self.model, path, input, output) = (model, [], twin.input, twin.output)
      let behind = twin.behind.isEmpty ? "" : "; what stands behind it is left out: \(twin.behind)"
      note =
        "\(file) is a twin: the part that each of its \(model.inputs.count) inputs goes through, up to "
        + "“\(twin.output.layer)”, was taken\(behind)"
      return
    }
    guard let (owner, path, layer) = Self.find(name, in: model, []) else {
      throw bad("it has no layer “\(name.prefix(80))”", help: "it has \(Self.names(model))")
    }
    let (taken, place): (KerasModel, [String])
    let wanted: KerasModel.Reference
    if let inner = layer.model {
      guard inner.outputs.count == 1 else {
        throw bad(
          "“\(name.prefix(80))” gives \(inner.outputs.count) results where one is read",
          help: "name the layer of one of them: \(Self.listed(inner.outputs))")
      }
      (taken, place, wanted) = (inner, path + [layer.name], inner.outputs[0])
    } else {
      (taken, place, wanted) = (owner, path, KerasModel.Reference(layer: layer.name, call: 0, result: 0))
    }
    let inputs = try taken.inputs(to: wanted, file: file)
    guard inputs.count == 1, inputs.first != wanted, let input = inputs.first else {
      throw bad(
        "“\(name.prefix(80))” takes \(inputs.count) inputs where one is read",
        help: "name a layer that stands before they meet: \(Self.names(taken))")
    }
    (self.model, self.path, self.input, output, note) = (taken, place, input, wanted, nil)
  }

  private static func find(
    _ name: String, in model: KerasModel, _ path: [String]
  ) -> (KerasModel, [String], KerasModel.Layer)? {
    if let layer = model.layer(name) { return (model, path, layer) }
    for layer in model.layers {
      if let inner = layer.model, let found = find(name, in: inner, path + [layer.name]) { return found }
    }
    return nil
  }

  private static func names(_ model: KerasModel) -> String {
    let names = model.layers.filter { $0.kind != "InputLayer" }.map { "“\($0.name.prefix(40))”" }
    return names.prefix(12).joined(separator: ", ") + (names.count > 12 ? " and \(names.count - 12) more" : "")
  }

  private static func listed(_ references: [KerasModel.Reference]) -> String {
    references.prefix(8).map { "“\($0.layer.prefix(40))”" }.joined(separator: ", ")
  }

  // MARK: Twins

  /// The way that the first input goes alone, where the others go through the same layers.
  private static func twin(
    _ model: KerasModel, file: String
  ) throws -> (input: KerasModel.Reference, output: KerasModel.Reference, behind: String)? {
    let order = try model.order(to: model.outputs, from: Set(model.inputs), file: file)
    // Of each call: which inputs lead to it, and through which layers.
    var sources: [KerasModel.Reference: Set<KerasModel.Reference>] = [:]
    var ways: [KerasModel.Reference: Set<String>] = [:]
    for input in model.inputs { (sources[input], ways[input]) = ([input], []) }
    func key(_ one: KerasModel.Reference) -> KerasModel.Reference { .init(layer: one.layer, call: one.call, result: 0) }
    /// One result for each input, each by itself, all through the same layers.
    func isShared(_ results: [KerasModel.Reference]) -> Bool {
      let keys = results.map(key)
      guard keys.count >= 2, let way = ways[keys[0]], !way.isEmpty else { return false }
      let roots = keys.map { sources[$0] ?? [] }
      return roots.allSatisfy { $0.count == 1 } && Set(roots).count == keys.count
        && keys.allSatisfy { ways[$0] == way }
    }
    func found(_ results: [KerasModel.Reference]) -> (KerasModel.Reference, KerasModel.Reference)? {
      guard isShared(results),
        let first = results.first(where: { sources[key($0)] == [model.inputs[0]] })
      else { return nil }
      return (model.inputs[0], first)
    }
    for call in order {
      let taken = model.layer(call.layer)?.calls[call.call] ?? []
      if let (input, output) = found(taken) {
        let way = ways[key(output)] ?? []
        let behind = order.map(\.layer).filter { !way.contains($0) }
        var listed: [String] = []
        for name in behind where !listed.contains(name) { listed.append(name) }
        return (input, output, listed.prefix(8).map { String($0.prefix(40)) }.joined(separator: ", "))
      }
      let here = key(call)
      sources[here] = taken.reduce(into: []) { $0.formUnion(sources[key($1)] ?? []) }
      ways[here] = taken.reduce(into: [call.layer]) { $0.formUnion(ways[key($1)] ?? []) }
    }
    return found(model.outputs).map { ($0.0, $0.1, "") }
  }
}

extension KerasModel {
  /// Calls of layers that lead to results, each behind those that it takes; those of `inputs` are known.
  func order(to wanted: [Reference], from inputs: Set<Reference>, file: String) throws -> [Reference] {
    func bad(_ reason: String) -> ImportError { .file(file, reason: reason, help: nil) }
    var order: [Reference] = []
    // false: on the way; true: done.
    var state: [Reference: Bool] = [:]
    for input in inputs { state[Reference(layer: input.layer, call: input.call, result: 0)] = true }
    // Without recursion: a chain may be as long as the file.
    var stack = wanted.reversed().map { ($0, false) }
    while let (reference, isOver) = stack.popLast() {
      let key = Reference(layer: reference.layer, call: reference.call, result: 0)
      if isOver {
        state[key] = true
        order.append(key)
        continue
      }
      if let done = state[key] {
        guard done else { throw bad("its layers go round in a circle at “\(key.layer.prefix(80))”") }
        continue
      }
      guard let layer = layer(key.layer) else {
        throw bad("a layer takes “\(key.layer.prefix(80))”, which is not there")
      }
      guard layer.calls.indices.contains(key.call) else {
        throw bad(
          layer.kind == "InputLayer"
            ? "“\(key.layer.prefix(80))” is an input that comes from nowhere"
            : "“\(key.layer.prefix(80))” is not called as often as its results are taken")
      }
      state[key] = false
      stack.append((key, true))
      for taken in layer.calls[key.call].reversed() { stack.append((taken, false)) }
    }
    return order
  }

  /// The inputs that lead to a result.
  func inputs(to wanted: Reference, file: String) throws -> Set<Reference> {
    let order = try order(to: [wanted], from: Set(inputs), file: file)
    var found: Set<Reference> = []
    let taken = order.flatMap { layer($0.layer)?.calls[$0.call] ?? [] } + [wanted]
    for input in inputs where taken.contains(where: { $0.layer == input.layer && $0.call == input.call }) {
      found.insert(input)
    }
    return found
  }
}
