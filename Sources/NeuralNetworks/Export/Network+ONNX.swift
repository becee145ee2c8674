import ONNXFormat

extension Network {
  /// The network as a graph of ONNX, operators of version 18; input "images", output "embeddings", the first axis of both
  /// being the batch.
  ///
  /// - Parameters:
  ///   - preparation: what is done to pictures first, as part of the graph, whose input then is
  ///     [batch, height, width, 3] in bytes, red first; nil: the input is what the first layer takes, float32.
  ///   - metadata: strings for the model's metadata.
  /// - Throws: `NetworkError.notBuilt` where there are no weights yet.
  public func onnx(
    preparation: ImagePreparation? = nil, producerVersion: String = "", metadata: [(key: String, value: String)] = []
  ) throws -> ONNXModel {
    guard let inputShape, let outputShape else { throw NetworkError.notBuilt(function: "save") }
    var export = GraphExport(weights)
    let batch = ONNXValue.Dimension.named("batch")
    var entry = GraphExport.Node(name: "images", shape: inputShape)
    if let preparation, inputShape.count == 3 {
      let (height, width) = preparation.isOfAnySize(inputShape)
      export.input(ONNXValue("images", .uint8, [batch, height, width, .size(3)]))
      entry.name = preparation.export("images", channels: inputShape[0], to: &export)
    } else {
      export.input(ONNXValue("images", .float, [batch] + inputShape.map { .size($0) }))
    }
    let result = export.named(try export.run(layers, entry), "embeddings")
    export.output(ONNXValue(result.name, .float, [batch] + outputShape.map { .size($0) }))
    var model = ONNXModel()
    model.producer = "Twinbook"
    model.producerVersion = producerVersion
    model.metadata = metadata
    model.graph = export.graph
    return model
  }
}

extension ImagePreparation {
  /// Height and width of the pictures that may come: any, where a step makes them of one size.
  fileprivate func isOfAnySize(_ shape: [Int]) -> (ONNXValue.Dimension, ONNXValue.Dimension) {
    for step in steps {
      switch step {
      case .gray, .invert: continue
      case .halve, .crop, .resize: return (.named("height"), .named("width"))
      }
    }
    return (.size(shape[1]), .size(shape[2]))
  }
}
