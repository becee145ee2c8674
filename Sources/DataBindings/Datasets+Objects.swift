import CoreLibrary
import Datasets
import Diagnostics
import Images
import Interpreter
import MetricLearning
import PlotBindings
import Plotting

/// A picture: one of a dataset's, or one from a file.
package final class ImageObject: HostObject {
  package let image: PixelImage
  /// What a dataset did to it before it came here; nil for a picture as it was in its file.
  package let prepared: Preprocessing?
  /// Of a dataset's image; nil for a picture that came from elsewhere.
  package let className: String?

  package init(_ image: PixelImage, prepared: Preprocessing? = nil, className: String? = nil) {
    self.image = image
    self.prepared = prepared
    self.className = className
    super.init()
  }

  package override var typeName: String { "image" }
  package override var summary: String {
    "image of \(image.height)×\(image.width) pixels, \(image.channels == 1 ? "gray" : "RGB")"
  }
  package override func describe(_ style: DisplayStyle) -> String { summary }
  package override func isEqual(to other: HostObject) -> Bool { (other as? ImageObject)?.image == image }
}

extension ImageObject: TileConvertible {
  package func montageTiles(limit: Int) -> [MontagePlot.Tile] {
    limit > 0 ? [.init(width: image.width, height: image.height, channels: image.channels, pixels: image.pixels)] : []
  }
}

/// Labelled images.
package final class DatasetObject: HostObject {
  package let dataset: Dataset

  package init(_ dataset: Dataset) {
    self.dataset = dataset
    super.init()
  }

  package override var typeName: String { "dataset" }

  package override var summary: String {
    let shape = dataset.shape
    return "\(dataset.name): \(count(dataset.count, "image")), \(count(dataset.classNames.count, "class", "classes")), "
      + "\(shape[1])×\(shape[2]) \(shape[0] == 1 ? "gray" : "RGB")"
  }

  package override func describe(_ style: DisplayStyle) -> String {
    var lines = [summary]
    let names = dataset.classNames
    let limit = style.full ? names.count : 6
    var shown = names.prefix(limit).map(\.asOneLine)
    if names.count > limit, let last = names.last { shown += ["…", last.asOneLine] }
    if !shown.isEmpty { lines.append(CoreLibrary.listed("classes: ", shown)) }
    let sizes = dataset.membersByClass.map(\.count)
    if let least = sizes.min(), let most = sizes.max() {
      lines.append(least == most ? "\(least) in each" : "\(least) to \(most) in each")
    }
    if !dataset.preprocessing.steps.isEmpty || dataset.preprocessing.deviation != 1 {
      lines.append("prepared: " + dataset.preprocessing.words)
    }
    if dataset.augmentation != nil { lines.append("augmented while training") }
    if !dataset.broken.isEmpty { lines.append("set aside: \(count(dataset.broken.count, "broken file"))") }
    return lines.joined(separator: "\n")
  }

  package override var length: Int? { dataset.count }

  package override func isEqual(to other: HostObject) -> Bool {
    (other as? DatasetObject).map { dataset.isLike($0.dataset) } ?? false
  }

  package override func index(_ subscripts: [IndexValue], _ context: ExecutionContext) throws -> Value {
    guard subscripts.count == 1, let first = subscripts.first else {
      throw DataBindings.indexing("a dataset has one index, got \(subscripts.count)", help: Self.waysToIndex)
    }
    switch first {
    case .slice(let start, let stop, let step):
      let step = step ?? 1
      guard step != 0 else { throw DataBindings.indexing("a slice's step cannot be 0") }
      return Value(DatasetObject(try dataset.subset(sliced(start, stop, step))))
    case .value(let value):
      if let name = value.asText { return Value(DatasetObject(try dataset.only(classes: [name]))) }
      if let number = value.asNumber, let position = Int(exactly: number) {
        return try DataBindings.item(position, of: dataset)
      }
      if let chosen = try chosen(by: value) { return Value(DatasetObject(try dataset.subset(chosen))) }
      if let numbers = value.asNumbers {
        return Value(DatasetObject(try dataset.subset(try numbers.map { try place($0) })))
      }
      throw DataBindings.indexing(
        "a dataset is indexed by a whole number, a class's name, a slice, a list of whole numbers or a mask, got "
          + value.inWords, help: value.asBool == nil ? Self.waysToIndex : Self.wayToMask)
    case .ellipsis: throw RuntimeError.ellipsisOf(typeName)
    }
  }

  private static let wayToMask = "a list is compared as a whole; a tensor gives a mask: data[tensor(data.labels) == 1]"

  private static let waysToIndex =
    "data[0], data[\"ann\"], data[2:5], data[[0, 2]]; data.split(classes=[\"ann\", \"ben\"]) takes several classes"

  /// The places at which a mask is true: a comparison of tensors, or a list of bools. Nil for anything else.
  private func chosen(by value: Value) throws -> [Int]? {
    let isChosen: [Bool]
    switch value {
    case .tensor(let box) where box.tensor.isMask:
      guard box.tensor.rank == 1 else {
        throw DataBindings.indexing(
          "a mask of shape \(box.tensor.shape) does not fit \(dataset.count) images",
          help: "a mask has one item for each image")
      }
      isChosen = box.tensor.values.map { $0 != 0 }
    case .list(let box) where !box.items.isEmpty:
      let bools = box.items.compactMap { if case .bool(let bool) = $0 { bool } else { nil } }
      guard bools.count == box.items.count else { return nil }
      isChosen = bools
    default: return nil
    }
    guard isChosen.count == dataset.count else {
      throw DataBindings.indexing(
        "a mask of \(count(isChosen.count, "item")) does not fit \(count(dataset.count, "image"))",
        help: "a mask has one item for each image")
    }
    return isChosen.indices.filter { isChosen[$0] }
  }

  private func place(_ number: Double) throws -> Int {
    guard let whole = Int(exactly: number) else {
      throw DataBindings.indexing("a dataset's index is a whole number, got \(formatNumber(number))")
    }
    guard whole >= -dataset.count, whole < dataset.count else {
      throw DatasetError.noSuchItem(index: whole, count: dataset.count)
    }
    return whole < 0 ? whole + dataset.count : whole
  }

  /// As Python slices: ends are clipped, negative ones count from the end.
  private func sliced(_ start: Int?, _ stop: Int?, _ step: Int) -> [Int] {
    let count = dataset.count
    func clip(_ value: Int, _ low: Int, _ high: Int) -> Int {
      let place = value < 0 ? (value < -count ? low : value + count) : value
      return max(low, min(high, place))
    }
    if step > 0 {
      let from = clip(start ?? 0, 0, count)
      let to = clip(stop ?? count, 0, count)
      return Array(stride(from: from, to: max(from, to), by: step))
    }
    let from = start.map { clip($0, -1, count - 1) } ?? count - 1
    let to = stop.map { clip($0, -1, count - 1) } ?? -1
    return Array(stride(from: from, to: min(from, to), by: step))
  }

  package override func iterate(_ context: ExecutionContext) -> ValueIterator? {
    var position = 0
    let dataset = dataset
    return ValueIterator {
      guard position < dataset.count else { return nil }
      position += 1
      return try DataBindings.item(position - 1, of: dataset)
    }
  }

  package override func binary(_ op: HostOperator, with other: Value, reversed: Bool, _ context: ExecutionContext)
    throws
    -> Value?
  {
    if op == .contains, let name = other.asText { return Value(dataset.classNames.contains(name)) }
    if [.divide, .multiply, .subtract].contains(op), other.asNumber != nil {
      throw DataBindings.indexing(
        "a dataset's pixels are numbers from 0 to 1 already, and stay as they are",
        help: "leave /255 out; data.normalise(mean, deviation) scales them otherwise, data.tensor gives them")
    }
    guard op == .add, let object = other.asObject(DatasetObject.self) else { return nil }
    let joined =
      try reversed ? object.dataset.concatenated(with: dataset) : dataset.concatenated(with: object.dataset)
    for warning in joined.warnings { context.output.warn(Explanation(warning)) }
    return Value(DatasetObject(joined))
  }

  private func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
    "\(number) \(number == 1 ? one : many ?? one + "s")"
  }
}

