import Diagnostics
import Files
import Foundation
import Images
import Testing

@testable import FaceDetection
@testable import Faces

/// On a detector whose weights are drawn from a seed and whose thresholds let everything through: it finds boxes
/// anywhere, which is all that extraction needs.
@Suite struct ExtractionTests {
  struct Place {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("faces-" + UUID().uuidString).path
    func end() { try? FileManager.default.removeItem(atPath: folder) }
  }

  static func detector() throws -> FaceDetector {
    var detector = try FaceDetector(try RandomWeights(seed: 7).safetensors, file: "w")
    detector.settings.proposalThreshold = 0.5
    detector.settings.refiningThreshold = 0
    detector.settings.outputThreshold = 0
    return detector
  }

  /// Two classes of photographs, a picture too small for a face, a broken one, and a text.
  static func photographs(_ place: Place) throws {
    for (file, width, height) in [("a/one.png", 70, 60), ("a/two.jpg", 90, 64), ("b/deep/three.png", 64, 80)] {
      try FileSystem.makeFolder(FileSystem.parent(of: place.folder + "/photos/" + file))
      try NetworkTests.noise(UInt64(width), width: width, height: height).write(to: place.folder + "/photos/" + file)
    }
    try NetworkTests.noise(1, width: 9, height: 9).write(to: place.folder + "/photos/b/tiny.png")
    try FileSystem.write(
      [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1], to: place.folder + "/photos/b/broken.png")
    try FileSystem.write("no picture", to: place.folder + "/photos/notes.txt")
  }

  @Test func keepsClassesAndNamesWhatItLeavesOut() throws {
    let place = Place()
    defer { place.end() }
    try Self.photographs(place)
    var seen: [Int] = []
    let done = try FaceExtraction.run(
      place.folder + "/photos", into: place.folder + "/faces", crop: try FaceCrop(size: 32), pick: .largest,
      detector: try Self.detector(), progress: { done, _, _ in seen.append(done) })
    #expect(done.photographs == 5 && seen == [0, 5])
    #expect(done.written.map(\.file) == ["a/one.png", "a/two.png", "b/deep/three.png"])
    #expect(done.written.map(\.source) == ["a/one.png", "a/two.jpg", "b/deep/three.png"])
    #expect(done.without == ["b/tiny.png"])
    #expect(done.broken.map(\.file) == ["b/broken.png"] && done.broken[0].reason.contains("broken PNG"))
    for entry in done.written {
      let image = try PixelImage.read(place.folder + "/faces/" + entry.file)
      #expect(image.width == 32 && image.height == 32 && image.channels == 3)
    }
    let lines = try FileSystem.readText(place.folder + "/faces/faces.csv").split(separator: "\n")
    #expect(lines.count == 4 && lines[0].hasPrefix("file,photograph,left,top,width,height,confidence,left_eye_x"))
    #expect(lines[2].hasPrefix("a/two.png,a/two.jpg,"))
    // Again, all faces: those of the first run are the first of each photograph.
    let all = try FaceExtraction.run(
      place.folder + "/photos", into: place.folder + "/faces", crop: try FaceCrop(size: 16), pick: .all,
      detector: try Self.detector())
    #expect(all.written.count > 3 && all.strangers == 0)
    #expect(all.written.contains { $0.file == "a/one-2.png" })
    // One face again: the others of the run before are strangers now.
    let again = try FaceExtraction.run(
      place.folder + "/photos", into: place.folder + "/faces", crop: try FaceCrop(size: 16), pick: .confident,
      detector: try Self.detector())
    #expect(again.strangers == all.written.count - 3)
  }

  private static func extract(
    _ place: Place, _ photos: String = "photos", size: Int = 16, pick: FaceExtraction.Pick = .largest,
    isGivenUp: @escaping @Sendable () -> Bool = { false }
  ) throws -> FaceExtraction {
    try FaceExtraction.run(
      place.folder + "/" + photos, into: place.folder + "/faces", crop: try FaceCrop(size: size), pick: pick,
      detector: try Self.detector(), isGivenUp: isGivenUp)
  }

