import Downloads
import Testing

@Suite struct ChecksumTests {
  @Test func md5OfKnownTexts() {
    #expect(MD5.hex([]) == "d41d8cd98f00b204e9800998ecf8427e")
    #expect(MD5.hex(Array("abc".utf8)) == "900150983cd24fb0d6963f7d28e17f72")
    #expect(
      MD5.hex(Array(String(repeating: "1234567890", count: 8).utf8)) == "57edf4a22be3c955ac49da2e2107b67a")
    // Pieces of any size give the same sum.
    let content = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 * $0) }
    var sum = MD5()
    for start in stride(from: 0, to: content.count, by: 77) {
      content[start..<min(content.count, start + 77)].withUnsafeBytes { sum.update($0) }
    }
    #expect(sum.hex() == MD5.hex(content))
  }

  @Test func sha256OfKnownTexts() {
    #expect(SHA256.hex([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(SHA256.hex(Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    let longer = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
    #expect(
      SHA256.hex(Array(longer.utf8)) == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    // FIPS 180-2's third vector; in pieces of any size.
    let million = [UInt8](repeating: 0x61, count: 1_000_000)
    var sum = SHA256()
    for start in stride(from: 0, to: million.count, by: 77) {
      million[start..<min(million.count, start + 77)].withUnsafeBytes { sum.update($0) }
    }
    #expect(sum.hex() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }
}
