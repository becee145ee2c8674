import Foundation
import Testing

/// Damaged golden scripts: whatever stands in a cell, it ends, in a value or in words.
struct FuzzTests {
  /// SplitMix64: the same scripts at each run.
  struct Draws: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  static let pieces = [
    "0", "-1", "1e308", "1e18", "none", "[]", "{}", "\"\"", "x", "(", ")", "[", "]", "{", "}", ",", ":", "..", "=",
    "+=",
    "%", "**", "//", "fn", "if", "else", "for", "in", "while", "return", "break", "|", ".len", ".append(0)", "[-1]",
    "[0:9]", "(a, b) -> a", ";", "\n", "nan", "inf", "range(5)", "tensor([1, 2])", "zeros([2, 0])",
  ]

  /// Names whose calls wait or leave the process; a damaged script must not reach files either.
  static let left = ["input", "fetch", "save", "write", "images(", "load", "sleep", "exit", "quit", "include"]

  @Test func damagedScriptsEnd() throws {
    let texts = try GoldenTests.files.map {
      try String(contentsOf: GoldenTests.folder.appendingPathComponent($0), encoding: .utf8)
    }.map { text in
      text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("#") }.joined(
        separator: "\n")
    }
    var draws = Draws(state: 11)
    let end = ContinuousClock.now + .seconds(5)
    var runs = 0
    while runs < 4000, ContinuousClock.now < end {
      let text = Self.damaged(texts, &draws)
      if Self.left.contains(where: { text.contains($0) }) { continue }
      let run = ScriptRun(steps: 20_000)
      run.interpreter.context.limits.items = 1_000_000
      run.interpreter.context.limits.frames = 500
      let (lines, error) = run.cell(text)
      runs += 1
      if let error { #expect(!error.contains("unexpected error"), "\(text)\n\(lines)") }
    }
    #expect(runs >= 50)
  }

  static func damaged(_ texts: [String], _ draws: inout Draws) -> String {
    var text = Array(texts.randomElement(using: &draws) ?? "")
    let other = Array(texts.randomElement(using: &draws) ?? "")
    for _ in 0...Int.random(in: 0..<4, using: &draws) {
      let place = Int.random(in: 0...text.count, using: &draws)
      switch Int.random(in: 0..<5, using: &draws) {
      case 0: text.removeSubrange(place..<min(text.count, place + Int.random(in: 1...6, using: &draws)))
      case 1: text.insert(contentsOf: pieces.randomElement(using: &draws) ?? "", at: place)
      case 2:
        // A word for a piece: keeps most scripts well formed.
        var low = place
        while low > 0, text[low - 1].isLetter || text[low - 1].isNumber { low -= 1 }
        var high = place
        while high < text.count, text[high].isLetter || text[high].isNumber { high += 1 }
        text.replaceSubrange(low..<high, with: pieces.randomElement(using: &draws) ?? "")
      case 3:
        let from = Int.random(in: 0...other.count, using: &draws)
        text.insert(contentsOf: other[from..<min(other.count, from + 20)], at: place)
      default: if place + 1 < text.count { text.swapAt(place, place + 1) }
      }
    }
    return String(text)
  }
}
