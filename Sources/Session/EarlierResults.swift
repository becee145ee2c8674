import Interpreter
import Syntax

/// `_` is the value that was shown last, `_3` that of cell 3.
///
/// The last twenty are kept, as for `%undo`; in a script those that it names.
struct EarlierResults {
  static let limit = namedResults

  private(set) var values: [(cell: Int, value: Value)] = []
  /// Cells whose values are kept where `%undo` is not wanted.
  var wanted: Set<Int> = []

  /// - Parameter keepsMany: not only what is wanted, and the last one.
  mutating func note(_ value: Value, of cell: Int, keepsMany: Bool) {
    values.removeAll { $0.cell >= cell }
    if !keepsMany { values.removeAll { !wanted.contains($0.cell) } }
    values.append((cell, value))
    if values.count > Self.limit + wanted.count { values.removeFirst() }
  }

  mutating func removeAll(from cell: Int) { values.removeAll { $0.cell >= cell } }

  func value(ofCell cell: Int) -> Value? { values.last { $0.cell == cell }?.value }
  var last: Value? { values.last?.value }

  /// The numbers behind `_` in a text: those of `_3` and `_12`. Found by bytes, since texts of megabytes go through here
  /// each time; behind a letter that is not ASCII one too many may be found, which does no harm.
  static func numbers(in text: String) -> Set<Int> {
    func isWord(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
    var numbers: Set<Int> = []
    var text = text
    text.withUTF8 { bytes in
      var isInside = false
      var place = 0
      while place < bytes.count {
        let starts = bytes[place] == UInt8(ascii: "_") && !isInside
        isInside = isWord(bytes[place])
        place += 1
        guard starts else { continue }
        var end = place
        while end < bytes.count, isWord(bytes[end]) { end += 1 }
        if let number = Int(String(decoding: bytes[place..<end], as: UTF8.self)) { numbers.insert(number) }
        place = end
      }
    }
    return numbers
  }

  /// The names and numbers of a text, in their order.
  private static func words(_ text: String) -> [Substring] {
    text.split { !($0.isLetter || $0.isNumber || $0 == "_") }
  }

  /// A text in which some words stand for others.
  static func replacing(_ words: [String: String], in text: String) -> String {
    var result = ""
    var rest = text[...]
    for word in Self.words(text) {
      guard let other = words[String(word)] else { continue }
      result += rest[..<word.startIndex] + other
      rest = text[word.endIndex...]
    }
    return result + rest
  }
}

extension NotebookSession {
  static func isResultName(_ name: String) -> Bool { name == "_" || name.first == "_" && Int(name.dropFirst()) != nil }

  /// Gives the names of earlier results that stand in the code their values.
  func bindEarlierResults(in code: String) {
    for number in EarlierResults.numbers(in: code) {
      if let value = earlierResults.value(ofCell: number) { engine.set("_\(number)", to: value) }
    }
  }

  func noteResult(_ outcome: Evaluation, of cell: Int) {
    guard let value = outcome.shown else { return }
    earlierResults.note(value, of: cell, keepsMany: undoHistory.isKept)
    engine.set("_", to: value)
  }

  /// After cells were taken back.
  func forgetResults(from cell: Int) {
    earlierResults.removeAll(from: cell)
    engine.set("_", to: earlierResults.last ?? .unset)
  }

  /// Cells that are left when others go have other numbers: what names an earlier result names it as it is now.
  func renumbered(_ entries: [EvaluatedCell]) -> [EvaluatedCell] {
    var numbers: [String: String] = [:]
    for (index, entry) in entries.enumerated() { numbers["_\(entry.number)"] = "_\(index + 1)" }
    return entries.map { entry in
      var named: [String: String] = [:]
      for name in entry.names.reads { if let other = numbers[name], other != name { named[name] = other } }
      guard !named.isEmpty else { return entry }
      var entry = entry
      entry.cell.source = EarlierResults.replacing(named, in: entry.cell.source)
      return entry
    }
  }
}
