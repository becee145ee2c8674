import Diagnostics
import Images
import Tensors

/// Operations on pixels: each gives a dataset with pixels of its own, and is remembered in `preprocessing`.
extension Dataset {
  /// One channel of luma (ITU-R BT.601), 0.299 R + 0.587 G + 0.114 B; gray images as they are.
  public func gray() throws -> Dataset { store.channels == 1 ? self : try applying(.gray) }

  /// By Pillow's bilinear filter with antialiasing, whatever the sides' ratio.
  /// - Throws: `DatasetError.badNumber` where a side is none of 1 to 16384 pixels, or a picture has too many.
  public func resized(height: Int, width: Int) throws -> Dataset {
    try Self.check(height, width, function: "resize")
    return try applying(.resize(height: height, width: width))
  }

  /// What is drawn on each image, in the middle and of one size (see `PixelImage.aligned`).
  public func aligned(height: Int, width: Int, spread: Double) throws -> Dataset {
    try Self.check(height, width, function: "align")
    return try applying(.align(height: height, width: width, spread: spread))
  }

  /// The face on each image as face networks of dlib's school take it (see `FaceAligner.chip`), in colour.
  public func withFacesAligned(size: Int, padding: Double) throws -> Dataset {
    try Self.check(size, size, function: "alignfaces")
    return try applying(.face(size: size, padding: padding))
  }

  private static func check(_ height: Int, _ width: Int, function: String) throws {
    guard (1...16384).contains(height), (1...16384).contains(width), height * width <= PixelImage.pixelLimit else {
      throw DatasetError.badNumber(
        function: function, argument: "height and width", value: "\(height), \(width)",
        expected: "between 1 and 16384 pixels, 100 million in all")
    }
  }

  /// Every second pixel of every second row, from the first.
  public func halved() throws -> Dataset { try applying(.halve) }

  /// 255 − each sample.
  /// - Throws: `DatasetError.invertsNormalised` where a mean was taken away that the inverted pixels do not have. About 0
  ///   and about the middle both orders are the same.
  public func inverted() throws -> Dataset {
    guard [0, 0.5].contains(preprocessing.mean) else {
      throw DatasetError.invertsNormalised(mean: preprocessing.mean, deviation: preprocessing.deviation)
    }
    return try applying(.invert)
  }

  /// A window in pixels from the upper left corner.
  /// - Throws: `DatasetError.outside` where it does not lie in the images.
  public func cropped(top: Int, left: Int, height: Int, width: Int) throws -> Dataset {
    guard top >= 0, left >= 0, height > 0, width > 0, height <= store.height, width <= store.width,
      top <= store.height - height, left <= store.width - width
    else { throw DatasetError.outside(left: left, top: top, height: height, width: width, of: shape) }
    return try applying(.crop(top: top, left: left, height: height, width: width))
  }

  /// (x/255 − mean) / deviation, from now on. Without arguments: the mean and deviation of this dataset's pixels, so
  /// that a network sees mean 0 and deviation 1.
  public func normalised(mean: Double? = nil, deviation: Double? = nil) throws -> Dataset {
    guard count > 0 else { throw DatasetError.empty(function: "normalise") }
    if let mean, !mean.isFinite {
      throw DatasetError.badNumber(
        function: "normalise", argument: "a mean", value: NumberText.written(mean), expected: "that is a finite number")
    }
    let own = mean == nil || deviation == nil ? try moments() : (0, 1)
    let spread = deviation ?? own.1
    guard spread > 0, spread.isFinite else {
      throw DatasetError.badNumber(
        function: "normalise", argument: "a deviation", value: NumberText.written(spread), expected: "greater than 0")
    }
    var copy = self
    copy.preprocessing.mean = Float(mean ?? own.0)
    copy.preprocessing.deviation = Float(spread)
    return copy
  }

  /// With changes that are drawn anew for each image of each training batch; nil: none.
  public func augmented(_ augmentation: Augmentation?) -> Dataset {
    var copy = self
    copy.augmentation = augmentation
    return copy
  }

  /// Both, one after the other; classes of one name are one class. The images must have one shape, be prepared alike and
  /// be augmented alike.
  /// - Throws: `DatasetError.shapesDiffer`, `preparedDifferently`, `augmentedDifferently`.
  public func concatenated(with other: Dataset) throws -> Dataset {
    if shape == other.shape {
      guard preprocessing.isLike(other.preprocessing) else {
        throw DatasetError.preparedDifferently(preprocessing.words, other.preprocessing.words)
      }
      guard augmentation == other.augmentation else {
        throw DatasetError.augmentedDifferently(Self.words(augmentation), Self.words(other.augmentation))
      }
    }
    return try pooled(with: other)
  }

