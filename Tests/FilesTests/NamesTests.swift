import Foundation
import TestSupport
import Testing

@testable import Files

/// Names that are not UTF-8, and what killed processes leave behind.
@Suite struct NamesTests {
  @Test func namesGoThereAndBack() {
    for bytes in [[0x61], [0xE9], [0x61, 0xC3, 0xA9, 0xFF, 0x62], [0xC3], [0xF0, 0x9F, 0x99], [0xED, 0xA0, 0x80]]
      as [[UInt8]]
    {
      let name = FileSystem.name(ofBytes: bytes)
      #expect((FileSystem.bytes(ofName: name) ?? Array(name.utf8)) == bytes, "\(name)")
    }
    #expect(FileSystem.name(ofBytes: [0x61, 0xE9]) == "a\\xE9")
    #expect(FileSystem.bytes(ofName: "plain \\x41 \\q") == nil)
  }

  /// An empty TMPDIR would be the root, and a relative one wherever the program stands.
  @Test func temporaryFilesStandInAFolderOfTheirOwn() {
    for (given, folder) in [
      (nil, "/tmp"), ("", "/tmp"), (".", "/tmp"), ("tmp", "/tmp"), ("/var/tmp", "/var/tmp"), ("/tmp/", "/tmp/"),
    ] as [(String?, String)] {
      #expect(FileSystem.temporaryFolder(given) == folder)
    }
  }

  @Test func leftoversAreClearedAway() throws {
    let folder = try TemporaryFolder()
    try folder.put(".people.gallery.999999999-0.part", [1])
    try folder.put(".other.npy.\(getpid())-0.part", [2])
    try folder.put(".a.part", [3])
    try folder.put("b.999999999-0.part", [4])
    // Of a process that still writes: it holds the lock.
    try folder.put(".held.999999998-1.part", [5])
    let held = open(folder.path + "/.held.999999998-1.part", O_RDONLY)
    #expect(flock(held, LOCK_EX | LOCK_NB) == 0)
    try FileSystem.write([9], to: folder.path + "/new.txt")
    let names = try FileSystem.list(folder.path).map(\.name)
    #expect(
      names == [".a.part", ".held.999999998-1.part", ".other.npy.\(getpid())-0.part", "b.999999999-0.part", "new.txt"])
    close(held)
    try FileSystem.write([9], to: folder.path + "/new.txt")
    #expect(try FileSystem.list(folder.path).count == 4)
  }

  /// A device is not replaced by a file.
  @Test func devicesAreNoFiles() throws {
    let folder = try TemporaryFolder()
    try folder.put("x", [1])
    #expect(mkfifo(folder.path + "/pipe", 0o644) == 0)
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/link.svg", withDestinationPath: folder.path + "/pipe")
    for name in ["pipe", "link.svg"] {
      let path = folder.path + "/" + name
      #expect(throws: FileError.system(path: path, action: "write", reason: "it is a device or a pipe, not a file")) {
        try FileSystem.write([1], to: path)
      }
    }
    #expect(FileSystem.kind(of: folder.path + "/pipe") == .other)
  }

  /// Who may not read a file is told where it is seen who may.
  @Test func whoMayNotReadIsToldWhoMay() {
    for writing in [false, true] {
      let help = FileError.forbidden(path: "people.gallery", writing: writing).explanation.help ?? ""
      #expect(help.contains(writing ? "choose a folder" : "ls -l"), "\(help)")
    }
  }
}
