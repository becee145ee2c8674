import Faces
import Images
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@testable import TerminalREPL

/// What `%review` says, and how it hears keys; no terminal is needed.
@Suite struct ReviewScreenTests {
  private func walk(_ files: [String], alike: Bool = false) throws -> ReviewWalk {
    ReviewWalk(
      try FolderReview(
        files: files, classNames: files.map { $0.contains("/") ? String($0.prefix { $0 != "/" }) : "" },
        vectors: files.indices.map { [$0 == 0 ? 9 : Float($0)] },
        hashes: files.indices.map { PerceptualHash(bits: alike ? 1 : UInt64(255) << UInt64($0 * 8)) },
        pixels: files.map { _ in [1] }, dropped: []))
  }

  @Test func aPictureIsDescribed() throws {
    var screen = ReviewScreen(walk: try walk(["a/1.png", "a/2.png", "a/3.png"]), columns: 80)
    #expect(screen.heading.prefix(2) == ["picture 1 of 3, 0 dropped", "a/1.png"])
    #expect(screen.heading.last?.hasPrefix("class a, oddness ") == true)
    #expect(screen.heading.last?.hasSuffix(" (1 is usual)") == true, "\(screen.heading)")
    screen.walk.decide(.dropped)
    screen.walk.goBack()
    #expect(screen.heading.last == "was dropped; that is taken back")
    screen.brokenCount = 2
    #expect(screen.heading[0] == "picture 1 of 3, 0 dropped; 2 broken files are set aside")
  }

  @Test func doublesSayWhatWasDecidedOfThem() throws {
    var screen = ReviewScreen(walk: try walk(["1.png", "2.png", "3.png"], alike: true), columns: 80)
    #expect(screen.heading.last == "nearly the same: 2.png, 3.png")
    screen.walk.decide(.dropped)
    screen.walk.decide(.kept)
    #expect(screen.heading.last == "nearly the same: 1.png (dropped), 2.png (kept)")
    screen.walk.decide(.dropped)
    #expect(screen.heading == ["all 3 seen, 2 dropped", "  1.png", "  3.png"])
  }

  @Test func linesFitAndNamesCannotCommandTheTerminal() throws {
    // Where the locale is not UTF-8, nothing is known of widths; the program sets one.
    setlocale(LC_CTYPE, "C.UTF-8")
    let screen = ReviewScreen(walk: try walk(["a\u{1B}[2J\u{9B}2J\n名名名名名名名名名名名名名名.png"]), columns: 24)
    for line in screen.heading + screen.help + [screen.keys] {
      #expect(!line.unicodeScalars.contains { $0.value < 32 || (127..<160).contains($0.value) })
      #expect(line.unicodeScalars.reduce(0) { $0 + ($1.value > 0x2E80 && $1.value < 0xA000 ? 2 : 1) } < 24, "\(line)")
    }
    #expect(screen.heading[1].hasPrefix("a�[2J�2J�名"))
  }

  private func keys(_ text: String) -> [KeyDecoder.Key] {
    var decoder = KeyDecoder()
    var keys: [KeyDecoder.Key] = []
    for byte in text.utf8 { if let key = decoder.take(byte) { keys.append(key) } }
    if decoder.isOpen { keys.append(decoder.close()) }
    return keys
  }

  @Test func keysAreHeard() throws {
    #expect(keys("kD ?") == [.letter("k"), .letter("D"), .letter(" "), .letter("?")])
    #expect(keys("\r\n\u{7F}\u{8}") == [.enter, .enter, .backspace, .backspace])
    #expect(keys("\u{1B}[D\u{1B}OD\u{1B}[1;5D\u{1B}[C") == [.left, .left, .left, .right])
  }

  /// Each is one key, and the d of none of them drops a picture.
  @Test(arguments: [
    "\u{1B}[3~", "\u{1B}[[D", "\u{1B}d", "\u{1B}Od", "\u{1B}[200~", "é", "名", "🙂", "\u{1}", "\u{4}", "\u{1B}[",
    "\u{1B}O", "\u{1B}[1;",
  ]) func whatIsNotKnownIsOneKey(text: String) { #expect(keys(text) == [.other]) }

  @Test func anEscapeAloneIsNoBeginning() throws {
    #expect(keys("\u{1B}") == [.escape])
    #expect(keys("\u{1B}\u{1B}") == [.escape, .escape])
    #expect(keys("\u{1B}\u{1B}[D") == [.escape, .left])
  }

  /// Whatever comes, the decoder is ready for the next key after a few bytes.
  @Test func anyBytesComeToAnEnd() throws {
    var state: UInt64 = 88_172_645_463_325_252
    var decoder = KeyDecoder()
    for _ in 0..<20000 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      _ = decoder.take(UInt8(truncatingIfNeeded: state))
    }
    if decoder.isOpen { _ = decoder.close() }
    let next = decoder.take(UInt8(ascii: "k"))
    #expect(next == .letter("k"))
  }
}