  /// A picture that stands where a face would go, and was written by nobody's extraction, is the user's.
  @Test func othersFilesStay() throws {
    let place = Place()
    defer { place.end() }
    try Self.photographs(place)
    let mine = place.folder + "/faces/b/deep/three.png"
    try FileSystem.makeFolder(FileSystem.parent(of: mine))
    try FileSystem.write("mine", to: mine)
    #expect(throws: FacesError.othersFace(mine)) { try Self.extract(place) }
    #expect(try FileSystem.readText(mine) == "mine")
    try FileSystem.remove(mine)
    // A list that is another's.
    let list = place.folder + "/faces/faces.csv"
    for text in ["file,photograph\n", "my notes\n"] {
      try FileSystem.write(text, to: list)
      #expect(throws: FacesError.othersFace(list)) { try Self.extract(place) }
      #expect(try FileSystem.readText(list) == text)
    }
    try FileSystem.remove(list)
    // A link would lead to somebody's photograph: it is replaced, not written through.
    _ = try Self.extract(place)
    try FileSystem.write("a photograph", to: place.folder + "/photograph")
    try FileSystem.remove(mine)
    try FileManager.default.createSymbolicLink(atPath: mine, withDestinationPath: place.folder + "/photograph")
    _ = try Self.extract(place)
    #expect(try FileSystem.readText(place.folder + "/photograph") == "a photograph")
    // The list was taken away: the same faces may be written again, others not.
    try FileSystem.remove(list)
    #expect(try Self.extract(place).written.count == 3)
    try FileSystem.remove(list)
    #expect(throws: FacesError.othersFace(place.folder + "/faces/a/one.png")) { try Self.extract(place, size: 20) }
  }

  /// The list says of each face that stands in the folder where it came from, whichever extraction wrote it.
  @Test func theListKeepsWhatEarlierExtractionsWrote() throws {
    let place = Place()
    defer { place.end() }
    try Self.photographs(place)
    try FileSystem.makeFolder(place.folder + "/more/c")
    try NetworkTests.noise(70, width: 70, height: 60).write(to: place.folder + "/more/c/x,y.png")
    func files() throws -> [String] {
      CSV.records(try FileSystem.readText(place.folder + "/faces/faces.csv")).map { $0.cells[0] }
    }
    _ = try Self.extract(place, pick: .all)
    let all = try files()
    #expect(all.count > 4)
    _ = try Self.extract(place, "more")
    #expect(try files() == ["file", "c/x,y.png"] + all.dropFirst())
    // Written again in another size; the second faces of before are still there, and those that were taken away are not.
    try FileSystem.remove(place.folder + "/faces/a/one-2.png")
    let again = try Self.extract(place, size: 20)
    #expect(again.strangers == all.count - 4)
    #expect(Set(try files()) == Set(all + ["c/x,y.png"]).subtracting(["a/one-2.png"]))
    #expect(try files().count == all.count)
    // An extraction that ended early has listed what it wrote.
    #expect(throws: CancellationError.self) { try Self.extract(place, size: 24, isGivenUp: { true }) }
    #expect(try files().count == all.count)
    #expect(try Self.extract(place, size: 24).written.count == 3)
  }

