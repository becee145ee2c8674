import Diagnostics

/// What a notebook shows of a cell beside the text that a replay compares: whoever wrote the file may have put anything
/// there.
public enum ShownForm: Hashable, Sendable {
  case pictures
  case html
  case warnings
  case progress
  /// The lines that Jupyter shows of an error in place of its message.
  case traceback
  /// Of a type that Twinbook never writes, by its MIME type: "text/markdown".
  case foreign(String)

  /// What an output of such a type is, where that is not the text itself.
  public init?(type: String) {
    switch type {
    case "text/plain": return nil
    case "image/svg+xml", "image/png", "image/jpeg": self = .pictures
    case "text/html": self = .html
    default: self = .foreign(type)
    }
  }

  var words: String {
    switch self {
    case .pictures: "pictures"
    case .html: "HTML"
    case .warnings: "warnings"
    case .progress: "bars of progress"
    case .traceback: "the places of errors"
    case .foreign(let type): String(type.prefix(60)).asOneLine
    }
  }
}

extension NotebookDocument.Cell {
  /// The first form of a type that Twinbook never writes, in words.
  var foreignForm: String? {
    shown.compactMap { if case .foreign = $0 { $0.words } else { nil } }.min()
  }
}

/// The forms that were seen, with the numbers of their cells.
struct ShownForms {
  private var cells: [String: [Int]] = [:]

  mutating func add(_ cell: NotebookDocument.Cell, _ number: Int) {
    for words in Set(cell.shown.map(\.words)) { cells[words, default: []].append(number) }
  }

  /// "pictures in cells 1 and 3, HTML in cell 2"; nil: none.
  var words: String? {
    if cells.isEmpty { return nil }
    return cells.sorted { $0.key < $1.key }.map { words, numbers in
      let shown = numbers.prefix(5).map(String.init)
      let last = numbers.count > 5 ? "others" : shown.last ?? ""
      let first = (numbers.count > 5 ? shown : shown.dropLast()).joined(separator: ", ")
      return "\(words) in " + (numbers.count == 1 ? "cell \(last)" : "cells \(first) and \(last)")
    }.joined(separator: ", ")
  }
}
