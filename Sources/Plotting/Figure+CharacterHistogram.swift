/// Histograms in characters: columns of blocks. Several groups stand above one another over the same axis, each in a
/// strip of its own, which colours and the lack of them leave equally clear.
extension Figure {
  static func characters(
    _ plot: HistogramPlot, title: String?, size: FigureSize, colors: TerminalGraphics.Colors
  ) -> String {
    let bins = plot.binning.merged(for: plot.bins == nil ? size.width - 8 : 0)
    let heights = plot.heights(bins)
    let top = max(heights.joined().max() ?? 1, 1e-300)
    let title = title.flatMap { $0.isEmpty ? nil : $0 }
    let y = plot.yAxis(top: top)
    // The axis, its ticks, its name, the vertical axis's name and the title.
    let named = plot.hasLegend
    var room = size.height - 2
    let hasXName = room > 4 && !plot.xLabel.name.isEmpty
    if hasXName { room -= 1 }
    let hasYName = room > 4
    if hasYName { room -= 1 }
    let hasTitle = room > 4 && title != nil
    if hasTitle { room -= 1 }
    let shown = max(1, min(plot.groups.count, room / (named ? 3 : 2)))
    let strip = max(1, room / shown - (named ? 1 : 0))
    // At least a row between two of them: next to one another, some would stand closer than others.
    let ticks =
      stride(from: max(1, min(6, strip / 2)), to: 1, by: -1).lazy.map { y.ticks(about: $0) }
      .first { ($0.values.count - 1) * 2 < strip } ?? y.ticks(about: 1)
    let labelWidth = min(ticks.labels.map(\.count).max() ?? 1, size.width / 3)
    let most = max(4, size.width - labelWidth - 2)
    // Every bin equally wide where there are fewer than columns.
    let even = bins.binCount <= most && bins.width != nil ? most / bins.binCount * bins.binCount : most
    var x = plot.xAxis(bins)
    if let threshold = plot.threshold?.value, x.range.upperBound > bins.end || x.range.lowerBound < bins.start {
      x = Axis(label: x.label, range: min(bins.start, threshold)...max(bins.end, threshold))
    }
    let columns = x.range == bins.start...bins.end ? even : most
    let xTicks = x.ticks(about: 9, room: Double(columns), character: 1)
    let mark = plot.threshold.flatMap { x.part($0.value) }.map { min(columns - 1, Int($0 * Double(columns))) }

    var lines: [[TextRun]] = []
    if hasTitle, let title { lines.append([TextRun(HalfBlocks.fitted(title, size.width), .strong)]) }
    if hasYName { lines.append([TextRun(HalfBlocks.fitted(y.text(ticks), size.width), .quiet)]) }
    let margin = String(repeating: " ", count: labelWidth + 1)
    for index in 0..<shown {
      let group = plot.groups[index]
      if named {
        let words = HalfBlocks.fitted(plot.caption(group, bins, index), max(1, size.width - labelWidth - 5))
        lines.append([TextRun(margin + " "), TextRun("█", .series(index)), TextRun(" " + words)])
      }
      // What each column shows, in eighths of a character.
      let eighths = (0..<columns).map { column -> Int in
        let (from, to) = (Double(column) / Double(columns), Double(column + 1) / Double(columns))
        let height = bins.greatest(heights[index], from: x.value(from), to: x.value(to))
        let count = height / y.range.upperBound * Double(strip) * 8
        // What is there is seen, however little.
        return count.isFinite ? (height > 0 ? max(1, Int(count.rounded())) : 0) : 0
      }
      var labels: [Int: String] = [:]
      for (value, label) in zip(ticks.values, ticks.labels) {
        guard let part = y.part(value) else { continue }
        let row = max(0, strip - 1 - Int((part * Double(strip)).rounded(.down)))
        if strip < 3 || labels[row + 1] == nil { labels[row] = label }
      }
      if strip < 3 { labels = labels.filter { $0.key == 0 || strip == 1 } }
      for row in 0..<strip {
        let base = (strip - 1 - row) * 8
        let label = labels[row] ?? ""
        var runs = [
          TextRun(
            HalfBlocks.padded(HalfBlocks.fitted(label, labelWidth), labelWidth, right: true)
              + (labels[row] == nil ? " │" : " ┤"), .quiet)
        ]
        for column in 0..<columns {
          let part = max(0, min(8, eighths[column] - base))
          if part == 0, column == mark {
            runs.append(TextRun("┊"))
          } else {
            runs.append(TextRun(String(Array(" ▁▂▃▄▅▆▇█")[part]), .series(index)))
          }
        }
        lines.append(runs)
      }
      if index == 0, let mark, let label = plot.threshold?.label {
        lines.place(label, at: mark, rows: strip)
      }
    }
    if shown < plot.groups.count {
      let words = "\(margin) … and \(plot.groups.count - shown) more groups"
      lines.append([TextRun(HalfBlocks.fitted(words, size.width), .quiet)])
    }
    lines += CharacterChart.foot(
      x, xTicks, columns: columns, margin: labelWidth, width: size.width, named: hasXName
    ) { Int($0 * Double(columns)) }
    return lines.map { $0.rendered(colors) }.joined(separator: "\n") + "\n"
  }
}

extension [[TextRun]] {
  /// Words beside a line that was drawn through the last `rows` lines: in the first of them where that place is empty.
  fileprivate mutating func place(_ label: String, at column: Int, rows: Int) {
    let words = Array<Character>(label)
    for index in Swift.max(0, count - rows)..<count {
      // The margin is one run, every column another.
      let cells = self[index].dropFirst().map(\.text)
      for start in [column + 2, column - 1 - words.count] where start >= 0 && start + words.count <= cells.count {
        guard cells[start..<(start + words.count)].allSatisfy({ $0 == " " }) else { continue }
        for (offset, character) in words.enumerated() {
          self[index][1 + start + offset] = TextRun(String(character))
        }
        return
      }
    }
  }
}
