import Diagnostics
import Session
import Syntax

/// Code in colours, as HTML.
enum CodeColors {
  static func html(_ code: String) -> String {
    let bytes = Array(code.utf8)
    var html = ""
    var place = 0
    func add(_ range: Range<Int>, _ kind: String?) {
      guard !range.isEmpty else { return }
      let text = String(decoding: bytes[range], as: UTF8.self).withVisibleControls.escapedForHTML
      html += kind.map { "<span class=\"\($0)\">\(text)</span>" } ?? text
    }
    for token in Lexer.tokens(SourceText(name: "cell", text: code)) {
      let range = max(place, token.span.start)..<max(place, min(bytes.count, token.span.end))
      add(place..<range.lowerBound, nil)
      add(range, kind(of: token, followedBy: bytes[range.upperBound...].first { $0 != 32 }))
      place = range.upperBound
    }
    add(place..<bytes.count, nil)
    return html
  }

  private static func kind(of token: Token, followedBy next: UInt8?) -> String? {
    switch token.kind {
    case .keyword: "k"
    case .number: "n"
    case .string: "s"
    case .comment: "c"
    case .name: next == UInt8(ascii: "(") ? "f" : nil
    default: nil
    }
  }
}
