import Diagnostics
import Files
import Foundation
import Images
import TestSupport
import Testing

@testable import Datasets

/// Folders and zips as people have them.
@Suite struct FolderTests {
  static func picture(_ shade: UInt8, width: Int = 4, height: Int = 3, channels: Int = 1) throws -> PixelImage {
    try #require(
      PixelImage(
        width: width, height: height, channels: channels,
        pixels: (0..<width * height * channels).map { UInt8(truncatingIfNeeded: $0 &* 7) &+ shade }))
  }

  private static func words(_ body: () throws -> Dataset) -> String {
    do { return try "\(body().count) images" } catch let error as any ExplainedError {
      return error.explanation.message + (error.explanation.help.map { "; " + $0 } ?? "")
    } catch { return "\(error)" }
  }

  @Test func namesOfEveryKind() throws {
    let folder = Folder()
    let png = try Self.picture(1).encodePNG()
    for path in [
      "Zoë/é 1.PNG", "Zoë/2.Png", "日本/字.jpeg", "a b/c d/x.pgm", "UPPER/1.JPG", "deep/er/and/er/1.png",
      ".hidden/1.png", "Zoë/.DS_Store", "Zoë/._2.png", "__MACOSX/Zoë/1.png", "noextension/file", "emoji 🙂/1.png",
    ] { try folder.put(path, png) }
    let data = try Datasets.load(folder.path, dataFolder: nil)
    #expect(
      data.classNames == [
        "UPPER", "Zoë", "a b/c d", "deep/er/and/er", "emoji 🙂", "noextension", "日本",
      ])
    #expect(data.count == 8)
    #expect(data.broken.isEmpty)
    // The same as a zip.
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter {
      !FileSystem.isFolder(folder.path + "/" + $0)
    }.sorted()
    try folder.put("all.zip", storedZip(names.map { ($0, png) }))
    let zipped = try Datasets.load(folder.path + "/all.zip", dataFolder: nil)
    #expect(zipped.classNames == data.classNames)
    #expect(zipped.store.pixels == data.store.pixels)
  }

  @Test func linksThatLeadInCircles() throws {
    let folder = Folder()
    let png = try Self.picture(1).encodePNG()
    try folder.put("a/1.png", png)
    try folder.put("b/1.png", png)
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/a/again", withDestinationPath: folder.path)
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/b/self", withDestinationPath: ".")
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/nowhere", withDestinationPath: "/no/such/place")
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/c", withDestinationPath: "a")
    let data = try Datasets.load(folder.path, dataFolder: nil)
    // Each folder once, by the shortest of its names; a link to a class is that class.
    #expect(data.classNames == ["a", "b"])
    #expect(data.count == 2)
  }

  @Test func tenThousandSmallFiles() throws {
    let folder = Folder()
    let pictures = try (0..<10).map { try Self.picture(UInt8($0 * 20)).encodePNG() }
    for group in 0..<100 {
      for item in 0..<100 { try folder.put("class\(group)/\(item).png", pictures[item % 10]) }
    }
    let data = try Datasets.load(folder.path, dataFolder: nil)
    #expect(data.count == 10_000 && data.classNames.count == 100)
    #expect(data.classNames[10] == "class10")
    #expect(try data.image(11).pixels == Self.picture(20).pixels)
  }

  @Test func brokenFilesAreSetAside() throws {
    let folder = Folder()
    let png = try Self.picture(1).encodePNG()
    try folder.put("a/1.png", png)
    try folder.put("a/2.png", Array(png.prefix(50)))
    try folder.put("a/3.jpg", Array("not a picture".utf8))
    try folder.put("a/4.png", [])
    try folder.put("a/5.png", png)
    try folder.put("b/1.png", png)
    try folder.put("b/2.png", png)
    if getuid() != 0 {
      try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: folder.path + "/a/5.png")
    }
    let data = try Datasets.load(folder.path, dataFolder: nil)
    #expect(data.broken.map(\.file).prefix(3) == ["a/2.png", "a/3.jpg", "a/4.png"])
    #expect(
      data.warnings.count == 1 && data.warnings[0].hasPrefix("\(data.broken.count) files were set aside, the first"))
    #expect(data.broken.allSatisfy { !$0.reason.isEmpty })
  }

  /// A folder of links to pictures that are elsewhere: one that is gone is told, not passed over.
  @Test func linksThatLeadNowhere() throws {
    let folder = Folder()
    let png = try Self.picture(1).encodePNG()
    for file in ["a/1.png", "a/2.png", "b/1.png", "b/2.png"] { try folder.put(file, png) }
    for file in ["/a/3.png", "/b/none", "/b/.hidden.png"] {
      try FileManager.default.createSymbolicLink(atPath: folder.path + file, withDestinationPath: "/no/such/place.png")
    }
    let data = try Datasets.load(folder.path, dataFolder: nil)
    #expect(data.count == 4 && data.broken.map(\.file) == ["a/3.png"])
    #expect(data.broken.first?.reason.contains("a link that leads nowhere") == true, "\(data.broken)")
    #expect(try Datasets.pictures(in: folder.path).contains("a/3.png"))
    #expect(try FileSystem.list(folder.path + "/a").map(\.name) == ["1.png", "2.png"])
  }

  @Test func errorsInWords() throws {
    let folder = Folder()
    try folder.put("a/1.png", try Self.picture(1).encodePNG())
    try folder.put("a/2.png", try Self.picture(1, width: 5, height: 6).encodePNG())
    let path = folder.path
    #expect(
      Self.words { try Datasets.load(path, dataFolder: nil) }
        == "the images of “\(path)” differ in size: a/1.png is 3×4, a/2.png is 6×5; "
        + "images(\"\(path)\", size=[3, 4]) resizes all of them (height, width)")
    #expect(Self.words { try Datasets.load(path, size: (3, 4), dataFolder: nil) } == "2 images")
    let empty = Folder()
    try FileManager.default.createDirectory(atPath: empty.path, withIntermediateDirectories: true)
    #expect(
      Self.words { try Datasets.load(empty.path, dataFolder: nil) }
        == "“\(empty.path)” holds no image that can be read; "
        + "images expects a folder (or zip) of folders, one for each class, with PNG, JPEG or PGM files in them")
    try empty.put("notes.txt", [65])
    #expect(
      Self.words { try Datasets.load(empty.path, dataFolder: nil) }.hasPrefix(
        "“\(empty.path)” holds no image that can be read, only 1 other file; "))
    #expect(
      Self.words { try Datasets.load(empty.path + "/notes.txt", dataFolder: nil) }
        == "“\(empty.path)/notes.txt” cannot be read as a zip: it does not begin as a zip does")
    let two = Folder()
    try two.put("faces.zip", storedZip([("a/1.png", try Self.picture(1).encodePNG())]))
    #expect(
      Self.words { try Datasets.load(two.path, dataFolder: nil) }.hasSuffix(
        "; it holds an archive: images(\"\(two.path)/faces.zip\")"))
    // An archive within an archive is not read, so that it is not what is proposed.
    try two.put("outer.zip", storedZip([(name: "x/faces.zip", bytes: try FileSystem.read(two.path + "/faces.zip"))]))
    #expect(
      Self.words { try Datasets.load(two.path + "/outer.zip", dataFolder: nil) }.hasSuffix(
        "; it holds an archive, x/faces.zip: unpack “\(two.path)/outer.zip” first"))
    #expect(
      Self.words { try Datasets.load("no_such_set", dataFolder: nil, cacheFolder: "/nowhere") }
        == "there are no images called “no_such_set” (looked in this folder, /nowhere); "
        + "give the folder's whole path, or fetch a public set: fetch(\"omniglot_small1\"), fetch(\"omniglot_small2\"), "
        + "fetch(\"omniglot_background\")")
  }

  @Test func grayAndColourTogether() throws {
    let folder = Folder()
    try folder.put("a/1.png", try Self.picture(1).encodePNG())
    try folder.put("a/2.png", try Self.picture(1, channels: 3).encodePNG())
    #expect(try Datasets.load(folder.path, dataFolder: nil).shape == [3, 3, 4])
    #expect(try Datasets.load(folder.path, gray: true, dataFolder: nil).shape == [1, 3, 4])
  }

  /// Zips that claim other sizes, or name files outside.
  @Test func lyingZips() throws {
    let folder = Folder()
    let png = try Self.picture(1).encodePNG()
    for (index, claim) in [{ $0 + 1 }, { _ in 0 }, { _ in 0x7FFF_FFFF }, { $0 - 3 }].enumerated()
      as EnumeratedSequence<[@Sendable (Int) -> Int]>
    {
      try folder.put("\(index).zip", storedZip([("a/1.png", png), ("b/1.png", png)], claimedSize: claim))
      let words = Self.words { try Datasets.load(folder.path + "/\(index).zip", dataFolder: nil) }
      #expect(words != "2 images", "\(words)")
    }
    try folder.put("up.zip", storedZip([("../../a/1.png", png), ("/etc/b/1.png", png), ("c/../1.png", png)]))
    // Names that lead upwards are read within the archive, and nothing is ever unpacked to the disk.
    #expect(Self.words { try Datasets.load(folder.path + "/up.zip", dataFolder: nil) } == "3 images")
    let names = try Datasets.load(folder.path + "/up.zip", dataFolder: nil).classNames
    #expect(!names.contains { $0.split(separator: "/").contains("..") || $0.hasPrefix("/") }, "\(names)")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/../../a/1.png"))
  }

  @Test func splitsAtTheEdges() throws {
    let data = try Datasets.glyphs(classes: 5, each: 4, seed: 1)
    for (fraction, words) in [
      (
        0.01,
        "split(fraction=0.01) leaves one part without an image: no class has more than 4 images; "
          + "take a share nearer to 0.5, or split(classes=…)"
      ),
      (
        0.99,
        "split(fraction=0.99) leaves one part without an image: no class has more than 4 images; "
          + "take a share nearer to 0.5, or split(classes=…)"
      ),
      (0, "split needs fraction= between 0 and 1, got 0"), (1, "split needs fraction= between 0 and 1, got 1"),
      (.nan, "split needs fraction= between 0 and 1, got nan"),
    ] as [(Double, String)] {
      #expect(Self.words { try data.split(fraction: fraction, seed: 1).0 } == words)
    }
    // Named classes are the first part, all others the second.
    let (named, rest) = try data.split(classes: ["glyph4", "glyph2", "glyph2"])
    #expect(named.classNames == ["glyph2", "glyph4"])
    #expect(rest.classNames == ["glyph1", "glyph3", "glyph5"])
    #expect(
      Self.words { try data.split(classes: ["glyph9"]).0 }
        == "the dataset has no class “glyph9” among its 5; did you mean “glyph1”?")
    // Any seed: nothing is lost, nothing stands twice.
    for seed in 0..<20 as Range<UInt64> {
      let (a, b) = try data.split(classes: 2, seed: seed)
      #expect(a.classNames.count == 2 && b.classNames.count == 3)
      #expect(Set(a.classNames).isDisjoint(with: b.classNames))
      let (c, d) = try data.split(fraction: 0.5, seed: seed)
      #expect(Set(c.items.map(\.image)).isDisjoint(with: d.items.map(\.image)))
      #expect(c.count == 10 && d.count == 10)
    }
  }
}
