import Foundation
import Glibc
import TestSupport
import Testing

@testable import Files

@Suite struct FileWriterTests {
  private func mode(_ path: String) -> mode_t {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  @Test func aFileComesWholeAtItsEnd() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.txt"
    try FileSystem.write("old", to: path)
    let writer = try FileWriter(path)
    try writer.append(Array("new".utf8))
    #expect(try folder.bytes("a.txt") == Array("old".utf8) && folder.names.count == 2)
    try writer.commit()
    #expect(try folder.bytes("a.txt") == Array("new".utf8) && folder.names == ["a.txt"])
  }

  @Test func whatALibraryWroteTakesItsPlaceUnderARelativePath() throws {
    let folder = try TemporaryFolder()
    let deep = FileManager.default.currentDirectoryPath.split(separator: "/").count
    let relative = String(repeating: "../", count: deep) + folder.path.drop { $0 == "/" }
    let writer = try FileWriter(relative + "/a.txt", access: .owner)
    try Data("made".utf8).write(to: URL(filePath: folder.path + "/.made"))
    try writer.commit(taking: relative + "/.made")
    #expect(try folder.bytes("a.txt") == Array("made".utf8) && folder.names == ["a.txt"])
  }

  /// A link is written through, also where nothing is at its end yet, however many links lead there.
  @Test func linksToNothingAreFollowed() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.path + "/deep", withIntermediateDirectories: false)
    #expect(symlink("deep/new.txt", folder.path + "/a.txt") == 0)
    #expect(symlink("a.txt", folder.path + "/b.txt") == 0)
    try FileSystem.write("through", to: folder.path + "/b.txt")
    #expect(try folder.bytes("deep/new.txt") == Array("through".utf8))
    var status = stat()
    #expect(lstat(folder.path + "/b.txt", &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
    let plain = folder.path + "/plain.txt"
    try FileSystem.write("plain", to: plain)
    #expect(mode(folder.path + "/deep/new.txt") == mode(plain))
    // A circle leads nowhere: the link itself is what there is.
    #expect(symlink("circle", folder.path + "/circle") == 0)
    try FileSystem.write("now a file", to: folder.path + "/circle")
    #expect(try folder.bytes("circle") == Array("now a file".utf8))
  }

  @Test func whatIsDroppedLeavesNothing() throws {
    let folder = try TemporaryFolder()
    do {
      let writer = try FileWriter(folder.path + "/a.txt")
      try writer.append(Array("half".utf8))
    }
    #expect(folder.names.isEmpty)
  }

  /// Who may read it does not change because it is written again.
  @Test(arguments: [0o600, 0o644, 0o640, 0o755] as [mode_t])
  func theModeStays(_ wanted: mode_t) throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.gallery"
    try FileSystem.write("1", to: path)
    #expect(chmod(path, wanted) == 0)
    try FileSystem.write("22", to: path)
    #expect(mode(path) == wanted)
    try FileSystem.write("333", to: path, access: .owner)
    #expect(mode(path) == wanted)
  }

  @Test func newFilesHaveTheirAccess() throws {
    let folder = try TemporaryFolder()
    let mask = umask(0o022)
    umask(mask)
    try FileSystem.write("x", to: folder.path + "/usual")
    try FileSystem.write("x", to: folder.path + "/owner", access: .owner)
    try FileSystem.append("x", to: folder.path + "/history", access: .owner)
    #expect(mode(folder.path + "/usual") == 0o666 & ~mask)
    #expect(mode(folder.path + "/owner") == 0o600 && mode(folder.path + "/history") == 0o600)
  }

  /// Until it has the mode of the old file, nobody else reads the new one.
  @Test func whatIsUnfinishedIsTheOwnersAlone() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.txt"
    try FileSystem.write("secret", to: path)
    #expect(chmod(path, 0o600) == 0)
    let writer = try FileWriter(path)
    let temporary = try #require(folder.names.first { $0 != "a.txt" })
    #expect(mode(folder.path + "/" + temporary) == 0o600)
    try writer.commit()
  }

  /// A name that can be foreseen can be planted.
  @Test func temporaryNamesCannotBeGuessed() {
    let names = (0..<100).map { _ in FileWriter.temporaryName("/x/.a") }
    #expect(Set(names).count == 100 && names.allSatisfy { $0.hasPrefix("/x/.a.\(getpid())-") && $0.hasSuffix(".part") })
  }

  @Test func aLinkIsWrittenThrough() throws {
    let folder = try TemporaryFolder()
    try folder.put("real.txt", [1])
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/link.txt", withDestinationPath: folder.path + "/real.txt")
    try FileSystem.write([2, 3], to: folder.path + "/link.txt")
    #expect(try folder.bytes("real.txt") == [2, 3])
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path + "/link.txt").hasSuffix("real.txt"))
  }

  /// As `/dev/stdout` is, where it was led into a file: what is printed afterwards would go to a file without a name.
  @Test func outputsThatAreOpenAreNotReplaced() throws {
    let folder = try TemporaryFolder()
    try folder.put("log", [1])
    let file = open(folder.path + "/log", O_WRONLY | O_CLOEXEC)
    defer { close(file) }
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/link", withDestinationPath: "/dev/fd/\(file)")
    for path in ["/dev/fd/\(file)", "/proc/self/fd/\(file)", folder.path + "/link"] {
      let refused = FileError.system(
        path: path, action: "write", reason: "it is an output that is open already, not a file")
      #expect(throws: refused) { try FileSystem.write([2, 3], to: path) }
      #expect(throws: refused) { try FileSystem.append("x", to: path) }
    }
    #expect(try folder.bytes("log") == [1])
  }

  @Test func whatCannotBeWrittenIsAnErrorInWords() throws {
    let folder = try TemporaryFolder()
    #expect(throws: FileError.isFolder(path: folder.path)) { try FileSystem.write("x", to: folder.path) }
    let nowhere = folder.path + "/none/a.txt"
    #expect(throws: FileError.missingFolder(path: nowhere, folder: folder.path + "/none")) {
      try FileSystem.write("x", to: nowhere)
    }
    for name in ["", folder.path + "/", "a\0b"] {
      #expect(throws: FileError.system(path: name, action: "write", reason: "this is not a file's name")) {
        try FileSystem.write("x", to: name)
      }
    }
    #expect(folder.names.isEmpty)
  }

  @Test func newFilesLeaveOldOnesAlone() throws {
    let folder = try TemporaryFolder()
    #expect(try FileSystem.writeNew([1], to: folder.path + "/a"))
    #expect(try !FileSystem.writeNew([2], to: folder.path + "/a"))
    #expect(try folder.bytes("a") == [1] && folder.names == ["a"])
  }
}

