/// Text in columns of a fixed width. A text that is wider stays as it is.
extension String {
  /// With blanks behind it, to `width` characters.
  public func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

  /// With blanks before it, to `width` characters.
  public func paddedLeft(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}

/// Words in lines of at most `width` columns, a blank between them; a word that is wider has a line of its own.
/// - Parameters:
///   - first: what the first line begins with.
///   - rest: what the others begin with.
///   - columns: how many a text takes.
public func wrappedWords(
  _ words: some Sequence<some StringProtocol>, width: Int, first: String = "", rest: String = "",
  columns: (String) -> Int = { $0.count }
) -> [String] {
  var lines: [String] = []
  var line = first
  var used = columns(first)
  var isEmpty = true
  for word in words {
    let word = String(word)
    let own = columns(word)
    if !isEmpty, used + 1 + own > width {
      lines.append(line)
      line = rest
      used = columns(rest)
      isEmpty = true
    }
    if !isEmpty {
      line += " "
      used += 1
    }
    line += word
    used += own
    isEmpty = false
  }
  return lines + [line]
}
