import Diagnostics
import Interpreter
import Tensors

extension CoreLibrary {
  /// Tables of numbers as NumPy's `loadtxt` and `savetxt` have them.
  static func registerNumberTables(_ registry: inout BuiltinRegistry) {
    let delimiter = TypedParameter.string("delimiter", or: "blanks")
    let skipped = TypedParameter.int("skiprows", in: 0...(1 << 53), default: 0)
    let chosen = TypedParameter.ints("usecols", or: "all")
    let comments = TypedParameter.string("comments", default: "#")
    registry.add(
      Builtin(
        "loadtxt", .of(path, delimiter, skipped, chosen, comments), area: .tensors, returns: "tensor", files: .reads,
        summary: "A table of numbers from a text file, as a tensor.",
        details: """
          As NumPy's: a row a line, what follows `comments` is left out; one row or one column gives one axis. Whole \
          numbers beyond 2⁵³ are rounded, with a warning. A text with an underscore is no number.
          """,
        example:
          "savetxt(\"x.txt\", tensor([[1, 2.5], [3, 4]]))\nloadtxt(\"x.txt\")\n#> tensor([[  1, 2.5],\n#>         [  3,   4]])",
        errors: ["a cell is no number", "rows of other lengths"], seeAlso: ["savetxt", "readcsv", "load"]
      ) { args, context in
        let file = try TextFile(args, path, context)
        let mark = try args[delimiter]
        if mark == "" { throw args.mismatch(delimiter, expected: "some text") }
        let comments = try args[comments]
        let wanted = try args[chosen]
        var numbers: [Double] = []
        var width: Int?
        var count = 0
        var hasRounded = false
        let lines = try file.read(context).split(omittingEmptySubsequences: false) { $0.isNewline }
        for (index, line) in lines.enumerated().dropFirst(try args[skipped]) {
          if index & 0xFFF == 0 { try context.checkInterruption() }
          let kept = comments.isEmpty ? String(line) : String(line).components(before: comments)
          var cells = mark.map { kept.pieces(at: $0) } ?? kept.split { $0.isWhitespace }.map(String.init)
          if kept.allSatisfy(\.isWhitespace) { continue }
          if let wanted {
            cells = try wanted.map { column in
              let place = column < 0 ? column + cells.count : column
              guard cells.indices.contains(place) else {
                throw DelimitedTextError.columns(
                  file: file.path, line: index + 1, got: cells.count, expected: column + 1)
              }
              return cells[place]
            }
          }
          if let width, width != cells.count {
            throw DelimitedTextError.columns(file: file.path, line: index + 1, got: cells.count, expected: width)
          }
          width = cells.count
          count += 1
          for cell in cells {
            guard let number = number(in: cell, underscores: false) else {
              throw DelimitedTextError.notNumber(file: file.path, line: index + 1, cell: cell)
            }
            let isRounded = isRounded(cell, number)
            if isRounded { hasRounded = true }
            // An odd double beyond 2⁵³ is no float: it counts as rounded.
            numbers.append(isRounded ? Double(bitPattern: number.bitPattern | 1) : number)
          }
        }
        if hasRounded {
          let rounded = numbers.count { $0 == $0.rounded() && Double(Float($0)) != $0 }
          context.output.warn(
            Explanation(
              "\(rounded) whole number\(rounded == 1 ? "" : "s") of “\(file.path)” \(rounded == 1 ? "is" : "are") rounded to "
                + "float32: with one beyond 2⁵³ in a table, none of it is kept exactly",
              help: "readcsv leaves ids of that size as text; usecols= leaves columns out"))
        }
        let infinite = numbers.count { $0.isFinite && Float($0).isInfinite }
        if infinite > 0 {
          let isOne = infinite == 1
          context.output.warn(
            Explanation(
              "\(infinite) number\(isOne ? "" : "s") of “\(file.path)” \(isOne ? "is" : "are") beyond float32, and "
                + "\(isOne ? "is" : "are") inf or -inf now",
              help: "float32 ends at 3.4e38: scale the numbers before you save them"))
        }
        let columns = width ?? 0
        let table = count == 1 ? [columns] : columns == 1 ? [count] : columns == 0 ? [0] : [count, columns]
        let shape = count == 1 && columns == 1 ? [] : table
        return TensorOperators.value(
          try hasRounded ? Tensor(numbers.map { Float($0) }, shape: shape) : Tensor(numbers: numbers, shape: shape))
      })
    registerSavingOfNumbers(&registry)
  }

  private static func registerSavingOfNumbers(_ registry: inout BuiltinRegistry) {
    let table = TypedParameter.tensor("x", "tensor of one axis or two")
    let format = TypedParameter.string("fmt", or: "all digits")
    let delimiter = TypedParameter.string("delimiter", default: " ")
    let header = TypedParameter.string("header", default: "")
    let comments = TypedParameter.string("comments", default: "# ")
    registry.add(
      Builtin(
        "savetxt", .of(path, table, format, delimiter, header, comments), area: .tensors, files: .writes,
        summary: "Writes a tensor as a table of numbers, a row a line; whole or not at all.",
        details:
          "fmt is a format as in text, \".3f\" (NumPy's \"%.3f\" means the same). A header stands behind `comments`.",
        example:
          "savetxt(\"x.csv\", tensor([[1, 2], [3, 4]]), \".1f\", \",\")\nreadtext(\"x.csv\")\n#> \"1.0,2.0\\n3.0,4.0\\n\"",
        errors: ["more than two axes", "the folder cannot be written"], seeAlso: ["loadtxt", "writecsv", "save"]
      ) { args, context in
        let x = try args[table]
        guard x.rank <= 2 else { throw args.mismatch(table, expected: "a tensor of one axis or two") }
        let delimiter = try args[delimiter]
        let form = try args[format].map { $0.hasPrefix("%") ? String($0.dropFirst()) : $0 } ?? ""
        let (rows, columns) = x.rank == 2 ? (x.shape[0], x.shape[1]) : (x.count, 1)
        let numbers = x.exactValues
        var text = ""
        let header = try args[header]
        if !header.isEmpty {
          let mark = try args[comments]
          text += header.split(omittingEmptySubsequences: false) { $0.isNewline }.map { mark + $0 + "\n" }.joined()
        }
        for row in 0..<rows {
          if row & 0xFFF == 0 { try context.checkInterruption() }
          let cells = try numbers[row * columns..<(row + 1) * columns].map { number -> String in
            let value = Value.number(x.wide == nil ? TensorOperators.number(Float(number)) : number)
            guard let cell = form.isEmpty ? try context.text(value) : try context.formatted(value, form) else {
              throw args.mismatch(format, expected: "a format such as \".3f\" or \".6g\"")
            }
            return cell
          }
          text += cells.joined(separator: delimiter) + "\n"
        }
        try TextFile(args, path, context).write(text)
        return .none
      })
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
