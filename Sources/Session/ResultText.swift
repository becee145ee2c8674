import Diagnostics

/// A result as it is kept and compared: lines without blanks at their ends and without control characters; of long
/// results head, tail, count and a hash of all. Takes text piece by piece, so that a loop that prints for ever does not
/// fill the memory.
///
/// What it gives is a fixed point: a kept result read back from a file gives itself.
struct ResultText {
  /// Results of more lines are shortened to these.
  static let lineLimit = 200
  static let headLines = 120
  static let tailLines = 30
  /// Lines of more bytes are shortened likewise.
  static let lineBytes = 4000
  static let headBytes = 1500
  static let tailBytes = 500

  private var first: [String] = []
  /// The last lines, the newest at the end; trimmed now and then.
  private var last: [String] = []
  private var count = 0
  private var hash = FNVHash()
  /// Empty lines that count only if something follows them.
  private var emptyLines = 0
  /// The line that is being written.
  private var line = LineBytes()

  init() {}
  init(_ text: String) { add(text) }

  static func canonical(_ text: String) -> String { ResultText(text).text }

  mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      var start = 0
      while start < bytes.count {
        let end = bytes[start...].firstIndex(of: 10) ?? bytes.count
        line.add(UnsafeBufferPointer(rebasing: bytes[start..<end]))
        if end < bytes.count { endLine() }
        start = end + 1
      }
    }
  }

  /// The number of the line that what is added next on a line of its own begins, from 0.
  var nextLine: Int {
    var whole = self
    whole.startLine()
    return whole.count + whole.emptyLines
  }

  /// What is added next begins a line.
  mutating func startLine() { if !line.isEmpty { endLine() } }

  private mutating func endLine() {
    let text = line.finished
    line = LineBytes()
    if text.isEmpty {
      emptyLines += 1
      return
    }
    // A loop that prints empty lines for ever ends in no time spent here.
    for _ in 0..<emptyLines { append("") }
    emptyLines = 0
    append(text)
  }

  private mutating func append(_ text: String) {
    count += 1
    hash.add(line: text)
    if first.count < Self.lineLimit { first.append(text) }
    last.append(text)
    if last.count > 16 * Self.tailLines { last.removeFirst(last.count - Self.tailLines) }
  }

  var isShortened: Bool {
    var whole = self
    whole.startLine()
    return whole.count > Self.lineLimit
  }

  /// All of it, shortened where it is long.
  var text: String {
    var whole = self
    whole.startLine()
    if whole.count <= Self.lineLimit { return whole.first.joined(separator: "\n") }
    let left = whole.count - Self.headLines - Self.tailLines
    let marker = "… \(left) of \(whole.count) lines are left out, hash \(whole.hash.digits)"
    return (whole.first.prefix(Self.headLines) + [marker] + whole.last.suffix(Self.tailLines)).joined(separator: "\n")
  }

  /// The line that stands under a value whose text leaves some of it out, so that a replay compares that, too.
  static func lineOfHidden(_ digest: String) -> String { hiddenMark + digest }

  private static let hiddenMark = "… the rest is left out, hash "

  /// Without the lines of what values leave out.
  static func withoutHidden(_ text: String) -> String {
    guard text.contains(hiddenMark) else { return text }
    return text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
      let digest = line.dropFirst(hiddenMark.count)
      return !(line.hasPrefix(hiddenMark) && digest.count == 16 && digest.allSatisfy(\.isHexDigit))
    }.joined(separator: "\n")
  }

  /// Without the hashes of what was left out: where numbers may differ a little, they do.
  static func withoutHashes(_ text: String) -> String {
    guard text.contains(", hash ") else { return text }
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      guard let place = line.firstRange(of: ", hash "), line.contains("left out") else { return String(line) }
      let digits = line[place.upperBound...].prefix(16)
      guard digits.count == 16, digits.allSatisfy(\.isHexDigit) else { return String(line) }
      return String(line[..<place.lowerBound]) + line[digits.endIndex...]
    }.joined(separator: "\n")
  }
}

/// A line as it comes, with a bound on what is kept of it.
private struct LineBytes {
  private var bytes: [UInt8] = []
  /// Bytes that were not kept, and their hash.
  private var lost = 0
  private var lostHash = FNVHash()
  private static let limit = 1 << 20

  var isEmpty: Bool { bytes.isEmpty }

  mutating func add(_ more: UnsafeBufferPointer<UInt8>) {
    let kept = min(more.count, Self.limit - bytes.count)
    bytes += more[..<kept]
    for byte in more[kept...] { lostHash.add(byte) }
    lost += more.count - kept
  }

  /// Without blanks at the end, control characters visible, shortened.
  var finished: String {
    var end = bytes.count
    while end > 0, [9, 11, 12, 13, 32].contains(bytes[end - 1]) { end -= 1 }
    // Blanks of Unicode are trimmed as well: an editor may do so.
    let text = String(Substring(String(decoding: bytes[..<end], as: UTF8.self)).trimmedEnd).withVisibleControls
    guard text.utf8.count > ResultText.lineBytes || lost > 0 else { return text }
    var hash = FNVHash()
    hash.add(line: text)
    if lost > 0 { hash.add(line: lostHash.digits) }
    let head = String(decoding: text.utf8.prefix(ResultText.headBytes), as: UTF8.self)
    let tail = String(decoding: text.utf8.suffix(ResultText.tailBytes), as: UTF8.self)
    let left = text.utf8.count + lost - ResultText.headBytes - ResultText.tailBytes
    return "\(head) … \(left) bytes are left out, hash \(hash.digits) … \(tail)"
  }
}

extension FNVHash {
  /// The text, and that it ends here.
  fileprivate mutating func add(line: String) {
    add(utf8: line)
    add(UInt8(10))
  }
}
