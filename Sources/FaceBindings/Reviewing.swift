import CoreLibrary
import DataBindings
import Datasets
import Diagnostics
import Faces
import Files
import Images
import Interpreter
import LearningBindings
import MetricLearning
import NeuralNetworks
import PlotBindings
import Plotting
import Synchronization
import Tensors

/// A folder's pictures, ranked for a person who selects.
public final class ReviewObject: HostObject {
  public let review: FolderReview
  /// As the script names it, and where it is.
  public let folder: String
  public let path: String
  /// The network whose embeddings were compared; nil: the pixels were.
  public let network: HostObject?
  public let broken: [FaceExtraction.Broken]

  init(_ review: FolderReview, folder: String, path: String, network: HostObject?, broken: [FaceExtraction.Broken]) {
    self.review = review
    self.folder = folder
    self.path = path
    self.network = network
    self.broken = broken
    super.init()
  }

  var kept: [String] { review.items.filter { !$0.isDropped }.map(\.file) }
  public var dropped: [String] { review.items.filter(\.isDropped).map(\.file) }

  public override var typeName: String { "review" }
  public override var length: Int? { kept.count }
  public override var summary: String {
    let classes = Set(review.items.map(\.className)).count
    return "\(counted(review.items.count, "picture")) of \(counted(classes, "class", "classes")) in “\(folder)”, "
      + "\(dropped.count) dropped"
  }

  public override func describe(_ style: DisplayStyle) -> String {
    var lines = [summary + ", compared by \(network == nil ? "their pixels" : "the network's embeddings")"]
    let ranked = review.ranked
    let shown = ranked.prefix(style.full ? ranked.count : 8).map { review.items[$0] }
    if !shown.isEmpty {
      lines.append("unlike the rest of their class (1 is usual):")
      let longest = shown.map(\.file.count).max() ?? 0
      for item in shown {
        let factor = item.oddness.map { $0.isFinite ? fixed($0, 2) : "∞" } ?? ""
        let name = item.file.padded(to: longest)
        let line = "  \(factor)  \(name)" + (item.nearer.map { "  nearer to \($0)" } ?? "")
        lines.append(String(line.reversed().drop { $0 == " " }.reversed()))
      }
    }
    if !review.groups.isEmpty {
      lines.append("nearly the same: \(review.groups.count) group\(review.groups.count == 1 ? "" : "s")")
      for group in review.groups.prefix(style.full ? review.groups.count : 4) {
        lines.append("  " + group.map { review.items[$0].file }.joined(separator: ", "))
      }
    }
    if let first = broken.first {
      lines.append(
        "set aside: \(broken.count) broken file\(broken.count == 1 ? "" : "s"), the first because \(first.reason)")
    }
    return lines.joined(separator: "\n")
  }
}

extension ReviewObject: TileConvertible {
  /// The oddest first, with their factors.
  public func montageTiles(limit: Int) throws -> [MontagePlot.Tile] {
    try review.ranked.prefix(max(0, limit)).map { index in
      let item = review.items[index]
      let factor = item.oddness.map { $0.isFinite ? fixed($0, 2) + " " : "" } ?? ""
      return try Self.tile(path + "/" + item.file, label: factor + FileSystem.name(of: item.file))
    }
  }

  /// The picture in a file, no larger than a thumbnail.
  public static func tile(_ path: String, label: String?) throws -> MontagePlot.Tile {
    let image = try PixelImage.read(path)
    let scale = min(1, 160 / Double(max(image.width, image.height)))
    let small = try image.resized(
      width: max(1, Int(Double(image.width) * scale)), height: max(1, Int(Double(image.height) * scale)))
    return .init(
      width: small.width, height: small.height, channels: small.channels, pixels: small.pixels, label: label)
  }
}

extension FaceBindings {
  static let reviewExample = """
    glyphs(3, 4, seed=1).save("letters")

    """

