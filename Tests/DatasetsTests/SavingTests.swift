import Files
import Foundation
import Images
import TestSupport
import Testing

@testable import Datasets

/// What `save` writes into a folder is what `images` reads there afterwards; what is somebody else's stays.
@Suite struct SavingTests {
  private func pictures(_ folder: Folder) throws -> [String] { try Datasets.pictures(in: folder.path) }
  private let data = Result { try Datasets.glyphs(classes: 3, each: 4, seed: 1, size: 16) }

  /// Shown before: pictures of an earlier save stayed, and the folder was read as a mixture of both.
  @Test func aSaveReplacesAnEarlierOne() throws {
    let folder = Folder()
    let data = try data.get()
    #expect(try data.write(to: folder.path) == 0)
    #expect(try data.take(5).write(to: folder.path) == 0)
    let read = try Datasets.load(folder.path, dataFolder: nil)
    #expect(read.count == 5 && read.classNames == ["glyph1", "glyph2"])
    #expect(try read.tensor().values == data.take(5).tensor().values)
    // Other pictures under the same names.
    #expect(try data.inverted().take(5).write(to: folder.path) == 0)
    #expect(try Datasets.load(folder.path, dataFolder: nil).tensor().values == data.inverted().take(5).tensor().values)
    #expect(try data.write(to: folder.path) == 0)
    #expect(try pictures(folder).count == 12)
  }

  @Test func othersPicturesStay() throws {
    let folder = Folder()
    let data = try data.get()
    let other = try FolderTests.picture(7).encodePNG()
    try folder.put("glyph1/mine.png", other)
    #expect(try data.write(to: folder.path) == 1)
    #expect(try data.take(2).write(to: folder.path) == 1)
    #expect(try pictures(folder) == ["glyph1/001.png", "glyph1/002.png", "glyph1/mine.png"])
    // One of the name that an image would get: nothing is written then.
    try folder.put("glyph2/001.png", other)
    #expect(throws: DatasetError.othersFile(folder.path + "/glyph2/001.png")) { try data.write(to: folder.path) }
    #expect(try pictures(folder) == ["glyph1/001.png", "glyph1/002.png", "glyph1/mine.png", "glyph2/001.png"])
    #expect(try FileSystem.read(folder.path + "/glyph2/001.png") == other)
  }

  /// Folders of versions before have no list: what a script writes there again is what stands there.
  @Test func aFolderWithoutAListIsKnownByItsPictures() throws {
    let folder = Folder()
    let data = try data.get()
    _ = try data.write(to: folder.path)
    try FileSystem.remove(folder.path + "/saved.csv")
    #expect(try data.write(to: folder.path) == 0)
    try FileSystem.remove(folder.path + "/saved.csv")
    #expect(try data.take(5).write(to: folder.path) == 7)
    #expect(try pictures(folder).count == 12)
  }

  /// A picture that was retouched is somebody's work, also where the next save would take it away.
  @Test func aPictureThatWasChangedIsNotReplaced() throws {
    let folder = Folder()
    let data = try data.get()
    _ = try data.write(to: folder.path)
    let before = try pictures(folder)
    let retouched = try FolderTests.picture(7).encodePNG()
    try folder.put("glyph2/003.png", retouched)
    let refused = DatasetError.changedFile(folder.path + "/glyph2/003.png")
    #expect(throws: refused) { try data.inverted().write(to: folder.path) }
    #expect(throws: refused) { try data.take(2).write(to: folder.path) }
    #expect(throws: refused) { try data.write(to: folder.path) }
    #expect(try pictures(folder) == before && FileSystem.read(folder.path + "/glyph2/003.png") == retouched)
    #expect(try FileSystem.read(folder.path + "/glyph1/001.png") == data.image(0).encodePNG())
    // Moved away, it is written anew; what stands there as it would be written is no loss.
    try FileSystem.remove(folder.path + "/glyph2/003.png")
    try folder.put("glyph1/001.png", try data.inverted().image(0).encodePNG())
    #expect(try data.inverted().write(to: folder.path) == 0)
    // A list of an older version holds no sums: its pictures are replaced, as that version did.
    let files = before.map { "\($0),\(FileSystem.parent(of: $0))\r\n" }.joined()
    try folder.put("saved.csv", Array(("file,class\r\n" + files).utf8))
    try folder.put("glyph2/003.png", retouched)
    #expect(try data.write(to: folder.path) == 0)
    #expect(try FileSystem.read(folder.path + "/glyph2/003.png") != retouched)
    #expect(try FileSystem.readText(folder.path + "/saved.csv").hasPrefix("file,class,sha256\r\n"))
  }

