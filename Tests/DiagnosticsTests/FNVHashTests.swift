import Diagnostics
import Testing

/// The test vectors of its authors (http://www.isthe.com/chongo/src/fnv/test_fnv.c).
@Suite struct FNVHashTests {
  @Test(arguments: [("", "cbf29ce484222325"), ("a", "af63dc4c8601ec8c"), ("foobar", "85944171f73967e8")])
  func vectors(text: String, digits: String) {
    #expect(FNVHash(text.utf8).digits == digits)
    var hash = FNVHash()
    hash.add(utf8: text)
    #expect(hash.digits == digits && hash.value == UInt64(digits, radix: 16))
  }

  @Test func wordsAndTheirBytes() {
    var (bytes, word) = (FNVHash(), FNVHash())
    bytes.add(bytesOf: 0x0807_0605_0403_0201)
    word.add(UInt64(0x0807_0605_0403_0201))
    #expect(bytes == FNVHash([1, 2, 3, 4, 5, 6, 7, 8]) && bytes != word)
    #expect(FNVHash(start: 5).value == 5)
  }
}
