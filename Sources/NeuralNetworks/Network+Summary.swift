import Diagnostics

extension Network {
  /// A table: number, layer, output shape, parameters; then the total. Before `build` the sizes are shown as unknown.
  public var summary: String {
    let rows = [Self.summaryColumns] + summaryRows
    let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
    let lines = rows.map { row in
      let left = row[0].padded(to: widths[0])
      let middle = row[1].padded(to: widths[1])
      let line = left + "  " + middle + "  " + row[2].paddedLeft(to: widths[2])
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
    return (lines + [summaryTotal]).joined(separator: "\n")
  }

  /// The titles of `summaryRows`.
  public static let summaryColumns = ["layer", "output", "parameters"]

  /// A row for each layer: what it is, the shape of what it gives, how many numbers it learns and how many are frozen.
  public var summaryRows: [[String]] { rows(of: layers, input: inputShape, path: "", depth: 0) }

  /// What stands below them.
  public var summaryTotal: String {
    guard let inputShape else { return "not built yet: shapes and weights are made from the first batch that it sees" }
    let frozen = frozenCount == 0 ? "" : ", \(Self.grouped(frozenCount)) frozen"
    return "input \(inputShape.map(String.init).joined(separator: "×")), \(Self.grouped(parameterCount)) parameters"
      + frozen
  }

  /// A row for each layer; a layer of blocks that would be too wide has the rows of its blocks below.
  private func rows(of layers: [Layer], input: [Int]?, path: String, depth: Int) -> [[String]] {
    var shape = input
    let digits = String(layers.count).count
    return layers.enumerated().flatMap { index, layer -> [[String]] in
      let number = String(index + 1)
      let before = shape
      shape = shape.flatMap { try? layer.outputShape(of: $0) }
      let text = layer.describe
      let isWide = text.count > 48 && !layer.blocks.isEmpty
      let prefix = "\(path)\(number)."
      let own = weights.filter { $0.name.hasPrefix(prefix) }
      let count = own.reduce(0) { $0 + ($1.isTrained ? $1.count : 0) }
      let frozen = own.reduce(0) { $0 + ($1.isFrozen ? $1.count : 0) }
      let row = [
        String(repeating: "   ", count: depth) + String(repeating: " ", count: digits - number.count)
          + "\(number)  \(isWide ? layer.name : text)",
        shape.map { $0.map(String.init).joined(separator: "×") } ?? "?",
        isBuilt ? Self.parameters(count, frozen: frozen) : "?",
      ]
      guard isWide else { return [row] }
      guard case .several(let blocks) = layer.kind.blocks else {
        return [row] + rows(of: layer.blocks.flatMap { $0 }, input: before, path: prefix, depth: depth + 1)
      }
      return [row]
        + blocks.enumerated().flatMap { place, block -> [[String]] in
          let title = String(repeating: "   ", count: depth + 1) + "block \(place + 1)"
          return [[title, "", ""]]
            + rows(of: block, input: before, path: "\(prefix)\(place + 1).", depth: depth + 2)
        }
    }
  }

  /// "522,176", "1,024 frozen", "80 + 1,024 frozen".
  private static func parameters(_ count: Int, frozen: Int) -> String {
    if frozen == 0 { return grouped(count) }
    return (count == 0 ? "" : "\(grouped(count)) + ") + "\(grouped(frozen)) frozen"
  }

  /// 522,176
  static func grouped(_ number: Int) -> String {
    var text = ""
    for (index, digit) in String(number).reversed().enumerated() {
      if index > 0, index % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return String(text.reversed())
  }
}

extension Network {
  /// The network of the Keras recipe: two convolutions of 6 and 12 filters, dense 128 and 50.
  public static let recipeLayers: [Layer] = [
    .conv(6, 3), .relu, .maxPool(2), .dropout(rate: 0.25), .conv(12, 3), .relu, .maxPool(2), .dropout(rate: 0.25),
    .flatten, .dense(units: 128), .relu, .dropout(rate: 0.1), .dense(units: 50), .relu,
  ]

  /// Four times 3×3 convolution, batch normalisation, relu, pooling (Vinyals et al. 2016; Snell et al. 2017).
  public static func conv4Layers(width: Int = 64) -> [Layer] {
    (0..<4).flatMap { _ -> [Layer] in [.conv(width, 3, padding: .same), .batchNorm(), .relu, .maxPool(2)] }
      + [.flatten]
  }

  /// A small residual network (He et al. 2016) with squeeze and excitation (Hu et al. 2018): one convolution, then three
  /// stages of one block each, of width, 2·width and 4·width channels, each pooled by two; dense to `size` numbers of
  /// length 1. 28×28 images become 3×3.
  public static func resnetLayers(width: Int = 32, size: Int = 64) -> [Layer] {
    func convolution(_ filters: Int) -> [Layer] { [.conv(filters, 3, padding: .same, bias: false), .batchNorm()] }
    var layers = convolution(width) + [.relu]
    for filters in [width, 2 * width, 4 * width] {
      let block = convolution(filters) + [.relu] + convolution(filters) + [.squeezeExcite(reduction: 8)]
      layers += [.residual(block), .relu, .maxPool(2)]
    }
    return layers + [.flatten, .dense(units: size), .normalize]
  }

  /// Koch, Zemel and Salakhutdinov 2015, for images of 105×105, with their first weights.
  public static let kochLayers = kochLayers(initialisation: .koch)

  /// The same network with other first weights.
  ///
  /// - Parameter initialisation: of the convolutions, and of the dense layer; before its sigmoid, `he` is Glorot's.
  public static func kochLayers(initialisation: Initialisation) -> [Layer] {
    func convolution(_ filters: Int, _ side: Int) -> [Layer] {
      [.conv(filters, side, initialisation: initialisation), .relu]
    }
    let dense: Initialisation = initialisation == .he ? .glorot : initialisation
    return convolution(64, 10) + [.maxPool(2)] + convolution(128, 7) + [.maxPool(2)] + convolution(128, 4)
      + [.maxPool(2)] + convolution(256, 4) + [.flatten, .dense(units: 4096, initialisation: dense), .sigmoid]
  }
}