  /// As on a full disk: the folder holds both, which the error says, and the next save replaces both.
  @Test func aSaveThatEndsEarlySaysHowFarItCame() throws {
    let folder = Folder()
    let data = try data.get()
    _ = try data.write(to: folder.path)
    let blocked = folder.path + "/glyph2/002.png"
    try FileSystem.remove(blocked)
    try FileManager.default.createDirectory(atPath: blocked, withIntermediateDirectories: false)
    var error: DatasetError?
    do { _ = try data.inverted().write(to: folder.path) } catch let caught as DatasetError { error = caught }
    // A folder in its place is somebody else's.
    #expect(error == .changedFile(blocked))
    try FileSystem.remove(folder.path + "/saved.csv")
    let list = try pictures(folder).map { "\($0),\(FileSystem.parent(of: $0)),\r\n" }.joined()
    try folder.put("saved.csv", Array(("file,class,sha256\r\n" + list + "glyph2/002.png,glyph2,\r\n").utf8))
    do { _ = try data.inverted().write(to: folder.path) } catch let caught as DatasetError { error = caught }
    guard case .savedInPart(let place, let written, let count, let isMixed, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(place == folder.path && written == 5 && count == 12 && isMixed)
    #expect(try FileSystem.read(folder.path + "/glyph1/001.png") == data.inverted().image(0).encodePNG())
    #expect(try FileSystem.read(folder.path + "/glyph3/004.png") == data.image(11).encodePNG())
    try FileManager.default.removeItem(atPath: blocked)
    #expect(try data.take(5).write(to: folder.path) == 0)
    #expect(try pictures(folder).count == 5)
    let words = DatasetError.savedInPart(
      folder: "f", written: 5, count: 12, isMixed: true, cause: .diskFull(path: "f/glyph2/002.png")
    ).explanation.message
    #expect(
      words == "the disk is full at “f/glyph2/002.png”; 5 of 12 pictures were written before that, and “f” now holds "
        + "pictures of this save and of the one before")
  }

  @Test func aListOfAnothersIsLeftAlone() throws {
    let data = try data.get()
    for text in ["name,size\na,1\n", "my notes", "\0\0"] {
      let folder = Folder()
      try folder.put("saved.csv", Array(text.utf8))
      #expect(throws: DatasetError.othersFile(folder.path + "/saved.csv")) { try data.write(to: folder.path) }
      #expect(try FileSystem.read(folder.path + "/saved.csv") == Array(text.utf8))
    }
    // A list gives no leave to leave the folder.
    let folder = Folder()
    try folder.put("mine.png", [1, 2, 3])
    try folder.put("in/saved.csv", Array("file,class\r\n../mine.png,..\r\n/etc/passwd.png,a\r\n".utf8))
    #expect(try data.write(to: folder.path + "/in") == 0)
    #expect(try FileSystem.read(folder.path + "/mine.png") == [1, 2, 3])
  }

  /// A linked folder leads into somebody's photographs.
  @Test func noLinkIsFollowed() throws {
    let folder = Folder()
    let data = try data.get()
    try folder.put("photographs/002.png", [1, 2, 3])
    try folder.put("into/saved.csv", Array("file,class\r\nglyph1/002.png,glyph1\r\n".utf8))
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/into/glyph1", withDestinationPath: folder.path + "/photographs")
    #expect(throws: FileError.self) { try data.write(to: folder.path + "/into") }
    #expect(throws: FileError.self) { try data.take(1).write(to: folder.path + "/into") }
    #expect(try FileSystem.read(folder.path + "/photographs/002.png") == [1, 2, 3])
  }

  /// Interrupted at any image, the next save still leaves nothing of it.
  @Test(arguments: [0, 1, 5, 11]) func whatAnInterruptionLeavesIsReplaced(_ stop: Int) throws {
    let folder = Folder()
    let data = try data.get()
    _ = try data.write(to: folder.path)
    var asked = 0
    #expect(throws: CancellationError.self) {
      try data.inverted().write(to: folder.path) {
        asked += 1
        return asked > stop
      }
    }
    #expect(try data.take(5).write(to: folder.path) == 0)
    #expect(try pictures(folder).count == 5)
  }
}