  private static func words(_ augmentation: Augmentation?) -> String { augmentation?.words ?? "no augmentation" }

  /// The same of datasets whose pixels alone count, however they are prepared for a network.
  public func pooled(with other: Dataset) throws -> Dataset {
    guard shape == other.shape else {
      throw DatasetError.shapesDiffer(function: "+", shape, other.shape)
    }
    var names = classNames
    var number: [String: Int] = [:]
    for (index, name) in names.enumerated() { number[name] = index }
    for name in other.classNames where number[name] == nil {
      number[name] = names.count
      names.append(name)
    }
    let all: [(PixelStore, Item)] =
      items.map { (store, $0) }
      + other.items.map { item in
        var item = item
        item.label = Int32(number[other.classNames[Int(item.label)]] ?? 0)
        return (other.store, item)
      }
    let joined = try Self.gathered(all.map { ($0.0, Int($0.1.image)) }, shape: shape, name: name)
    let renumbered = all.enumerated().map { place, entry in
      var item = entry.1
      item.image = Int32(place)
      return item
    }
    var result = with(items: renumbered, classNames: names, store: joined)
    result.name = name == other.name ? name : "\(name) + \(other.name)"
    result.broken = broken + other.broken
    let both = Set(classNames).intersection(other.classNames)
    if !both.isEmpty {
      let shown = classNames.filter(both.contains).prefix(3).joined(separator: ", ") + (both.count > 3 ? ", …" : "")
      result.warnings = [
        "\(both.count) class\(both.count == 1 ? "" : "es") of one name stand\(both.count == 1 ? "s" : "") in both and "
          + "\(both.count == 1 ? "is" : "are") one class each now: \(shown)"
      ]
    }
    return result
  }

  private static func gathered(_ sources: [(PixelStore, Int)], shape: [Int], name: String) throws -> PixelStore {
    try PixelStore.build(
      count: sources.count, channels: shape[0], height: shape[1], width: shape[2], name: name
    ) { index, out in
      let (store, image) = sources[index]
      store.pixels.withUnsafeBufferPointer { pixels in
        if let base = pixels.baseAddress { out.update(from: base + image * store.imageSize, count: store.imageSize) }
      }
    }
  }

  func applying(_ step: Preprocessing.Step) throws -> Dataset {
    let sample = items.first.flatMap { store.image(Int($0.image)) }
    guard let made = try sample.map({ try Preprocessing.apply(step, to: $0) }) ?? blank(after: step) else {
      return self
    }
    // Only the images that are in use; one seen from several sides stays one.
    var number: [Int32: Int32] = [:]
    var used: [Int] = []
    var renumbered = items
    for position in items.indices {
      let image = items[position].image
      if let known = number[image] {
        renumbered[position].image = known
      } else {
        number[image] = Int32(used.count)
        renumbered[position].image = Int32(used.count)
        used.append(Int(image))
      }
    }
    let (source, order) = (store, used)
    let changed = try PixelStore.build(
      count: used.count, channels: made.channels, height: made.height, width: made.width, name: name
    ) { index, out in
      guard let image = source.image(order[index]) else { return }
      PixelStore.copy(try Preprocessing.apply(step, to: image), to: out)
    }
    var result = with(items: renumbered, classNames: classNames, store: changed)
    result.preprocessing.steps.append(step)
    result.broken = broken
    return result
  }

  /// A picture of the shape that a step gives, where there is none to try it on.
  private func blank(after step: Preprocessing.Step) throws -> PixelImage? {
    func blank(_ channels: Int, _ height: Int, _ width: Int) -> PixelImage? {
      PixelImage(
        width: width, height: height, channels: channels,
        pixels: [UInt8](repeating: 0, count: channels * height * width))
    }
    switch step {
    case .face(let size, _): return blank(3, size, size)
    case .align(let height, let width, _): return blank(store.channels, height, width)
    case .congeal: return blank(store.channels, store.height, store.width)
    case .gray, .resize, .halve, .crop, .invert:
      return try blank(store.channels, store.height, store.width).map { try Preprocessing.apply(step, to: $0) }
    }
  }

  private func moments() throws -> (Double, Double) {
    var sum = 0
    var squares = 0
    try store.pixels.withUnsafeBufferPointer { pixels in
      for (place, item) in items.enumerated() {
        if place % 256 == 0 { try LongWork.check() }
        let start = Int(item.image) * store.imageSize
        for at in start..<(start + store.imageSize) {
          let value = Int(pixels[at])
          sum += value
          squares += value * value
        }
      }
    }
    let n = Double(count * store.imageSize)
    let mean = Double(sum) / n
    return (mean / 255, max(0, Double(squares) / n - mean * mean).squareRoot() / 255)
  }
}
