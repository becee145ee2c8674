import Datasets

extension Dataset: ImageSource {
  /// Whether its images come out changed by chance in training.
  public var isAugmented: Bool { augmentation.map { !$0.isNone } ?? false }

  /// Writes images one after the other, [channels, height, width] each; those of a draw are augmented.
  public func fill(_ out: UnsafeMutablePointer<Float>, items: [Int], draw: UInt64?) throws {
    try fill(out, items: items, seed: draw)
  }

  /// The same for a stretch of the list; what each draws is what it draws in the whole list.
  public func fill(
    _ out: UnsafeMutablePointer<Float>, items: [Int], range: Range<Int>, draw: UInt64?
  ) throws {
    let start = out + range.lowerBound * shape.reduce(1, *)
    try fill(start, items: Array(items[range]), seed: draw, first: range.lowerBound)
  }

  /// How it augments, for fingerprints; empty: not at all.
  public var augmentationText: String { augmentation?.text ?? "" }

  /// 64 bits of each image, as its files or pixels give them.
  public func imageFingerprints() throws -> [UInt64]? { try fingerprints() }
}
