/// What a trainer learns from.
public enum TrainingData: Sendable {
  case pairs(Pairs)
  case images(any ImageSource)

  /// The images, whatever is made of them.
  public var source: any ImageSource {
    switch self {
    case .pairs(let pairs): pairs.source
    case .images(let source): source
    }
  }

  /// Pairs, or images.
  public var count: Int {
    switch self {
    case .pairs(let pairs): pairs.count
    case .images(let source): source.count
    }
  }
}

/// What a trainer measures itself by after each epoch.
public enum ValidationData: Sendable {
  case none
  /// A part of the training data: of pairs by pair (both parts then show the same classes), of images compared with each
  /// other by class, of images to classify by image.
  case fraction(Double)
  case data(TrainingData)
}

/// A part of a source, by index.
struct SourceSubset: ImageSource {
  let base: any ImageSource
  let items: [Int]
  let labels: [Int]

  init(_ base: any ImageSource, items: [Int]) {
    self.base = base
    self.items = items
    let all = base.labels
    labels = items.map { all[$0] }
  }

  var count: Int { items.count }
  var shape: [Int] { base.shape }
  var classNames: [String] { base.classNames }
  var isAugmented: Bool { base.isAugmented }
  func fill(_ out: UnsafeMutablePointer<Float>, items: [Int], draw: UInt64?) throws {
    try base.fill(out, items: items.map { self.items[$0] }, draw: draw)
  }
  func fill(_ out: UnsafeMutablePointer<Float>, items: [Int], range: Range<Int>, draw: UInt64?) throws {
    try base.fill(out, items: items.map { self.items[$0] }, range: range, draw: draw)
  }
  var augmentationText: String { base.augmentationText }
  func imageFingerprints() throws -> [UInt64]? { try base.imageFingerprints().map { all in items.map { all[$0] } } }
}
