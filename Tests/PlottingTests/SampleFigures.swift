import Foundation

@testable import Plotting

/// Figures of each kind with data like those of real work; the same values everywhere.
enum Sample {
  /// A small linear congruential generator: the samples need no quality, only to be the same everywhere.
  struct Noise {
    var state: UInt64 = 1

    mutating func next() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 40) / Double(1 << 24)
    }

    mutating func normal() -> Double { (0..<12).reduce(-6.0) { sum, _ in sum + next() } }
  }

  static func loss() -> Figure {
    var noise = Noise()
    let epochs = (1...20).map(Double.init)
    let loss = epochs.map { 0.24 * exp(-$0 / 4) + 0.02 + noise.next() * 0.004 }
    let validation = epochs.map { 0.22 * exp(-$0 / 5) + 0.045 + noise.next() * 0.01 }
    return Figure(
      title: "Contrastive loss",
      .lines(
        LinePlot(
          [.init("loss", x: epochs, y: loss), .init("val_loss", x: epochs, y: validation)], xLabel: AxisLabel("epoch"),
          yLabel: AxisLabel("loss"), marks: [.init(x: 16, label: "best epoch 16")])))
  }

  static func distances() -> Figure {
    var noise = Noise()
    let same = (0..<450).map { _ in max(0, 0.28 + 0.1 * noise.normal()) }
    let different = (0..<4500).map { _ in max(0, 0.85 + 0.22 * noise.normal()) }
    return Figure(
      title: "Distances of people never seen",
      .histogram(
        HistogramPlot(
          [.init("same", same), .init("different", different)], threshold: .init(0.468, label: "threshold 0.468"),
          xLabel: AxisLabel("distance between embeddings"), noun: "pairs")))
  }

  static func roc(logarithmic: Bool) -> Figure {
    let far = (0...400).map { pow(Double($0) / 400, 3) }
    let tar = far.map { pow($0, 0.12) }
    return Figure(
      title: "Verification of strangers",
      .roc(
        ROCPlot([.init("recipe", far: far, tar: tar, eer: 0.18389, auc: 0.8929)], logarithmic: logarithmic)))
  }

  /// Curves of several networks, as `curve({…})` draws them.
  static func rocs(_ count: Int, logarithmic: Bool = false) -> Figure {
    let far = (0...400).map { pow(Double($0) / 400, 3) }
    let names = ["recipe", "conv4(64)", "whiten(hog(10))", "a network with a long name", "Koch", "pixels"]
    return Figure(
      title: "Verification of strangers",
      .roc(
        ROCPlot(
          (0..<count).map { index in
            let power = 0.08 + 0.1 * Double(index)
            return .init(
              names[index % names.count] + (index < names.count ? "" : " \(index)"), far: far,
              tar: far.map { pow($0, power) }, eer: 0.1 + 0.03 * Double(index), auc: 1 / (1 + power))
          }, logarithmic: logarithmic)))
  }

  /// A classifier's mistakes: mostly none.
  static func confusion(_ count: Int = 20) -> Figure {
    var noise = Noise()
    var values = Array(repeating: 0.0, count: count * count)
    for row in 0..<count {
      for _ in 0..<9 { values[row * count + (noise.next() < 0.7 ? row : Int(noise.next() * Double(count)))] += 1 }
    }
    let names = (0..<count).map { "glyph\($0 * 7)" }
    return Figure(
      title: "Taken for: glyphs",
      .heatmap(
        HeatmapPlot(
          rows: count, columns: count, values: values, rowNames: names, columnNames: names,
          xLabel: AxisLabel("taken for"), yLabel: AxisLabel("is"), valueLabel: AxisLabel("images"))))
  }

  static func longBars() -> Figure {
    Figure(
      title: "Accuracy by network",
      .bars(
        BarPlot(
          names: [
            "whiten(hog(10) >> flatten)", "conv4(64), 17 epochs", "the Keras recipe", "pixels", "Koch's network",
            "a name that is longer than whatever there is room for in any picture",
          ], values: [97.3, 91.8, 72.7, 55, .nan, -12.5], yLabel: AxisLabel("accuracy", unit: "%"))))
  }

  static func near() -> Figure {
    Figure(.histogram(HistogramPlot([.init("values", [1_000_000.1, 1_000_000.2])])))
  }

  static func edges() -> Figure {
    Figure(
      title: "Bins of several widths",
      .histogram(
        HistogramPlot(
          [.init("values", (0..<500).map { Double($0 % 37) * Double($0 % 11) / 40 })], edges: [0, 0.5, 1, 2, 4, 8])))
  }

  /// Zeros on a logarithmic axis.
  static func zeros() -> Figure {
    Figure(
      title: "Loss",
      .lines(
        LinePlot(
          [
            .init("loss", y: [1, 0.1, 0, 0.003, 0, .nan, 0.0002]),
            .init("val_loss", y: [1, 0.3, 0.1, 0.1, 0.08, 0.07]),
          ],
          xLabel: AxisLabel("epoch"), yLabel: AxisLabel("loss"), logarithmicY: true)))
  }

  /// A loss that comes down to 0, and the best epoch.
  static func perfect() -> Figure {
    .training(
      epochs: Array(1...12), loss: (0..<12).map { max(0, 0.5 - 0.08 * Double($0)) },
      validation: (0..<12).map { max(0, 0.6 - 0.07 * Double($0)) }, best: 10, title: "Loss by epoch")
  }

  static func manyLines() -> Figure {
    Figure(
      title: "Sweep over 10 settings",
      .lines(
        LinePlot(
          (0..<10).map { index in
            .init(
              "{rate: 0.00\(index + 1), width: \(16 << (index % 3)), dropout: 0.\(index), margin: 1}",
              y: (0..<9).map { 1 / (Double($0) + 1.5 + Double(index) * 0.3) })
          }, xLabel: AxisLabel("epoch"), yLabel: AxisLabel("score"))))
  }

  static func letters() -> Figure {
    Figure(
      title: "日本語の手書き文字 😀 ž",
      .bars(BarPlot(names: ["あ", "漢字", "emoji 😀", "plain"], values: [3, 2, 1, 4], yLabel: AxisLabel("文字"))))
  }

  static func grid() -> Figure {
    Figure(
      title: "Four sides of a network", .grid(FigureGrid([loss(), distances(), roc(logarithmic: false), heatmap()])))
  }

  static func pair() -> Figure { Figure(.grid(FigureGrid([perfect(), distances()]))) }

  static func scatter(classes: Int = 10) -> Figure {
    var noise = Noise()
    var x: [Double] = []
    var y: [Double] = []
    var labels: [String] = []
    for label in 0..<classes {
      let center = (noise.normal() * 3, noise.normal() * 3)
      for _ in 0..<30 {
        x.append(center.0 + noise.normal() * 0.4)
        y.append(center.1 + noise.normal() * 0.4)
        labels.append("s\(label + 31)")
      }
    }
    return Figure(
      title: "Embeddings of ten strangers",
      .scatter(
        ScatterPlot(
          x: x, y: y, labels: labels, xLabel: AxisLabel("first principal axis"),
          yLabel: AxisLabel("second principal axis"))))
  }

  /// The points of `scatter` as pictures: a square each, lighter the further to the right.
  static func thumbnails() -> Figure {
    var figure = scatter(classes: 6)
    guard case .scatter(var plot) = figure.content else { return figure }
    plot.thumbnails = plot.x.indices.map { index in
      let pixels = (0..<100).map { place in UInt8((place % 10 * 20 + index) % 256) }
      return .init(width: 10, height: 10, channels: 1, pixels: pixels)
    }
    figure.content = .scatter(plot)
    return figure
  }

  static func montage() -> Figure {
    var tiles: [MontagePlot.Tile] = []
    for index in 0..<20 {
      if let tile = face(person: index / 2 + 1, image: index % 2 + 1) {
        tiles.append(tile)
        continue
      }
      var noise = Noise(state: UInt64(index + 1))
      let (cx, cy) = (20 + noise.next() * 52, 20 + noise.next() * 72)
      let pixels = (0..<(92 * 112)).map { place -> UInt8 in
        let (dx, dy) = (Double(place % 92) - cx, Double(place / 92) - cy)
        return UInt8(max(0, min(255, 230 - (dx * dx + dy * dy) / 20)))
      }
      tiles.append(.init(width: 92, height: 112, channels: 1, pixels: pixels, label: "s\(index / 2 + 1)"))
    }
    return Figure(title: "Ten people, two images each", .montage(MontagePlot(tiles)))
  }

  /// From the AT&T faces where they are: a plain PGM.
  private static func face(person: Int, image: Int) -> MontagePlot.Tile? {
    guard let folder = ProcessInfo.processInfo.environment["TWINBOOK_DATA"],
      let data = FileManager.default.contents(atPath: "\(folder)/att_faces/s\(person)/\(image).pgm"),
      data.count > 92 * 112
    else { return nil }
    return .init(
      width: 92, height: 112, channels: 1, pixels: Array(data.suffix(92 * 112)), label: "s\(person)")
  }

  static func heatmap(_ rows: Int = 10, _ columns: Int = 10) -> Figure {
    let values = (0..<(rows * columns)).map { place -> Double in
      let (row, column) = (place / columns, place % columns)
      return row == column ? 0 : 0.4 + 0.5 * abs(sin(Double(row * 7 + column * 7)))
    }
    let names = rows == columns ? (0..<rows).map { "s\($0 + 31)" } : []
    return Figure(
      title: "Mean distance between people",
      .heatmap(
        HeatmapPlot(
          rows: rows, columns: columns, values: values, rowNames: names, columnNames: names,
          xLabel: AxisLabel("person"), yLabel: AxisLabel("person"), valueLabel: AxisLabel("distance"))))
  }

  static func bars() -> Figure {
    Figure(
      title: "One-shot accuracy by network",
      .bars(
        BarPlot(
          names: ["pixels", "recipe", "conv4", "Koch"], values: [62.1, 71.4, 91.2, 88.3],
          yLabel: AxisLabel("accuracy", unit: "%"))))
  }

  static func counts() -> Figure {
    var noise = Noise()
    return Figure(.histogram(HistogramPlot([.init("values", (0..<1000).map { _ in noise.normal() })])))
  }

  static let all: [(name: String, figure: @Sendable () -> Figure)] = [
    ("loss", { loss() }), ("distances", { distances() }), ("roc", { roc(logarithmic: false) }),
    ("roc-log", { roc(logarithmic: true) }), ("scatter", { scatter() }), ("scatter40", { scatter(classes: 40) }),
    ("montage", { montage() }), ("heatmap", { heatmap() }), ("heatmap-large", { heatmap(60, 200) }),
    ("bars", { bars() }), ("counts", { counts() }), ("rocs3", { rocs(3) }), ("rocs10", { rocs(10) }),
    ("rocs3-log", { rocs(3, logarithmic: true) }), ("confusion", { confusion() }), ("confusion8", { confusion(8) }),
    ("bars-long", { longBars() }), ("near", { near() }), ("edges", { edges() }), ("zeros", { zeros() }),
    ("perfect", { perfect() }), ("many-lines", { manyLines() }), ("letters", { letters() }), ("grid", { grid() }),
    ("pair", { pair() }), ("thumbnails", { thumbnails() }),
  ]
}
