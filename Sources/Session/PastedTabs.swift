import Diagnostics
import Syntax

/// Tabs in pasted code, which the editor cannot show as such: inside of a string they are `\\t`, which means the same;
/// elsewhere they are blanks.
public enum PastedTabs {
  public static func replaced(in code: String) -> String {
    guard code.utf8.contains(9) else { return code }
    let bytes = Array(code.utf8)
    var inString = [Bool](repeating: false, count: bytes.count)
    for token in Lexer.tokens(SourceText(name: "cell", text: code)) where token.kind == .string {
      // The code in the braces of a string is no part of its text.
      var depth = 0
      var isEscaped = false
      for place in max(0, token.span.start)..<max(0, min(token.span.end, bytes.count)) {
        switch bytes[place] {
        case UInt8(ascii: "{") where !isEscaped: depth += 1
        case UInt8(ascii: "}") where !isEscaped: depth = max(0, depth - 1)
        default: inString[place] = depth == 0
        }
        isEscaped = bytes[place] == UInt8(ascii: "\\") && !isEscaped
      }
    }
    var result: [UInt8] = []
    for (place, byte) in bytes.enumerated() {
      if byte == 9 { result += inString[place] ? Array("\\t".utf8) : [32, 32] } else { result.append(byte) }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