  @Test func refusesWhatCannotBe() throws {
    let place = Place()
    defer { place.end() }
    try Self.photographs(place)
    func words(_ folder: String, _ target: String) -> String {
      do {
        _ = try FaceExtraction.run(
          folder, into: target, crop: try FaceCrop(size: 16), pick: .largest, detector: try Self.detector())
        return "done"
      } catch let error as any ExplainedError {
        return error.explanation.message.replacingOccurrences(of: place.folder, with: "HERE")
      } catch { return "\(error)" }
    }
    let photos = place.folder + "/photos"
    #expect(words(photos + "/none", place.folder + "/f") == "there is no file “HERE/photos/none”")
    #expect(words(photos + "/notes.txt", place.folder + "/f") == "“HERE/photos/notes.txt” is a file, not a folder")
    // The name that was probably meant, as its user would have written it.
    #expect(FileSystem.missing("photoz", at: photos + "z") == .missing(path: "photoz", near: "photos"))
    #expect(FileSystem.missing("in/photoz", at: photos + "z") == .missing(path: "in/photoz", near: "in/photos"))
    for within in ["/photos", "/photos/faces/new", "/photos/../photos/fresh"] {
      #expect(
        words(photos, place.folder + within)
          == "the faces cannot be written into “HERE\(within)”: they would be taken for photographs the next time")
    }
    // Nothing was made before that was found.
    #expect(!FileSystem.exists(photos + "/faces") && !FileSystem.exists(photos + "/fresh"))
    try FileSystem.makeFolder(place.folder + "/empty")
    #expect(words(place.folder + "/empty", place.folder + "/f") == "there is no picture in “HERE/empty”")
    #expect(throws: FacesError.badSize(4)) { try FaceCrop(size: 4) }
    #expect(throws: CancellationError.self) {
      try FaceExtraction.run(
        photos, into: place.folder + "/f", crop: try FaceCrop(), pick: .all, detector: try Self.detector(),
        isGivenUp: { true })
    }
  }

  @Test func namesDoNotCollide() {
    #expect(
      FaceExtraction.names(["x/a.jpg", "x/a.png", "y/a.png", "b", ".c/d.e/f"]) == [
        "x/a.jpg", "x/a.png", "y/a", "b", ".c/d.e/f",
      ])
  }

  @Test func picksTheFaceThatIsAskedFor() throws {
    func face(_ left: Double, _ size: Double, _ confidence: Double) -> DetectedFace {
      DetectedFace(
        box: FaceBox(left: left, top: left, right: left + size, bottom: left + size), confidence: confidence,
        landmarks: [])
    }
    let picture = try NetworkTests.noise(1, width: 100, height: 100)
    let faces = [face(0, 20, 0.99), face(60, 38, 0.95), face(40, 20, 0.9)]
    #expect(FaceExtraction.chosen(faces, .largest, picture) == [faces[1]])
    #expect(FaceExtraction.chosen(faces, .central, picture) == [faces[2]])
    #expect(FaceExtraction.chosen(faces, .confident, picture) == [faces[0]])
    #expect(FaceExtraction.chosen(faces, .all, picture) == faces)
    for pick in FaceExtraction.Pick.allCases { #expect(FaceExtraction.chosen([], pick, picture).isEmpty) }
  }

  @Test func cropsAreClippedAtTheBorder() throws {
    let picture = try NetworkTests.noise(2, width: 50, height: 40)
    let face = DetectedFace(
      box: FaceBox(left: 30, top: -4, right: 49, bottom: 16), confidence: 1,
      landmarks: [.init(x: 35, y: 5), .init(x: 43, y: 5)])
    let cut = try FaceCrop(size: 20).apply(face, in: picture)
    #expect(cut == (try picture.cropped(left: 30, top: 0, width: 19, height: 16).resized(width: 20, height: 20)))
    // A margin of half the box on each side, cut off above and at the right.
    let wide = try FaceCrop(size: 20, margin: 0.5).apply(face, in: picture)
    #expect(wide == (try picture.cropped(left: 21, top: 0, width: 29, height: 26).resized(width: 20, height: 20)))
    // A box of no size, or beyond the border, still gives a picture.
    for box in [FaceBox(left: 49, top: 39, right: 49, bottom: 39), FaceBox(left: 80, top: 80, right: 90, bottom: 90)] {
      let odd = DetectedFace(box: box, confidence: 1, landmarks: face.landmarks)
      #expect(try FaceCrop(size: 20).apply(odd, in: picture).width == 20)
    }
  }

  @Test func alignedEyesStandLevelAtTheirPlaces() throws {
    // Two white dots on black, aslant.
    let (left, right) = (DetectedFace.Point(x: 60, y: 90), DetectedFace.Point(x: 120, y: 60))
    var pixels = [UInt8](repeating: 0, count: 200 * 160)
    for y in 0..<160 {
      for x in 0..<200 {
        for eye in [left, right]
        where (Double(x) - eye.x) * (Double(x) - eye.x) + (Double(y) - eye.y) * (Double(y) - eye.y) < 30 {
          pixels[y * 200 + x] = 255
        }
      }
    }
    let picture = try #require(PixelImage(width: 200, height: 160, channels: 1, pixels: pixels))
    let face = DetectedFace(
      box: FaceBox(left: 40, top: 20, right: 140, bottom: 140), confidence: 1, landmarks: [left, right])
    for margin in [0, 0.25] {
      let cut = try FaceCrop(size: 64, margin: margin, align: true).apply(face, in: picture)
      var sums = [(0.0, 0.0, 0.0), (0.0, 0.0, 0.0)]
      for y in 0..<64 {
        for x in 0..<64 {
          let weight = Double(cut.pixels[y * 64 + x])
          let side = x < 32 ? 0 : 1
          sums[side].0 += weight
          sums[side].1 += weight * (Double(x) + 0.5)
          sums[side].2 += weight * (Double(y) + 0.5)
        }
      }
      for (sum, share) in zip(sums, [0.31, 0.69]) {
        #expect(abs(sum.1 / sum.0 / 64 - (share + margin) / (1 + 2 * margin)) < 0.01)
        #expect(abs(sum.2 / sum.0 / 64 - (0.38 + margin) / (1 + 2 * margin)) < 0.01)
      }
    }
    var blind = face
    blind.landmarks = [left, left]
    #expect(throws: FacesError.cannotAlign) { try FaceCrop(align: true).apply(blind, in: picture) }
  }
}
