import Diagnostics
import Files
import Foundation

@testable import FaceDetection
@testable import Faces

/// What another detector found in photographs, and how well one agrees with it.
///
/// The file is a record by name of lists of {box: [left, top, width, height], confidence, keypoints: {left_eye: [x, y],
/// …}}, as the Python package `mtcnn` gives them.
enum ReferenceScenes {
  struct Scene: Sendable {
    var file: String
    var faces: [DetectedFace]
  }

  private struct Entry: Decodable {
    var box: [Double]
    var confidence: Double
    var keypoints: [String: [Double]]
  }

  static func read(_ path: String) throws -> [Scene] {
    let entries: [String: [Entry]]
    do {
      entries = try JSONDecoder().decode([String: [Entry]].self, from: Data(try FileSystem.read(path)))
    } catch is DecodingError { throw broken(path) }
    return try entries.keys.sorted().map { file in
      let faces = try (entries[file] ?? []).map { entry in
        let points = DetectedFace.landmarkNames.compactMap { entry.keypoints[$0] }.filter { $0.count == 2 }
        guard entry.box.count == 4, points.count == 5 else { throw broken(path) }
        return DetectedFace(
          box: FaceBox(
            left: entry.box[0], top: entry.box[1], right: entry.box[0] + entry.box[2],
            bottom: entry.box[1] + entry.box[3]),
          confidence: entry.confidence, landmarks: points.map { .init(x: $0[0], y: $0[1]) })
      }
      return Scene(file: file, faces: faces)
    }
  }

  private static func broken(_ path: String) -> FileError {
    .system(path: path, action: "read", reason: "it is not a record of lists of faces")
  }

  /// How two detectors agree over several photographs.
  struct Agreement: Sendable {
    var referenceBoxes = 0
    var foundBoxes = 0
    /// Reference boxes with a box of ours that overlaps by `overlap` or more; each of ours counts once.
    var matched = 0
    var overlaps: [Double] = []
    /// The greatest distance of a landmark over the box's longer side, for each matched box.
    var landmarkErrors: [Double] = []

    static let overlap = 0.8

    init() {}

    mutating func add(_ scene: Scene, found: [DetectedFace]) {
      referenceBoxes += scene.faces.count
      foundBoxes += found.count
      var free = found
      for face in scene.faces {
        let best = free.indices.max { face.box.overlap(free[$0].box) < face.box.overlap(free[$1].box) }
        guard let best, face.box.overlap(free[best].box) >= Self.overlap else { continue }
        let ours = free.remove(at: best)
        matched += 1
        overlaps.append(face.box.overlap(ours.box))
        let size = max(face.box.width, face.box.height)
        let distances = zip(face.landmarks, ours.landmarks).map { a, b in
          ((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)).squareRoot() / size
        }
        landmarkErrors.append(distances.max() ?? 0)
      }
    }

    var foundShare: Double { referenceBoxes == 0 ? 1 : Double(matched) / Double(referenceBoxes) }
    /// Boxes that the reference has not, over the reference's.
    var extraShare: Double { Double(foundBoxes - matched) / Double(max(1, referenceBoxes)) }
    var worstLandmark: Double { landmarkErrors.max() ?? 0 }
    var meanOverlap: Double { overlaps.isEmpty ? 0 : overlaps.reduce(0, +) / Double(overlaps.count) }
  }
}
