import Datasets
import FaceDetection
import Foundation
import FuzzSupport

/// Sets of images, and what dlib wrote.
public enum SetReader: String, FuzzedReader {
  case zip, dlib, landmarks

  /// libzip reads from a file.
  private static let path = scratchFolder(of: "zip") + "/x.zip"

  public func read(_ bytes: [UInt8]) {
    switch self {
    case .zip:
      try? Data(bytes).write(to: URL(fileURLWithPath: Self.path))
      _ = try? Datasets.load(Self.path, dataFolder: nil, cacheFolder: "/nowhere")
    case .dlib: _ = try? DlibFaceNetwork.read(bytes, file: "x.dat")
    case .landmarks: _ = try? ShapePredictor(dlib: bytes, file: "x.dat")
    }
  }
}
