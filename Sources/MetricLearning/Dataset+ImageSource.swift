import Datasets

extension Dataset: ImageSource {
  public var isAugmented: Bool { augmentation.map { !$0.isNone } ?? false }

  public func fill(_ out: UnsafeMutablePointer<Float>, items: [Int], draw: UInt64?) throws {
    try fill(out, items: items, seed: draw)
  }

  public var augmentationText: String { augmentation?.text ?? "" }

  public func imagePrints() throws -> [UInt64]? { try fingerprints() }
}
