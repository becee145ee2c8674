extension Dataset {
  /// Whether it gives training and judging the same as another: the same pixels in the same order and classes, prepared
  /// and augmented alike. Where the pixels came from, and what the datasets are called, makes no difference.
  public func isLike(_ other: Dataset) -> Bool {
    guard shape == other.shape, count == other.count, classNames == other.classNames,
      preprocessing.isLike(other.preprocessing), augmentation == other.augmentation
    else { return false }
    if store === other.store, items == other.items { return true }
    return items.indices.allSatisfy { place in
      items[place].label == other.items[place].label && hasPixels(at: place, of: other)
    }
  }

  private func hasPixels(at place: Int, of other: Dataset) -> Bool {
    let (one, two) = (items[place], other.items[place])
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
    return (try? image(place))?.pixels == (try? other.image(place))?.pixels
  }
}
