import TensorFiles
import Tensors

extension KerasFile {
  /// The arrays of one layer, in Keras's order and shapes.
  struct Unit {
    var arrays: [(name: String, values: [Float], shape: [Int])]
  }

  /// All arrays but an optimiser's, by their names in the file and in Keras's shapes.
  ///
  /// - Throws: `TensorFileError`.
  public mutating func arrays() throws -> [(name: String, content: ArrayContent)] {
    try weights.root.arrays.filter { !Self.isOptimiser($0.path) }.map { ($0.path, try weights.content($0)) }
  }

  private static func isOptimiser(_ path: String) -> Bool {
    path.hasPrefix("optimizer/") || path.hasPrefix("optimizer_weights/")
  }

  /// Layer by layer in the model's order; in a file of weights alone, of Keras 3, those of one class in theirs.
  mutating func units() throws -> [Unit] {
    let root = weights.root.child("model_weights") ?? weights.root
    var nodes: [[HDF5File.Node]] = []
    if let names = try weights.texts("layer_names", of: root) {
      for name in names {
        guard let group = root.child(name) else { continue }
        var layers: [Substring] = []
        var arrays: [Substring: [HDF5File.Node]] = [:]
        for listed in try weights.texts("weight_names", of: group) ?? [] {
          guard let node = group.child(listed), node.isArray else { continue }
          let parts = listed.split(separator: "/")
          let layer = parts.dropLast().last ?? Substring(name)
          if arrays[layer] == nil { layers.append(layer) }
          arrays[layer, default: []].append(node)
        }
        nodes += layers.map { arrays[$0] ?? [] }
      }
    } else {
      func add(_ node: HDF5File.Node) {
        if let vars = node.child("vars")?.children.filter(\.isArray), !vars.isEmpty {
          nodes.append(vars.sorted { (Int($0.name) ?? 0) < (Int($1.name) ?? 0) })
        }
        // dense_2 before dense_10.
        func place(_ name: String) -> (String, Int) {
          let parts = name.split(separator: "_")
          guard let number = parts.last.flatMap({ Int($0) }) else { return (name, 0) }
          return (parts.dropLast().joined(separator: "_"), number)
        }
        for child in node.children.sorted(by: { place($0.name) < place($1.name) }) where child.name != "vars" {
          if !Self.isOptimiser(child.path + "/") { add(child) }
        }
      }
      add(root)
      // A whole model says in which order its layers come, where weights alone have the order of their classes' names: what
      // stands in a model within it would come last.
      if let model = try? model(), let listed = try? KerasWeights(weights, of: model, file: file).inOrder(model) {
        var known: Set<String> = []
        let ordered = listed.filter { $0.allSatisfy { known.insert($0.path).inserted } }
        nodes = ordered + nodes.filter { $0.allSatisfy { !known.contains($0.path) } }
      }
    }
    return try nodes.flatMap { nodes -> [Unit] in
      let arrays = try nodes.map { node in
        let tensor = try weights.tensor(node)
        return (name: node.path, values: tensor.values, shape: tensor.shape)
      }
      // A separable convolution is two layers here.
      if arrays.count >= 2, arrays[0].shape.count == 4, arrays[1].shape.count == 4 {
        return [Unit(arrays: [arrays[0]]), Unit(arrays: Array(arrays.dropFirst()))]
      }
      return [Unit(arrays: arrays)]
    }
  }
}

