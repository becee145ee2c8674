import Diagnostics
import Foundation
import Glibc
import Images
import TestSupport
import Testing

@testable import Datasets
@testable import Files

/// Zips of pictures that were made elsewhere, or hold more than pictures.
@Suite struct ArchiveTests {
  @Test func foldersWithBackslashes() throws {
    let folder = Folder()
    let png = try FolderTests.picture(1).encodePNG()
    func classes(_ names: [String]) throws -> [String] {
      try folder.put("x.zip", storedZip(names.map { ($0, png) }))
      return try Datasets.load(folder.path + "/x.zip", dataFolder: nil).classNames
    }
    #expect(try classes(["a\\1.png", "b\\1.png", "b\\2.png"]) == ["a", "b"])
    #expect(try classes(["top\\a\\1.png", "top\\b\\1.png", "__MACOSX\\a\\1.png", "a\\.hidden.png"]) == ["a", "b"])
    #expect(try classes(["./a/1.png", "c/../b/1.png", "../d//1.png", "/e/1.png"]) == ["a", "b", "d", "e"])
    #expect(try classes([".git/1.png", "./.cache/1.png", "a/1.png"]) == ["x.zip"])
    // Where slashes part the folders, a backslash is a letter.
    #expect(try classes(["x\\y/1.png", "b/1.png"]) == ["b", "x\\y"])
  }

  /// What is no picture is told by its start: the rest, which is damaged, is never unpacked.
  @Test func otherFilesInAZipAreNotUnpacked() throws {
    let folder = Folder()
    let png = try FolderTests.picture(1).encodePNG()
    var zip = storedZip([("a/1.png", png), ("a/film.mov", [UInt8](repeating: 7, count: 300_000)), ("b/1.png", png)])
    zip[200_000] = 8
    try folder.put("x.zip", zip)
    let data = try Datasets.load(folder.path + "/x.zip", dataFolder: nil)
    #expect(data.count == 2 && data.broken.isEmpty)
  }
}

/// Names that are not UTF-8.
@Suite struct NamesTests {
  private static func make(_ path: [UInt8], _ content: [UInt8]?) {
    (path + [0]).map { CChar(bitPattern: $0) }.withUnsafeBufferPointer { path in
      guard let base = path.baseAddress else { return }
      guard let content else {
        #expect(mkdir(base, 0o755) == 0)
        return
      }
      let file = open(base, O_WRONLY | O_CREAT, 0o644)
      #expect(file >= 0)
      #expect(write(file, content, content.count) == content.count)
      close(file)
    }
  }

  @Test func namesThatAreNotUTF8() throws {
    let folder = Folder()
    try folder.put("a/1.png", try FolderTests.picture(1).encodePNG())
    let top = Array(folder.path.utf8) + [0x2F]
    Self.make(top + [0x61, 0x2F, 0xE9, 0x2E, 0x6A, 0x70, 0x67], try FolderTests.picture(2).encodePNG())
    Self.make(top + [0x61, 0x2F, 0xE8, 0x2E, 0x6A, 0x70, 0x67], Array("no picture".utf8))
    Self.make(top + [0x62, 0xFF], nil)
    Self.make(top + [0x62, 0xFF, 0x2F, 0x31], try FolderTests.picture(3).encodePNG())
    let data = try Datasets.load(folder.path, dataFolder: nil)
    #expect(data.classNames == ["a", "b\\xFF"])
    #expect(data.count == 3)
    #expect(data.broken.map(\.file) == ["a/\\xE8.jpg"])
    // The name that is shown leads back to the file.
    #expect(try PixelImage.read(folder.path + "/a/\\xE9.jpg").pixels == FolderTests.picture(2).pixels)
    #expect(FileSystem.isFolder(folder.path + "/b\\xff"))
    // A file that is really called so goes first.
    try folder.put("a/\\xE9.jpg", Array("P5 1 1 255\n*".utf8))
    #expect(try PixelImage.read(folder.path + "/a/\\xE9.jpg").pixels == [42])
  }
}
