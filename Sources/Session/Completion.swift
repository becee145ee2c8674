/// What Tab offers.
public struct Completion: Sendable, Equatable {
  public struct Candidate: Sendable, Equatable {
    /// What takes the place of the part before the cursor.
    public var text: String
    /// "function", "dataset", "keyword", "file": shown beside it.
    public var kind: String

    public init(_ text: String, _ kind: String) {
      self.text = text
      self.kind = kind
    }
  }

  /// Bytes before the cursor that the candidate replaces.
  public var replacedBytes: Int
  public var candidates: [Candidate]

  /// The beginning that all candidates share.
  public var commonPrefix: String {
    guard var shared = candidates.first?.text else { return "" }
    for candidate in candidates.dropFirst() {
      while !candidate.text.hasPrefix(shared) { shared.removeLast() }
    }
    return shared
  }
}

/// Where the cursor stands in a cell, found without a parse: the cell is rarely whole while it is typed.
struct CursorContext: Equatable {
  enum Place: Equatable {
    case name
    /// After a dot; what stands before it.
    case member(String)
    /// Inside a string that is an argument of a call, or of nothing.
    case string(call: String?)
    case comment
  }

  var place: Place
  /// What has been typed of the word.
  var partial: String
  /// The innermost open call's name ("conv", "faces.split"), for keyword arguments.
  var call: String?
  /// What the innermost open bracket takes an item of: `record["`, `faces["`.
  var indexed: String?
  /// The keyword arguments that the innermost open call has already.
  var given: Set<String> = []

  init(_ text: String) {
    var open: [(bracket: Character, name: String?, given: Set<String>)] = []
    var stringStart: String.Index?
    var quote: Character = "\""
    var isTriple = false
    var index = text.startIndex
    var inComment = false
    var interpolations: [(depth: Int, quote: Character, isTriple: Bool, start: String.Index)] = []
    func follows(_ at: String.Index, _ needle: String) -> Bool { text[at...].hasPrefix(needle) }
    while index < text.endIndex {
      let character = text[index]
      let next = text.index(after: index)
      if inComment {
        if character.isNewline { inComment = false }
        index = next
      } else if let start = stringStart {
        if character == "\\" {
          index = next < text.endIndex ? text.index(after: next) : next
        } else if isTriple ? follows(index, String(repeating: quote, count: 3)) : character == quote {
          stringStart = nil
          index = isTriple ? text.index(index, offsetBy: 3) : next
        } else if character == "{" {
          interpolations.append((open.count, quote, isTriple, start))
          open.append(("{", nil, []))
          stringStart = nil
          index = next
        } else if character.isNewline && !isTriple {
          stringStart = nil
          index = next
        } else {
          index = next
        }
      } else {
        switch character {
        case "#": inComment = true
        case "\"", "'":
          quote = character
          isTriple = follows(index, String(repeating: quote, count: 3))
          let content = text.index(index, offsetBy: isTriple ? 3 : 1)
          stringStart = content
          index = content
          continue
        case "(", "[", "{":
          open.append((character, character == "{" ? nil : Self.chain(before: index, in: text), []))
        case "=" where open.last?.bracket == "(" && !follows(index, "=="):
          var end = index
          while end > text.startIndex, text[text.index(before: end)] == " " { end = text.index(before: end) }
          let start = Self.wordStart(before: end, in: text)
          if start < end { open[open.count - 1].given.insert(String(text[start..<end])) }
        case ")", "]", "}":
          if !open.isEmpty { open.removeLast() }
          if character == "}", let last = interpolations.last, last.depth == open.count {
            interpolations.removeLast()
            stringStart = last.start
            quote = last.quote
            isTriple = last.isTriple
          }
        default: break
        }
        index = next
      }
    }
    call = open.last?.bracket == "(" ? open.last?.name : nil
    indexed = open.last?.bracket == "[" ? open.last?.name : nil
    given = open.last?.given ?? []
    if inComment {
      place = .comment
      partial = ""
    } else if let stringStart {
      place = .string(call: open.last?.bracket == "(" ? open.last?.name : nil)
      partial = String(text[stringStart...])
    } else {
      let word = Self.wordStart(before: text.endIndex, in: text)
      partial = String(text[word...])
      if word > text.startIndex, text[text.index(before: word)] == ".", partial.first?.isNumber != true {
        var dot = text.index(before: word)
        // A line may go on with a dot.
        while dot > text.startIndex, text[text.index(before: dot)].isWhitespace { dot = text.index(before: dot) }
        if let base = Self.chain(before: dot, in: text) {
          place = .member(base)
        } else if dot > text.startIndex, Self.isQuote(text[text.index(before: dot)]) {
          place = .member("\"\"")
        } else {
          place = .member("")
        }
      } else {
        place = .name
      }
    }
  }

