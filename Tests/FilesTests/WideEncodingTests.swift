import Testing

@testable import Files

@Suite struct WideEncodingTests {
  private static func bytes<Unit: FixedWidthInteger>(_ units: [Unit], bigEndian: Bool) -> [UInt8] {
    units.flatMap { unit in withUnsafeBytes(of: bigEndian ? unit.bigEndian : unit.littleEndian) { Array($0) } }
  }

  @Test(arguments: [false, true], ["{\"cells\": []}", "x = 1\n", "ü = \"é\"\n# ok"])
  func isToldByMarkAndByZeros(bigEndian: Bool, text: String) {
    for mark in ["", "\u{FEFF}"] {
      let scalars = (mark + text).unicodeScalars.map(\.value)
      #expect(WideEncoding(of: Self.bytes(Array((mark + text).utf16), bigEndian: bigEndian)) == .utf16)
      #expect(WideEncoding(of: Self.bytes(scalars, bigEndian: bigEndian)) == .utf32)
    }
  }

  @Test(arguments: ["", "a", "x = 1", "\u{FEFF}x = 1", "x\0 = 1 and more", "\0", "\0\0\0\0"])
  func isNotSeenInOtherBytes(text: String) {
    #expect(WideEncoding(of: Array(text.utf8)) == nil)
  }

  /// A program begins with a few letters and many zeros.
  @Test func programsAreNoText() {
    let elf: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0x3E, 0, 1, 0, 0, 0]
    #expect(WideEncoding(of: elf) == nil)
    #expect(WideEncoding(of: elf + [UInt8](repeating: 0, count: 300)) == nil)
  }
}
