import Interpreter
import ScriptSupport
import Testing

@testable import CoreLibrary

/// Tables of text by the places of their bytes, beside a reader that goes from character to character.
struct DelimitedTableTests {
  private struct Random: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 29
    }
  }

  enum Outcome: Equatable {
    case rows([[String]])
    /// In which line a quote begins that does not end, text follows a quote, or a row has other than the first's columns.
    case openQuote(Int), afterQuote(Int), columns(Int)
  }

  private func read(_ text: String, delimiter: Character = ",") throws -> Outcome {
    let run = ScriptRun(steps: 1000)
    do {
      return try DelimitedTable.read(text, delimiter: delimiter, name: "x", run.interpreter.context) { table in
        .rows(
          (0..<table.rows).map { row in
            (0..<table.columns).map { column in
              let text = table.text(row, column)
              #expect(table.value(row, column).asText == text)
              #expect(table.isEmpty(row, column) == text.isEmpty)
              #expect(table.number(row, column) == CoreLibrary.number(in: text, underscores: false))
              return text
            }
          })
      }
    } catch let error as DelimitedTextError {
      switch error {
      case .openQuote(_, let line): return .openQuote(line)
      case .afterQuote(_, let line): return .afterQuote(line)
      case .columns(_, let line, _, _): return .columns(line)
      default: throw error
      }
    }
  }

  /// The same, a scalar at a time.
  private func naive(_ text: String, delimiter: Unicode.Scalar = ",") -> Outcome {
    let scalars = Array(text.unicodeScalars)
    var rows: [[String]] = []
    var (row, cell): ([String], String.UnicodeScalarView) = ([], .init())
    var (wasQuoted, place, line) = (false, 0, 1)
    func isLineEnd() -> Bool { place < scalars.count && (scalars[place] == "\n" || scalars[place] == "\r") }
    func passLineEnd() {
      if scalars[place] == "\r", place + 1 < scalars.count, scalars[place + 1] == "\n" { place += 1 }
      place += 1
      line += 1
    }
    while place < scalars.count {
      // A cell.
      if scalars[place] == "\"" {
        let begun = line
        wasQuoted = true
        place += 1
        while true {
          guard place < scalars.count else { return .openQuote(begun) }
          if scalars[place] == "\"" {
            place += 1
            guard place < scalars.count, scalars[place] == "\"" else { break }
            cell.append("\"")
            place += 1
          } else if isLineEnd() {
            let before = place
            passLineEnd()
            cell.append(contentsOf: scalars[before..<place])
          } else {
            cell.append(scalars[place])
            place += 1
          }
        }
        while place < scalars.count, scalars[place] == " " || scalars[place] == "\t", scalars[place] != delimiter {
          cell.append(scalars[place])
          place += 1
        }
        if place < scalars.count, scalars[place] != delimiter, !isLineEnd() { return .afterQuote(line) }
      } else {
        while place < scalars.count, scalars[place] != delimiter, !isLineEnd() {
          cell.append(scalars[place])
          place += 1
        }
      }
      row.append(String(cell))
      cell = .init()
      let isNext = place < scalars.count && scalars[place] == delimiter
      if isNext {
        place += 1
        // The text ends behind a delimiter: there is an empty cell.
        if place < scalars.count { if !isLineEnd() { continue } }
        row.append("")
      }
      // The row.
      let ended = line
      if place < scalars.count { passLineEnd() }
      if row != [""] || wasQuoted {
        if let first = rows.first, first.count != row.count { return .columns(ended) }
        rows.append(row)
      }
      (row, wasQuoted) = ([], false)
    }
    return .rows(rows)
  }

  @Test(
    arguments: [
      // What Python's csv makes of them, empty lines left out as pandas does.
      ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]), ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
      ("a\rb\r", [["a"], ["b"]]), ("a", [["a"]]), ("", []), ("\n\r\n\n", []), ("\n\na\n\n\nb\n\n", [["a"], ["b"]]),
      (",\n,", [["", ""], ["", ""]]), ("\"\"\n", [[""]]), ("\"\",\"\"\n", [["", ""]]),
      ("\"a\nb\r\nc\",d\n", [["a\nb\r\nc", "d"]]), ("\"a,b\"\n", [["a,b"]]), ("\"\"\"\"\n", [["\""]]),
      ("\"say \"\"hi\"\"\",1", [["say \"hi\"", "1"]]), ("a\"b,c\"\n", [["a\"b", "c\""]]),
      (" \"a\",b\n", [[" \"a\"", "b"]]),
      ("\"a\" ,\"b\"\t\n", [["a ", "b\t"]]), ("\"a\"\"\"  \n", [["a\"  "]]),
      // No ends of lines, whatever Unicode says.
      ("a\u{0B}b\u{0C},c\u{85}\u{2028}d\u{2029}\n", [["a\u{0B}b\u{0C}", "c\u{85}\u{2028}d\u{2029}"]]),
      ("日本,é\n🇩🇪,e\u{301}\n", [["日本", "é"], ["🇩🇪", "e\u{301}"]]),
    ] as [(String, [[String]])])
  func reads(_ text: String, _ expected: [[String]]) throws {
    #expect(try read(text) == .rows(expected))
    #expect(naive(text) == .rows(expected))
  }

  @Test(arguments: [
    ("a,b\n1\n", Outcome.columns(2)), ("a,b\n1,2\n\n1,2,3\n", .columns(4)), ("a\n\"x\n\ny\",z\n", .columns(4)),
    ("a\n\n\"b\nc", .openQuote(3)), ("\"a\"\"", .openQuote(1)), ("\"a\nb\"c\n", .afterQuote(2)),
    ("\"a\" b\n", .afterQuote(1)), ("\"a\"b\"\n", .afterQuote(1)),
  ])
  func refuses(_ text: String, _ expected: Outcome) throws {
    #expect(try read(text) == expected)
    #expect(naive(text) == expected)
  }

  @Test(arguments: [",", ";", "\t", " ", "é", "日"] as [Unicode.Scalar])
  func anyTextAsTheNaiveReader(_ delimiter: Unicode.Scalar) throws {
    var random = Random(state: UInt64(delimiter.value))
    let parts = [
      String(delimiter), "\"", "\"\"", "a", "1", " ", "\t", "\n", "\r\n", "\r", "é", "\u{2028}", "\u{301}", "",
    ]
    var whole = 0
    for _ in 0..<4000 {
      let text = (0..<Int.random(in: 0..<12, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }
        .joined()
      let found = try read(text, delimiter: Character(delimiter))
      #expect(found == naive(text, delimiter: delimiter), "\(text.debugDescription)")
      if case .rows = found { whole += 1 }
    }
    #expect(whole > 400)
  }

  /// Whatever cells a script has, they come back.
  @Test func comesBack() throws {
    var random = Random(state: 21)
    let parts = ["\"", ",", "\n", "\r\n", "\r", " ", "\t", "a", "é", "\u{301}", "\u{0B}", ""]
    for _ in 0..<2000 {
      let width = Int.random(in: 1...3, using: &random)
      let rows = (0..<Int.random(in: 0..<4, using: &random)).map { _ in
        (0..<width).map { _ in
          (0..<Int.random(in: 0..<4, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }.joined()
        }
      }
      let text = rows.map { DelimitedText.line($0, ",") }.joined()
      #expect(try read(text) == .rows(rows), "\(text.debugDescription)")
    }
  }

  /// A large cell costs its bytes, not their square: with all its quotes copied anew at each, this one would take hours.
  @Test func largeCells() throws {
    let quotes = String(repeating: "\"", count: 600_000)
    let plain = String(repeating: "x, y\n", count: 400_000)
    let line = DelimitedText.line([quotes, plain], ",")
    #expect(try read(line + line) == .rows([[quotes, plain], [quotes, plain]]))
  }
}
