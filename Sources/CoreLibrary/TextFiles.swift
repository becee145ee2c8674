import Diagnostics
import Files
import Interpreter
import Tensors

/// The one gate between text files and the language: what is read is text of a size that fits, and what is written never
/// replaces a file that is none.
struct TextFile {
  /// As the script wrote it, for words.
  let path: String
  private let target: String

  init(_ args: Arguments, _ index: Int, _ context: ExecutionContext) throws {
    path = try args.string(index)
    target = context.path(path)
  }

  enum Problem: ExplainedError {
    case notText(path: String, reason: String)
    case wouldReplace(path: String)

    var explanation: Explanation {
      switch self {
      case .notText(let path, let reason):
        Explanation("“\(path)” is not text in UTF-8: \(reason)", help: "save it as UTF-8, without anything else in it")
      case .wouldReplace(let path):
        Explanation(
          "“\(path)” is there already and is no text: it was not replaced",
          help: "choose another name, or remove the file first")
      }
    }
  }

  /// The text, without the mark (BOM) that some editors put in front of it.
  func read(_ context: ExecutionContext) throws -> String {
    let bytes = try FileSystem.read(target, limit: context.limits.items)
    try context.checkSize(bytes.count, "a string")
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw Problem.notText(path: path, reason: "it is UTF-16")
    }
    if let zero = bytes.firstIndex(of: 0) { throw Problem.notText(path: path, reason: "byte \(zero) is zero") }
    let isMarked = bytes.starts(with: [0xEF, 0xBB, 0xBF])
    guard let text = String(validating: isMarked ? bytes[3...] : bytes[...], as: UTF8.self) else {
      throw Problem.notText(path: path, reason: "some of its bytes are no characters")
    }
    return text
  }

  /// Whole or not at all.
  func write(_ text: String, appending: Bool = false) throws {
    if FileSystem.kind(of: target) == .file {
      let start = try FileSystem.readStart(target, count: 4096)
      // The last character of what was read may be cut off.
      let shown = String(decoding: start, as: UTF8.self).unicodeScalars.dropLast(4)
      if start.contains(0) || shown.contains("\u{FFFD}") {
        throw Problem.wouldReplace(path: path)
      }
    }
    if appending { try FileSystem.append(text, to: target) } else { try FileSystem.write(text, to: target) }
  }
}

