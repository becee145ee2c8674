import Diagnostics
import Foundation
import Images
import Tensors
import TestSupport
import Testing

@testable import Datasets
@testable import Files
@testable import TensorFiles

#if canImport(Glibc)
  import Glibc
#endif

/// npz files and zips that claim much, hold more than numbers, or were made elsewhere.
@Suite struct ArchiveTests {
  private static func letters(_ text: String, _ size: Int) -> [UInt8] {
    let scalars = Array(text.unicodeScalars)
    return (0..<size).flatMap { place -> [UInt8] in
      let code = place < scalars.count ? scalars[place].value : 0
      return (0..<4).map { UInt8(truncatingIfNeeded: code >> (8 * UInt32($0))) }
    }
  }

  @Test func textsAreRead() throws {
    func texts(_ bytes: [UInt8]) throws -> TextArray? {
      guard case .texts(let array) = try NPY.read(bytes) else { return nil }
      return array
    }
    let names = ["ann", "Zoë", "日本🙂", ""]
    let wide = names.flatMap { Self.letters($0, 5) }
    #expect(try texts(npy("<U5", "(4,)", wide)) == TextArray(shape: [4], texts: names))
    #expect(try texts(npy("<U5", "(2, 2)", wide, fortran: true))?.texts == ["ann", "日本🙂", "Zoë", ""])
    let big = stride(from: 0, to: wide.count, by: 4).flatMap { wide[$0..<($0 + 4)].reversed() }
    #expect(try texts(npy(">U5", "(4,)", big))?.texts == names)
    #expect(try texts(npy("|S3", "(3,)", Array("ab\0xyzq\0\0".utf8)))?.texts == ["ab", "xyz", "q"])
    // Latin-1 where it is no UTF-8; NUL within a text stays.
    #expect(try texts(npy("|S3", "(1,)", [0x5A, 0x6F, 0xEB]))?.texts == ["Zoë"])
    #expect(try texts(npy("<U3", "()", Self.letters("a\0b", 3)))?.texts == ["a\0b"])
    #expect(try texts(npy("<U0", "(3,)", []))?.texts == ["", "", ""])
    #expect(try texts(npy("<U1", "(1,)", [0, 0xD8, 0, 0]))?.texts == ["\u{FFFD}"])
    #expect(throws: TensorFileError.self) { try NPY.read(npy("<U5", "(9,)", wide)) }
    #expect(throws: TensorFileError.self) { try NPY.read(npy("<U0", "(2000000000,)", [])) }
  }

  @Test func oneUnreadableArrayDoesNotHideTheOthers() throws {
    let archive = storedZip([
      ("x.npy", npy("|u1", "(3,)", [1, 2, 3])),
      ("labels.npy", npy("<U2", "(2,)", ["a", "bc"].flatMap { Self.letters($0, 2) })),
      ("pickle.npy", npy("|O", "(1,)", [0x80, 4])),
      ("when.npy", npy("<M8[s]", "(1,)", [UInt8](repeating: 0, count: 8))),
      ("fields.npy", NPY.magic + [1, 0] + structured), ("notes.txt", Array("hello".utf8)),
    ])
    let arrays = try NPZ.read(archive, name: "x")
    #expect(arrays.map(\.name) == ["x", "labels", "pickle", "when", "fields"])
    let kinds = arrays.map { array in
      switch array.content {
      case .numbers(let tensor): "\(tensor.values)"
      case .texts(let array): "\(array.texts)"
      case .unread(let error): error.explanation.message
      }
    }
    #expect(
      kinds == [
        "[1.0, 2.0, 3.0]", "[\"a\", \"bc\"]",
        "“pickle” in x holds Python objects (a pickle), which could run any program and are never read",
        "“when” in x holds elements of type <M8[s], which cannot be read",
        "“fields” in x holds elements of type structured (several fields), which cannot be read",
      ])
  }

  private var structured: [UInt8] {
    let text = "{'descr': [('x', '<f4'), ('y', '<i4', (2,))], 'fortran_order': False, 'shape': (1,), }\n"
    return [UInt8(text.utf8.count), 0] + Array(text.utf8) + [UInt8](repeating: 0, count: 12)
  }

  @Test func claimsAreCheckedBeforeAnythingIsUnpacked() throws {
    func error(_ files: [(name: String, bytes: [UInt8])], size: Int) -> TensorFileError? {
      do {
        _ = try NPZ.read(storedZip(files, deflated: true, claimedSize: { $0 < 400 ? size : $0 }), name: "x")
        return nil
      } catch { return error as? TensorFileError }
    }
    let huge = npy("|u1", "(4000000000,)", [0])
    #expect(
      error([("a.npy", huge)], size: 4_000_000_080)
        == .tooLarge(file: "“a” in x", bytes: 16_000_000_000, limit: 8_000_000_000))
    // Within the limit, and packed as no numbers are.
    let tight = npy("|u1", "(500000000,)", [0])
    guard case .tooTight(file: "x", let packed, let unpacked) = error([("a.npy", tight)], size: 500_000_080) else {
      Issue.record("half a gigabyte out of nothing was not refused")
      return
    }
    #expect(packed < 1000 && unpacked == 2_000_000_000)
    // Many that are harmless one by one.
    let many = (0..<12).map { ("\($0).npy", npy("|u1", "(50000000,)", [0])) }
    guard case .broken = error(many, size: 50_000_080) else {
      Issue.record("a lie about a size was not told")
      return
    }
    // The header's claim against that of the archive.
    #expect(
      error([("a.npy", npy("<f4", "(1000000,)", []))], size: 4000)
        != nil)
  }

  @Test func foldersWithBackslashes() throws {
    let folder = Folder()
    let png = try FolderTests.picture(1).encodePNG()
    func classes(_ names: [String]) throws -> [String] {
      try folder.put("x.zip", storedZip(names.map { ($0, png) }))
      return try Datasets.load(folder.path + "/x.zip", dataFolder: nil).classNames
    }
    #expect(try classes(["a\\1.png", "b\\1.png", "b\\2.png"]) == ["a", "b"])
    #expect(try classes(["top\\a\\1.png", "top\\b\\1.png", "__MACOSX\\a\\1.png", "a\\.hidden.png"]) == ["a", "b"])
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

/// Names that are not UTF-8, and what killed processes leave behind.
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

  @Test func leftoversAreClearedAway() throws {
    let folder = Folder()
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
    let folder = Folder()
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
}
