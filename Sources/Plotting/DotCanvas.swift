/// Dots in characters: eight to a character in Braille (⣿), or two where a console has no Braille (▀). A character has
/// one colour, that of the last dot set in it.
struct DotCanvas {
  enum Dots: Hashable, Sendable {
    case braille
    case halves

    var columns: Int { self == .braille ? 2 : 1 }
    var rows: Int { self == .braille ? 4 : 2 }
  }

  /// Which dots along a line are set, so that curves differ without colours too.
  enum Stroke: Int, CaseIterable, Sendable {
    case solid, dashed, dotted, sparse

    func isSet(_ step: Int) -> Bool {
      switch self {
      case .solid: true
      case .dashed: step % 6 < 4
      case .dotted: step % 3 == 0
      case .sparse: step % 6 == 0
      }
    }
  }

  let dots: Dots
  /// In characters.
  let columns: Int
  let rows: Int
  private var bits: [UInt8]
  private var tints: [TextTint]
  private var signs: [Character?]

  init(columns: Int, rows: Int, dots: Dots) {
    self.dots = dots
    self.columns = max(1, columns)
    self.rows = max(1, rows)
    bits = Array(repeating: 0, count: self.columns * self.rows)
    tints = Array(repeating: .plain, count: bits.count)
    signs = Array(repeating: nil, count: bits.count)
  }

  /// In dots.
  var width: Int { columns * dots.columns }
  var height: Int { rows * dots.rows }

  /// A place from the left and from the bottom, 0…1 each, as a dot counted from the left and from the top.
  func place(_ x: Double, _ y: Double) -> (x: Int, y: Int) {
    (Int((x * Double(width - 1)).rounded()), height - 1 - Int((y * Double(height - 1)).rounded()))
  }

  mutating func set(_ x: Int, _ y: Int, _ tint: TextTint) {
    guard x >= 0, y >= 0, x < width, y < height else { return }
    let cell = y / dots.rows * columns + x / dots.columns
    let (column, row) = (x % dots.columns, y % dots.rows)
    // Braille numbers its dots down the left side, then down the right, the lowest two last.
    let bit = dots == .halves ? row : row == 3 ? 6 + column : row + column * 3
    bits[cell] |= 1 << UInt8(bit)
    tints[cell] = tint
  }

  /// A line from dot to dot, both ends included. `phase` counts dots along a curve, so that its dashes go on.
  mutating func line(
    from a: (x: Int, y: Int), to b: (x: Int, y: Int), _ tint: TextTint, _ stroke: Stroke, phase: inout Int
  ) {
    let steps = max(abs(b.x - a.x), abs(b.y - a.y))
    if steps == 0 {
      if stroke.isSet(phase) { set(a.x, a.y, tint) }
      return
    }
    for step in 0...steps {
      let part = Double(step) / Double(steps)
      let x = a.x + Int((Double(b.x - a.x) * part).rounded())
      let y = a.y + Int((Double(b.y - a.y) * part).rounded())
      if stroke.isSet(phase + step) { set(x, y, tint) }
    }
    phase += steps
  }

  /// A character over the dots of its cell.
  mutating func sign(_ character: Character, column: Int, row: Int, _ tint: TextTint) {
    guard (0..<columns).contains(column), (0..<rows).contains(row) else { return }
    signs[row * columns + column] = character
    tints[row * columns + column] = tint
  }

  /// The cell in which a dot lies.
  func cell(_ place: (x: Int, y: Int)) -> (column: Int, row: Int) { (place.x / dots.columns, place.y / dots.rows) }

  /// Words along a row, over whatever is there, as much of them as there is room for.
  mutating func words(_ text: String, column: Int, row: Int, _ tint: TextTint) {
    for (index, character) in text.enumerated() { sign(character, column: column + index, row: row, tint) }
  }

  /// Nothing is drawn in a cell.
  func isBlank(column: Int, row: Int) -> Bool {
    guard (0..<columns).contains(column), (0..<rows).contains(row) else { return false }
    return bits[row * columns + column] == 0 && signs[row * columns + column] == nil
  }

  func line(_ row: Int) -> [TextRun] {
    (0..<columns).map { column in
      let cell = row * columns + column
      if let sign = signs[cell] { return TextRun(String(sign), tints[cell]) }
      let pattern = bits[cell]
      if pattern == 0 { return TextRun(" ") }
      if dots == .halves { return TextRun(["▀", "▄", "█"][Int(pattern) - 1], tints[cell]) }
      return TextRun(Unicode.Scalar(0x2800 + UInt32(pattern)).map { String($0) } ?? " ", tints[cell])
    }
  }
}
