import Files
import Foundation
import Images
import Testing

@testable import Faces

/// A review's copy touches nothing in its folder that it did not write itself.
@Suite struct SelectionTests {
  private final class Place {
    let path = FileManager.default.temporaryDirectory.path + "/twinbook-\(UUID().uuidString)"

    init(_ files: [String]) throws {
      for file in files { try put("from/" + file, "picture \(file)") }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func put(_ name: String, _ text: String) throws {
      let folder = FileSystem.parent(of: path + "/" + name)
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try text.write(toFile: path + "/" + name, atomically: false, encoding: .utf8)
    }

    func text(_ name: String) -> String? { try? String(contentsOfFile: path + "/" + name, encoding: .utf8) }

    func copy(_ files: [String], dropped: Set<Int> = [], strangers: Int = 0) throws -> Int {
      let review = try FolderReview(
        files: files, classNames: files.map { FileSystem.parent(of: $0) }, vectors: files.map { _ in [1, 2, 3] },
        hashes: files.indices.map { PerceptualHash(bits: 0x1357_9BDF_0246_8ACE &* UInt64(2 * $0 + 3)) },
        pixels: files.map { _ in [1, 0] }, dropped: dropped)
      let copied = try Selection.copy(review, from: path + "/from", into: path + "/into")
      #expect(copied.strangers == strangers)
      return copied.count
    }
  }

  private static let files = ["ann/1.png", "ann/2.png", "bob/1.png"]

  /// A selection in the folder would be reviewed the next time; nothing is made before that is found.
  @Test func noSelectionWithinTheFolder() throws {
    let place = try Place(Self.files)
    let review = try FolderReview(
      files: [Self.files[0]], classNames: ["ann"], vectors: [[1, 2, 3]], hashes: [PerceptualHash(bits: 5)],
      pixels: [[1, 0]], dropped: [])
    for target in ["/from", "/from/sub/deep", "/from/../from/sub", "/new/../from"] {
      #expect(
        throws: FacesError.sameFolder(folder: place.path + "/from", target: place.path + target, function: "copy")
      ) { try Selection.copy(review, from: place.path + "/from", into: place.path + target) }
    }
    #expect(!FileSystem.exists(place.path + "/from/sub"))
    #expect(throws: FileError.self) { try Selection.copy(review, from: place.path + "/from", into: "") }
  }

  /// "é" of one letter, and of two, are two files, as they come from two systems.
  @Test func filesThatAreCalledAlikeAreTwo() throws {
    let files = ["ann/\u{E9}.png", "ann/e\u{301}.png"]
    let place = try Place([])
    try FileSystem.makeFolder(place.path + "/from/ann")
    for file in files { try FileSystem.write("picture \(file.utf8.count)", to: place.path + "/from/" + file) }
    #expect(try place.copy(files) == 2)
    for file in files {
      #expect(try FileSystem.readText(place.path + "/into/" + file) == "picture \(file.utf8.count)")
    }
  }

  @Test func whatIsDroppedLaterGoes() throws {
    let place = try Place(Self.files)
    #expect(try place.copy(Self.files) == 3)
    #expect(try place.copy(Self.files, dropped: [1]) == 2)
    #expect(place.text("into/ann/2.png") == nil && place.text("into/ann/1.png") == "picture ann/1.png")
  }

  /// Shown before: a file of the user's, of the name of a dropped picture, was removed.
  @Test func othersFilesStay() throws {
    let place = try Place(Self.files)
    try place.put("into/ann/2.png", "mine")
    #expect(try place.copy(Self.files, dropped: [1], strangers: 1) == 2)
    #expect(place.text("into/ann/2.png") == "mine")
    // Nor is it written over where the picture is kept: nothing is copied then.
    #expect(throws: FacesError.othersFile(place.path + "/into/ann/2.png")) { try place.copy(Self.files) }
    #expect(place.text("into/ann/2.png") == "mine")
  }

  /// A list gives no leave for what it does not say; one that is another's is not written over.
  @Test func onlyItsOwnListCounts() throws {
    let place = try Place(Self.files)
    try place.put("into/ann/2.png", "mine")
    for list in ["file,class,kept,factor\nann/2.png,ann,no,1\n", "file,class,kept,factor\nann/2.png,yes\n", ""] {
      try place.put("into/review.csv", list)
      #expect(try place.copy(Self.files, dropped: [1], strangers: 1) == 2)
      #expect(place.text("into/ann/2.png") == "mine")
    }
    for list in ["file,kept\nann/2.png,yes\n", "my notes\n", "\0\0"] {
      try place.put("into/review.csv", list)
      #expect(throws: FacesError.othersFile(place.path + "/into/review.csv")) {
        try place.copy(Self.files, dropped: [1])
      }
      #expect(place.text("into/review.csv") == list)
    }
  }

  /// A linked folder leads into somebody's photographs.
  @Test func linkedFoldersAreNotEntered() throws {
    let place = try Place(Self.files)
    try place.put("photographs/2.png", "mine")
    try place.put("into/review.csv", "file,class,kept,factor\nann/2.png,ann,yes,1\nann/1.png,ann,yes,1\n")
    try FileManager.default.createSymbolicLink(
      atPath: place.path + "/into/ann", withDestinationPath: place.path + "/photographs")
    #expect(throws: FileError.linked(path: place.path + "/into/ann")) { try place.copy(Self.files, dropped: [1]) }
    #expect(throws: FileError.linked(path: place.path + "/into/ann")) { try place.copy(Self.files) }
    #expect(place.text("photographs/2.png") == "mine" && place.text("photographs/1.png") == nil)
  }

  /// A picture that is a link is replaced, not written through.
  @Test func linkedFilesAreReplaced() throws {
    let place = try Place(Self.files)
    try place.put("photographs/1.png", "mine")
    try place.put("into/review.csv", "file,class,kept,factor\nann/1.png,ann,yes,1\n")
    try place.put("into/ann/x", "")
    try FileManager.default.createSymbolicLink(
      atPath: place.path + "/into/ann/1.png", withDestinationPath: place.path + "/photographs/1.png")
    #expect(try place.copy(Self.files) == 3)
    #expect(place.text("photographs/1.png") == "mine" && place.text("into/ann/1.png") == "picture ann/1.png")
  }
}
