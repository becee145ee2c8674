/// A plot with axes in characters: its title, a legend, the vertical axis's name, the plot, ticks and the horizontal
/// axis's name. In a low window what matters least is left out first.
struct CharacterChart {
  struct Entry {
    /// A piece of the curve as it is drawn, or a sign.
    var sample: String
    var words: String
    var tint: TextTint
  }

  let size: FigureSize
  let colors: TerminalGraphics.Colors
  var title: String?
  var legend: [Entry] = []
  let x: Axis
  let y: Axis
  var canvas: DotCanvas
  private let xTicks: Ticks
  private let yTicks: Ticks
  private let labelWidth: Int
  private var legendLines: [[TextRun]]
  private var rest: (title: Bool, xName: Bool, yName: Bool) = (true, true, true)

  init(
    title: String?, x: Axis, y: Axis, legend: [Entry] = [], size: FigureSize, colors: TerminalGraphics.Colors,
    dots: DotCanvas.Dots
  ) {
    self.title = title.flatMap { $0.isEmpty ? nil : $0 }
    self.x = x
    self.y = y
    self.size = size
    self.colors = colors
    self.legend = legend
    legendLines = Self.wrapped(legend, width: size.width, lines: max(1, size.height / 6))
    // What is left when the axis, its ticks and five rows of the plot have their room.
    var room = size.height - 2 - 5
    if legend.isEmpty { legendLines = [] }
    if room < legendLines.count { legendLines = Array(legendLines.prefix(max(0, room))) }
    room -= legendLines.count
    rest.yName = room >= 1 && !y.label.name.isEmpty
    if rest.yName { room -= 1 }
    rest.xName = room >= 1 && !x.label.name.isEmpty
    if rest.xName { room -= 1 }
    rest.title = room >= 1 && self.title != nil
    if rest.title { room -= 1 }
    let above = legendLines.count + (rest.yName ? 1 : 0) + (rest.title ? 1 : 0)
    let rows = max(1, size.height - above - 2 - (rest.xName ? 1 : 0))
    yTicks = y.ticks(about: max(2, min(8, rows / 3)))
    labelWidth = min(max(1, yTicks.labels.map(\.count).max() ?? 1), max(1, size.width / 3))
    let columns = max(4, size.width - labelWidth - 2)
    xTicks = x.ticks(about: 9, room: Double(columns), character: 1)
    canvas = DotCanvas(columns: columns, rows: rows, dots: dots)
  }

  /// Where a point stands in dots; nil outside the plot.
  func place(_ x: Double, _ y: Double) -> (x: Int, y: Int)? {
    guard let right = self.x.part(x), let up = self.y.part(y) else { return nil }
    return canvas.place(right, up)
  }

  /// A curve through points in order; a point that has no place leaves a gap.
  /// - Parameter isInterrupted: asked now and then; true ends the curve where it is.
  mutating func curve(
    _ points: some Sequence<(Double, Double)>, _ tint: TextTint, _ stroke: DotCanvas.Stroke,
    _ isInterrupted: () -> Bool
  ) {
    var last: (x: Int, y: Int)?
    var isAlone = false
    var phase = 0
    var count = 0
    for (x, y) in points {
      if count % Figure.pointsBetweenQuestions == 0, isInterrupted() { return }
      count += 1
      guard let here = place(x, y) else {
        if isAlone, let last { dot(last, tint) }
        (last, isAlone) = (nil, false)
        continue
      }
      if let last {
        canvas.line(from: last, to: here, tint, stroke, phase: &phase)
        isAlone = false
      } else {
        isAlone = true
      }
      last = here
    }
    if isAlone, let last { dot(last, tint) }
  }

  /// A point that no line leads to.
  private mutating func dot(_ place: (x: Int, y: Int), _ tint: TextTint) {
    let (column, row) = canvas.cell(place)
    canvas.sign("•", column: column, row: row, tint)
  }

  /// A dashed line over the plot's whole height, its words at the top on the side with more room.
  mutating func verticalMark(at value: Double, label: String) {
    guard let part = x.part(value) else { return }
    let column = canvas.cell(canvas.place(part, 0)).column
    for row in 0..<canvas.rows where canvas.isBlank(column: column, row: row) {
      canvas.sign("┊", column: column, row: row, .plain)
    }
    let words = HalfBlocks.fitted(label, max(1, canvas.columns - 3))
    // Right of the line while there is room, else left of it.
    let start = column + 2 + words.count <= canvas.columns ? column + 2 : max(0, column - 1 - words.count)
    canvas.words(words, column: start, row: 0, .plain)
  }

