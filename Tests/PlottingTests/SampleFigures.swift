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
    ("bars", { bars() }), ("counts", { counts() }),
  ]
}
