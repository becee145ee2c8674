import TensorFiles
import Tensors

/// The arrays of a model of Keras's, layer by layer, of both ways in which its files hold them.
struct KerasWeights {
  /// For the words of errors.
  let file: String
  private var hdf5: HDF5File
  /// For each layer, by its path of names, the arrays in Keras's order.
  private var nodes: [[String]: [HDF5File.Node]] = [:]

  /// Assigns the arrays of a file to the layers of a model.
  init(_ hdf5: HDF5File, of model: KerasModel, file: String) throws {
    (self.hdf5, self.file) = (hdf5, file)
    let root = hdf5.root.child("model_weights") ?? hdf5.root
    if root.child("layers") != nil {
      add(model, at: root, path: [])
    } else {
      try addLegacy(model, at: root)
    }
  }

  /// The arrays of a layer in Keras's order; none for a layer without any.
  mutating func arrays(_ path: [String]) throws -> [(values: [Float], shape: [Int])] {
    try (nodes[path] ?? []).map { node in
      let tensor = try hdf5.tensor(node)
      return (tensor.values, tensor.shape)
    }
  }

  /// The arrays of each layer of a model, as it lists them; those of a model in it stand in its place.
  func inOrder(_ model: KerasModel, path: [String] = []) -> [[HDF5File.Node]] {
    model.layers.flatMap { layer -> [[HDF5File.Node]] in
      let here = path + [layer.name]
      let own = nodes[here].map { $0.isEmpty ? [] : [$0] } ?? []
      return own + (layer.model.map { inOrder($0, path: here) } ?? [])
    }
  }

  // MARK: Since Keras 3: layers/<class>_<number>/vars/<number>

  private mutating func add(_ model: KerasModel, at group: HDF5File.Node, path: [String]) {
    guard let layers = group.child("layers") else { return }
    var named: [String: HDF5File.Node] = [:]
    for node in layers.children {
      if let vars = node.child("vars"), let names = try? hdf5.texts("name", of: vars), names.count == 1 {
        named[names[0]] = node
      }
    }
    var counts: [String: Int] = [:]
    for layer in model.layers {
      let stem = Self.snake(layer.kind)
      let number = counts[stem, default: 0]
      counts[stem] = number + 1
      // Newer versions write the layer's name beside its arrays; older ones count the layers of a class.
      guard let node = named[layer.name] ?? layers.child(number == 0 ? stem : "\(stem)_\(number)") else { continue }
      if let inner = layer.model { add(inner, at: node, path: path + [layer.name]) }
      let vars = node.child("vars")?.children.filter(\.isArray) ?? []
      nodes[path + [layer.name]] = vars.sorted { (Int($0.name) ?? 0) < (Int($1.name) ?? 0) }
    }
  }

  /// `BatchNormalization` as `batch_normalization`, as Keras does it.
  static func snake(_ kind: String) -> String {
    let letters = Array(
      (kind.split(separator: ">").last.map(String.init) ?? kind).filter { $0.isLetter || $0.isNumber })
    var result = ""
    for (index, letter) in letters.enumerated() {
      if index > 0, letter.isUppercase, letters[index - 1] != "_" {
        let isWord = index + 1 < letters.count && letters[index + 1].isLowercase
        if isWord || letters[index - 1].isLowercase { result += "_" }
      }
      result += letter.lowercased()
    }
    return result
  }

  // MARK: Before: a group for each layer, which lists its arrays by name

  private mutating func addLegacy(_ model: KerasModel, at root: HDF5File.Node) throws {
    for layer in model.layers {
      guard let group = root.child(layer.name) else { continue }
      let arrays = try listed(group)
      guard let inner = layer.model else {
        nodes[[layer.name]] = arrays.map(\.node)
        continue
      }
      let isFrozen = layer.config["trainable"]?.bool == false
      share(arrays, among: Self.leaves(inner, [layer.name], isFrozen: isFrozen))
    }
  }

  private mutating func listed(_ group: HDF5File.Node) throws -> [(name: String, node: HDF5File.Node)] {
    var names = try hdf5.texts("weight_names", of: group) ?? []
    // Lists of more than 64 kB are cut into several.
    if names.isEmpty {
      while names.count < 1 << 16, let more = try hdf5.texts("weight_names\(names.count)", of: group), !more.isEmpty {
        names += more
      }
    }
    return try names.map { name in
      guard let node = group.child(name), node.isArray else {
        throw ImportError.file(file, reason: "the array “\(name.prefix(120))” is missing", help: nil)
      }
      return (name, node)
    }
  }

  private struct Leaf {
    var path: [String]
    var trained: Int
    var kept: Int
    var isFrozen: Bool
    var count: Int { trained + kept }
  }

  private static func leaves(_ model: KerasModel, _ path: [String], isFrozen: Bool) -> [Leaf] {
    model.layers.flatMap { layer -> [Leaf] in
      let isFrozen = isFrozen || layer.config["trainable"]?.bool == false
      if let inner = layer.model { return leaves(inner, path + [layer.name], isFrozen: isFrozen) }
      let (trained, kept) = arrayCounts(layer)
      return [Leaf(path: path + [layer.name], trained: trained, kept: kept, isFrozen: isFrozen)]
    }
  }

  /// How many arrays a layer trains, and how many it keeps beside them.
  private static func arrayCounts(_ layer: KerasModel.Layer) -> (trained: Int, kept: Int) {
    func has(_ name: String) -> Int { layer.config[name]?.bool == false ? 0 : 1 }
    switch layer.kind {
    case "Conv2D", "DepthwiseConv2D", "Dense", "Conv1D", "Conv2DTranspose": return (1 + has("use_bias"), 0)
    case "SeparableConv2D": return (2 + has("use_bias"), 0)
    case "BatchNormalization": return (has("scale") + has("center"), 2)
    case "LayerNormalization", "GroupNormalization": return (has("scale") + has("center"), 0)
    case "PReLU", "LayerScale": return (1, 0)
    case "Normalization": return (0, 3)
    default: return (0, 0)
    }
  }

  /// The arrays of a nested model stand in one list: those that are trained first. Their names tell whose they are
  /// (`base/dense/kernel:0`); where two layers have one name, their order does.
  private mutating func share(_ arrays: [(name: String, node: HDF5File.Node)], among leaves: [Leaf]) {
    var named: [Substring: [HDF5File.Node]] = [:]
    for array in arrays {
      let parts = array.name.split(separator: "/")
      if parts.count >= 2 { named[parts[parts.count - 2], default: []].append(array.node) }
    }
    if leaves.allSatisfy({ leaf in (named[Substring(leaf.path.last ?? "")] ?? []).count == leaf.count }) {
      for leaf in leaves { nodes[leaf.path] = named[Substring(leaf.path.last ?? "")] ?? [] }
      return
    }
    var at = 0
    func take(_ count: Int) -> [HDF5File.Node] {
      let part = arrays[min(at, arrays.count)..<min(at + count, arrays.count)].map(\.node)
      at += count
      return part
    }
    for leaf in leaves where !leaf.isFrozen { nodes[leaf.path] = take(leaf.trained) }
    for leaf in leaves { nodes[leaf.path, default: []] += take(leaf.isFrozen ? leaf.count : leaf.kept) }
  }
}