  private static func isWord(_ character: Character) -> Bool {
    character == "_" || character.isLetter || character.isNumber
  }

  private static func isQuote(_ character: Character) -> Bool { character == "\"" || character == "'" }

  private static func wordStart(before end: String.Index, in text: String) -> String.Index {
    var start = end
    while start > text.startIndex, isWord(text[text.index(before: start)]) { start = text.index(before: start) }
    return start
  }

  /// `faces.split`, `people[0].name` or `glyphs(4, 3).classes` before the given place; a literal at its beginning is
  /// given as `""` or `[]`. Nil where something else stands there.
  private static func chain(before end: String.Index, in text: String) -> String? {
    var start = end
    while true {
      let piece = start
      // Indexes and calls, the last first: they belong to what stands before them, if there is something.
      while start > text.startIndex, let open = opening(of: text.index(before: start), in: text) { start = open }
      let word = wordStart(before: start, in: text)
      if word == start {
        if start > text.startIndex, isQuote(text[text.index(before: start)]) {
          return start == end ? nil : "\"\"" + text[start..<end]
        }
        // `[1, 2].append`: the brackets are a literal.
        guard start < piece, text[start] == "[", let close = closing(of: start, in: text) else { return nil }
        return "[]" + text[text.index(after: close)..<end]
      }
      if text[word].isNumber { return nil }
      start = word
      guard start > text.startIndex, text[text.index(before: start)] == "." else { break }
      start = text.index(before: start)
    }
    return String(text[start..<end])
  }

  /// The bracket that the `]` or `)` at `close` closes, on the same line; what stands in quotes is passed over.
  private static func opening(of close: String.Index, in text: String) -> String.Index? {
    guard text[close] == "]" || text[close] == ")" else { return nil }
    var depth = 0
    var quotes = QuotesOnALine()
    var index = close
    while true {
      let isQuoted = quotes.read(text[index])
      switch text[index] {
      case "]" where !isQuoted, ")" where !isQuoted: depth += 1
      case "[" where !isQuoted, "(" where !isQuoted: depth -= 1
      case "\n", "\r\n": return nil
      default: break
      }
      if depth == 0 { return index }
      guard index > text.startIndex else { return nil }
      index = text.index(before: index)
    }
  }

  private static func closing(of open: String.Index, in text: String) -> String.Index? {
    text.indices[open...].first { "])".contains(text[$0]) && opening(of: $0, in: text) == open }
  }
}

/// Whether a sign stands in quotes; the same read forwards and backwards.
private struct QuotesOnALine {
  private var open: Character?

  mutating func read(_ character: Character) -> Bool {
    if let open {
      if character == open { self.open = nil }
      return true
    }
    if character == "\"" || character == "'" { open = character }
    return open != nil
  }
}

/// What stands before a dot, taken apart: `people[0].name` is the name `people`, an index and a member.
struct ValueChain: Equatable {
  enum Step: Equatable {
    case member(String)
    case call
    /// What stands between the brackets, as it was written.
    case index(String)
  }

  var first: String
  var steps: [Step] = []

  init(_ text: String) {
    var rest = text[...]
    if rest.hasPrefix("\"\"") || rest.hasPrefix("[]") {
      first = String(rest.prefix(2))
    } else {
      first = String(rest.prefix { $0 != "." && $0 != "[" && $0 != "(" })
    }
    rest = rest.dropFirst(first.count)
    while let sign = rest.popFirst() {
      if sign == "." {
        let name = rest.prefix { $0 != "." && $0 != "[" && $0 != "(" }
        steps.append(.member(String(name)))
        rest = rest.dropFirst(name.count)
        continue
      }
      var depth = 1
      var quotes = QuotesOnALine()
      var end = rest.startIndex
      while end < rest.endIndex {
        let isQuoted = quotes.read(rest[end])
        switch rest[end] {
        case "[" where !isQuoted, "(" where !isQuoted: depth += 1
        case "]" where !isQuoted, ")" where !isQuoted: depth -= 1
        default: break
        }
        if depth == 0 { break }
        end = rest.index(after: end)
      }
      steps.append(sign == "(" ? .call : .index(String(rest[..<end])))
      rest = rest[end...].dropFirst()
    }
  }
}
