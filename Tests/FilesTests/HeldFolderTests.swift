import Foundation
import Glibc
import TestSupport
import Testing

@testable import Files

/// Nothing outside of a folder that is held is read, written or taken away.
@Suite struct HeldFolderTests {
  private let folder: TemporaryFolder
  private var root: String { folder.path + "/root" }
  private var outside: String { folder.path + "/outside" }

  init() throws {
    folder = try TemporaryFolder()
    for name in ["root/ann/deep", "outside/ann"] {
      try FileManager.default.createDirectory(atPath: folder.path + "/" + name, withIntermediateDirectories: true)
    }
    try folder.put("root/ann/1.txt", [1])
    try folder.put("root/ann/deep/2.txt", [2])
    try folder.put("outside/secret.txt", [9])
    try folder.put("outside/ann/secret.txt", [9])
    symlink(outside, root + "/linked")
    symlink(outside + "/secret.txt", root + "/ann/link.txt")
    symlink("nowhere", root + "/broken")
  }

  @Test func linksAreSeenAndNotFollowed() throws {
    let held = try HeldFolder(root, writing: true)
    let found = try held.walk()
    #expect(
      found.map(\.path) == ["ann", "ann/1.txt", "ann/deep", "ann/deep/2.txt", "ann/link.txt", "broken", "linked"])
    #expect(found.map(\.kind) == [.folder, .file, .folder, .file, .link, .link, .link])
    for path in [
      "linked/secret.txt", "linked/ann/secret.txt", "ann/link.txt", "../outside/secret.txt", "", "ann/..", "/",
    ] {
      #expect(throws: FileError.self) { try held.read(path) }
      #expect(throws: FileError.self) { try held.readStart(path, count: 1) }
    }
    for path in ["linked/secret.txt", "linked/ann/secret.txt", "../outside/secret.txt"] {
      #expect(throws: FileError.self) { try held.remove(path) }
      #expect(throws: FileError.self) { try held.write([1], to: path) }
    }
    #expect(throws: FileError.self) { try held.removeFolder("linked/ann") }
    #expect(try held.read("ann/deep/2.txt") == [2])
    #expect(throws: FileError.self) { try held.read("ann/deep/2.txt", limit: 0) }
    // A link is taken away itself.
    try held.remove("ann/link.txt")
    try held.remove("linked")
    #expect(try folder.bytes("outside/secret.txt") == [9] && folder.bytes("outside/ann/secret.txt") == [9])
    #expect(try !held.removeFolder("ann/deep"))
    try held.remove("ann/deep/2.txt")
    #expect(try held.removeFolder("ann/deep") && !FileSystem.exists(root + "/ann/deep"))
    try held.remove("ann/gone.txt")
    chmod(root + "/ann/1.txt", 0o640)
    try held.write([7, 7], to: "ann/1.txt")
    #expect(try folder.bytes("root/ann/1.txt") == [7, 7])
    let mode = try FileManager.default.attributesOfItem(atPath: root + "/ann/1.txt")[.posixPermissions] as? Int
    #expect(mode == 0o640)
  }

  /// Its name leads elsewhere by now.
  @Test func theFolderItselfIsHeld() throws {
    let held = try HeldFolder(root, writing: true)
    #expect(rename(root, root + ".away") == 0)
    symlink(outside, root)
    #expect(try held.read("ann/1.txt") == [1])
    try held.remove("ann/1.txt")
    #expect(try folder.bytes("outside/ann/secret.txt") == [9])
    #expect(throws: FileError.self) { try held.remove("secret.txt/x") }
    try held.remove("secret.txt")
    #expect(try folder.bytes("outside/secret.txt") == [9])
  }

  /// A folder below it that becomes a link while files are taken away.
  @Test func foldersThatChangeAreNoWay() throws {
    let held = try HeldFolder(root, writing: true)
    let (place, outside) = (root + "/moving", outside)
    mkdir(place, 0o755)
    let thread = Thread {
      for _ in 0..<20_000 {
        rename(place, place + ".away")
        symlink(outside, place)
        unlink(place)
        rename(place + ".away", place)
      }
    }
    thread.start()
    while !thread.isFinished {
      try? held.remove("moving/secret.txt")
      try? held.write([1], to: "moving/secret.txt")
      #expect((try? held.read("moving/secret.txt")) != [9])
    }
    #expect(try folder.bytes("outside/secret.txt") == [9])
  }

  @Test func namesThatAreNotTextAreTakenAway() throws {
    let name: [CChar] = Array((root + "/ann/").utf8CString.dropLast()) + [CChar(bitPattern: 0xE9), 0x2E, 0x70, 0]
    close(open(name, O_CREAT | O_WRONLY, 0o600))
    let held = try HeldFolder(root, writing: true)
    #expect(try held.walk().contains { $0.path == "ann/\\xE9.p" })
    try held.remove("ann/\\xE9.p")
    #expect(access(name, F_OK) != 0)
  }

  @Test func otherThingsAreRefusedInWords() throws {
    #expect(throws: FileError.notFolder(path: root + "/ann/1.txt")) {
      try HeldFolder(root + "/ann/1.txt", writing: false)
    }
    #expect(throws: FileError.missing(path: root + "/an", near: root + "/ann")) {
      try HeldFolder(root + "/an", writing: false)
    }
    var deep = root
    for _ in 0..<130 {
      deep += "/d"
      mkdir(deep, 0o755)
    }
    #expect(throws: FileError.self) { try HeldFolder(root, writing: false).walk() }
  }

  // MARK: Beside it

  @Test func largeFilesAreCopiedInPieces() throws {
    var random = FuzzRandom(state: 4)
    let bytes = (0..<3_000_001).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    try folder.put("large", bytes)
    try FileSystem.copyDatabase(folder.path + "/large", to: folder.path + "/copy")
    #expect(try folder.bytes("copy") == bytes)
    try FileSystem.copyDatabase(folder.path + "/root/ann/1.txt", to: folder.path + "/copy")
    #expect(try folder.bytes("copy") == [1])
    #expect(throws: FileError.isFolder(path: root)) { try FileSystem.copyDatabase(root, to: folder.path + "/x") }
    #expect(throws: FileError.missing(path: root + "/none", near: nil)) {
      try FileSystem.copyDatabase(root + "/none", to: folder.path + "/x")
    }
    mkfifo(folder.path + "/pipe", 0o600)
    #expect(throws: FileError.self) { try FileSystem.copyDatabase(folder.path + "/pipe", to: folder.path + "/x") }
    #expect(!FileSystem.exists(folder.path + "/x"))
  }

  /// The file that is in the way is named, not the folder that was wanted below it.
  @Test func aFileInTheWayIsNamed() throws {
    let file = root + "/ann/1.txt"
    for path in [file, file + "/a", file + "/a/b/c"] {
      #expect(throws: FileError.notFolder(path: file)) { try FileSystem.makeFolder(path) }
    }
    try FileSystem.makeFolder(root + "/x/y/z")
    // "" + "/" + name would stand in the file system's root.
    #expect(throws: FileError.self) { try FileSystem.makeFolder("") }
    try FileSystem.makeFolder(".")
    #expect(FileSystem.isFolder(root + "/x/y/z"))
  }

  @Test func temporaryNamesAreOnesOwn() throws {
    let (first, second) = (
      try FileSystem.makeTemporaryFile("stem", in: folder.path),
      try FileSystem.makeTemporaryFile("stem", in: folder.path)
    )
    defer {
      close(first.descriptor)
      close(second.descriptor)
    }
    #expect(first.path != second.path && first.path.hasPrefix(folder.path + "/stem-"))
    let made = try FileSystem.makeTemporaryFolder("stem", in: folder.path + "/")
    for path in [first.path, made] {
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode.map { $0 & 0o077 } == 0)
    }
    #expect(throws: SystemFailure(code: ENOENT)) {
      try FileSystem.makeTemporaryFile("stem", in: folder.path + "/nowhere")
    }
    #expect(throws: SystemFailure(code: ENOTDIR)) {
      try FileSystem.makeTemporaryFolder("stem", in: first.path)
    }
  }
}