extension DatasetObject: TileConvertible {
  /// The first image of each class.
  package func thumbnailTiles(limit: Int) throws -> [MontagePlot.Tile] {
    try dataset.membersByClass.lazy.compactMap(\.first).prefix(max(0, limit)).map { position in
      let image = try dataset.image(position)
      return .init(width: image.width, height: image.height, channels: image.channels, pixels: image.pixels)
    }
  }

  /// With an augmentation, as a batch for training would show them (draw 0).
  package func montageTiles(limit: Int) throws -> [MontagePlot.Tile] {
    let shape = dataset.shape
    let (area, shown) = (shape[1] * shape[2], min(limit, dataset.count))
    guard shown > 0 else { return [] }
    if dataset.augmentation == nil {
      return try (0..<shown).map { position in
        let image = try dataset.image(position)
        return .init(
          width: image.width, height: image.height, channels: image.channels, pixels: image.pixels,
          label: dataset.classNames[Int(dataset.items[position].label)])
      }
    }
    let values = try dataset.tensor(items: Array(0..<shown), seed: 0).values
    let (mean, deviation) = (dataset.preprocessing.mean, dataset.preprocessing.deviation)
    return (0..<shown).map { position in
      var pixels = [UInt8](repeating: 0, count: area * shape[0])
      for channel in 0..<shape[0] {
        for pixel in 0..<area {
          let value = (values[(position * shape[0] + channel) * area + pixel] * deviation + mean) * 255
          if value.isFinite { pixels[pixel * shape[0] + channel] = UInt8(max(0, min(255, value.rounded()))) }
        }
      }
      return .init(
        width: shape[2], height: shape[1], channels: shape[0], pixels: pixels,
        label: dataset.classNames[Int(dataset.items[position].label)])
    }
  }
}

/// A dataset as training and judging read it.
package struct DatasetImageSource: MetricLearning.ImageSource {
  package let dataset: Dataset
  package let labels: [Int]

  package init(_ dataset: Dataset) {
    self.dataset = dataset
    labels = dataset.labels
  }

  package var count: Int { dataset.count }
  package var shape: [Int] { dataset.shape }
  package var classNames: [String] { dataset.classNames }
  package var isAugmented: Bool { dataset.augmentation != nil }

  package func fill(_ out: UnsafeMutablePointer<Float>, items: [Int], draw: UInt64?) throws {
    try dataset.fill(out, items: items, seed: draw)
  }

  package func fill(_ out: UnsafeMutablePointer<Float>, items: [Int], range: Range<Int>, draw: UInt64?) throws {
    try dataset.fill(out, items: items, range: range, draw: draw)
  }

  package var augmentationText: String { dataset.augmentation?.text ?? "" }

  package func imageFingerprints() throws -> [UInt64]? { try dataset.fingerprints() }

  package func isLike(_ other: any MetricLearning.ImageSource) -> Bool {
    (other as? DatasetImageSource).map { dataset.isLike($0.dataset) } ?? false
  }
}

extension DatasetObject: ImageSourceProviding {
  package var imageSource: any MetricLearning.ImageSource { DatasetImageSource(dataset) }
  package var sourceName: String { dataset.name }
}