extension CoreLibrary {
  static func registerTextFiles(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "readtext", [.required("path", "string")], area: .strings, returns: "string", summary: "The text of a file.",
        details: "UTF-8, with or without a mark in front. Lines are told by text.lines().",
        example: "writetext(\"notes.txt\", \"one\\ntwo\")\nreadtext(\"notes.txt\").lines()\n#> [\"one\", \"two\"]",
        errors: ["there is no such file", "it is no text"], seeAlso: ["writetext", "readcsv", "load"]
      ) { args, context in Value(try TextFile(args, 0, context).read(context)) })
    registry.add(
      Builtin(
        "writetext",
        [
          .required("path", "string"), .required("text", "string"),
          .optional("append", "bool", default: false, namedOnly: true),
        ],
        area: .strings, summary: "Writes a text into a file, whole or not at all; append=true adds it at the end.",
        details: "A file that is there is replaced, but only if it is text itself.",
        example:
          "writetext(\"log.txt\", \"a\\n\")\nwritetext(\"log.txt\", \"b\\n\", append=true)\nreadtext(\"log.txt\")\n#> \"a\\nb\\n\"",
        errors: ["the folder cannot be written", "a file that is no text stands there"],
        seeAlso: ["readtext", "writecsv", "save"]
      ) { args, context in
        try TextFile(args, 0, context).write(args.string(1), appending: args.bool(2))
        return .none
      })
    registerTables(&registry)
    registerNumberTables(&registry)
  }

  private static func registerTables(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "readcsv",
        [
          .required("path", "string"), .optional("header", "bool", default: true, namedOnly: true),
          .optional("delimiter", "string", default: ",", namedOnly: true),
          .optional("text", "bool", default: false, namedOnly: true),
        ], area: .strings, returns: "list",
        summary: "The rows of a CSV file: records by its first line, or lists with header=false.",
        details: """
          Quotes as in RFC 4180: they may hold delimiters, newlines and doubled quotes. A column all of whose cells say \
          numbers becomes numbers, an empty cell in it none; other columns stay text. text=true leaves all of it text.
          """,
        example: """
          writetext("people.csv", "name,age\\nana,31\\n\\"o'hara, bo\\",\\n")
          readcsv("people.csv")
          #> [{name: "ana", age: 31}, {name: "o'hara, bo", age: none}]
          """,
        errors: [
          "there is no such file", "a row has other than the columns of the first", "a quote that does not end",
        ],
        seeAlso: ["writecsv", "loadtxt", "readtext"]
      ) { args, context in
        let delimiter = try delimiter(args, 2)
        var rows = try CSV.rows(
          of: TextFile(args, 0, context).read(context), delimiter: delimiter, name: args.string(0), context)
        let hasHeader = try args.bool(1)
        let names = hasHeader && !rows.isEmpty ? rows.removeFirst() : nil
        if let names, let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
          throw CSVError.repeatedName(file: try args.string(0), name: names[twice])
        }
        try context.checkSize(rows.count * (rows.first?.count ?? 0), "a list")
        let columns = names?.count ?? rows.first?.count ?? 0
        let asText = try args.bool(3)
        let numeric = (0..<columns).map { column in
          !asText && rows.contains { !$0[column].isEmpty }
            && rows.allSatisfy { $0[column].isEmpty || number(in: $0[column]) != nil }
        }
        func value(_ cell: String, _ column: Int) -> Value {
          numeric[column] ? (number(in: cell).map(Value.number) ?? .none) : Value(cell)
        }
        return Value(
          rows.map { row in
            let values = row.enumerated().map { value($1, $0) }
            return names.map { Value(fields: Array(zip($0, values))) } ?? Value(values)
          })
      })
    registry.add(
      Builtin(
        "writecsv",
        [
          .required("path", "string"), .required("rows", "list of records, list of lists, or tensor"),
          .optional("header", "list of strings", "the records' names", namedOnly: true),
          .optional("delimiter", "string", default: ",", namedOnly: true),
        ], area: .strings, summary: "Writes rows as CSV, whole or not at all.",
        details: "Numbers with all their digits, none as an empty cell; quotes where a cell needs them (RFC 4180).",
        example: """
          writecsv("x.csv", [{a: 1, b: "x, y"}, {a: 2, b: none}])
          readtext("x.csv")
          #> "a,b\\n1,\\"x, y\\"\\n2,\\n"
          """, errors: ["rows of other lengths, or with other names", "the folder cannot be written"],
        seeAlso: ["readcsv", "savetxt"]
      ) { args, context in
        let delimiter = try delimiter(args, 3)
        var names = args.isGiven(2) ? try args.strings(2) : nil
        var rows: [[Value]] = []
        for (index, item) in try context.items(args, 1).enumerated() {
          if let record = item.asRecord {
            let own = record.fields.map(\.name)
            if names == nil { names = own }
            guard let names, own.count == names.count, names.allSatisfy(own.contains) else {
              throw ArgumentError(1, "writecsv: row \(index) has the fields \(own), others have \(names ?? [])")
            }
            rows.append(names.map { record.value(StringBox($0)) ?? .none })
          } else if let tensor = item.asTensor, tensor.rank == 1 {
            rows.append(tensor.exactValues.map { .number(tensor.wide == nil ? TensorOperators.number(Float($0)) : $0) })
          } else if let list = item.asItems {
            rows.append(list)
          } else {
            rows.append([item])
          }
        }
        let width = names?.count ?? rows.first?.count ?? 0
        if let odd = rows.firstIndex(where: { $0.count != width }) {
          throw ArgumentError(1, "writecsv: row \(odd) has \(rows[odd].count) cells, others have \(width)")
        }
        var text = ""
        if let names { text += CSV.line(names, delimiter) }
        for row in rows {
          try context.checkInterruption()
          text += CSV.line(try row.map { $0.isNone ? "" : try context.text($0) }, delimiter)
        }
        try TextFile(args, 0, context).write(text)
        return .none
      })
  }

  private static func registerNumberTables(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "loadtxt",
        [
          .required("path", "string"), .optional("delimiter", "string", "blanks"),
          .optional("skiprows", "number", default: 0), .optional("usecols", "number or list", "all"),
          .optional("comments", "string", default: "#"),
        ], area: .tensors, returns: "tensor", summary: "A table of numbers from a text file, as a tensor.",
        details: "As NumPy's: a row a line, what follows `comments` is left out; one row or one column gives one axis.",
        example:
          "savetxt(\"x.txt\", tensor([[1, 2.5], [3, 4]]))\nloadtxt(\"x.txt\")\n#> tensor([[  1, 2.5],\n#>         [  3,   4]])",
        errors: ["a cell is no number", "rows of other lengths"], seeAlso: ["savetxt", "readcsv", "load"]
      ) { args, context in
        let name = try args.string(0)
        let delimiter = args.isGiven(1) ? try args.string(1) : nil
        if delimiter == "" { throw args.mismatch(1, expected: "some text") }
        let comments = try args.string(4)
        let wanted = args.isGiven(3) ? try args.ints(3) : nil
        var numbers: [Double] = []
        var width: Int?
        var count = 0
        let lines = try TextFile(args, 0, context).read(context).split(omittingEmptySubsequences: false) {
          $0.isNewline
        }
        for (index, line) in lines.enumerated().dropFirst(try args.int(2, in: 0...(1 << 53))) {
          if index & 0xFFF == 0 { try context.checkInterruption() }
          let kept = comments.isEmpty ? String(line) : String(line).components(before: comments)
          var cells = delimiter.map { kept.pieces(at: $0) } ?? kept.split { $0.isWhitespace }.map(String.init)
          if kept.allSatisfy(\.isWhitespace) { continue }
          if let wanted {
            cells = try wanted.map { column in
              let place = column < 0 ? column + cells.count : column
              guard cells.indices.contains(place) else {
                throw CSVError.columns(file: name, line: index + 1, got: cells.count, expected: column + 1)
              }
              return cells[place]
            }
          }
          if let width, width != cells.count {
            throw CSVError.columns(file: name, line: index + 1, got: cells.count, expected: width)
          }
          width = cells.count
          count += 1
          for cell in cells {
            guard let number = number(in: cell) else {
              throw CSVError.notNumber(file: name, line: index + 1, cell: cell)
            }
            numbers.append(number)
          }
        }
        let columns = width ?? 0
        let shape = count == 1 ? [columns] : columns == 1 ? [count] : columns == 0 ? [0] : [count, columns]
        return TensorOperators.value(try Tensor(numbers: numbers, shape: count == 1 && columns == 1 ? [] : shape))
      })
    registry.add(
      Builtin(
        "savetxt",
        [
          .required("path", "string"), .required("x", "tensor of one axis or two"),
          .optional("fmt", "string", "all digits"), .optional("delimiter", "string", default: " "),
          .optional("header", "string", default: ""), .optional("comments", "string", default: "# "),
        ], area: .tensors, summary: "Writes a tensor as a table of numbers, a row a line; whole or not at all.",
        details:
          "fmt is a format as in text, \".3f\" (NumPy's \"%.3f\" means the same). A header stands behind `comments`.",
        example:
          "savetxt(\"x.csv\", tensor([[1, 2], [3, 4]]), \".1f\", \",\")\nreadtext(\"x.csv\")\n#> \"1.0,2.0\\n3.0,4.0\\n\"",
        errors: ["more than two axes", "the folder cannot be written"], seeAlso: ["loadtxt", "writecsv", "save"]
      ) { args, context in
        let x = try args.tensor(1)
        guard x.rank <= 2 else { throw args.mismatch(1, expected: "a tensor of one axis or two") }
        let delimiter = try args.string(3)
        var format = args.isGiven(2) ? try args.string(2) : ""
        if format.hasPrefix("%") { format.removeFirst() }
        let (rows, columns) = x.rank == 2 ? (x.shape[0], x.shape[1]) : (x.count, 1)
        let numbers = x.exactValues
        var text = ""
        let header = try args.string(4)
        if !header.isEmpty {
          let mark = try args.string(5)
          text += header.split(omittingEmptySubsequences: false) { $0.isNewline }.map { mark + $0 + "\n" }.joined()
        }
        for row in 0..<rows {
          if row & 0xFFF == 0 { try context.checkInterruption() }
          let cells = try numbers[row * columns..<(row + 1) * columns].map { number -> String in
            let value = Value.number(x.wide == nil ? TensorOperators.number(Float(number)) : number)
            guard let cell = format.isEmpty ? try context.text(value) : try context.formatted(value, format) else {
              throw args.mismatch(2, expected: "a format such as \".3f\" or \".6g\"")
            }
            return cell
          }
          text += cells.joined(separator: delimiter) + "\n"
        }
        try TextFile(args, 0, context).write(text)
        return .none
      })
  }

  private static func delimiter(_ args: Arguments, _ index: Int) throws -> Character {
    let text = try args.string(index)
    guard text.count == 1, let first = text.first, first != "\"", !first.isNewline else {
      throw args.mismatch(index, expected: "one character, such as \",\" or \"\\t\"")
    }
    return first
  }
}

