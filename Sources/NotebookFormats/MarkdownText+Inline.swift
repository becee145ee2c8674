import Diagnostics
import Session

extension MarkdownText {
  /// A line's emphasis, code and links.
  func inline(_ text: String) -> String {
    isOld ? OldMarkdownInline.inline(text) : MarkdownInline(text).html
  }

  /// Without its signs, for the contents.
  func plain(_ text: String) -> String {
    isOld ? OldMarkdownInline.plain(text) : MarkdownInline(text).plain
  }
}

/// Emphasis, code, links and hard breaks in a paragraph, as CommonMark has them: one walk over the text that notes the
/// signs of emphasis and the open brackets, and joins what belongs together when its end comes. No text takes more than
/// a time that grows with its length.
struct MarkdownInline {
  /// What has been read, in pieces: what stands on the page, and the same without signs.
  private struct Piece {
    var html: String
    var plain: String
    /// In the list of signs, where it is a run of them.
    var sign: Int?
  }

  /// A `[` that may begin a link.
  private struct Bracket {
    var piece: Int
    /// The last sign of emphasis before it.
    var lastSign: Int?
    var isImage: Bool
    /// Where its text begins.
    var start: Int
  }

  private var pieces: [Piece] = []
  private var signs = EmphasisSigns()
  private var brackets: [Bracket] = []
  /// So many of the open brackets hold a link already, and begin none of their own.
  private var closedBrackets = 0
  private let text: [Unicode.Scalar]
  private var place = 0
  /// Where the last run of so many backquotes begins: one that is alone is not looked for to the end each time.
  private var lastQuotes: [Int: Int] = [:]

  init(_ text: String) {
    self.text = Array(text.unicodeScalars)
    noteQuotes()
    var plainStart = 0
    func isSign(_ scalar: Unicode.Scalar) -> Bool {
      switch scalar {
      case "\\", "`", "*", "_", "~", "!", "[", "]", "<", "&", "\n": true
      default: false
      }
    }
    while place < self.text.count {
      guard isSign(self.text[place]) else {
        place += 1
        continue
      }
      addText(plainStart..<place)
      readSign()
      plainStart = place
    }
    addText(plainStart..<self.text.count)
    signs.pair(after: nil)
  }

  var html: String {
    var result = ""
    for piece in pieces {
      guard let sign = piece.sign else {
        result += piece.html
        continue
      }
      signs.list[sign].write(into: &result)
    }
    return result
  }

  var plain: String {
    pieces.map { piece in piece.sign.map { signs.list[$0].rest } ?? piece.plain }.joined()
  }

  // MARK: Reading

  private mutating func add(_ html: String, _ plain: String) { pieces.append(Piece(html: html, plain: plain)) }

  private mutating func addText(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    let words = string(range)
    add(words.escapedForHTML, words)
  }

  private func string(_ range: Range<Int>) -> String {
    var result = String.UnicodeScalarView()
    result.append(contentsOf: text[range])
    return String(result)
  }

  private func scalar(_ index: Int) -> Unicode.Scalar? { text.indices.contains(index) ? text[index] : nil }

  private mutating func readSign() {
    switch text[place] {
    case "\\": readBackslash()
    case "`": readCode()
    case "*", "_", "~": readEmphasis()
    case "!" where scalar(place + 1) == "[": open(isImage: true)
    case "[": open(isImage: false)
    case "]": close()
    case "<": readAddress()
    case "&": readEntity()
    case "\n": readLineEnd()
    default: take(1)
    }
  }

  /// So many characters that mean themselves.
  private mutating func take(_ count: Int) {
    addText(place..<(place + count))
    place += count
  }

  private mutating func readBackslash() {
    guard let next = scalar(place + 1) else { return take(1) }
    if next == "\n" {
      addBreak(2)
    } else if next.isMarkdownPunctuation {
      place += 1
      take(1)
    } else {
      take(1)
    }
  }

  private mutating func addBreak(_ count: Int) {
    add("<br>\n", " ")
    place += count
    skipBlanks()
  }

  private mutating func skipBlanks() { while scalar(place) == " " { place += 1 } }

