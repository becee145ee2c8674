import Diagnostics
import Files
import Images
import Tensors

/// Omniglot's one-shot classification task as it is on disk: runNN/{training,test,class_labels.txt}.
public struct OneShotTask: Sendable {
  /// One question set: some references, and images that are each of one of them.
  public struct Run: Sendable {
    /// The folder: "run01".
    public var name: String
    /// Positions in `images` of the references, in the order in which the labels name them.
    public var references: [Int]
    /// The image asked about, as a position in `images`, and its reference, as a place in `references`.
    public var questions: [(image: Int, answer: Int)]
  }

  /// All images of all runs, prepared alike; each is a class of its own.
  public var images: Dataset
  /// In natural order of their folders.
  public var runs: [Run]
}

extension Datasets {
  /// Reads every folder below `folder` that holds a class_labels.txt. A line names a question and its answer:
  /// `run01/test/item01.png run01/training/class08.png`; only the last two parts of each path count.
  ///
  /// - Parameter preprocessing: how the network's images were prepared; none: as they are.
  public static func oneShotTask(_ folder: String, preprocessing: Preprocessing? = nil) throws -> OneShotTask {
    var pending = [(folder, 0)]
    var found: [String] = []
    while let (path, depth) = pending.popLast() {
      for entry in try FileSystem.list(path) {
        if entry.name == "class_labels.txt" { found.append(path) }
        if case .folder = entry.kind, depth < 4, !entry.name.hasPrefix(".") {
          pending.append((path + "/" + entry.name, depth + 1))
        }
      }
    }
    guard !found.isEmpty else {
      throw DatasetError.badTask(path: folder, reason: "no folder in it holds a class_labels.txt")
    }
    var pictures: [PixelImage] = []
    var names: [String] = []
    var runs: [OneShotTask.Run] = []
    for path in found.sorted(by: naturallyBefore) {
      let file = path + "/class_labels.txt"
      var places: [String: Int] = [:]
      func position(_ reference: Substring) throws -> Int {
        let short = reference.split(separator: "/").suffix(2).joined(separator: "/")
        if let known = places[short] { return known }
        var image = try PixelImage.decode(
          try FileSystem.read(path + "/" + short, limit: imageFileLimit), name: path + "/" + short)
        image = try preprocessing.map { try $0.apply(image) } ?? image.gray()
        places[short] = pictures.count
        names.append(FileSystem.name(of: path) + "/" + short)
        pictures.append(image)
        return pictures.count - 1
      }
      var run = OneShotTask.Run(name: FileSystem.name(of: path), references: [], questions: [])
      let lines = try FileSystem.readText(file, limit: 1 << 20).split(whereSeparator: \.isNewline)
      for (number, line) in lines.enumerated() {
        let parts = line.split(whereSeparator: \.isWhitespace)
        if parts.isEmpty { continue }
        guard parts.count == 2, number < 10_000 else {
          throw DatasetError.badTask(
            path: file, reason: "line \(number + 1) does not name a question and its answer: “\(line.prefix(60))”")
        }
        let question = try position(parts[0])
        let reference = try position(parts[1])
        let answer = run.references.firstIndex(of: reference) ?? run.references.count
        if answer == run.references.count { run.references.append(reference) }
        run.questions.append((question, answer))
      }
      guard run.references.count >= 2 else {
        throw DatasetError.badTask(path: file, reason: "it names fewer than two answers")
      }
      runs.append(run)
    }
    var images = try Dataset(
      images: pictures, labels: Array(pictures.indices), classNames: names, name: FileSystem.name(of: folder))
    if let preprocessing { images.preprocessing = preprocessing }
    return OneShotTask(images: images, runs: runs)
  }
}
