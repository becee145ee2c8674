import Diagnostics
import Tensors
import TestSupport
import Testing

@testable import TensorFiles

/// npz files that claim much, hold more than numbers, or were made elsewhere.
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
}

/// A zip of other files is no archive of arrays; one of nothing is an archive without any.
@Test func zipsWithoutArrays() throws {
  #expect(throws: TensorFileError.broken(file: "x", format: "npz", reason: "the zip holds no array (.npy)")) {
    try NPZ.read(storedZip([("a/1.png", [1, 2, 3])]), name: "x")
  }
  #expect(try NPZ.read([0x50, 0x4B, 5, 6] + [UInt8](repeating: 0, count: 18), name: "x").isEmpty)
}

/// Keras' and PyTorch's files are zips, too: a broken one is not called what its ending contradicts.
@Test func brokenZipsAndEmptyFilesAreCalledWhatTheyAre() {
  let junk: [UInt8] = [0x50, 0x4B, 3, 4, 1, 2, 3, 4]
  for (name, format) in [("“a.keras”", "zip"), ("“a.npz”", "npz"), ("“a”", "npz")] {
    let error = #expect(throws: TensorFileError.self) { try NPZ.read(junk, name: name) }
    #expect(error?.explanation.message.hasPrefix("\(name) is a broken \(format) file") == true)
  }
  #expect(TensorFileError.unknown([], file: "“e.npy”").explanation.message == "“e.npy” is empty")
  #expect(TensorFileError.unknown([1], file: "x") == .unknownFormat(file: "x"))
}
