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

  init(_ text: String) {
    var open: [(bracket: Character, name: String?)] = []
    var stringStart: String.Index?
    var isTriple = false
    var index = text.startIndex
    var inComment = false
    var interpolations: [(depth: Int, isTriple: Bool, start: String.Index)] = []
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
        } else if isTriple ? follows(index, "\"\"\"") : character == "\"" {
          stringStart = nil
          index = isTriple ? text.index(index, offsetBy: 3) : next
        } else if character == "{" {
          interpolations.append((open.count, isTriple, start))
          open.append(("{", nil))
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
        case "\"":
          isTriple = follows(index, "\"\"\"")
          let content = text.index(index, offsetBy: isTriple ? 3 : 1)
          stringStart = content
          index = content
          continue
        case "(", "[", "{": open.append((character, character == "(" ? Self.chain(before: index, in: text) : nil))
        case ")", "]", "}":
          if !open.isEmpty { open.removeLast() }
          if character == "}", let last = interpolations.last, last.depth == open.count {
            interpolations.removeLast()
            stringStart = last.start
            isTriple = last.isTriple
          }
        default: break
        }
        index = next
      }
    }
    call = open.last?.bracket == "(" ? open.last?.name : nil
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
        let dot = text.index(before: word)
        if let base = Self.chain(before: dot, in: text) {
          place = .member(base)
        } else if dot > text.startIndex, text[text.index(before: dot)] == "\"" {
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

  private static func wordStart(before end: String.Index, in text: String) -> String.Index {
    var start = end
    while start > text.startIndex, isWord(text[text.index(before: start)]) { start = text.index(before: start) }
    return start
  }

  /// `faces.split` before the given place; nil where something else than names and dots stands there.
  private static func chain(before end: String.Index, in text: String) -> String? {
    var start = wordStart(before: end, in: text)
    guard start < end else { return nil }
    while start > text.startIndex, text[text.index(before: start)] == "." {
      let dot = text.index(before: start)
      let before = wordStart(before: dot, in: text)
      guard before < dot else { return nil }
      start = before
    }
    return text[start].isNumber ? nil : String(text[start..<end])
  }
}
