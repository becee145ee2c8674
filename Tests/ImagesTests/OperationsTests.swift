import Files
import Foundation
import Testing

@testable import Images

@Test func grayIsPillows() throws {
  let image = PixelImage(trusted: [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 200, 77], width: 4, height: 1, channels: 3)
  #expect(image.gray().pixels == [76, 150, 29, 129])
}

@Test func sizesAndPlaces() throws {
  let image = PixelImage(trusted: Array(0..<12), width: 4, height: 3, channels: 1)
  #expect(image.halved().pixels == [0, 2, 8, 10])
  #expect(image.flipped().pixels.prefix(4) == [3, 2, 1, 0])
  #expect(try image.cropped(left: 1, top: 1, width: 2, height: 2).pixels == [5, 6, 9, 10])
  #expect(throws: ImageError.self) { try image.cropped(left: 3, top: 0, width: 2, height: 1) }
  #expect(throws: ImageError.self) { try image.resized(width: 0, height: 5) }
  #expect(throws: ImageError.self) { try image.resized(width: Int.max, height: 2) }
  #expect(image.rotated(quarters: 1).pixels == [3, 7, 11, 2, 6, 10, 1, 5, 9, 0, 4, 8])
  #expect(try image.resized(width: 4, height: 3) == image)
}

@Test func filesAreWrittenWholeAndErrorsAreInWords() throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "twinbook-\(UUID().uuidString)").path
  try FileSystem.makeFolder(folder + "/a/b")
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try FileSystem.write("one", to: folder + "/a/notes.txt")
  try FileSystem.write("two", to: folder + "/a/notes.txt")
  #expect(try FileSystem.readText(folder + "/a/notes.txt") == "two")
  #expect(try FileSystem.list(folder + "/a").map(\.name) == ["b", "notes.txt"])
  #expect(throws: FileError.missing(path: folder + "/a/note.txt", near: folder + "/a/notes.txt")) {
    try FileSystem.read(folder + "/a/note.txt")
  }
  #expect(throws: FileError.missingFolder(path: folder + "/c/x", folder: folder + "/c")) {
    try FileSystem.write("x", to: folder + "/c/x")
  }
  #expect(throws: FileError.isFolder(path: folder)) { try FileSystem.read(folder) }
  #expect(throws: FileError.tooLarge(path: folder + "/a/notes.txt", size: 3, limit: 2)) {
    try FileSystem.read(folder + "/a/notes.txt", limit: 2)
  }
}

/// Rows are weighed four at a time: nobody sees where the four begin.
@Test(arguments: 1...9, [1, 3]) func eachRowIsResizedAsIfAlone(rows: Int, channels: Int) throws {
  let width = 23
  let pixels = (0..<rows * width * channels).map { UInt8(truncatingIfNeeded: $0 &* 97 &+ $0 / 5) }
  let image = PixelImage(trusted: pixels, width: width, height: rows, channels: channels)
  for newWidth in [1, 7, 40] {
    let alone = try (0..<rows).flatMap { row in
      let line = Array(pixels[row * width * channels..<(row + 1) * width * channels])
      return try PixelImage(trusted: line, width: width, height: 1, channels: channels)
        .resized(width: newWidth, height: 1).pixels
    }
    #expect(try image.resized(width: newWidth, height: rows).pixels == alone)
  }
}
