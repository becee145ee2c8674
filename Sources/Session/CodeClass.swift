import Diagnostics
import Syntax

/// What a piece of code is, for colours: in the terminal, on a page, in a picture.
public enum CodeClass: Sendable, Equatable, CaseIterable {
  case keyword, number, string, comment
  /// A name with an opening bracket behind it.
  case call

  /// The pieces of a text that have a class, in order, as ranges of its UTF-8 bytes. What is half typed has none.
  public static func pieces(of code: String) -> [(bytes: Range<Int>, kind: CodeClass)] {
    let bytes = Array(code.utf8)
    var pieces: [(bytes: Range<Int>, kind: CodeClass)] = []
    var place = 0
    for token in Lexer.tokens(SourceText(name: "cell", text: code)) {
      let start = max(place, token.span.start)
      let range = start..<max(start, min(bytes.count, token.span.end))
      place = range.upperBound
      guard !range.isEmpty, let kind = kind(of: token, followedBy: bytes[range.upperBound...].first { $0 != 32 })
      else { continue }
      pieces.append((range, kind))
    }
    return pieces
  }

  private static func kind(of token: Token, followedBy next: UInt8?) -> CodeClass? {
    switch token.kind {
    case .keyword: .keyword
    case .number: .number
    case .string: .string
    case .comment: .comment
    case .name: next == UInt8(ascii: "(") ? .call : nil
    default: nil
    }
  }
}
