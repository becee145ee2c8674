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
    if CellCode.isTooLarge(source) { return [CellSegment(kind: .code, text: source, lineOffset: 0)] }
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    // `quit`, as one types it in many a shell, where nothing is called so.
    let word = source.trimmingCharacters(in: .whitespacesAndNewlines)
    if ["exit", "quit", "exit()", "quit()"].contains(word), engine.value(of: String(word.prefix(4))) == nil {
      return [CellSegment(kind: .command("quit", ""), text: source, lineOffset: 0)]
    }
    // `help`, as one types it there too: the function itself is nothing to look at.
    if word == Self.tourQuestion, isTyped, engine.value(of: word) == nil {
      return [CellSegment(kind: .question(Self.tourQuestion, wantsSource: false), text: source, lineOffset: 0)]
    }
    // None of these signs: no line is looked at. There may be a million of them.
    let hasSigns = source.utf8.contains { [UInt8(ascii: "%"), UInt8(ascii: "?"), UInt8(ascii: "!")].contains($0) }
    let candidates =
      hasSigns
      && lines.contains { line in
        line.first(where: { !$0.isWhitespace }).map { "%?!".contains($0) } ?? false || Self.questionAtEnd(line) != nil
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
    var index = 0
    while index < lines.count {
      let line = lines[index]
      if code.allSatisfy({ $0.allSatisfy(\.isWhitespace) }), let (command, options) = Self.wholeCell(line) {
        // `%%time` of IPython: all that follows belongs to it.
        let code = lines[(index + 1)...].joined(separator: "\n")
        let rest = options.isEmpty ? code : options + " " + code
        segments.append(CellSegment(kind: .command(command, rest), text: line, lineOffset: index + 1))
        return segments
      }
      if var kind = Self.special(line), code.isEmpty || completenessOfCode(code.joined(separator: "\n")) != .incomplete
      {
        flush()
        let start = index
        if case .command(let name, var rest) = kind, SessionCommand.named(name)?.takesCode == true {
          // The code behind `%time` may go over several lines.
          while index + 1 < lines.count, completenessOfCode(rest) == .incomplete {
            index += 1
            rest += "\n" + lines[index]
          }
          kind = .command(name, rest)
        }
        segments.append(
          CellSegment(kind: kind, text: lines[start...index].joined(separator: "\n"), lineOffset: start))
      } else {
        if code.isEmpty { codeStart = index }
        code.append(line)
      }
      index += 1
    }
    flush()
    return segments
  }

  /// The cell in the parts that are evaluated and recorded one after the other: a command that sees or changes the
  /// session's cells (`%save`, `%run`, `%undo`) comes after the code above it is recorded, not into its middle.
  func parts(of cell: NotebookDocument.Cell) -> [NotebookDocument.Cell] {
    if CellCode.isTooLarge(cell.source) { return [cell] }
    let lines = cell.source.split(separator: "\n", omittingEmptySubsequences: false)
    var borders: [Int] = []
    for segment in segments(of: cell.source) {
      guard case .command(let name, _) = segment.kind, SessionCommand.named(name)?.actsOnCells ?? true else { continue }
      borders += [segment.lineOffset, segment.lineOffset + 1]
    }
    let starts = [0] + Set(borders).filter { $0 > 0 && $0 < lines.count }.sorted()
    guard starts.count > 1 else { return [cell] }
    var parts: [NotebookDocument.Cell] = []
    for (index, start) in starts.enumerated() {
      let end = index + 1 < starts.count ? starts[index + 1] : lines.count
      let text = lines[start..<end].joined(separator: "\n")
      guard !text.allSatisfy(\.isWhitespace) else { continue }
      var part = cell
      part.source = text
      part.firstLine = cell.firstLine + start
      part.title = parts.isEmpty ? cell.title : ""
      part.metadata = parts.isEmpty ? cell.metadata : ""
      parts.append(part)
    }
    return parts
  }

  /// `%%time`, which takes all lines that follow, and `%%timeit -n 5` with its options.
  static func wholeCell(_ line: String) -> (command: String, options: String)? {
    let words = line.split(whereSeparator: \.isWhitespace)
    guard let first = words.first, first.hasPrefix("%%"),
      let command = SessionCommand.named(String(first.dropFirst(2))),
      command.takesCode, words.dropFirst().allSatisfy({ $0.hasPrefix("-") || $0.allSatisfy(\.isNumber) })
    else { return nil }
    return (command.name, words.dropFirst().joined(separator: " "))
  }

  private static func special(_ line: String) -> CellSegment.Kind? {
    let text = line.trimmingCharacters(in: .whitespaces)
    // One sign or two, as IPython writes `%%bash`: a name that is no command is told so.
    let signs = text.prefix { $0 == "%" }.count
    if signs == 1 || signs == 2, let letter = text.dropFirst(signs).first, letter.isLetter {
      let name = text.dropFirst(signs).prefix { $0.isLetter || $0 == "_" }
      return .command(
        String(name), text.dropFirst(signs + name.count).trimmingCharacters(in: .whitespaces))
    }
    // Slips that are told what to write instead: a shell's line, and a blank behind the percent sign.
    if text.hasPrefix("!"), !text.hasPrefix("!=") { return .command("!", String(text.dropFirst())) }
    if text.hasPrefix("%"), text.allSatisfy({ $0 == "%" }) { return .command("%", "") }
    if text.hasPrefix("% ") {
      let name = text.dropFirst().trimmingCharacters(in: .whitespaces).prefix { $0.isLetter || $0 == "_" }
      if SessionCommand.named(String(name)) != nil { return .command("% ", String(text.dropFirst())) }
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
