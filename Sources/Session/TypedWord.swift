/// The last word of a line as it is typed, quotes and backslashes understood: what Tab completes behind a command. A name
/// with blanks is one word for the command that reads it, so what is put in its place has to be one, too.
struct TypedWord {
  /// Who reads the line: a command of the session, which knows quotes alone, or the system's shell.
  enum Reader { case command, shell }

  /// What stands before it in the line.
  let before: String
  /// What it says, without quotes and backslashes.
  let content: String
  /// Bytes of the line that it takes, with its quotes.
  let typedBytes: Int
  private let quote: Character?
  private let reader: Reader

  init(endOf line: String, for reader: Reader) {
    self.reader = reader
    var start = line.startIndex
    var content = ""
    var open: Character?
    var begun: Character?
    var index = line.startIndex
    while index < line.endIndex {
      let character = line[index]
      let next = line.index(after: index)
      if reader == .shell, character == "\\", open != "'", next < line.endIndex {
        content.append(line[next])
        index = line.index(after: next)
        continue
      }
      if let quote = open {
        if character == quote { open = nil } else { content.append(character) }
      } else if character == "\"" || character == "'" {
        open = character
        if start == index { begun = character }
      } else if character.isWhitespace {
        (start, content, begun) = (next, "", nil)
      } else {
        content.append(character)
      }
      index = next
    }
    before = String(line[..<start])
    self.content = content
    typedBytes = line[start...].utf8.count
    // Quotes within a word go with what was typed; those around it stay as they were chosen.
    quote = open ?? begun
  }

  /// The completion of its content, with quotes where a name needs them. A folder's quote stays open: the next Tab goes on
  /// in it.
  func quoted(_ completion: Completion) -> Completion {
    var result = completion
    result.replacedBytes = typedBytes
    result.candidates = completion.candidates.map { candidate in
      Completion.Candidate(written(candidate.text), candidate.kind)
    }
    return result
  }

  private func written(_ name: String) -> String {
    if let quote, !name.contains(quote), reader == .command || quote == "'" || !name.contains(where: Self.isLive) {
      return String(quote) + name + (name.hasSuffix("/") ? "" : String(quote))
    }
    switch reader {
    case .command:
      guard name.contains(where: { $0.isWhitespace || $0 == "\"" || $0 == "'" }) else { return name }
      let quote = name.contains("\"") ? "'" : "\""
      return quote + name + (name.hasSuffix("/") ? "" : quote)
    case .shell:
      return name.map { Self.needsBackslash($0) ? "\\\($0)" : String($0) }.joined()
    }
  }

  /// What the shell reads as its own also between double quotes.
  private static func isLive(_ character: Character) -> Bool { "$`\\!".contains(character) }

  private static func needsBackslash(_ character: Character) -> Bool {
    character.isWhitespace || "\"'$`\\!&;|<>()*?[]{}#".contains(character)
  }
}