extension Network {
  /// Takes the weights of a file of Keras's: each layer with arrays takes the next layer's there whose arrays fit, turned
  /// as their shapes here are. Kernels become [out, in, height, width], rows of dense layers behind `flatten` go by channel.
  ///
  /// - Returns: what went where, and what nobody took.
  /// - Throws: `ImportError` where a layer finds none; nothing is changed then.
  public func adopt(_ file: inout KerasFile) throws -> [String] {
    guard let inputShape else { throw NetworkError.notBuilt(function: "adopt") }
    let units = try file.units()
    var images: [String: [Int]] = [:]
    try Self.findImages(layers, inputShape, "", &images)
    // Arrays of a layer stand side by side, and have a name up to its last point.
    let arrays = weights
    var owners: [(prefix: String, places: Range<Int>)] = []
    for (index, array) in arrays.enumerated() {
      let prefix = String(array.name.prefix(through: array.name.lastIndex(of: ".") ?? array.name.startIndex))
      if owners.last?.prefix == prefix {
        owners[owners.count - 1].places = owners[owners.count - 1].places.lowerBound..<index + 1
      } else {
        owners.append((prefix, index..<index + 1))
      }
    }
    var isUsed = [Bool](repeating: false, count: units.count)
    var values: [[Float]] = []
    var told: [String] = []
    var missing: [String] = []
    for owner in owners {
      let wanted = arrays[owner.places].map(\.shape)
      var found: [[Float]]?
      for (index, unit) in units.enumerated() where !isUsed[index] {
        guard let turned = Self.turned(unit, to: wanted, image: images[owner.prefix]) else { continue }
        isUsed[index] = true
        found = turned
        for (array, place) in zip(unit.arrays, owner.places) {
          told.append("\(array.name.prefix(120)) \(array.shape) → \(arrays[place].name)")
        }
        break
      }
      if let found { values += found } else { missing.append("\(arrays[owner.places.lowerBound].name) \(wanted[0])") }
    }
    let left = units.indices.filter { !isUsed[$0] }.flatMap { units[$0].arrays }
    guard missing.isEmpty else {
      let others = left.prefix(8).map { "\($0.name.prefix(80)) \($0.shape)" }.joined(separator: ", ")
      throw ImportError.file(
        file.file,
        reason: "nothing in it fits \(missing.prefix(8).joined(separator: ", "))"
          + "\(missing.count > 8 ? " and \(missing.count - 8) more" : ""); nothing was changed",
        help: others.isEmpty ? "every array of it went somewhere else" : "not taken: \(others)")
    }
    guard values.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      throw ImportError.file(file.file, reason: "a weight in it is not finite; nothing was changed", help: nil)
    }
    restore(Snapshot(arrays: values))
    learning.hasUnknown = true
    return told + left.map { "\($0.name.prefix(120)) \($0.shape): not taken" }
  }

  /// The arrays of a layer of Keras's in our shapes; nil where they are not this layer's.
  private static func turned(_ unit: KerasFile.Unit, to wanted: [[Int]], image: [Int]?) -> [[Float]]? {
    let arrays = unit.arrays
    guard arrays.count == wanted.count, let first = arrays.first, let shape = wanted.first else { return nil }
    var values = arrays.map(\.values)
    var checked = 1
    switch shape.count {
    case 4:
      let theirs = first.shape
      guard theirs.count == 4, theirs[0] == shape[2], theirs[1] == shape[3] else { return nil }
      if theirs[2] == shape[1], theirs[3] == shape[0] {
        values[0] = KerasReader.turned(first.values, theirs)
      } else if shape[1] == 1, theirs[2] * theirs[3] == shape[0] {
        values[0] = KerasReader.turned(first.values, [theirs[0], theirs[1], 1, shape[0]])
      } else {
        return nil
      }
    case 2:
      guard first.shape == [shape[1], shape[0]] else { return nil }
      values[0] = KerasReader.rows(first.values, inputs: shape[1], units: shape[0], image: image)
    default: checked = 0
    }
    for index in arrays.indices.dropFirst(checked) {
      // Slopes of channels stand as [1, 1, channels] there.
      guard arrays[index].shape.filter({ $0 > 1 }) == wanted[index].filter({ $0 > 1 }) else { return nil }
      if checked == 0 { values[index] = KerasReader.inOurOrder(values[index], image) }
    }
    return values
  }

  /// For layers that take a row that was an image, by the prefix of their arrays' names: that image's shape.
  private static func findImages(
    _ layers: [Layer], _ input: [Int], _ prefix: String, _ images: inout [String: [Int]]
  ) throws {
    var shape = input
    var image: [Int]?
    for (index, layer) in layers.enumerated() {
      let here = "\(prefix)\(index + 1)."
      let after = try layer.outputShape(of: shape)
      if layer.kind is FlattenLayer, shape.count == 3, shape[0] > 1, shape[1] * shape[2] > 1 {
        image = shape
      } else {
        images[here] = image
        if after != shape { image = nil }
      }
      if let graph = layer.kind as? GraphLayer {
        let shapes = try graph.shapes(of: shape)
        let blocks = graph.nodes.filter { $0.layers != nil }
        for (number, node) in blocks.enumerated() {
          try findImages(node.layers ?? [], shapes[node.inputs[0]], "\(here)\(number + 1).", &images)
        }
      } else {
        switch layer.kind.blocks {
        case .none: break
        case .one(let block): try findImages(block, shape, here, &images)
        case .several(let blocks):
          for (number, block) in blocks.enumerated() { try findImages(block, shape, "\(here)\(number + 1).", &images) }
        }
      }
      shape = after
    }
  }
}
