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

  init(_ args: Arguments, _ parameter: TypedParameter<String>, _ context: ExecutionContext) throws {
    path = try args[parameter]
    target = context.path(path)
  }

  enum Problem: ExplainedError {
    case notText(path: String, reason: String)
    case wouldReplace(path: String)
    case wouldBeNoText(path: String, place: Int)

    var explanation: Explanation {
      switch self {
      case .notText(let path, let reason):
        Explanation("“\(path)” is not text in UTF-8: \(reason)", help: "save it as UTF-8, without anything else in it")
      case .wouldReplace(let path):
        Explanation(
          "“\(path)” is there already and is no text: it was not replaced",
          help: "choose another name, or remove the file first")
      case .wouldBeNoText(let path, let place):
        Explanation(
          "“\(path)” was not written: byte \(place) would be zero, which no text has",
          help: "text.replace(\"\\0\", \"\") leaves such signs out")
      }
    }
  }

  /// The text, without the mark (BOM) that some editors put in front of it.
  func read(_ context: ExecutionContext) throws -> String {
    let bytes = try FileSystem.read(target, limit: context.limits.items)
    try context.checkSize(bytes.count, "a string")
    if let encoding = WideEncoding(of: bytes) {
      throw Problem.notText(path: path, reason: "it is \(encoding.rawValue)")
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
    // What is written here is read, and replaced, here too.
    if let zero = text.utf8.firstIndex(of: 0) {
      throw Problem.wouldBeNoText(path: path, place: text.utf8.distance(from: text.startIndex, to: zero))
    }
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
        "readtext", .of(path), area: .strings, returns: "string", files: .reads, summary: "The text of a file.",
        details: "UTF-8, with or without a mark in front. Lines are told by text.lines().",
        example: "writetext(\"notes.txt\", \"one\\ntwo\")\nreadtext(\"notes.txt\").lines()\n#> [\"one\", \"two\"]",
        errors: ["there is no such file", "it is no text"], seeAlso: ["writetext", "readcsv", "load"]
      ) { args, context in Value(try TextFile(args, path, context).read(context)) })
    let text = TypedParameter.string("text")
    let append = TypedParameter.bool("append", default: false, namedOnly: true)
    registry.add(
      Builtin(
        "writetext", .of(path, text, append), area: .strings, files: .writes,
        summary: "Writes a text into a file, whole or not at all; append=true adds it at the end.",
        details: "A file that is there is replaced, but only if it is text itself.",
        example:
          "writetext(\"log.txt\", \"a\\n\")\nwritetext(\"log.txt\", \"b\\n\", append=true)\nreadtext(\"log.txt\")\n#> \"a\\nb\\n\"",
        errors: ["the folder cannot be written", "a file that is no text stands there"],
        seeAlso: ["readtext", "writecsv", "save"]
      ) { args, context in
        try TextFile(args, path, context).write(args[text], appending: args[append])
        return .none
      })
    registerTables(&registry)
    registerNumberTables(&registry)
    registerJSON(&registry)
  }

  /// The file that is read or written.
  static let path = TypedParameter.string("path")

  private static let delimiter = TypedParameter<Character>(
    .optional("delimiter", "string", default: ",", namedOnly: true)
  ) { args, place in
    let text = try args.string(place)
    guard text.count == 1, let first = text.first, first != "\"", !first.isNewline else {
      throw args.mismatch(place, expected: "one character, such as \",\" or \"\\t\"")
    }
    return first
  }

  /// Records by the names in the first row, or lists; columns that are numbers throughout as numbers.
  private static func rows(
    of table: DelimitedTable, hasNames: Bool, asText: Bool, name: String, _ context: ExecutionContext
  ) throws -> [Value] {
    let first = hasNames && table.rows > 0 ? 1 : 0
    let names = first == 1 ? (0..<table.columns).map { table.text(0, $0) } : []
    if let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
      throw DelimitedTextError.repeatedName(file: name, name: names[twice])
    }
    let count = table.rows - first
    try context.checkSize(count * table.columns, "a list")
    let columns = try (0..<table.columns).map { column -> [Value] in
      try context.checkInterruption()
      if !asText, let numbers = numbers(of: table, column, first) { return numbers }
      return (first..<table.rows).map { table.value($0, column) }
    }
    if first == 1 { return Value.records(names: names, (0..<count).lazy.map { row in columns.map { $0[row] } }) }
    return (0..<count).map { row in Value(columns.map { $0[row] }) }
  }

  /// The numbers of a column, none where a cell is empty; nil where one is no number, or an id that numbers would change, or
  /// all are empty.
  private static func numbers(of table: DelimitedTable, _ column: Int, _ first: Int) -> [Value]? {
    var numbers: [Value] = []
    numbers.reserveCapacity(table.rows - first)
    var isEmpty = true
    for row in first..<table.rows {
      if table.isEmpty(row, column) {
        numbers.append(.none)
      } else if let number = table.number(row, column),
        number.magnitude < 0x1p53 || !isRounded(table.text(row, column), number)
      {
        numbers.append(.number(number))
        isEmpty = false
      } else {
        return nil
      }
    }
    return isEmpty ? nil : numbers
  }

  private static func registerTables(_ registry: inout BuiltinRegistry) {
    let header = TypedParameter.bool("header", default: true, namedOnly: true)
    let asText = TypedParameter.bool("text", default: false, namedOnly: true)
    registry.add(
      Builtin(
        "readcsv", .of(path, header, delimiter, asText), area: .strings, returns: "list", files: .reads,
        summary: "The rows of a CSV file: records by its first line, or lists with header=false.",
        details: """
          Quotes as in RFC 4180: they may hold delimiters, newlines and doubled quotes. A column all of whose cells say \
          numbers becomes numbers, an empty cell in it none; other columns stay text. So does a column with a whole number \
          beyond 2⁵³ that a number would round, as ids may be, and one with an underscore, as in 2024_01. text=true \
          leaves all of it text.
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
        let delimiter = try args[delimiter]
        let file = try TextFile(args, path, context)
        let hasNames = try args[header]
        let asText = try args[asText]
        return try DelimitedTable.read(file.read(context), delimiter: delimiter, name: file.path, context) { table in
          Value(try rows(of: table, hasNames: hasNames, asText: asText, name: file.path, context))
        }
      })
    let written = TypedParameter.value("rows", "list of records, list of lists, record of columns, or tensor")
    let names = TypedParameter.strings("header", or: "the records' names", namedOnly: true)
    registry.add(
      Builtin(
        "writecsv", .of(path, written, names, delimiter), area: .strings, files: .writes,
        summary: "Writes rows as CSV, whole or not at all.",
        details: """
          Numbers with all their digits, none as an empty cell; quotes where a cell needs them (RFC 4180). A record of \
          columns, {name: ["ann", "bob"], age: [31, 32]}, is written as the columns. Cells are strings, numbers, bools or none.
          """,
        example: """
          writecsv("x.csv", [{a: 1, b: "x, y"}, {a: 2, b: none}])
          readtext("x.csv")
          #> "a,b\\n1,\\"x, y\\"\\n2,\\n"
          """,
        errors: [
          "rows or columns of other lengths, or with other names", "a cell of another kind",
          "a tensor of three axes or more",
          "the folder cannot be written",
        ],
        seeAlso: ["readcsv", "savetxt"]
      ) { args, context in
        let delimiter = try args[delimiter]
        var names = try args[names]
        var rows: [[Value]] = []
        if let tensor = try args[written].asTensor, tensor.rank > 2 {
          throw args.mismatch(written, expected: "a tensor of one axis or two")
        }
        let columns = try args[written].asRecord
        if let columns { rows = try Self.rows(ofColumns: columns, &names, written, context) }
        let items = columns == nil ? try context.items(args, written) : []
        for (index, item) in items.enumerated() {
          if let record = item.asRecord {
            let own = record.fields.map(\.name)
            if names == nil { names = own }
            guard let names, own.count == names.count, names.allSatisfy(own.contains) else {
              throw ArgumentError(written, "writecsv: row \(index) has the fields \(own), others have \(names ?? [])")
            }
            rows.append(names.map { record.value(StringBox($0)) ?? .none })
          } else if let tensor = item.asTensor, tensor.rank == 1 {
            rows.append(numbers(of: tensor))
          } else if let list = item.asItems {
            rows.append(list)
          } else {
            rows.append([item])
          }
        }
        let width = names?.count ?? rows.first?.count ?? 0
        if let odd = rows.firstIndex(where: { $0.count != width }) {
          throw ArgumentError(
            written, "writecsv: row \(odd) has \(counted(rows[odd].count, "cell")), others have \(width)")
        }
        var text = ""
        if let names { text += DelimitedText.line(names, delimiter) }
        for (index, row) in rows.enumerated() {
          try context.checkInterruption()
          let cells = try row.enumerated().map { column, cell in
            switch cell {
            case .none: return ""
            case .string, .number, .bool: return try context.text(cell)
            // One number, which under a gradient says that it has none here.
            case .tensor(let box) where box.tensor.rank == 0: return try context.text(cell)
            default:
              let place = names.map { quoted($0[column]) } ?? "\(column)"
              throw ArgumentError(
                written, "writecsv: row \(index), column \(place) holds \(cell.inWords), which is no cell",
                help: "a cell is a string, a number, a bool or none; str(x) makes text of anything")
            }
          }
          text += DelimitedText.line(cells, delimiter)
        }
        try TextFile(args, path, context).write(text)
        return .none
      })
  }

  /// The rows of a record of columns, which are equally long.
  private static func rows(
    ofColumns record: RecordBox, _ names: inout [String]?, _ written: TypedParameter<Value>, _ context: ExecutionContext
  ) throws -> [[Value]] {
    let own = record.fields.map(\.name)
    let order = names ?? own
    guard !own.isEmpty else { throw ArgumentError(written, "writecsv: the record has no columns") }
    guard own.count == order.count, order.allSatisfy(own.contains) else {
      throw ArgumentError(written, "writecsv: the record has the columns \(own), header= names \(order)")
    }
    names = order
    let columns = try order.map { name -> [Value] in
      let column = record.value(StringBox(name)) ?? .none
      switch column {
      case .list(let box): return box.items
      case .tensor(let box) where box.tensor.rank == 1: return numbers(of: box.tensor)
      case .range(let range): return try context.values(range.count) { .number(range.start + Double($0)) }
      default:
        throw ArgumentError(
          written, "writecsv: a record is written as columns, and \(quoted(name)) is \(column.inWords)",
          help: "each of its fields has to be a list; one row is a list of one record: [{…}]")
      }
    }
    let count = columns[0].count
    if let odd = columns.firstIndex(where: { $0.count != count }) {
      throw ArgumentError(
        written,
        "writecsv: column \(quoted(order[odd])) has \(counted(columns[odd].count, "cell")), \(quoted(order[0])) has \(count)"
      )
    }
    try context.checkSize(count * columns.count, "a list")
    return (0..<count).map { row in columns.map { $0[row] } }
  }

  /// A tensor's numbers in the order of its memory, with the digits that it shows.
  static func numbers(of tensor: Tensor) -> [Value] {
    tensor.exactValues.map { .number(tensor.wide == nil ? TensorOperators.number(Float($0)) : $0) }
  }
}