  func text() -> String {
    var lines: [[TextRun]] = []
    if rest.title, let title { lines.append([TextRun(HalfBlocks.fitted(title, size.width), .strong)]) }
    lines += legendLines
    if rest.yName { lines.append([TextRun(HalfBlocks.fitted(y.text(yTicks), size.width), .quiet)]) }
    var labels: [Int: String] = [:]
    for (value, label) in zip(yTicks.values, yTicks.labels) {
      guard let part = y.part(value) else { continue }
      let row = canvas.cell(canvas.place(0, part)).row
      if labels[row] == nil { labels[row] = label }
    }
    for row in 0..<canvas.rows {
      let label = labels[row].map { HalfBlocks.fitted($0, labelWidth) } ?? ""
      lines.append(
        [TextRun(HalfBlocks.padded(label, labelWidth, right: true) + (labels[row] == nil ? " │" : " ┤"), .quiet)]
          + canvas.line(row))
    }
    lines += Self.foot(
      x, xTicks, columns: canvas.columns, margin: labelWidth, width: size.width, named: rest.xName
    ) { canvas.cell(canvas.place($0, 0)).column }
    return lines.map { $0.rendered(colors) }.joined(separator: "\n") + "\n"
  }

  /// The horizontal axis, what stands at its ticks, and its name.
  ///
  /// - Parameter column: in which column a part of the axis, 0…1, lies.
  static func foot(
    _ x: Axis, _ ticks: Ticks, columns: Int, margin: Int, width: Int, named: Bool, column: (Double) -> Int
  ) -> [[TextRun]] {
    var axis = Array(repeating: Character("─"), count: columns)
    var words = Array(repeating: Character(" "), count: columns + margin + 2)
    var end = -1
    for (value, label) in zip(ticks.values, ticks.labels) {
      guard let part = x.part(value) else { continue }
      let column = max(0, min(columns - 1, column(part)))
      axis[column] = "┬"
      let start = max(0, min(words.count - label.count, column + margin + 2 - (label.count - 1) / 2))
      guard start > end, label.count <= words.count else { continue }
      for (index, character) in label.enumerated() { words[start + index] = character }
      end = start + label.count
    }
    var lines = [
      [TextRun(String(repeating: " ", count: margin + 1) + "└" + String(axis), .quiet)],
      [TextRun(String(words), .quiet)],
    ]
    if named {
      let whole = x.text(ticks)
      let name = HalfBlocks.fitted(HalfBlocks.shownWidth(whole) <= width ? whole : x.label.name, width)
      let indent = max(0, min(width - name.count, margin + 2 + (columns - name.count) / 2))
      lines.append([TextRun(String(repeating: " ", count: indent) + name, .quiet)])
    }
    return lines
  }

  /// Side by side, in as many lines as it takes; what finds no room is counted.
  static func wrapped(_ entries: [Entry], width: Int, lines most: Int) -> [[TextRun]] {
    var lines: [[Entry]] = []
    func taken(by line: [Entry]) -> Int {
      line.reduce(0) { $0 + $1.sample.count + 1 + $1.words.count } + 3 * max(0, line.count - 1)
    }
    for var entry in entries {
      entry.words = HalfBlocks.fitted(entry.words, max(4, width - entry.sample.count - 1))
      if let last = lines.last, taken(by: last + [entry]) <= width {
        lines[lines.count - 1].append(entry)
      } else {
        lines.append([entry])
      }
    }
    var left = lines.dropFirst(most).reduce(0) { $0 + $1.count }
    lines = Array(lines.prefix(most))
    func more() -> String { "… and \(left) more" }
    while left > 0, let last = lines.last, last.count > 1, taken(by: last) + 3 + more().count > width {
      lines[lines.count - 1].removeLast()
      left += 1
    }
    var result = lines.map { line in
      line.enumerated().flatMap { index, entry in
        [TextRun((index == 0 ? "" : "   ")), TextRun(entry.sample, entry.tint), TextRun(" " + entry.words)]
      }
    }
    // Only where there is room for it: a line is never longer than the window.
    if left > 0, let last = lines.last, taken(by: last) + 3 + more().count <= width {
      result[result.count - 1].append(TextRun("   " + more(), .quiet))
    }
    return result
  }
}
