import Tensors
import TestSupport
import Testing

@testable import TensorFiles

/// An npy file as NumPy writes it.
func npy(_ descr: String, _ shape: String, _ data: [UInt8], fortran: Bool = false, version: UInt8 = 1) -> [UInt8] {
  let text = "{'descr': '\(descr)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }\n"
  let length: [UInt8] =
    version == 1
    ? [UInt8(text.utf8.count & 255), UInt8(text.utf8.count >> 8)] : [UInt8(text.utf8.count), 0, 0, 0]
  return NPY.magic + [version, 0] + length + Array(text.utf8) + data
}

@Test(arguments: [
  ("<f4", [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0] as [UInt8], [1, -2] as [Float]),
  (">f4", [0x3F, 0x80, 0, 0, 0xC0, 0, 0, 0], [1, -2]),
  ("<f8", [0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0], [1, -2]), ("<f2", [0, 0x3C, 0, 0xC0], [1, -2]),
  ("|i1", [1, 0xFE], [1, -2]), (">i2", [0, 1, 0xFF, 0xFE], [1, -2]),
  ("<i4", [1, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF], [1, -2]),
  ("<i8", [1, 0, 0, 0, 0, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [1, -2]),
  ("|u1", [1, 254], [1, 254]),
  ("<u2", [1, 0, 0, 1], [1, 256]), ("|b1", [1, 0], [1, 0]),
])
func elementTypes(descr: String, data: [UInt8], expected: [Float]) throws {
  for version in [1, 2, 3] as [UInt8] {
    let tensor = try NPY.decode(npy(descr, "(2,)", data, version: version))
    #expect(tensor.values == expected)
    #expect(tensor.shape == [2])
  }
}

@Test func fortranOrderAndNoAxes() throws {
  let tensor = try NPY.decode(npy("|u1", "(2, 3)", [1, 4, 2, 5, 3, 6], fortran: true))
  #expect(tensor.values == [1, 2, 3, 4, 5, 6])
  #expect(try NPY.decode(npy("|u1", "()", [7])).shape == [])
}

/// Small floats of eight bits stand beside others in files of large models.
@Test func safetensorsOfUnknownTypesAreLeftOutWhereAsked() throws {
  let header = """
    {"scale":{"dtype":"F32","shape":[1],"data_offsets":[2,6]},"small":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}
    """
  let bytes = [UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + [1, 2, 0, 0, 0x80, 0x3F]
  let error = TensorFileError.unsupported(file: "“small” in x", type: "F8_E4M3")
  #expect(throws: error) { try Safetensors.decode(bytes, name: "x") }
  let file = try Safetensors.decode(bytes, name: "x", isStrict: false)
  #expect(file.tensors.map(\.name) == ["scale"] && file["scale"]?.values == [1])
  #expect(file.unread.map(\.name) == ["small"] && file.unread.first?.reason == error)
}

@Test func npyErrorsInWords() {
  func words(_ bytes: [UInt8]) -> String {
    do {
      _ = try NPY.decode(bytes, name: "x")
      return "none"
    } catch { return (error as? TensorFileError)?.explanation.message ?? "\(error)" }
  }
  #expect(
    words(npy("|O", "(2,)", [0])) == "x holds Python objects (a pickle), which could run any program and are never read"
  )
  #expect(words(npy("<c8", "(2,)", [0])) == "x holds elements of type <c8, which cannot be read")
  #expect(
    words(npy("<f4", "(2, 3)", [0, 0]))
      == "x is a broken npy file: the file ends early: 2 bytes of numbers where shape [2, 3] needs 24")
  #expect(
    words(npy("<f4", "(1000000, 1000000)", []))
      == "x claims 4 TB of numbers, more than the 8 GB that are read")
}

@Test func archivesAndSafetensorsComeBack() throws {
  let a = try Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
  let b = try Tensor([7], shape: [])
  #expect(try NPY.decode(NPY.encode(a)).values == a.values)
  for compressed in [false, true] {
    let bytes = try NPZ.encode([("X", a), ("Y", b)], compressed: compressed)
    #expect(try NPZ.encode([("X", a), ("Y", b)], compressed: compressed) == bytes)
    let back = try NPZ.decode(bytes)
    #expect(back.map(\.name) == ["X", "Y"])
    #expect(back.map(\.tensor.shape) == [[2, 3], []])
    #expect(back[0].tensor.values == a.values)
  }
  let file = Safetensors(tensors: [("w", a), ("b \"ü\"", b)], metadata: ["note": "line\nbreak"])
  let back = try Safetensors.decode(file.encode())
  #expect(back.tensors.map(\.name) == ["w", "b \"ü\""])
  #expect(back["w"]?.values == a.values)
  #expect(back.metadata == ["note": "line\nbreak"])
  #expect(try file.encode() == file.encode())
}

