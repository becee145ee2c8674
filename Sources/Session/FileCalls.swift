import Diagnostics
import Interpreter
import Syntax

/// Whether a piece of code calls what writes files, and what reads them. What a cell reads from a file may have been
/// written by any cell before it: the session's names say nothing of that. The library's declarations say which calls
/// do (`FileUse`).
struct FileCalls: Equatable {
  var writes = false
  var reads = false

  /// What is the name of a file, to be written or gone on from.
  static let options: Set<String> = ["at", "save", "checkpoint", "into"]

  init(in code: String, _ registry: BuiltinRegistry) {
    let bytes = Array(code.utf8)
    let tokens = Lexer.tokens(SourceText(name: "cell", text: code)).filter { $0.kind != .comment }
    for (place, token) in tokens.enumerated() where token.kind == .name && place + 1 < tokens.count {
      guard token.span.start >= 0, token.span.end <= bytes.count, token.span.start <= token.span.end else { continue }
      let name = String(decoding: bytes[token.span.start..<token.span.end], as: UTF8.self)
      switch tokens[place + 1].kind {
      case .symbol(.assign) where Self.options.contains(name):
        writes = true
        reads = true
      case .symbol(.leftParenthesis):
        let isNamed = place + 2 < tokens.count && tokens[place + 2].kind == .string
        let use = registry.fileUse(of: name)
        writes = writes || use.contains(.writes) || isNamed && use.contains(.writesNamed)
        reads = reads || use.contains(.reads) || isNamed && use.contains(.readsNamed)
      default: break
      }
    }
  }
}
