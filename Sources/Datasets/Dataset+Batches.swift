import Images
import Tensors

extension Dataset {
  /// Writes items as floats, prepared as a network sees them ((x/255 − mean)/deviation, channels first): count · C·H·W
  /// values at `out`. With a seed, the dataset's augmentation is applied; the k-th item of the call draws from stream
  /// first + k, so that the bits depend on neither threads nor batch-mates. Positions must lie in `items.indices`.
  public func fill(
    _ out: UnsafeMutablePointer<Float>, items positions: [Int], seed: UInt64? = nil, first: Int = 0
  ) throws(DatasetError) {
    for position in positions where !items.indices.contains(position) {
      throw .noSuchItem(index: position, count: count)
    }
    // Each slice writes items of its own, and all have ended when this returns.
    nonisolated(unsafe) let target = out
    let each = store.imageSize
    let slice = 8
    let augmenting = seed != nil ? augmentation : nil
    var table = [Float](repeating: 0, count: 256)
    for value in 0..<256 { table[value] = preprocessing.scaled(Float(value)) }
    let lookup = table
    let (store, items, preprocessing) = (store, items, preprocessing)
    Workers.shared.parallel(slices: (positions.count + slice - 1) / slice) { part in
      for k in part * slice..<min(positions.count, (part + 1) * slice) {
        let item = items[positions[k]]
        let to = target + k * each
        store.pixels.withUnsafeBufferPointer { pixels in
          guard let base = pixels.baseAddress else { return }
          let from = base + Int(item.image) * each
          if let augmenting, let seed {
            var plane = [Float](repeating: 0, count: each)
            Self.turn(from, item, store) { plane[$0] = Float($1) }
            var stream = RandomStream(seed: seed, stream: UInt64(first + k))
            augmenting.apply(
              &plane, channels: store.channels, height: store.height, width: store.width, stream: &stream)
            for at in 0..<each { to[at] = preprocessing.scaled(plane[at]) }
          } else {
            Self.turn(from, item, store) { to[$0] = lookup[Int($1)] }
          }
        }
      }
    }
  }

  @inline(__always)
  private static func turn(
    _ from: UnsafePointer<UInt8>, _ item: Item, _ store: PixelStore, _ put: (Int, UInt8) -> Void
  ) {
    if item.turns == 0, !item.mirrored {
      for at in 0..<store.imageSize { put(at, from[at]) }
      return
    }
    let (height, width) = (store.height, store.width)
    var at = 0
    for channel in 0..<store.channels {
      let plane = from + channel * height * width
      for row in 0..<height {
        for place in 0..<width {
          let column = item.mirrored ? width - 1 - place : place
          let value: UInt8
          switch item.turns {
          case 0: value = plane[row * width + column]
          case 1: value = plane[column * width + (width - 1 - row)]
          case 2: value = plane[(height - 1 - row) * width + (width - 1 - column)]
          default: value = plane[(height - 1 - column) * width + row]
          }
          put(at, value)
          at += 1
        }
      }
    }
  }

  /// All items as [count, channels, height, width], prepared, without augmentation.
  public func tensor() throws -> Tensor { try tensor(items: Array(items.indices)) }

  /// Some items as [n, channels, height, width]; with a seed, augmented.
  public func tensor(items positions: [Int], seed: UInt64? = nil) throws -> Tensor {
    let bytes = try PixelStore.size(
      count: positions.count * 4, channels: shape[0], height: shape[1], width: shape[2], name: name)
    _ = bytes
    return try Tensor(shape: [positions.count] + shape) { out in
      guard let base = out.baseAddress, !positions.isEmpty else { return }
      if seed != nil { return try fill(base, items: positions, seed: seed) }
      for start in stride(from: 0, to: positions.count, by: 4096) {
        try LongWork.check()
        let part = Array(positions[start..<min(positions.count, start + 4096)])
        try fill(base + start * store.imageSize, items: part)
      }
    }
  }

  /// An image from anywhere as [1, channels, height, width], prepared as this dataset's were.
  public func prepare(_ image: PixelImage) throws -> Tensor { try preprocessing.prepare(image) }
}

extension Preprocessing {
  /// An image from anywhere as [1, channels, height, width], prepared as the dataset's were.
  ///
  /// An image that already has the final size and channels came out of such a dataset and is not prepared twice.
  public func prepare(_ image: PixelImage, alreadyPrepared: Bool = false) throws -> Tensor {
    let ready = alreadyPrepared ? image : try apply(image)
    let area = ready.width * ready.height
    return try Tensor(shape: [1, ready.channels, ready.height, ready.width]) { out in
      for channel in 0..<ready.channels {
        for pixel in 0..<area {
          out[channel * area + pixel] = scaled(Float(ready.pixels[pixel * ready.channels + channel]))
        }
      }
    }
  }
}
