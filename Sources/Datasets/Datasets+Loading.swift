import Diagnostics
import Files
import Images
import Synchronization
import Tensors

extension Datasets {
  /// Loads a folder (or zip) of class folders at any depth. A class is a folder that holds images, named by its path
  /// from the top, in natural order; files within it likewise. Files that cannot be read are set aside (`broken`).
  /// - Parameters:
  ///   - name: a path, a name under TWINBOOK_DATA or in the cache, or a short name ("omniglot_small1").
  ///   - size: (height, width) to resize to as they are read; needed where images differ in size.
  ///   - gray: makes them gray as they are read.
  ///   - shouldStop: asked now and then; true ends with `CancellationError`.
  public static func load(
    _ name: String, size: (height: Int, width: Int)? = nil, gray: Bool = false, dataFolder: String? = dataFolder,
    cacheFolder: String = cacheFolder, shouldStop: () -> Bool = { false }
  ) throws -> Dataset {
    let path = try resolve(name, dataFolder: dataFolder, cacheFolder: cacheFolder)
    if let size, !(1...16384).contains(size.height) || !(1...16384).contains(size.width) {
      throw DatasetError.badNumber(
        function: "images", argument: "size", value: "\(size.height), \(size.width)",
        expected: "of 1 to 16384 pixels each way")
    }
    let isFolder = FileSystem.isFolder(path)
    let source: any FileSource = isFolder ? FolderSource(root: path) : try ZipSource(path)
    let listed = try source.list()
    var steps: [Preprocessing.Step] = []
    if gray { steps.append(.gray) }
    if let size { steps.append(.resize(height: size.height, width: size.width)) }
    var reading = Reading(name: name, steps: steps)
    try reading.read(
      listed.sorted { naturallyBefore($0.path, $1.path) }, from: source, shouldStop: shouldStop)
    if reading.images.isEmpty {
      let zips = listed.map(\.path).filter { $0.hasSuffix(".zip") }.sorted()
      throw DatasetError.noImages(
        name: name, others: listed.count - reading.broken.count, archives: zips, isPacked: !isFolder,
        firstReason: reading.broken.first?.reason)
    }
    return try reading.dataset(isFolder: isFolder, path: path)
  }

  /// Reads files in portions (bytes one by one, decoding in parallel), so that packed and unpacked forms of all images
  /// never lie in memory at once.
  private struct Reading {
    let name: String
    let steps: [Preprocessing.Step]
    var images: [(file: SourceFile, image: PixelImage)] = []
    var broken: [Dataset.BrokenFile] = []
    var total = 0

    init(name: String, steps: [Preprocessing.Step]) {
      self.name = name
      self.steps = steps
    }

    mutating func read(_ files: [SourceFile], from source: any FileSource, shouldStop: () -> Bool) throws {
      var portion: [(SourceFile, [UInt8])] = []
      var bytes = 0
      for file in files {
        if shouldStop() { throw CancellationError() }
        do {
          let content = try source.read(file)
          if PixelImage.format(of: content) != nil || file.looksLikeImage {
            portion.append((file, content))
            bytes += content.count
          }
        } catch let error as any ExplainedError where file.looksLikeImage {
          broken.append(.init(file: file.path, reason: error.explanation.message))
        } catch is any ExplainedError {
          continue
        }
        if bytes > 32 << 20 || portion.count >= 1024 {
          try decode(portion)
          portion = []
          bytes = 0
        }
      }
      try decode(portion)
    }

    private mutating func decode(_ portion: [(SourceFile, [UInt8])]) throws {
      let steps = steps
      let results = Mutex([Result<PixelImage, ImageError>?](repeating: nil, count: portion.count))
      let slice = 8
      Workers.shared.parallel(slices: (portion.count + slice - 1) / slice) { part in
        for index in part * slice..<min(portion.count, (part + 1) * slice) {
          let result = Result { () throws(ImageError) -> PixelImage in
            var image = try PixelImage.decode(portion[index].1, name: portion[index].0.path)
            for step in steps {
              switch step {
              case .gray: image = image.gray()
              case .resize(let height, let width): image = try image.resized(width: width, height: height)
              default: break
              }
            }
            return image
          }
          results.withLock { $0[index] = result }
        }
      }
      for (index, result) in results.withLock({ $0 }).enumerated() {
        switch result {
        case .success(let image):
          total += image.pixels.count
          if total > PixelStore.limit {
            throw DatasetError.tooLarge(name: name, bytes: total, limit: PixelStore.limit)
          }
          images.append((portion[index].0, image))
        case .failure(let error):
          broken.append(.init(file: portion[index].0.path, reason: error.explanation.message))
        case nil: continue
        }
      }
    }

    func dataset(isFolder: Bool, path: String) throws -> Dataset {
      let first = images[0]
      if let other = images.first(where: {
        $0.image.width != first.image.width || $0.image.height != first.image.height
      }) {
        throw DatasetError.sizesDiffer(
          name: name, first: [first.image.height, first.image.width], firstFile: first.file.path,
          other: [other.image.height, other.image.width], otherFile: other.file.path)
      }
      let drop = isFolder ? 0 : Self.commonPrefix(images.map(\.file.folder))
      let top = FileSystem.name(of: path)
      let folders = images.map { item in
        let name = item.file.folder.split(separator: "/").dropFirst(drop).joined(separator: "/")
        return name.isEmpty ? top : name
      }
      let names = Set(folders).sorted(by: naturallyBefore)
      let number = Dictionary(names.enumerated().map { ($1, Int32($0)) }) { first, _ in first }
      let channels = images.contains { $0.image.channels == 3 } ? 3 : 1
      let pictures = images.map(\.image)
      let store = try PixelStore.build(
        count: pictures.count, channels: channels, height: first.image.height, width: first.image.width, name: name
      ) { index, out in
        PixelStore.copy(channels == 3 ? pictures[index].rgb() : pictures[index], to: out)
      }
      // Class by class, files in natural order.
      let order = folders.indices.sorted { (number[folders[$0]] ?? 0, $0) < (number[folders[$1]] ?? 0, $1) }
      let items = order.map { Dataset.Item(image: Int32($0), label: number[folders[$0]] ?? 0) }
      var preprocessing = Preprocessing(shape: [channels, first.image.height, first.image.width])
      preprocessing.steps = steps
      var dataset = Dataset(name: name, store: store, items: items, classNames: names, preprocessing: preprocessing)
      dataset.broken = broken
      if let bad = broken.first {
        dataset.warnings.append(
          "\(broken.count) file\(broken.count == 1 ? " was" : "s were") set aside, the first because \(bad.reason)"
            + " (all in .broken)")
      }
      let single = names.indices.filter { dataset.membersByClass[$0].count == 1 }
      if let one = single.first, names.count > 1 {
        dataset.warnings.append(
          single.count == 1
            ? "class “\(names[one])” has one image: it takes part in no same pair"
            : "\(single.count) classes have one image each (“\(names[one])” first): they take part in no same pair")
      }
      return dataset
    }

    /// How many leading folders all paths share, the class's own folder kept.
    private static func commonPrefix(_ folders: [String]) -> Int {
      let paths = folders.map { $0.split(separator: "/") }
      guard let first = paths.first else { return 0 }
      var shared = 0
      while paths.allSatisfy({ $0.count > shared + 1 && $0[shared] == first[shared] }) { shared += 1 }
      return shared
    }
  }
}