/// What can be wrong with a table of text.
enum CSVError: ExplainedError {
  case openQuote(file: String, line: Int)
  case afterQuote(file: String, line: Int)
  case columns(file: String, line: Int, got: Int, expected: Int)
  case notNumber(file: String, line: Int, cell: String)
  case repeatedName(file: String, name: String)

  var explanation: Explanation {
    switch self {
    case .openQuote(let file, let line):
      Explanation(
        "“\(file)”: a quote that begins in line \(line) does not end", help: "a quote inside is doubled: \"\"")
    case .afterQuote(let file, let line):
      Explanation("“\(file)”, line \(line): text follows a quote that ended", help: "a quote inside is doubled: \"\"")
    case .columns(let file, let line, let got, let expected):
      Explanation(
        "“\(file)”, line \(line): \(got == 1 ? "1 column" : "\(got) columns") where \(expected) are expected",
        help: "is it the right delimiter?")
    case .notNumber(let file, let line, let cell):
      Explanation(
        "“\(file)”, line \(line): \(quoted(String(cell.prefix(40)))) is no number",
        help: "skiprows= leaves lines out at the top, delimiter= says what stands between cells; readcsv reads text too"
      )
    case .repeatedName(let file, let name):
      Explanation("“\(file)” has two columns \(quoted(name))", help: "header=false gives lists")
    }
  }
}

