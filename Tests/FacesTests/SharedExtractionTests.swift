import FaceDetection
import Files
import Foundation
import Images
import Synchronization
import TestSupport
import Testing

@testable import Faces

/// Extraction by several ranks: each writes what one process alone writes, and finds only some of it itself.
@Suite struct SharedExtractionTests {
  /// Photographs for three portions, among them one too small for a face and a broken one.
  static func photographs(_ place: ExtractionTests.Place) throws {
    for number in 0..<31 {
      let file = place.folder + "/photos/\(number % 3 == 0 ? "a" : "b")/\(number).png"
      try FileSystem.makeFolder(FileSystem.parent(of: file))
      try NetworkTests.noise(UInt64(number), width: 30 + number % 5, height: 34).write(to: file)
    }
    try NetworkTests.noise(1, width: 9, height: 9).write(to: place.folder + "/photos/b/tiny.png")
    try FileSystem.write(
      [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1], to: place.folder + "/photos/b/broken.png")
  }

  static func files(_ folder: String) throws -> [String: Data] {
    var found: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      found[name] = FileManager.default.contents(atPath: folder + "/" + name)
    }
    return found
  }

  @Test(arguments: [2, 3]) func ranksFindTogetherWhatOneFinds(_ count: Int) throws {
    let place = ExtractionTests.Place()
    defer { place.end() }
    try Self.photographs(place)
    let detector = try ExtractionTests.detector()
    let photos = place.folder + "/photos"
    // Asked at each photograph, some times: how much looking there was.
    let looksAlone = Mutex(0)
    let looksShared = Mutex(0)
    let alone = try FaceExtraction.run(
      photos, into: place.folder + "/alone", crop: try FaceCrop(size: 16), pick: .all, detector: detector,
      isGivenUp: {
        looksAlone.withLock { $0 += 1 }
        return false
      })
    let expected = try Self.files(place.folder + "/alone")
    #expect(
      alone.written.count >= 20 && alone.without.contains("b/tiny.png") && alone.broken.map(\.file) == ["b/broken.png"])
    let results = onRanks(count) { ranks in
      try FaceExtraction.run(
        photos, into: place.folder + "/\(ranks.rank)", crop: try FaceCrop(size: 16), pick: .all, detector: detector,
        ranks: ranks,
        isGivenUp: {
          looksShared.withLock { $0 += 1 }
          return false
        })
    }
    #expect(results.count == count)
    for (rank, result) in results.enumerated() {
      let shared = try result.get()
      #expect(shared.written.map(\.file) == alone.written.map(\.file) && shared.without == alone.without)
      #expect(shared.written.map(\.face) == alone.written.map(\.face))
      #expect(shared.broken.map(\.file) == alone.broken.map(\.file))
      #expect(shared.broken.map(\.reason) == alone.broken.map(\.reason))
      #expect(try Self.files(place.folder + "/\(rank)") == expected)
    }
    // Were each photograph looked at by every rank, there would be as many times more looks.
    let (single, together) = (looksAlone.withLock { $0 }, looksShared.withLock { $0 })
    #expect(single > 100 && together < 2 * single, "\(together) beside \(single)")
  }

  /// Ranks that see other photographs do not mix them.
  @Test func otherPhotographsAreTold() throws {
    let place = ExtractionTests.Place()
    defer { place.end() }
    for name in ["one", "two"] {
      try FileSystem.makeFolder(place.folder + "/photos0/\(name)")
      try FileSystem.makeFolder(place.folder + "/photos1/\(name)")
    }
    try NetworkTests.noise(1, width: 30, height: 30).write(to: place.folder + "/photos0/one/1.png")
    try NetworkTests.noise(1, width: 30, height: 30).write(to: place.folder + "/photos1/two/1.png")
    let detector = try ExtractionTests.detector()
    let results = onRanks(2) { ranks in
      try FaceExtraction.run(
        place.folder + "/photos\(ranks.rank)", into: place.folder + "/faces\(ranks.rank)", crop: try FaceCrop(size: 16),
        pick: .all, detector: detector, ranks: ranks)
    }
    for result in results {
      #expect(throws: (any Error).self) { try result.get() }
      guard case .failure(let error) = result else { continue }
      #expect("\(error)".contains("differs") && "\(error)".contains("their jobs"), "\(error)")
    }
  }
}
