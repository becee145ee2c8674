import Interpreter

/// `_` is the value that was shown last, `_3` that of cell 3.
///
/// The last twenty are kept, as for `%undo`; in a script those that it names.
struct EarlierResults {
  static let limit = 20

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

  /// The numbers behind `_` in a text: those of `_3` and `_12`.
  static func numbers(in text: String) -> Set<Int> {
    guard text.utf8.contains(UInt8(ascii: "_")), !CellCode.isTooLarge(text) else { return [] }
    return Set(words(text).compactMap { word in word.first == "_" ? Int(word.dropFirst()) : nil })
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