@Test func damagedTensorFilesNeverTrap() throws {
  let a = try Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
  let seeds = [
    NPY.encode(a), npy("|u1", "(2, 3)", [1, 4, 2, 5, 3, 6], fortran: true),
    npy(">i2", "(3,)", [0, 1, 0, 2, 0, 3], version: 2),
  ]
  let archive = try NPZ.encode([("X", a)], compressed: true)
  let tensors = try Safetensors(tensors: [("w", a)], metadata: ["k": "v"]).encode()
  var random = FuzzRandom(state: 2)
  for _ in 0..<2000 {
    for seed in seeds { _ = try? NPY.decode(random.mutated(seed)) }
    _ = try? NPZ.decode(random.mutated(archive))
    _ = try? Safetensors.decode(random.mutated(tensors))
  }
}

/// What marks a network, a gallery or a trainer's state is looked for in the header alone.
@Test func metadataAreRecognised() throws {
  let a = try Tensor([1, 2], shape: [2])
  let bytes = try Safetensors(tensors: [("w", a)], metadata: ["network": "{}", "note": "plain"]).encode()
  #expect(Safetensors.recognises(bytes) && Safetensors.recognises(bytes, metadata: "network"))
  #expect(!Safetensors.recognises(bytes, metadata: "note") && !Safetensors.recognises(bytes, metadata: "other"))
  for length in 0..<bytes.count { _ = Safetensors.recognises(Array(bytes[..<length]), metadata: "network") }
  #expect(!Safetensors.recognises(NPY.encode(a), metadata: "network"))
}

/// Floats come back to the bit, whatever stands before them in the file.
@Test func floatsAreKeptToTheBit() throws {
  let values: [Float] = [.nan, -0.0, .infinity, .leastNonzeroMagnitude, 3.4e38, -1.5]
  let odd = try Tensor(numbers: [16_777_217], shape: [1])
  let file = Safetensors(tensors: [("odd", odd), ("w", try Tensor(values, shape: [2, 3]))])
  let back = try Safetensors.decode(file.encode())
  #expect(back["w"]?.values.map(\.bitPattern) == values.map(\.bitPattern))
  #expect(back["odd"]?.exactValues == [16_777_217])
}

/// NumPy's bools, one byte each, where a mask is to stay one. A network's tensors are numbers, whatever they came from.
@Test func masksAreBoolsWhereTheyAreKept() throws {
  let mask = try Tensor([1, 0, 1], shape: [3]).asMask()
  #expect(NPY.encode(mask, keepsMasks: true) == npyOfBools)
  #expect(NPY.encode(mask) == NPY.encode(mask.asMask(false), keepsMasks: true))
  #expect(try NPY.decode(npyOfBools).isMask)
  #expect(try NPY.decode(NPY.encode(mask)).isMask == false)
  let archive = try NPZ.decode(NPZ.encode([("m", mask), ("x", mask.asMask(false))], keepsMasks: true))
  #expect(archive.map(\.tensor.isMask) == [true, false] && archive.map(\.tensor.values) == [[1, 0, 1], [1, 0, 1]])
  #expect(try NPZ.decode(NPZ.encode([("m", mask)])).first?.tensor.isMask == false)
  let file = Safetensors(tensors: [("m", mask), ("x", try Tensor([2], shape: [1]))])
  let kept = try Safetensors.decode(file.encode(keepsMasks: true))
  #expect(kept["m"]?.isMask == true && kept["m"]?.values == [1, 0, 1] && kept["x"]?.values == [2])
  #expect(String(decoding: try file.encode(keepsMasks: true), as: UTF8.self).contains("\"BOOL\""))
  #expect(try Safetensors.decode(file.encode())["m"]?.isMask == false)
}

private var npyOfBools: [UInt8] {
  let header = "{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }"
  let padded = header + String(repeating: " ", count: 117 - header.utf8.count) + "\n"
  return NPY.magic + [1, 0, 118, 0] + Array(padded.utf8) + [1, 0, 1]
}
