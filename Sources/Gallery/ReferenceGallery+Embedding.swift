import MetricLearning
import NeuralNetworks
import Tensors

extension ReferenceGallery {
  /// Embeddings of images, [count, width]; throws for a shape that the network does not take, or numbers that are not
  /// finite.
  func embed(_ images: [Float], shape: [Int], function: String) throws -> [Float] {
    let size = shape.reduce(1, *)
    if let built = network.inputShape, built != shape {
      throw GalleryError.wrongInput(function: function, expected: built, got: shape)
    }
    guard !images.isEmpty else { throw GalleryError.noImages(function: function) }
    guard size > 0, images.count % size == 0 else {
      throw GalleryError.wrongInput(function: function, expected: shape, got: [images.count])
    }
    try network.build(inputShape: shape, seed: 0)
    let count = images.count / size
    let width = (network.outputShape ?? []).reduce(1, *)
    try checkWidth(width, function: function)
    let values = try embedded(images, shape: shape, count: count)
    guard values.allSatisfy(\.isFinite) else {
      // Weights are only to blame where the pixels are not.
      throw images.allSatisfy(\.isFinite)
        ? GalleryError.notFinite(function: function) : .imageNotFinite(function: function)
    }
    return values
  }

  /// Embeddings that came from elsewhere.
  func checkEmbeddings(_ values: [Float], width: Int, function: String) throws {
    guard width > 0, !values.isEmpty, values.count % width == 0 else {
      throw GalleryError.wrongWidth(function: function, expected: rows?.width ?? 1, got: width)
    }
    if let built = network.knownWidth, built != width {
      throw GalleryError.wrongWidth(function: function, expected: built, got: width)
    }
    try checkWidth(width, function: function)
    guard values.allSatisfy(\.isFinite) else { throw GalleryError.embeddingNotFinite(function: function) }
  }

  private func checkWidth(_ width: Int, function: String) throws {
    if case .weightedL1(let weights, _) = measure.metric, weights.count != width {
      throw MetricError.metricWidth(function: function, weights: weights.count, width: width)
    }
    // Under another network they are embedded again before they are compared with anything.
    if remote == nil, network.isBuilt, embeddedVersion != network.version { return }
    let expected = rows?.width ?? remote?.width ?? 0
    if expected > 0, expected != width {
      throw GalleryError.wrongWidth(function: function, expected: expected, got: width)
    }
  }

  /// References that are embedded at a time.
  private static let portion = 4096

  /// Embeds the references again where the network has changed since.
  ///
  /// - Throws: `GalleryError.picturesMissing` where some have no picture to be embedded from.
  func refresh() throws {
    try follow()
    guard embeddedVersion != network.version else { return }
    // Those in a database belong to everybody who asks it.
    if remote != nil, referenceCount > 0 { throw GalleryError.otherNetwork(path: path ?? "") }
    if let old = rows, let shape = network.inputShape, referenceCount > 0 {
      let missing = try store?.picturesMissing() ?? owners.indices.count { owners[$0] >= 0 && inputs[$0].isEmpty }
      guard missing == 0 else {
        throw GalleryError.picturesMissing(missing: missing, of: referenceCount)
      }
      let (width, size) = (network.outputShape?.reduce(1, *) ?? old.width, shape.reduce(1, *))
      var values: [Float] = []
      var start = 0
      while start < owners.count {
        let part = (start..<min(owners.count, start + Self.portion)).filter { owners[$0] >= 0 }
        let images = try part.flatMap { row in
          let image = try input(row)
          guard image.count == size else { throw GalleryError.otherPictures(expected: shape, got: image.count) }
          return image
        }
        var made = part.isEmpty ? [] : try embedded(images, shape: shape, count: part.count)[...]
        guard made.allSatisfy(\.isFinite) else { throw GalleryError.notFinite(function: "gallery") }
        for row in start..<min(owners.count, start + Self.portion) {
          if owners[row] >= 0 {
            values += made.prefix(width)
            made = made.dropFirst(width)
          } else {
            values += repeatElement(0, count: width)
          }
        }
        start += Self.portion
        try LongWork.check()
      }
      if let store {
        try store.replaceEmbeddings(self, values, width: width)
      } else {
        let new = EmbeddingRows(width: width, isNormalised: old.isNormalised)
        try new.append(values)
        rows = new
      }
    }
    embeddedVersion = network.version
  }
}

extension Network {
  /// Numbers of an embedding; nil where that depends on what the network will be given first. A dense layer gives as many
  /// whatever it gets.
  var knownWidth: Int? {
    if let outputShape { return outputShape.reduce(1, *) }
    guard let last = layers.lastIndex(where: { $0.name == "dense" }) else { return nil }
    var shape = [1]
    for layer in layers[last...] {
      guard let next = try? layer.outputShape(of: shape) else { return nil }
      shape = next
    }
    return shape.reduce(1, *)
  }
}
