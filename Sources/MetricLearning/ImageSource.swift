/// Labelled images that training and judging read: a dataset, or anything else that can write its items as floats.
///
/// Items are named by index; nothing is copied until a batch is filled.
public protocol ImageSource: Sendable {
  var count: Int { get }
  /// Of one item: [channels, height, width].
  var shape: [Int] { get }
  /// Class of each item: an index into `classNames`.
  var labels: [Int] { get }
  var classNames: [String] { get }

  /// Whether an item looks another way each time it is filled for training.
  var isAugmented: Bool { get }

  /// Writes items one after the other. With `draw`, the augmentation is applied as that number and each item's place in
  /// the list say; without, items are as they are.
  func fill(_ out: UnsafeMutablePointer<Float>, items: [Int], draw: UInt64?) throws

  /// Writes those of the items whose places in the list lie in `range`, each where `fill` of all would write it, and with
  /// the same bits; what it does with the others' room is its own affair.
  func fill(_ out: UnsafeMutablePointer<Float>, items: [Int], range: Range<Int>, draw: UInt64?) throws

  /// 64 bits of each image as it is kept; nil where they have to be made from what `fill` gives.
  func imageFingerprints() throws -> [UInt64]?

  /// How images are changed at random for training, in words that tell one way from another.
  var augmentationText: String { get }

  /// Whether another source gives training and judging the same: the same images in the same order and classes, prepared
  /// and augmented alike.
  func isLike(_ other: any ImageSource) -> Bool
}

extension ImageSource {
  /// A source that draws by the place in the list fills all of it; one that knows better says so itself.
  public func fill(
    _ out: UnsafeMutablePointer<Float>, items: [Int], range: Range<Int>, draw: UInt64?
  ) throws {
    guard draw == nil else { return try fill(out, items: items, draw: draw) }
    try fill(out + range.lowerBound * shape.reduce(1, *), items: Array(items[range]), draw: nil)
  }

  /// None: they are worked out from the pixels.
  public func imageFingerprints() throws -> [UInt64]? { nil }
  /// That it augments, where nothing more is known.
  public var augmentationText: String { isAugmented ? "augmented" : "" }
  /// Nothing is known of it.
  public func isLike(_ other: any ImageSource) -> Bool { false }
}

extension ImageSource {
  /// Numbers of one item.
  var itemSize: Int { shape.reduce(1, *) }
}
