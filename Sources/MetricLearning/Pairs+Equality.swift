import Datasets

extension Pairs {
  /// Whether others are the same pairs of the same images in the same order, prepared and augmented alike.
  public func isLike(_ other: Pairs) -> Bool {
    first == other.first && second == other.second && same == other.same && source.isLike(other.source)
  }
}

extension Dataset {
  public func isLike(_ other: any ImageSource) -> Bool { (other as? Dataset).map { isLike($0) } ?? false }
}

extension JoinedSource {
  public func isLike(_ other: any ImageSource) -> Bool {
    guard let other = other as? JoinedSource else { return false }
    return queries.isLike(other.queries) && gallery.isLike(other.gallery)
  }
}

extension PairImages {
  func isLike(_ other: any ImageSource) -> Bool {
    guard let other = other as? PairImages else { return false }
    return shape == other.shape && rows == other.rows && images.values == other.images.values
  }
}
