import Diagnostics
import Foundation
import Tensors
import TestSupport
import Testing

@testable import TensorFiles

/// Files that h5py wrote (Tests/References/keras_files.py).
@Suite struct HDF5Tests {
  static let files: [String: [UInt8]] = {
    guard let zip = try? referenceFile("files/keras.zip"),
      let files = try? ZipEntries.read(zip, broken: { .broken(file: "keras.zip", format: "zip", reason: $0) })
    else { return [:] }
    return files
  }()

  private static func file(_ name: String) throws -> [UInt8] { try #require(files[name]) }

  private static func words(_ bytes: [UInt8]) -> String {
    do {
      var file = try HDF5File(bytes, name: "x.h5")
      for node in file.root.arrays { _ = try file.tensor(node) }
      return "read"
    } catch let error as any ExplainedError { return error.explanation.message } catch { return "\(error)" }
  }

  @Test func arraysOfEveryKind() throws {
    var file = try HDF5File(try Self.file("packed.h5"))
    let numbers = (0..<105).map { Float($0) }
    func values(_ name: String) throws -> [Float] {
      let tensor = try file.tensor(try #require(file.root.child(name)))
      #expect(tensor.shape == [7, 5, 3])
      return tensor.values
    }
    #expect(try values("gzip") == numbers)
    #expect(try values("sums") == numbers)
    #expect(try values("half") == numbers)
    #expect(try values("bytes") == numbers)
    #expect(try values("whole") == numbers.map { $0 - 50 })
    #expect(try values("flags") == (0..<105).map { $0 % 2 == 0 ? 1 : 0 })
    #expect(try file.tensor(try #require(file.root.child("empty"))).values == [Float](repeating: 0, count: 6))
    let partly = try file.tensor(try #require(file.root.child("partly")))
    #expect(partly.shape == [5, 5] && partly.values == (0..<25).map { $0 == 21 ? 2 : 0 })
    let one = try file.tensor(try #require(file.root.child("one")))
    #expect(one.shape == [] && one.values == [1.5])
    #expect(try file.texts("text", of: file.root) == ["a text – as Keras writes one"])
    #expect(try file.texts("list", of: file.root) == ["ab", "cde"])
    #expect(try file.texts("nothing", of: file.root) == nil)
    #expect(file.root.arrays.map(\.path).first == "bytes")
  }

  /// Headers of the newer version, links in them.
  @Test func newerFiles() throws {
    var file = try HDF5File(try Self.file("latest.h5"))
    #expect(try file.tensor(try #require(file.root.child("g/numbers"))).values == [0, 1, 2])
  }

  @Test func refusedInWords() throws {
    #expect(
      Self.words(try Self.file("links.h5"))
        == "x.h5 is a file of HDF5 that is not read: “soft” in it is a link by name, which is not followed")
    #expect(
      Self.words(try Self.file("outside.h5"))
        == "x.h5 is a file of HDF5 that is not read: “theirs” in it is a link to another file, which is not followed")
    #expect(
      Self.words(try Self.file("external.h5"))
        == "x.h5 is a file of HDF5 that is not read: “numbers” keeps its numbers in other files, which are not opened")
    #expect(Self.words(try Self.file("lzf.h5")).contains("“numbers” is packed by the filter 32000"))
    #expect(
      Self.words(try Self.file("loop.h5")) == "x.h5 is a broken HDF5 file: a group in it holds itself, or has two names"
    )
    #expect(Self.words(HDF5File.signature) == "x.h5 is a broken HDF5 file: it points beyond its end, or ends early")
    #expect(Self.words(HDF5File.signature + [9]).contains("of the version 9 of the format"))
  }

