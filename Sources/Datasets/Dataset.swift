import Diagnostics
import Images
import Tensors

/// Images with classes: indexes into shared pixels, so that a part of a dataset costs a few bytes an image.
public struct Dataset: Sendable {
  /// One item: an image of the store, by how many quarter turns counterclockwise it is seen and whether then mirrored left
  /// to right, in which class.
  public struct Item: Hashable, Sendable {
    /// Its place in the store.
    public var image: Int32
    public var turns: UInt8 = 0
    public var mirrored = false
    /// Its place in `classNames`.
    public var label: Int32
  }

  /// A file that was set aside, and why.
  public struct BrokenFile: Hashable, Sendable {
    public var file: String
    /// In words.
    public var reason: String
  }

  public var name: String
  /// The pixels, which the datasets that were made of one another share.
  public let store: PixelStore
  public let items: [Item]
  /// In natural order (s2 before s10). "Balinese/character01" for nested folders.
  public let classNames: [String]
  /// Positions of each class's items, in the order of `items`.
  public let membersByClass: [[Int]]
  private let labelsByName: [String: Int]
  /// What was done to the pixels, and what is done to their samples before a network sees them.
  public var preprocessing: Preprocessing
  /// Applied when batches are filled for training; nil for none.
  public var augmentation: Augmentation?
  /// Files that could not be read.
  public var broken: [BrokenFile] = []
  /// What a person should know about how this came about, in words ("identities leak…").
  public var warnings: [String] = []

  init(name: String, store: PixelStore, items: [Item], classNames: [String], preprocessing: Preprocessing? = nil) {
    self.name = name
    self.store = store
    self.items = items
    self.classNames = classNames
    var members = [[Int]](repeating: [], count: classNames.count)
    for (position, item) in items.enumerated() { members[Int(item.label)].append(position) }
    membersByClass = members
    labelsByName = Dictionary(classNames.enumerated().map { ($1, $0) }) { first, _ in first }
    self.preprocessing =
      preprocessing ?? Preprocessing(shape: [store.channels, store.height, store.width])
  }

  /// How many images.
  public var count: Int { items.count }
  /// [channels, height, width] of one image.
  public var shape: [Int] { [store.channels, store.height, store.width] }
  /// The class of each item, as an index into `classNames`.
  public var labels: [Int] { items.map { Int($0.label) } }

  /// Positions of the items of a class.
  public func members(of className: String) throws(DatasetError) -> [Int] {
    membersByClass[try classIndex(className)]
  }

  /// The place of a class in `classNames`.
  /// - Throws: `DatasetError` with a near name where there is no such class.
  public func classIndex(_ className: String) throws(DatasetError) -> Int {
    guard let index = labelsByName[className] else {
      throw .noSuchClass(name: className, near: near(className), count: classNames.count)
    }
    return index
  }

  /// The image at a position (negative counts from the end), as prepared, without augmentation.
  public func image(_ position: Int) throws(DatasetError) -> PixelImage {
    let index = position < 0 ? position + count : position
    guard items.indices.contains(index), let image = store.image(Int(items[index].image)) else {
      throw .noSuchItem(index: position, count: count)
    }
    let turned = image.rotated(quarters: Int(items[index].turns))
    return items[index].mirrored ? turned.flipped() : turned
  }

  /// A 64-bit fingerprint (FNV-1a) of each item's pixels: equal images have equal ones.
  public func fingerprints() throws -> [UInt64] {
    try items.enumerated().map { place, item in
      if place % 256 == 0 { try LongWork.check() }
      var hash = FNVHash(start: FNVHash().value ^ UInt64(item.turns) ^ (item.mirrored ? 4 : 0))
      let start = Int(item.image) * store.imageSize
      store.pixels.withUnsafeBufferPointer { pixels in
        for at in start..<(start + store.imageSize) { hash.add(pixels[at]) }
      }
      return hash.value
    }
  }

  /// A dataset of images in memory. All must have one size; gray and colour together become colour.
  public init(images: [PixelImage], labels: [Int], classNames: [String], name: String = "images") throws {
    guard let first = images.first else { throw DatasetError.empty(function: "images") }
    guard labels.count == images.count, labels.allSatisfy({ classNames.indices.contains($0) }) else {
      throw DatasetError.badNumber(
        function: "a dataset", argument: "labels", value: "\(labels.count)", expected: "one for each image")
    }
    if let other = images.firstIndex(where: { $0.width != first.width || $0.height != first.height }) {
      throw DatasetError.sizesDiffer(
        name: name, first: [first.height, first.width], firstFile: "image 0",
        other: [images[other].height, images[other].width], otherFile: "image \(other)")
    }
    let channels = images.contains { $0.channels == 3 } ? 3 : 1
    let store = try PixelStore.build(
      count: images.count, channels: channels, height: first.height, width: first.width, name: name
    ) { index, out in
      PixelStore.copy(channels == 3 ? images[index].rgb() : images[index], to: out)
    }
    self.init(
      name: name, store: store,
      items: labels.enumerated().map { Item(image: Int32($0), label: Int32($1)) }, classNames: classNames)
  }
}
