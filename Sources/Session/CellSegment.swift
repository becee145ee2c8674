import Foundation

/// A cell is code, with lines between that are commands (`%time f()`) or questions (`?conv`).
struct CellSegment {
  enum Kind {
    case code
    case command(String, String)
    case question(String, wantsSource: Bool)
  }

  var kind: Kind
  var text: String
  /// Lines of the cell before this segment.
  var lineOffset: Int
}

extension NotebookSession {
  /// Commands stand at a line's beginning where a statement may begin: inside brackets and strings `%` is an operator
  /// or text.
  func segments(of source: String) -> [CellSegment] {
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let candidates = lines.contains { line in
      line.first(where: { !$0.isWhitespace }).map { $0 == "%" || $0 == "?" } ?? false || Self.questionAtEnd(line) != nil
    }
    guard candidates else {
      let isEmpty = source.allSatisfy(\.isWhitespace)
      return isEmpty ? [] : [CellSegment(kind: .code, text: source, lineOffset: 0)]
    }
    var segments: [CellSegment] = []
    var code: [String] = []
    var codeStart = 0
    func flush() {
      if code.contains(where: { !$0.allSatisfy(\.isWhitespace) }) {
        segments.append(CellSegment(kind: .code, text: code.joined(separator: "\n"), lineOffset: codeStart))
      }
      code = []
    }
    for (index, line) in lines.enumerated() {
      if let kind = Self.special(line), code.isEmpty || completenessOfCode(code.joined(separator: "\n")) != .incomplete
      {
        flush()
        segments.append(CellSegment(kind: kind, text: line, lineOffset: index))
      } else {
        if code.isEmpty { codeStart = index }
        code.append(line)
      }
    }
    flush()
    return segments
  }

  private static func special(_ line: String) -> CellSegment.Kind? {
    let text = line.trimmingCharacters(in: .whitespaces)
    if text.hasPrefix("%"), let letter = text.dropFirst().first, letter.isLetter {
      let name = text.dropFirst().prefix { $0.isLetter || $0 == "_" }
      return .command(
        String(name), text.dropFirst(1 + name.count).trimmingCharacters(in: .whitespaces))
    }
    if text.hasPrefix("??") {
      return .question(text.dropFirst(2).trimmingCharacters(in: .whitespaces), wantsSource: true)
    }
    if text.hasPrefix("?") {
      return .question(text.dropFirst().trimmingCharacters(in: .whitespaces), wantsSource: false)
    }
    return questionAtEnd(text).map { .question($0.name, wantsSource: $0.wantsSource) }
  }

  /// `conv?` and `f??`, as in IPython.
  static func questionAtEnd(_ line: String) -> (name: String, wantsSource: Bool)? {
    var text = line.trimmingCharacters(in: .whitespaces)
    guard text.hasSuffix("?") else { return nil }
    text.removeLast()
    let wantsSource = text.hasSuffix("?")
    if wantsSource { text.removeLast() }
    let isName = !text.isEmpty && text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
    return isName && text.first?.isNumber == false ? (text, wantsSource) : nil
  }

  /// A text that is one session command.
  func commandLine(_ text: String) -> (name: String, rest: String, takesCode: Bool)? {
    guard case .command(let name, let rest)? = Self.special(text) else { return nil }
    return (name, rest, SessionCommand.named(name)?.takesCode ?? false)
  }
}
