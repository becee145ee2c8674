import Diagnostics
import TestSupport
import Testing

@testable import FaceDetection
@testable import TensorFiles
@testable import Faces

@Suite struct TorchWeightsTests {
  static let file = TorchFile(tensors: [
    ("conv1.weight", [2, 3, 2], (0..<12).map { Float($0) / 4 }), ("conv1.bias", [300], (0..<300).map { -Float($0) }),
    ("empty", [0, 4], []), ("one", [], [7]),
  ])

  static func words(_ bytes: [UInt8]) -> String {
    do {
      _ = try TorchWeights.decode(bytes, name: "w.pt")
      return "read"
    } catch let error as any ExplainedError { return error.explanation.message } catch { return "\(error)" }
  }

  @Test func readsWhatTorchWrites() throws {
    let weights = try TorchWeights.decode(Self.file.bytes())
    #expect(weights.tensors.map(\.name) == Self.file.tensors.map(\.name))
    for (read, written) in zip(weights.tensors, Self.file.tensors) {
      #expect(read.tensor.shape == written.shape)
      #expect(read.tensor.values == written.values)
    }
  }

  /// What people save beside weights, and other things than a dictionary: tensors by their places, or one alone.
  @Test func otherThingsThanADictionary() throws {
    let (a, b) = (Self.file.opcodes(ofTensor: 0), Self.file.opcodes(ofTensor: 1))
    func names(_ pickle: [UInt8]) throws -> [String] {
      try TorchWeights.decode(Self.file.zipped(pickle: [0x80, 2] + pickle + [0x2E]), isStrict: false).tensors.map(
        \.name)
    }
    #expect(try names(a) == [""])
    #expect(try names([0x5D, 0x28] + a + b + [0x65]) == ["0", "1"])
    #expect(try names([0x7D, 0x28, 0x4B, 7] + a + [0x4B, 9] + b + [0x75]) == ["7", "9"])
    let type = Array("ctorch\nfloat32\n".utf8)
    let device = Array("ctorch\ndevice\n".utf8) + [0x55, 3] + Array("cpu".utf8) + [0x85, 0x52]
    let size = Array("ctorch\nSize\n".utf8) + [0x4B, 2, 0x85, 0x85, 0x52]
    #expect(
      try names([0x7D, 0x28, 0x4B, 1] + type + [0x4B, 2] + device + [0x4B, 3] + size + [0x4B, 4] + a + [0x75]) == ["4"])
    #expect(throws: (any Error).self) { try names([0x4E]) }
    // A tuple of a tuple of a tuple …, each of sixteen times the one before.
    var wide: [UInt8] = [0x29, 0x71, 0]
    for level in 0..<UInt8(14) {
      wide += [0x28] + (0..<16).flatMap { _ in [0x68, level] } + [0x74, 0x71, level + 1]
    }
    #expect(throws: (any Error).self) { try names([0x5D, 0x28] + wide + [0x65]) }
  }

  @Test func viewsThatRepeatAreNamed() throws {
    var file = TorchFile(tensors: [("w", [3, 2], [0, 1, 2, 3, 4, 5])])
    file.strides["w"] = [0, 1]
    #expect(Self.words(file.bytes()).contains("“w” is a view that repeats its numbers"))
  }

  @Test func stridesAreFollowed() throws {
    var file = TorchFile(tensors: [("w", [3, 2], [0, 1, 2, 3, 4, 5])])
    file.strides["w"] = [1, 3]
    #expect(try TorchWeights.decode(file.bytes()).tensors[0].tensor.values == [0, 3, 1, 4, 2, 5])
    file.strides["w"] = [2, 2]
    #expect(
      Self.words(file.bytes())
        == "w.pt is not a readable weight file of PyTorch's: “w” lies outside its storage")
  }

  @Test func nothingIsRun() {
    for name in ["os\nsystem", "builtins\neval", "posix\nsystem", "torch._utils\n_rebuild_tensor", "__builtin__\nexec"]
    {
      var file = Self.file
      file.rebuild = name
      let shown = name.replacing("\n", with: ".")
      #expect(Self.words(file.bytes()) == "w.pt asks for “\(shown)”, which no weights need; nothing of it was run")
    }
    var file = Self.file
    file.storageType = "torch\nStorage"
    #expect(Self.words(file.bytes()).hasPrefix("w.pt asks for “torch.Storage”"))
    // An allowed name where another is due.
    file.storageType = "collections\nOrderedDict"
    #expect(Self.words(file.bytes()).contains("it has a storage of an unknown form"))
  }

  @Test func brokenFilesAreErrorsInWords() {
    let whole = Self.file.bytes()
    let start = "w.pt is not a readable weight file of PyTorch's: "
    #expect(Self.words([]) == start + "it does not begin as such a file does")
    #expect(Self.words([0x50, 0x4B, 3, 4, 0]).contains("the archive is cut off or damaged"))
    #expect(Self.words(Array(whole.dropLast(3))) == start + "it ends early, in a storage")
    #expect(Self.words(whole + [1, 2]) == start + "2 bytes stand after its end")
    #expect(Self.words(Array(whole.prefix(40))).contains("longer than the file"))
    let beginning = Array(whole[..<21])
    // Ten thousand tuples, one in another.
    let deep = beginning + [0x80, 2, 0x29] + [UInt8](repeating: 0x85, count: 10_000) + [0x2E]
    #expect(Self.words(deep).contains("nested too deeply"))
    // A list that remembers itself.
    let circle = beginning + [0x80, 2, 0x5D, 0x71, 0, 0x68, 0, 0x61, 0x2E]
    #expect(Self.words(circle).contains("its pickle uses one container in two places"))
    // A text that claims 4 GB.
    let long = beginning + [0x80, 2, 0x58, 0xFF, 0xFF, 0xFF, 0xFF, 0x2E]
    #expect(Self.words(long).contains("a text in it is longer than the file"))
  }

  /// Every truncation, and files with bytes changed, removed and put in: an error or tensors, never a trap.
  @Test func mutatedFilesNeverTrap() throws {
    let whole = Self.file.bytes()
    for length in whole.indices { #expect(Self.words(Array(whole.prefix(length))) != "read") }
    var random = FuzzRandom(state: 11)
    var read = 0
    for _ in 0..<20_000 {
      if (try? TorchWeights.decode(random.mutated(whole))) != nil { read += 1 }
    }
    // Numbers may change and the file be whole: some are read, most are not.
    #expect(read > 0 && read < 15_000)
  }

  @Test func readsWhatTorchZips() throws {
    let weights = try TorchWeights.decode(Self.file.zipped())
    #expect(weights.tensors.map(\.name) == Self.file.tensors.map(\.name))
    for (read, written) in zip(weights.tensors, Self.file.tensors) { #expect(read.tensor.values == written.values) }
  }

  /// The same of a zip: its bytes, and its pickle within an archive that is whole.
  @Test func mutatedZipsNeverTrap() throws {
    let whole = Self.file.zipped()
    for length in whole.indices { #expect(Self.words(Array(whole.prefix(length))) != "read") }
    var random = FuzzRandom(state: 12)
    let pickle = Self.file.pickle()
    var read = 0
    for _ in 0..<3_000 {
      if (try? TorchWeights.decode(random.mutated(whole))) != nil { read += 1 }
      if (try? TorchWeights.decode(Self.file.zipped(pickle: random.mutated(pickle)))) != nil { read += 1 }
    }
    #expect(read > 0 && read < 4_500)
  }
}