  /// Two blanks before it make the line end on the page, too.
  private mutating func readLineEnd() {
    if place >= 2, text[place - 1] == " ", text[place - 2] == " " { return addBreak(1) }
    add("\n", " ")
    place += 1
    skipBlanks()
  }

  private mutating func noteQuotes() {
    var index = 0
    while index < text.count {
      let length = run(of: "`", at: index)
      if length > 0 { lastQuotes[length] = index }
      index += max(1, length)
    }
  }

  private func run(of sign: Unicode.Scalar, at start: Int) -> Int {
    var end = start
    while end < text.count, text[end] == sign { end += 1 }
    return end - start
  }

  private mutating func readCode() {
    let length = run(of: "`", at: place)
    let start = place + length
    guard let last = lastQuotes[length], last >= start else { return take(length) }
    var end = start
    while end <= last {
      let found = run(of: "`", at: end)
      if found == length { break }
      end += max(1, found)
    }
    var code = string(start..<end).map { $0 == "\n" ? " " : String($0) }.joined()
    if code.hasPrefix(" "), code.hasSuffix(" "), code.contains(where: { $0 != " " }) {
      code = String(code.dropFirst().dropLast())
    }
    add("<code>\(code.escapedForHTML)</code>", code)
    place = end + length
  }

  private mutating func readEmphasis() {
    let sign = text[place]
    let length = run(of: sign, at: place)
    let run = EmphasisSigns.Run(
      sign, length, before: place > 0 ? text[place - 1] : "\n", after: scalar(place + length) ?? "\n")
    guard run.opens || run.closes else { return take(length) }
    pieces.append(Piece(html: "", plain: "", sign: signs.add(run)))
    place += length
  }

  /// `<https://example.org>`.
  private mutating func readAddress() {
    var end = place + 1
    while let next = scalar(end), next != ">", next != "<", !next.properties.isWhitespace { end += 1 }
    let address = string((place + 1)..<end)
    guard scalar(end) == ">", !address.hasPrefix("#"), MarkdownAddress.isSafe(address) else { return take(1) }
    add("<a href=\"\(MarkdownAddress.encoded(address).escapedForHTML)\">\(address.escapedForHTML)</a>", address)
    place = end + 1
  }

  private mutating func readEntity() {
    guard let (words, end) = HTMLEntity.read(text[place...]) else { return take(1) }
    add(words.escapedForHTML, words)
    place = end
  }

  // MARK: Links

  private mutating func open(isImage: Bool) {
    let length = isImage ? 2 : 1
    brackets.append(
      Bracket(piece: pieces.count, lastSign: signs.last, isImage: isImage, start: place + length))
    take(length)
  }

  private mutating func close() {
    guard let bracket = brackets.popLast() else { return take(1) }
    let isClosed = brackets.count < closedBrackets && !bracket.isImage
    closedBrackets = min(closedBrackets, brackets.count)
    guard !isClosed, let target = MarkdownAddress.Target(text[(place + 1)...]) else { return take(1) }
    if bracket.isImage {
      // A page takes nothing from outside: the picture is named.
      let label = string(bracket.start..<place)
      pieces.removeLast(pieces.count - bracket.piece)
      signs.removeAll(after: bracket.lastSign)
      add("<em>\(label.escapedForHTML)</em>", label)
    } else {
      signs.pair(after: bracket.lastSign)
      pieces[bracket.piece] = Piece(html: "", plain: "")
      if MarkdownAddress.isSafe(target.address) {
        let title = target.title.map { " title=\"\($0.escapedForHTML)\"" } ?? ""
        pieces[bracket.piece].html =
          "<a href=\"\(MarkdownAddress.encoded(target.address).escapedForHTML)\"\(title)>"
        add("</a>", "")
        // No link stands in a link.
        closedBrackets = brackets.count
      }
    }
    place = target.end
  }
}

extension Unicode.Scalar {
  /// What a backslash takes the meaning from, and what emphasis looks at beside a sign.
  var isMarkdownPunctuation: Bool {
    switch properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol:
      true
    default: false
    }
  }
}
