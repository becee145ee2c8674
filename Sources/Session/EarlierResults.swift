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
    guard text.utf8.contains(UInt8(ascii: "_")) else { return [] }
    let words = text.split { !($0.isLetter || $0.isNumber || $0 == "_") }
    return Set(words.compactMap { word in word.first == "_" ? Int(word.dropFirst()) : nil })
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
      let named = entry.names.reads.filter { numbers[$0] != nil && numbers[$0] != $0 }
      guard !named.isEmpty else { return entry }
      var entry = entry
      var text = ""
      var word = ""
      func endWord() {
        text += named.contains(word) ? numbers[word] ?? word : word
        word = ""
      }
      for character in entry.cell.source {
        if character.isLetter || character.isNumber || character == "_" {
          word.append(character)
        } else {
          endWord()
          text.append(character)
        }
      }
      endWord()
      entry.cell.source = text
      return entry
    }
  }
}
