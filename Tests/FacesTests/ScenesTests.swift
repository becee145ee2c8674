import Datasets
import Files
import Foundation
import Images
import Testing

@testable import FaceDetection
@testable import Faces

/// Against what the Python package `mtcnn` 1.0 finds in the same photographs. Needs TWINBOOK_DATA's photos, and the
/// weights (`twinbook fetch mtcnn`).
enum Scenes {
  static let folder = (Datasets.dataFolder ?? "") + "/photos"
  static var areReady: Bool {
    FileSystem.exists(folder + "/scenes-mtcnn.json") && (try? MTCNNWeights.find()) != nil
  }
}

@Suite(.enabled(if: Scenes.areReady, "no photographs under TWINBOOK_DATA, or no weights (twinbook fetch mtcnn)"))
struct ScenesTests {

  @Test func findsWhatThePythonPackageFinds() throws {
    let scenes = try ReferenceScenes.read(Scenes.folder + "/scenes-mtcnn.json")
    let detector = try MTCNNWeights.detector()
    var agreement = ReferenceScenes.Agreement()
    for scene in scenes {
      let image = try PixelImage.read(Scenes.folder + "/scenes/" + scene.file)
      agreement.add(scene, found: try detector.faces(in: image))
    }
    #expect(agreement.referenceBoxes == 23)
    #expect(agreement.foundShare >= 0.95)
    #expect(agreement.extraShare <= 0.05)
    #expect(agreement.worstLandmark <= 0.03)
  }
}
