import Diagnostics
import Syntax

/// Whether a piece of code calls what writes files, and what reads them. What a cell reads from a file may have been
/// written by any cell before it: the session's names say nothing of that.
struct FileCalls: Equatable {
  var writes = false
  var reads = false

  /// The library's functions and methods that write files, or change a gallery's.
  static let writers: Set<String> = [
    "writetext", "writecsv", "writejson", "save", "savetxt", "collect", "extract", "export", "enroll", "remove",
    "rename", "renew",
    "undo", "calibrate", "forget",
  ]
  /// Those that read them.
  static let readers: Set<String> = [
    "readtext", "readcsv", "readjson", "load", "loadtxt", "image", "images", "include", "extract", "review", "resume",
    "oneshotruns", "forget",
  ]
  /// Those that write, or read, where the first thing that they are given is a text.
  static let writersOfNamed: Set<String> = ["copy"]
  static let readersOfNamed: Set<String> = ["pairs", "faces", "network", "adopt"]
  /// What is the name of a file, to be written or gone on from.
  static let options: Set<String> = ["at", "save", "checkpoint", "into"]

  init(in code: String) {
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
        writes = writes || Self.writers.contains(name) || isNamed && Self.writersOfNamed.contains(name)
        reads = reads || Self.readers.contains(name) || isNamed && Self.readersOfNamed.contains(name)
      default: break
      }
    }
  }
}