@Suite struct ReadingTests {
  @Test func boundsAndKinds() throws {
    let folder = try TemporaryFolder()
    try folder.put("photo.png", [1, 2, 3])
    let path = folder.path + "/photo.png"
    #expect(try FileSystem.read(path, limit: 3) == [1, 2, 3])
    #expect(throws: FileError.tooLarge(path: path, size: 3, limit: 2)) { try FileSystem.read(path, limit: 2) }
    #expect(throws: FileError.isFolder(path: folder.path)) { try FileSystem.read(folder.path) }
    #expect(throws: FileError.missing(path: folder.path + "/phoot.png", near: path)) {
      try FileSystem.read(folder.path + "/phoot.png")
    }
    #expect(try FileSystem.readStart(path, count: 2) == [1, 2] && FileSystem.readStart(path, count: 9).count == 3)
  }

  /// What has no end is read up to the limit: its size is no number to tell.
  @Test func largeFilesAndCirclesAreNamedInWords() throws {
    let limit = 1 << 30
    func words(_ size: Int) -> String { FileError.tooLarge(path: "a", size: size, limit: limit).explanation.message }
    #expect(words(limit + 1) == "“a” has more than 1.1 GB: no more is read at once")
    #expect(words(5 << 30) == "“a” has 5.4 GB, more than 1.1 GB: no more is read at once")
    #expect(FileError.tooLarge(path: "a", size: 3, limit: 2).explanation.help != nil)
    let folder = try TemporaryFolder()
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/a", withDestinationPath: "b")
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/b", withDestinationPath: "a")
    var circle: FileError?
    do { _ = try FileSystem.read(folder.path + "/a") } catch let error { circle = error }
    #expect(circle?.explanation.message == "cannot read “\(folder.path)/a”: its links lead in a circle")
    #expect(circle?.explanation.help?.contains("ls -l") == true)
  }

  /// A script may come from a pipe; a picture may not, where nobody might ever write to it.
  @Test func pipesWhereTheyAreWanted() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/pipe"
    #expect(mkfifo(path, 0o600) == 0)
    #expect(throws: FileError.self) { try FileSystem.read(path) }
    // Opened for both, it waits for nobody.
    let ends = open(path, O_RDWR)
    #expect(write(ends, "abc", 3) == 3)
    let writer = Thread {
      usleep(50_000)
      close(ends)
    }
    writer.start()
    #expect(try FileSystem.read(path, takesPipes: true) == Array("abc".utf8))
    #expect(try FileSystem.read("/proc/self/cmdline").isEmpty == false)
  }

  @Test func linesOfAnyLength() throws {
    let folder = try TemporaryFolder()
    let long = [UInt8](repeating: 0x61, count: 1 << 19)
    try folder.put("a", Array("x\n\n".utf8) + long + [10] + Array("end".utf8))
    let file = open(folder.path + "/a", O_RDONLY)
    defer { close(file) }
    var lines: [[UInt8]] = []
    try FileSystem.readLines(file, name: "a") { lines.append(Array($0)) }
    #expect(lines == [Array("x".utf8), long, Array("end".utf8)])
  }
}