  static func registerReviewing(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "review", .of(folder, drop, network), area: .data, files: .reads,
        summary:
          "Ranks a folder's pictures for selection: those unlike the rest of their class first, doubles grouped.",
        details: """
          It divides each picture's distance to the mean of its class's other pictures by the class's median of \
          those distances: 1 is usual, 2 is twice as far. network= compares embeddings. Without one it compares \
          pixels (32×32, gray, with even brightness and contrast), which also finds other poses and other lighting. \
          Two pictures are nearly the same if their perceptual hashes differ in at most 6 of 64 bits and their \
          pixels correlate by 0.95 or more. drop= names files, as the listing shows them; no file is deleted. .kept \
          lists the others, and .copy("selected") writes them to a folder of its own. So the decisions stand in the \
          session, and a replay makes them again. In a terminal %review asks about the pictures by key; \
          .save("sheet.html") writes a page on which you click them; montage(review) shows the oddest.
          """,
        example: reviewExample + "r = review(\"letters\", drop=[\"glyph1/003.png\"])\nr.kept[2]\n#> \"glyph1/004.png\"",
        errors: ["there is no such folder, or no picture in it", "drop names a file that is not there"],
        seeAlso: ["extract", "review.copy", "review.save", "montage"]
      ) { args, context in
        Value(try reviewed(args, context))
      })
    registerReviewMembers(&registry)
  }

  private static let folder = TypedParameter.string("folder")
  private static let drop = TypedParameter.strings("drop", namedOnly: true)
  private static let network = TypedParameter.object(
    "network", "network", as: NetworkObject.self, or: "none", expected: "a network that was trained on images",
    namedOnly: true)

  private struct Seen: Sendable {
    var look: FolderReview.Look
    /// What the classes are compared by: what the network takes, or all of the pixels, in which an aligned face keeps its
    /// place.
    var compared: [Float]
  }

  private static func reviewed(_ args: Arguments, _ context: ExecutionContext) throws -> ReviewObject {
    let folder = try args[Self.folder]
    let network = try args[Self.network]
    let names = try args[drop]
    var path = context.path(folder)
    // As images() does: a name under TWINBOOK_DATA or in the cache.
    if !FileSystem.exists(path), let known = try? Datasets.resolve(folder) { path = known }
    guard FileSystem.isFolder(path) else {
      if let refusal = FileSystem.refusal(ofReading: path) { throw refusal }
      let error = FileSystem.exists(path) ? FileError.notFolder(path: folder) : FileSystem.missing(folder, at: path)
      throw ArgumentError(Self.folder, error.explanation)
    }
    let files = try Datasets.pictures(in: path)
    guard !files.isEmpty else { throw ArgumentError(Self.folder, FacesError.noPhotographs(folder: folder).explanation) }
    let known = Set(files)
    if let wrong = names.first(where: { !known.contains($0) }) {
      throw ArgumentError(
        drop, "review: drop names “\(wrong)”, which is not in “\(folder)”",
        help: nearName(wrong, among: files).map { "did you mean “\($0)”?" })
    }
    let preparation = network?.network.imagePreprocessing
    if network != nil, preparation == nil {
      throw ArgumentError(
        Self.network, "review: the network has not seen images yet", help: "train it first, or leave network= out")
    }
    let interrupt = context.interrupt
    let outcomes = Mutex([Result<Seen, any Error>?](repeating: nil, count: files.count))
    Workers.shared.parallel(slices: files.count) { index in
      if interrupt.isRaised { return }
      let result = Result { () throws -> Seen in
        let image = try PixelImage.read(path + "/" + files[index])
        return Seen(
          look: try FolderReview.Look(image),
          compared: try preparation.map { try $0.prepare(image).values } ?? FolderReview.pixels(image))
      }
      outcomes.withLock { $0[index] = result }
    }
    try context.checkInterruption()
    var seen: [(file: String, seen: Seen)] = []
    var broken: [FaceExtraction.Broken] = []
    for (file, outcome) in zip(files, outcomes.withLock({ $0 })) {
      switch outcome {
      case .success(let value): seen.append((file, value))
      case .failure(let error as any ExplainedError):
        broken.append(.init(file: file, reason: error.explanation.message))
      case .failure(let error): throw error
      case nil: throw Interruption()
      }
    }
    var vectors = seen.map(\.seen.compared)
    if let network, let preparation {
      vectors = []
      for start in stride(from: 0, to: seen.count, by: 256) {
        let part = seen[start..<min(seen.count, start + 256)]
        let batch = try Tensor(part.flatMap(\.seen.compared), shape: [part.count] + preparation.shape)
        let rows = try network.apply(to: batch, context).values
        let size = rows.count / max(1, part.count)
        for row in part.indices { vectors.append(Array(rows[(row - start) * size..<(row - start + 1) * size])) }
      }
    }
    // Two files may be called alike, written by other bytes ("é" of one letter, and of two). Where a file has exactly the
    // bytes that are asked for, it alone is meant.
    let exact = Set(names.map { Array($0.utf8) })
    let matched = Set(files.filter { exact.contains(Array($0.utf8)) })
    let dropped = Set(names)
    func isDropped(_ file: String) -> Bool {
      exact.contains(Array(file.utf8)) || (dropped.contains(file) && !matched.contains(file))
    }
    let review = try FolderReview(
      files: seen.map(\.file), classNames: seen.map { $0.file.contains("/") ? FileSystem.parent(of: $0.file) : "" },
      vectors: vectors, hashes: seen.map(\.seen.look.hash), pixels: seen.map(\.seen.look.pixels),
      dropped: Set(seen.indices.filter { isDropped(seen[$0].file) }))
    return ReviewObject(
      review, folder: folder, path: path, network: network, broken: broken)
  }

  private static func registerReviewMembers(_ registry: inout BuiltinRegistry) {
    func property(_ name: String, _ summary: String, _ shown: String, _ value: @escaping (ReviewObject) -> Value) {
      registry.add(
        Builtin(
          property: name, of: "review", area: .data, summary: summary,
          example: reviewExample + "r = review(\"letters\", drop=[\"glyph1/003.png\"])\n" + shown, seeAlso: ["review"]
        ) { args, _ in value(try args.receiver(ReviewObject.self)) })
    }
    property("kept", "Files that were not dropped.", "len(r.kept)\n#> 11") { Value(texts: $0.kept) }
    property("dropped", "Files that were.", "r.dropped\n#> [\"glyph1/003.png\"]") { Value(texts: $0.dropped) }
    property("groups", "Lists of files that are nearly the same.", "len(r.groups)\n#> 0") { object in
      Value(object.review.groups.map { Value(texts: $0.map { object.review.items[$0].file }) })
    }
    property(
      "repeats", "All of each group but its first: review(folder, drop=r.repeats) keeps one of each.",
      "len(r.repeats)\n#> 0"
    ) { object in Value(texts: object.review.repeats.map { object.review.items[$0].file }) }
    property(
      "odd", "Records of file, class, factor and nearer (another class, or none), the oddest first.",
      "len(r.odd)\n#> 11"
    ) { object in
      Value(
        object.review.ranked.map { index in
          let item = object.review.items[index]
          return Value(fields: [
            ("file", Value(item.file)), ("class", Value(item.className)), ("factor", rounded(item.oddness ?? 0)),
            ("nearer", item.nearer.map { Value($0) } ?? .none),
          ])
        })
    }
    let path = TypedParameter.string("path")
    let into = TypedParameter.string("into")
    registry.add(
      Builtin(
        method: "save", of: "review", .of(path), area: .data, files: .writes,
        summary: "Writes a contact sheet, .html: click what to drop, and copy the line that does so.",
        details: "One file that needs nothing from outside; at most 5000 pictures.",
        example: reviewExample + "review(\"letters\").save(\"sheet.html\")",
        errors: ["the name does not end in .html", "there are more than 5000 pictures"], seeAlso: ["review", "montage"]
      ) { args, context in
        let object = try args.receiver(ReviewObject.self)
        let name = try args[path]
        guard name.lowercased().hasSuffix(".html") else {
          throw ArgumentError(
            path, "save: a contact sheet's path must end in .html, got \"\(name)\"",
            help: "montage(review).save(\"sheet.png\") makes a picture")
        }
        guard object.review.items.count <= 5000 else {
          throw ArgumentError(
            -1, "save: a contact sheet shows at most 5000 pictures, here are \(object.review.items.count)")
        }
        do {
          let page = try ContactSheet.html(object.review, folder: object.path, shown: object.folder) {
            context.isInterrupted
          }
          try FileSystem.write(page, to: context.path(name))
        } catch is CancellationError { throw Interruption() }
        return .none
      })
    registry.add(
      Builtin(
        method: "copy", of: "review", .of(into), area: .data, files: .writesNamed,
        summary: "Copies the kept pictures into a folder of their own, class by class, and gives how many.",
        details: "into/review.csv says of each picture whether it was kept. Nothing in the first folder changes.",
        example: reviewExample + """
          review("letters", drop=["glyph1/003.png"]).copy("selected")
          images("selected").count
          #> 11
          """, errors: ["into is the folder itself or lies within it", "into cannot be written"],
        seeAlso: ["review", "images"]
      ) { args, context in
        let object = try args.receiver(ReviewObject.self)
        do {
          let target = try args[into]
          let copied = try Selection.copy(object.review, from: object.path, into: context.path(target)) {
            context.isInterrupted
          }
          DataBindings.warn(ofOthers: copied.strangers, in: target, by: "copy", context)
          return Value(copied.count)
        } catch is CancellationError { throw Interruption() }
      })
  }
}
