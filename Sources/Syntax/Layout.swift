import Diagnostics

/// Decides which newlines end a statement, and which bracket closes which.
struct Layout {
  /// Without comments and without the newlines that mean nothing.
  var tokens: [Token] = []
  /// For each `(`, `[` and `{` in `tokens` that is closed: the index of what closes it; -1 for all else.
  var partner: [Int] = []

  /// - Parameter isPartial: more text may follow, so brackets that are open at the end hide newlines.
  /// - Parameter isInline: inside the braces of a string, where no newline counts.
  init(_ raw: [Token], isPartial: Bool, isInline: Bool = false) {
    let raw = raw.filter { $0.kind != .comment }
    let (closers, openAtEnd) = Self.match(raw)
    var hiding: [(close: Int, hides: Bool)] = []
    // The first token behind a run of newlines, looked for once a run.
    var behind = 0
    var index = 0
    while index < raw.count {
      let token = raw[index]
      if let top = hiding.last, top.close == index { hiding.removeLast() }
      switch token.kind {
      case .symbol(.leftParenthesis), .symbol(.leftBracket), .symbol(.leftBrace):
        let close = closers[index] >= 0 ? closers[index] : isPartial && openAtEnd.contains(index) ? raw.count : -1
        if close >= 0 {
          hiding.append((close, token.kind != .symbol(.leftBrace) || Self.opensRecord(raw, index)))
        }
      case .newline:
        if isInline || hiding.last?.hides == true || isJoined(raw, index, &behind) {
          index += 1
          continue
        }
      default: break
      }
      tokens.append(token)
      index += 1
    }
    let (final, _) = Self.match(tokens)
    partner = final
  }

  /// Closers by opener, and the openers that nothing closed until the end.
  private static func match(_ tokens: [Token]) -> (closers: [Int], openAtEnd: Set<Int>) {
    var closers = Array(repeating: -1, count: tokens.count)
    var stack: [(index: Int, closer: Symbol)] = []
    for (index, token) in tokens.enumerated() {
      guard case .symbol(let symbol) = token.kind else { continue }
      switch symbol {
      case .leftParenthesis: stack.append((index, .rightParenthesis))
      case .leftBracket: stack.append((index, .rightBracket))
      case .leftBrace: stack.append((index, .rightBrace))
      case .rightParenthesis, .rightBracket, .rightBrace:
        // Openers of another kind in between are not closed; a closer without any opener is left alone.
        guard let found = stack.lastIndex(where: { $0.closer == symbol }) else { continue }
        // A parenthesis does not reach out of the braces that it stands in.
        if symbol != .rightBrace, stack[found...].contains(where: { $0.closer == .rightBrace }) { continue }
        closers[stack[found].index] = index
        stack.removeSubrange(found...)
      default: break
      }
    }
    return (closers, Set(stack.map(\.index)))
  }

  /// `{` followed by a name or string and a colon.
  private static func opensRecord(_ tokens: [Token], _ index: Int) -> Bool {
    var next = index + 1
    while next < tokens.count, tokens[next].kind == .newline { next += 1 }
    guard next < tokens.count else { return false }
    switch tokens[next].kind {
    case .name, .string, .keyword: break
    default: return false
    }
    next += 1
    while next < tokens.count, tokens[next].kind == .newline { next += 1 }
    return next < tokens.count && tokens[next].kind == .symbol(.colon)
  }

  /// Whether the newline at `index` joins two halves of a statement, or follows another newline.
  private func isJoined(_ raw: [Token], _ index: Int, _ behind: inout Int) -> Bool {
    guard let last = tokens.last else { return true }
    switch last.kind {
    case .newline: return true
    case .symbol(let symbol) where symbol.continuesLine: return true
    case .keyword(let keyword) where keyword.continuesLine: return true
    default: break
    }
    behind = max(behind, index + 1)
    while behind < raw.count, raw[behind].kind == .newline { behind += 1 }
    guard behind < raw.count else { return false }
    switch raw[behind].kind {
    case .symbol(let symbol): return symbol.continuesLineBefore
    case .keyword(.else), .keyword(.catch): return last.kind == .symbol(.rightBrace)
    case .keyword(let keyword): return keyword.continuesLineBefore
    default: return false
    }
  }
}
