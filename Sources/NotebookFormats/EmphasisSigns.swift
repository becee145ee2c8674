/// The runs of `*`, `_` and `~` in a paragraph, and which of them belong together: CommonMark's list of delimiters.
struct EmphasisSigns {
  struct Run {
    let sign: Unicode.Scalar
    let length: Int
    let opens: Bool
    let closes: Bool
    /// How many are not part of a pair.
    private(set) var left: Int
    /// Tags that end before what is left, the inner ones first, and tags that begin behind it, the inner ones first.
    private var ending: [String] = []
    private var beginning: [String] = []
    fileprivate var previous: Int?
    fileprivate var next: Int?

    init(_ sign: Unicode.Scalar, _ length: Int, before: Unicode.Scalar, after: Unicode.Scalar) {
      (self.sign, self.length, left) = (sign, length, length)
      func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }
      let isLeft =
        !isBlank(after) && (!after.isMarkdownPunctuation || isBlank(before) || before.isMarkdownPunctuation)
      let isRight =
        !isBlank(before) && (!before.isMarkdownPunctuation || isBlank(after) || after.isMarkdownPunctuation)
      switch sign {
      // Inside a word it is a letter of a name.
      case "_":
        opens = isLeft && (!isRight || before.isMarkdownPunctuation)
        closes = isRight && (!isLeft || after.isMarkdownPunctuation)
      // One alone says "about".
      case "~": (opens, closes) = (isLeft && length == 2, isRight && length == 2)
      default: (opens, closes) = (isLeft, isRight)
      }
    }

    fileprivate mutating func begin(_ tag: String, _ count: Int) {
      beginning.append(tag)
      left -= count
    }

    fileprivate mutating func end(_ tag: String, _ count: Int) {
      ending.append(tag)
      left -= count
    }

    /// The signs that stay what they are.
    var rest: String { String(repeating: Character(sign), count: left) }

    func write(into html: inout String) {
      for tag in ending { html += "</\(tag)>" }
      html += rest
      for tag in beginning.reversed() { html += "<\(tag)>" }
    }
  }

  private(set) var list: [Run] = []
  private var first: Int?
  /// The last run that may still be part of a pair.
  private(set) var last: Int?

  /// - Returns: its place in the list.
  mutating func add(_ run: Run) -> Int {
    list.append(run)
    let index = list.count - 1
    list[index].previous = last
    if let last { list[last].next = index } else { first = index }
    last = index
    return index
  }

  private mutating func remove(_ index: Int) {
    let (previous, next) = (list[index].previous, list[index].next)
    if let previous { list[previous].next = next } else { first = next }
    if let next { list[next].previous = previous } else { last = previous }
  }

  /// Whether the two make a pair: `**` and `*` do not where they would leave a sign over that another wants.
  private func isPair(_ opener: Int, _ closer: Int) -> Bool {
    guard list[opener].opens, list[opener].sign == list[closer].sign else { return false }
    guard list[opener].closes || list[closer].opens else { return true }
    let (first, second) = (list[opener].length, list[closer].length)
    return (first + second) % 3 != 0 || first % 3 == 0 && second % 3 == 0
  }

  mutating func removeAll(after bottom: Int?) {
    last = bottom
    if let bottom { list[bottom].next = nil } else { first = nil }
  }

  /// Pairs the runs behind `bottom`; what is left over there is text.
  mutating func pair(after bottom: Int?) {
    // Where no opener was found, none is looked for again.
    var searched: [[UInt32]: Int] = [:]
    var closer = bottom.map { list[$0].next } ?? first
    // No run is copied: those that hold many tags would be copied with them.
    while let index = closer {
      guard list[index].closes else {
        closer = list[index].next
        continue
      }
      let key = [list[index].sign.value, list[index].opens ? 1 : 0, UInt32(list[index].length % 3)]
      let floor = max(bottom ?? -1, searched[key] ?? -1)
      var opener = list[index].previous
      while let found = opener, found > floor, !isPair(found, index) { opener = list[found].previous }
      guard let opener, opener > floor else {
        searched[key] = list[index].previous ?? -1
        closer = list[index].next
        if !list[index].opens { remove(index) }
        continue
      }
      let count = list[opener].left >= 2 && list[index].left >= 2 ? 2 : 1
      let tag = list[index].sign == "~" ? "del" : count == 2 ? "strong" : "em"
      list[opener].begin(tag, count)
      list[index].end(tag, count)
      // What stands between is text.
      list[opener].next = index
      list[index].previous = opener
      if list[opener].left == 0 { remove(opener) }
      if list[index].left == 0 {
        closer = list[index].next
        remove(index)
      }
    }
    removeAll(after: bottom)
  }
}
