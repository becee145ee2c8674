import Datasets

extension Dataset: ImageSource {
  public var isAugmented: Bool { augmentation.map { !$0.isNone } ?? false }

  public func fill(_ out: UnsafeMutablePointer<Float>, items: [Int], draw: UInt64?) throws {
    try fill(out, items: items, seed: draw)
  }
}