  /// A file is read but for them; what is broken is refused whole.
  @Test func arraysThatAreNotReadSayWhy() throws {
    func reasons(_ bytes: [UInt8]) throws -> [String] {
      var file = try HDF5File(bytes, name: "x.h5")
      return try file.root.arrays.map { node in
        switch try file.content(node) {
        case .numbers, .texts: "read"
        case .unread(let error): error.explanation.message
        }
      }
    }
    let external = try reasons(try Self.file("external.h5"))
    #expect(external.filter { $0.contains("keeps its numbers in other files") }.count == 1, "\(external)")
    let packed = try reasons(try Self.file("lzf.h5"))
    #expect(packed.filter { $0.contains("is packed by the filter 32000") }.count == 1, "\(packed)")
    #expect(try Set(reasons(try Self.file("packed.h5"))) == ["read"])
    #expect(throws: TensorFileError.self) { try reasons(Array(try Self.file("packed.h5").prefix(3000))) }
  }

  /// A shape of 10^18 numbers, and one that unpacks to far more than there is.
  @Test func claimsAreCheckedBeforeMemoryIsTaken() throws {
    let bytes = try Self.file("packed.h5")
    func changed(_ shape: [UInt64], to other: [UInt64]) throws -> [UInt8] {
      let old = shape.flatMap { size in (0..<8).map { UInt8(truncatingIfNeeded: size >> (8 * UInt64($0))) } }
      let new = other.flatMap { size in (0..<8).map { UInt8(truncatingIfNeeded: size >> (8 * UInt64($0))) } }
      let text = Data(bytes)
      var found = 0
      var result = bytes
      var from = text.startIndex
      while let range = text.range(of: Data(old), in: from..<text.endIndex) {
        result.replaceSubrange(range, with: new)
        from = range.upperBound
        found += 1
      }
      #expect(found > 0)
      return result
    }
    let giant = Self.words(try changed([7, 5, 3], to: [1_000_000, 1_000_000, 1_000_000]))
    #expect(giant.contains("claims the shape"))
    let wide = Self.words(try changed([5, 5], to: [40_000, 40_000]))
    #expect(wide.contains("would unpack from") || wide.contains("GB"))
    let longer = Self.words(try changed([2, 3], to: [2, 1 << 24]))
    #expect(longer == "read" || longer.contains("x.h5"))
  }

  /// Every truncation, and files with bytes changed, removed and put in: an error or numbers, never a trap. TWINBOOK_FUZZ=n
  /// does so n times as often.
  @Test func changedFiles() throws {
    let times = ProcessInfo.processInfo.environment["TWINBOOK_FUZZ"].flatMap { Int($0) } ?? 1
    var random = FuzzRandom(state: 21)
    for name in ["packed.h5", "latest.h5", "links.h5", "twin-2.h5"] {
      let whole = try Self.file(name)
      for length in stride(from: 0, to: whole.count, by: 37) { _ = Self.words(Array(whole.prefix(length))) }
      var read = 0
      for _ in 0..<1000 * times {
        // Bytes stay where they are more often than not: a file that is shifted is seldom more than broken.
        var bytes = whole
        if random.below(4) == 0 {
          bytes = random.mutated(whole)
        } else {
          for _ in 0...random.below(4) {
            bytes[random.below(bytes.count)] =
              [0, 1, 127, 128, 255, UInt8(truncatingIfNeeded: random.next())][random.below(6)]
          }
        }
        if Self.words(bytes) == "read" { read += 1 }
        if var file = try? HDF5File(bytes) {
          for attribute in ["text", "list", "model_config"] { _ = try? file.texts(attribute, of: file.root) }
        }
      }
      #expect(read < 1000 * times)
    }
  }

  @Test func sumsOfFletcher() {
    #expect(HDF5Reader.fletcher([]) == [0, 0, 0, 0])
    #expect(HDF5Reader.fletcher([1, 2]) == [2, 1, 2, 1])
    // Ones' complement: 65535 stays.
    #expect(HDF5Reader.fletcher([0xFF, 0xFF]) == [0xFF, 0xFF, 0xFF, 0xFF])
    // An odd number of bytes ends with a zero.
    #expect(HDF5Reader.fletcher([1]) == [0, 1, 0, 1])
  }
}
