import Faces
import Images
import Interpreter
import PlotBindings
import Plotting
import Synchronization

/// The face detector, read from its file when a face is first looked for and kept for the session.
final class LoadedDetector: Sendable {
  private let loaded = Mutex<(path: String, detector: FaceDetector)?>(nil)

  func detector() throws -> FaceDetector {
    let path = try MTCNNWeights.find()
    if let there = loaded.withLock({ $0 }), there.path == path { return there.detector }
    let detector = try MTCNNWeights.detector()
    loaded.withLock { $0 = (path, detector) }
    return detector
  }
}

/// A face that was found, with the photograph that it is in.
final class FaceObject: HostObject {
  let face: DetectedFace
  let photo: PixelImage

  init(_ face: DetectedFace, in photo: PixelImage) {
    self.face = face
    self.photo = photo
    super.init()
  }

  override var typeName: String { "face" }
  override var summary: String {
    let box = face.box
    func whole(_ value: Double) -> String { String(Int(value.rounded())) }
    return "face of \(whole(box.width))×\(whole(box.height)) pixels at \(whole(box.left)), \(whole(box.top)), "
      + "sure \(String(describing: (face.confidence * 1000).rounded() / 10)) %"
  }
  override func describe(_ style: DisplayStyle) -> String { summary }
  override func isEqual(to other: HostObject) -> Bool {
    guard let other = other as? FaceObject else { return false }
    return other.face == face && other.photo == photo
  }
}

extension FaceObject: TileConvertible {
  func montageTiles(limit: Int) throws -> [MontagePlot.Tile] {
    guard limit > 0 else { return [] }
    let image = try FaceCrop().apply(face, in: photo)
    return [.init(width: image.width, height: image.height, channels: image.channels, pixels: image.pixels)]
  }
}
