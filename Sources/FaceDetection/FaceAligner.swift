import Diagnostics
import Downloads
import Files
import Images
import Synchronization
import TensorFiles

/// Brings the face in a picture to the place and the size at which a face network was trained to see it.
public struct FaceAligner: Sendable {
  private let detector: FaceDetector
  private let predictor: ShapePredictor

  public init(detector: FaceDetector, predictor: ShapePredictor) {
    self.detector = detector
    self.predictor = predictor
  }

  /// The largest face that the detector finds; a picture in which it finds none counts as one face, cut out already.
  ///
  /// - Parameters:
  ///   - size: pixels of each side.
  ///   - padding: on each side, as a share of what is inside.
  public func chip(of picture: PixelImage, size: Int, padding: Double) throws -> PixelImage {
    let found = try detector.faces(in: picture).min { $0.box.area > $1.box.area }
    return try chip(of: picture, box: found.map(Self.box) ?? Self.box(within: picture), size: size, padding: padding)
  }

  /// Of a face that was found already.
  public func chip(of face: DetectedFace, in picture: PixelImage, size: Int, padding: Double) throws -> PixelImage {
    try chip(of: picture, box: Self.box(face), size: size, padding: padding)
  }

  private func chip(of picture: PixelImage, box: FaceBox, size: Int, padding: Double) throws -> PixelImage {
    guard (8...2048).contains(size) else { throw FacesError.badSize(size) }
    let chip = FaceChip(size: size, padding: max(0, min(4, padding)))
    let points = predictor.points(in: picture, box: box)
    return try chip.cut(points, from: picture)
  }

  /// The box that the points were learnt in: dlib's detector frames a face more tightly than MTCNN, as a square from
  /// the brows to the chin. Fitted to what both find on the photographs at hand (Scripts/maintainers/face-boxes.py).
  static func box(_ face: DetectedFace) -> FaceBox {
    let box = face.box
    let side = Self.side * (box.width * box.height).squareRoot()
    let x = box.left + Self.across * box.width
    let y = box.top + Self.down * box.height
    return FaceBox(left: x - side / 2, top: y - side / 2, right: x + side / 2, bottom: y + side / 2)
  }

  private static let (side, across, down) = (0.965, 0.5, 0.558)

  /// A picture that is a face: its box, as far as its sides tell.
  static func box(within picture: PixelImage) -> FaceBox {
    let (width, height) = (Double(picture.width), Double(picture.height))
    let side = 0.85 * min(width, height)
    let (x, y) = (width / 2, 0.52 * height)
    return FaceBox(left: x - side / 2, top: y - side / 2, right: x + side / 2, bottom: y + side / 2)
  }
}

/// Where the weights lie.
extension FaceAligner {
  /// Under TWINBOOK_DATA or the cache folder.
  public static let detectorPath = "mtcnn/facenet-pytorch-2.6.0.safetensors"
  public static let predictorPath = "face-resnet/landmarks-5.safetensors"

  /// The places that are looked in.
  public static var folders: [String] {
    [FileSystem.environment("TWINBOOK_DATA"), Fetcher.cacheFolder].compactMap { $0 }
  }

  private static func find(_ path: String) -> String? {
    folders.first { FileSystem.exists($0 + "/" + path) }.map { $0 + "/" + path }
  }

  /// A file that `fetch(name)` keeps.
  /// - Throws: `FacesError.damagedWeights` where it can be read, and is no file of weights.
  public static func weights(_ path: String, of name: String) throws -> Safetensors {
    do { return try Safetensors.read(path) } catch let error as FileError { throw error } catch let error
      as any ExplainedError
    {
      throw FacesError.damagedWeights(name: name, reason: error.explanation.message)
    }
  }

  /// The last one that was read, by its files: what is asked for with every picture of a folder.
  private static let last = Mutex<(files: [String], aligner: FaceAligner)?>(nil)

  /// From the files of `fetch("mtcnn")` and `fetch("face-resnet")`.
  ///
  /// - Throws: `FacesError.weightsMissing`, `.landmarksMissing`.
  public static func installed() throws -> FaceAligner {
    guard let detectorFile = find(detectorPath) else { throw FacesError.weightsMissing(looked: folders) }
    guard let predictorFile = find(predictorPath) else { throw FacesError.landmarksMissing(looked: folders) }
    let files = [detectorFile, predictorFile]
    if let kept = last.withLock({ $0 }), kept.files == files { return kept.aligner }
    let aligner = FaceAligner(
      detector: try FaceDetector(try weights(detectorFile, of: "mtcnn"), file: "“\(detectorFile)”"),
      predictor: try ShapePredictor(try weights(predictorFile, of: "face-resnet"), file: "“\(predictorFile)”"))
    last.withLock { $0 = (files, aligner) }
    return aligner
  }
}
