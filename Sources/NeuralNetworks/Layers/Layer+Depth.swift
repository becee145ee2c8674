extension Layer {
  /// Convolutions one behind the other on the longest way through layers.
  static func depth(of layers: [Layer]) -> Int { layers.reduce(0) { $0 + $1.depth } }

  private var depth: Int {
    if kind is any ConvolutionKind { return 1 }
    guard let graph = kind as? GraphLayer else { return blocks.map { Layer.depth(of: $0) }.max() ?? 0 }
    var depths = [0]
    for node in graph.nodes {
      let before = node.inputs.map { depths[$0] }.max() ?? 0
      depths.append(before + (node.layers.map { Layer.depth(of: $0) } ?? 0))
    }
    return depths[depths.count - 1]
  }

  /// From this depth on, plans take Winograd's transforms with the least rounding alone. Each layer adds its own rounding to
  /// what comes to it, and a network may amplify that from layer to layer: InceptionV3 with drawn weights (47 deep) makes of
  /// the sixfold error of the larger tiles twelve times that of a direct sum. The network decides, not the batch or the
  /// machine, so that training and embedding agree; and no network of the recorded sessions is as deep.
  static let deep = 33
}
