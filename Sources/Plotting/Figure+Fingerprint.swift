import Diagnostics

extension Figure {
  /// The figure's data in a few lines, the same wherever the data are: what a session records as a cell's result. The
  /// last line holds a hash of all values, bit by bit; the lines above it can be compared with a tolerance.
  public var fingerprintText: String {
    var lines: [String] = []
    switch content {
    case .lines(let plot):
      for series in plot.series { lines.append(Self.line(series.name, series.y)) }
    case .histogram(let plot):
      for group in plot.groups { lines.append(Self.line(group.name, group.values)) }
      if let edges = plot.edges {
        let few = edges.count <= 8 ? ": " + edges.map { Words.number($0) }.joined(separator: ", ") : ""
        lines.append("\(edges.count) edges of bins\(few)")
      }
      if let threshold = plot.threshold {
        lines.append("threshold \(Words.number(threshold.value))")
      }
    case .roc(let plot):
      for curve in plot.curves {
        var line = "\(curve.name): \(Words.count(curve.far.count)) points"
        if let eer = curve.eer { line += ", EER \(Words.number(eer))" }
        if let auc = curve.auc { line += ", AUC \(Words.number(auc))" }
        lines.append(line)
      }
    case .scatter(let plot):
      lines.append(Self.line(plot.xLabel.name, plot.x))
      lines.append(Self.line(plot.yLabel.name, plot.y))
      if !plot.labels.isEmpty { lines.append("\(Set(plot.labels).count) labels") }
      if !plot.thumbnails.isEmpty { lines.append("\(plot.thumbnails.count) images") }
    case .montage(let plot):
      lines.append("\(plot.tiles.count) \(plot.tiles.count == 1 ? "image" : "images")")
    case .heatmap(let plot):
      lines.append(Self.line("\(plot.rows) × \(plot.columns)", plot.values))
    case .bars(let plot):
      lines.append(Self.line("bars", plot.values))
    case .grid(let grid):
      for figure in grid.figures {
        lines += figure.fingerprintText.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      }
    }
    let heading = title.map { "\(kindName) “\($0)”" } ?? kindName
    return ([heading] + lines.map { "  " + $0 } + ["  data \(dataHash)"]).joined(separator: "\n")
  }

  private static func line(_ name: String, _ values: [Double]) -> String {
    let finite = values.filter(\.isFinite)
    var text = "\(name): \(Words.count(values.count)) \(values.count == 1 ? "value" : "values")"
    if let low = finite.min(), let high = finite.max() {
      text += ", \(Words.number(low)) to \(Words.number(high))"
    }
    if finite.count < values.count { text += ", \(values.count - finite.count) not finite" }
    return text
  }

  /// 64 bits of FNV-1a over all numbers and names, in hexadecimal.
  public var dataHash: String {
    var hash = FNVHash()
    hash.add(kindName)
    switch content {
    case .lines(let plot):
      for series in plot.series {
        hash.add(series.name)
        hash.add(series.x)
        hash.add(series.y)
      }
    case .histogram(let plot):
      for group in plot.groups {
        hash.add(group.name)
        hash.add(group.values)
      }
      if let edges = plot.edges { hash.add(edges) }
      if let threshold = plot.threshold { hash.add([threshold.value]) }
    case .roc(let plot):
      for curve in plot.curves {
        hash.add(curve.name)
        hash.add(curve.far)
        hash.add(curve.tar)
      }
    case .scatter(let plot):
      hash.add(plot.x)
      hash.add(plot.y)
      for label in plot.labels { hash.add(label) }
      for tile in plot.thumbnails { hash.add(tile) }
    case .montage(let plot):
      for tile in plot.tiles { hash.add(tile) }
    case .heatmap(let plot):
      hash.add([Double(plot.rows), Double(plot.columns)])
      hash.add(plot.values)
      for name in plot.rowNames + plot.columnNames { hash.add(name) }
    case .bars(let plot):
      for name in plot.names { hash.add(name) }
      hash.add(plot.values)
    case .grid(let grid):
      for figure in grid.figures { hash.add(figure.dataHash) }
    }
    return hash.digits
  }
}

extension FNVHash {
  fileprivate mutating func add(_ tile: MontagePlot.Tile) {
    add([Double(tile.width), Double(tile.height), Double(tile.channels)])
    for byte in tile.pixels { add(byte) }
    add(tile.label ?? "")
  }

  fileprivate mutating func add(_ text: String) {
    add(utf8: text)
    add(UInt8(0))
  }

  fileprivate mutating func add(_ numbers: [Double]) {
    for number in numbers {
      // Every NaN counts alike, and so do both zeros.
      let bits = number.isNaN ? Double.nan.bitPattern : number == 0 ? 0 : number.bitPattern
      add(bytesOf: bits)
    }
    add(UInt8(1))
  }
}
