import Faces
import Gallery
import Images
import Server

extension GalleryBindings {
  /// Where faces are looked for.
  enum FaceChoice: String, CaseIterable {
    /// In large pictures, where the detector's weights are there.
    case auto
    case detect
    /// Nowhere: each picture is one face.
    case whole
  }

  /// Who looks for faces in the pictures that a served gallery is shown.
  ///
  /// - Parameters:
  ///   - mode: `auto` takes pictures no larger than half again as those of the gallery as one face each, and looks for
  ///     faces in larger ones where the detector's weights are there; `detect` always looks, `whole` never.
  ///   - side: pixels that the gallery's pictures had before they were prepared, `extract`'s size; faces are cut out to it.
  ///   - margin: around a face, as in `extract`.
  static func faceFinder(_ mode: FaceChoice, side: Int, margin: Double, align: Bool) throws -> FaceFinder {
    if mode == .whole { return .wholePicture }
    let detector: FaceDetector
    do { detector = try MTCNNWeights.detector() } catch {
      if mode == .auto, case FacesError.weightsMissing = error { return .wholePicture }
      throw error
    }
    let cut = try FaceCrop(size: side, margin: margin, align: align)
    return FaceFinder(name: "MTCNN") { picture in
      let longest = max(picture.width, picture.height)
      if mode == .auto, longest * 2 <= side * 3 { return try FaceFinder.wholePicture.find(picture) }
      return try found(detector, in: picture).map { face in
        PictureFace(
          box: .init(x: face.box.left, y: face.box.top, width: face.box.width, height: face.box.height),
          confidence: face.confidence, landmarks: face.landmarks.map { .init(x: $0.x, y: $0.y) },
          crop: try cut.apply(face, in: picture))
      }
    }
  }

  /// Longest side in which faces are looked for: the time grows with the pixels, and a face of twenty pixels in a larger
  /// photograph would not be recognised.
  private static let searchedSide = 1600

  /// In the picture's own pixels, however large it is.
  private static func found(_ detector: FaceDetector, in picture: PixelImage) throws -> [DetectedFace] {
    let longest = max(picture.width, picture.height)
    // A request is not looked at for ever.
    let end = ContinuousClock.now + .seconds(60)
    guard longest > searchedSide else { return try detector.faces(in: picture) { ContinuousClock.now > end } }
    func scaled(_ side: Int) -> Int { max(1, side * searchedSide / longest) }
    let small = try picture.resized(width: scaled(picture.width), height: scaled(picture.height))
    let (across, down) = (
      Double(picture.width) / Double(small.width), Double(picture.height) / Double(small.height)
    )
    return try detector.faces(in: small) { ContinuousClock.now > end }.map { face in
      DetectedFace(
        box: FaceBox(
          left: face.box.left * across, top: face.box.top * down, right: face.box.right * across,
          bottom: face.box.bottom * down),
        confidence: face.confidence, landmarks: face.landmarks.map { .init(x: $0.x * across, y: $0.y * down) })
    }
  }
}
