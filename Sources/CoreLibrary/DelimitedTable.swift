import Interpreter

/// The cells of a table of text (RFC 4180; lines end with LF, CR LF or CR), by where they stand among its bytes: so a column of
/// numbers is read without a text for each, and a large file without a step for each of its characters.
///
/// Rows have equally many cells; lines with nothing in them are left out.
struct DelimitedTable {
  /// Where a cell stands; a negative start is a place among those that had to be written anew.
  private struct Cell {
    var start: Int
    var count: Int
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  private var cells: [Cell] = []
  /// Cells with doubled quotes, which are one each, and those with blanks behind the quote that ends them.
  private var rewritten: [String] = []
  private(set) var columns = 0
  private(set) var rows = 0

  /// The table is there as long as `body` runs, for the text's bytes are.
  static func read<R>(
    _ text: consuming String, delimiter: Character, name: String, _ context: ExecutionContext,
    _ body: (DelimitedTable) throws -> R
  ) throws -> R {
    var text = text
    return try text.withUTF8 { bytes in
      var table = DelimitedTable(bytes: bytes)
      try table.read(delimiter: Array(String(delimiter).utf8), name: name, context)
      return try body(table)
    }
  }

  private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  func isEmpty(_ row: Int, _ column: Int) -> Bool { cells[row * columns + column].count == 0 }

  func text(_ row: Int, _ column: Int) -> String {
    let cell = cells[row * columns + column]
    return cell.start < 0 ? rewritten[-1 - cell.start] : String(decoding: slice(cell), as: UTF8.self)
  }

  /// The same as a value.
  func value(_ row: Int, _ column: Int) -> Value {
    let cell = cells[row * columns + column]
    return cell.start < 0 ? Value(rewritten[-1 - cell.start]) : .string(StringBox(utf8: slice(cell)))
  }

  func number(_ row: Int, _ column: Int) -> Double? {
    let cell = cells[row * columns + column]
    if cell.start >= 0, let plain = CoreLibrary.plainNumber(slice(cell)) { return plain }
    return CoreLibrary.number(in: text(row, column), underscores: false)
  }

  private func slice(_ cell: Cell) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: bytes[cell.start..<(cell.start + cell.count)])
  }

  // MARK: Reading

  private mutating func read(delimiter: [UInt8], name: String, _ context: ExecutionContext) throws {
    var place = 0
    var line = 1
    while place < bytes.count {
      let first = cells.count
      guard let end = try readRow(&place, &line, delimiter, name) else { continue }
      let got = cells.count - first
      if rows == 0 { columns = got }
      guard got == columns else { throw DelimitedTextError.columns(file: name, line: end, got: got, expected: columns) }
      if rows & 0xFFF == 0 {
        try context.checkInterruption()
        try context.checkSize(cells.count, "a list")
      }
      rows += 1
    }
  }

  /// Reads up to the row's end, and past it: the line in which it ended; nil where nothing stands there.
  private mutating func readRow(
    _ place: inout Int, _ line: inout Int, _ delimiter: [UInt8], _ name: String
  ) throws -> Int? {
    let first = cells.count
    while true {
      let wasQuoted = place < bytes.count && bytes[place] == UInt8(ascii: "\"")
      if wasQuoted {
        try readQuoted(&place, &line, delimiter, name)
      } else {
        let start = place
        while place < bytes.count, !isDelimiter(delimiter, at: place), newline(at: place) == 0 { place += 1 }
        cells.append(Cell(start: start, count: place - start))
      }
      if place < bytes.count, isDelimiter(delimiter, at: place) {
        place += delimiter.count
        continue
      }
      let end = place < bytes.count ? newline(at: place) : 0
      guard end > 0 || place == bytes.count else { throw DelimitedTextError.afterQuote(file: name, line: line) }
      let ended = line
      if end > 0 {
        place += end
        line += 1
      }
      if cells.count == first + 1, !wasQuoted, cells[first].count == 0 {
        cells.removeLast()
        return nil
      }
      return ended
    }
  }

  private mutating func readQuoted(
    _ place: inout Int, _ line: inout Int, _ delimiter: [UInt8], _ name: String
  ) throws {
    let begun = line
    place += 1
    let start = place
    var anew: [UInt8]?
    var copied = start
    while place < bytes.count {
      if bytes[place] == UInt8(ascii: "\"") {
        guard place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "\"") else {
          let end = place
          place += 1
          let blanks = place
          while place < bytes.count, isBlank(bytes[place]), !isDelimiter(delimiter, at: place) { place += 1 }
          if anew == nil, place == blanks {
            cells.append(Cell(start: start, count: end - start))
          } else {
            // Blanks behind the quote belong to the cell, as Python's csv and pandas have it.
            let text = (anew ?? []) + bytes[copied..<end] + bytes[blanks..<place]
            rewritten.append(String(decoding: text, as: UTF8.self))
            cells.append(Cell(start: -rewritten.count, count: text.count))
          }
          return
        }
        // One of the two quotes goes along with what stands before them.
        anew = anew ?? []
        anew?.append(contentsOf: bytes[copied...place])
        place += 2
        copied = place
        continue
      }
      let end = newline(at: place)
      if end > 0 { line += 1 }
      place += max(1, end)
    }
    throw DelimitedTextError.openQuote(file: name, line: begun)
  }

  @inline(__always)
  private func isDelimiter(_ delimiter: [UInt8], at place: Int) -> Bool {
    guard bytes[place] == delimiter[0] else { return false }
    return delimiter.count == 1
      || (place + delimiter.count <= bytes.count && bytes[place..<(place + delimiter.count)].elementsEqual(delimiter))
  }

  @inline(__always)
  private func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

  /// How many bytes end the line here; 0 where none does. What else Unicode calls a line's end (U+0085, U+2028, the vertical
  /// tab) is text: tables hold it in the middle of cells.
  @inline(__always)
  private func newline(at place: Int) -> Int {
    switch bytes[place] {
    case 10: return 1
    case 13: return place + 1 < bytes.count && bytes[place + 1] == 10 ? 2 : 1
    default: return 0
    }
  }
}
