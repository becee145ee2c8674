extension Dataset {
  /// Whether it gives training and judging the same as another: the same pixels in the same order and classes, prepared
  /// and augmented alike. Where the pixels came from, and what the datasets are called, makes no difference.
  public func isLike(_ other: Dataset) -> Bool {
    guard shape == other.shape, count == other.count, classNames == other.classNames,
      preprocessing.isLike(other.preprocessing), augmentation == other.augmentation
    else { return false }
    if store === other.store, items == other.items { return true }
    return zip(items, other.items).allSatisfy { one, two in
      one.label == two.label && hasPixels(one, of: two, in: other)
    }
  }

  private func hasPixels(_ one: Item, of two: Item, in other: Dataset) -> Bool {
    if one.turns == two.turns, one.mirrored == two.mirrored {
      let size = store.imageSize
      return store.pixels.withUnsafeBufferPointer { own in
        other.store.pixels.withUnsafeBufferPointer { others in
          own[Int(one.image) * size..<(Int(one.image) + 1) * size].elementsEqual(
            others[Int(two.image) * size..<(Int(two.image) + 1) * size])
        }
      }
    }
    // Turned otherwise, they may still look the same.
    func seen(_ item: Item, _ store: PixelStore) -> [UInt8]? {
      let turned = store.image(Int(item.image))?.rotated(quarters: Int(item.turns))
      return (item.mirrored ? turned?.flipped() : turned)?.pixels
    }
    return seen(one, store) == seen(two, other.store)
  }
}