/// RFC 4180, lines ended by LF or CR LF.
enum CSV {
  /// Rows of equally many cells; lines with nothing in them are left out.
  static func rows(
    of text: String, delimiter: Character, name: String, _ context: ExecutionContext
  ) throws -> [[String]] {
    var rows: [[String]] = []
    var row: [String] = []
    var cell = ""
    var (line, quoteLine) = (1, 0)
    var (isQuoted, wasQuoted) = (false, false)
    var cells = 0
    func endCell() {
      row.append(cell)
      cell = ""
      wasQuoted = false
    }
    func endRow() throws {
      defer { row = [] }
      if row.isEmpty, cell.isEmpty, !wasQuoted { return }
      endCell()
      if let first = rows.first, first.count != row.count {
        throw CSVError.columns(file: name, line: line, got: row.count, expected: first.count)
      }
      cells += row.count
      if rows.count & 0xFFF == 0 {
        try context.checkInterruption()
        try context.checkSize(cells, "a list")
      }
      rows.append(row)
    }
    var index = text.startIndex
    while index < text.endIndex {
      let character = text[index]
      index = text.index(after: index)
      if isQuoted {
        if character == "\"" {
          if index < text.endIndex, text[index] == "\"" {
            cell.append("\"")
            index = text.index(after: index)
          } else {
            isQuoted = false
            wasQuoted = true
          }
        } else {
          if character.isNewline { line += 1 }
          cell.append(character)
        }
      } else if character == delimiter {
        endCell()
      } else if character.isNewline {
        try endRow()
        line += 1
      } else if character == "\"", cell.isEmpty, !wasQuoted {
        isQuoted = true
        quoteLine = line
      } else {
        if wasQuoted { throw CSVError.afterQuote(file: name, line: line) }
        cell.append(character)
      }
    }
    if isQuoted { throw CSVError.openQuote(file: name, line: quoteLine) }
    try endRow()
    return rows
  }

  static func line(_ cells: [String], _ delimiter: Character) -> String {
    cells.map { cell in
      let needsQuotes =
        cell.contains { $0 == delimiter || $0 == "\"" || $0.isNewline } || cell.first == " " || cell.last == " "
      return needsQuotes ? "\"" + cell.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\"" : cell
    }.joined(separator: String(delimiter)) + "\n"
  }
}

extension String {
  /// What stands before the first `mark`.
  fileprivate func components(before mark: String) -> String {
    pieces(at: mark).first ?? self
  }

  fileprivate func pieces(at mark: String) -> [String] {
    split(separator: mark, omittingEmptySubsequences: false).map(String.init)
  }
}
