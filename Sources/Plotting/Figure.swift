/// A picture of data: what is shown and in which words, but not how. A value without a connection to gnuplot, so that it
/// can be compared, recorded (`fingerprintText`) and drawn again at another size or in another format.
public struct Figure: Hashable, Sendable {
  public enum Content: Hashable, Sendable {
    case lines(LinePlot)
    case histogram(HistogramPlot)
    case roc(ROCPlot)
    case scatter(ScatterPlot)
    case montage(MontagePlot)
    case heatmap(HeatmapPlot)
    case bars(BarPlot)
    case grid(FigureGrid)
  }

  public var title: String?
  public var content: Content

  public init(title: String? = nil, _ content: Content) {
    self.title = title
    self.content = content
  }

  /// "line plot", "histogram" …: what it is, in words.
  public var kindName: String {
    switch content {
    case .lines: "line plot"
    case .histogram: "histogram"
    case .roc: "ROC curve"
    case .scatter: "scatter plot"
    case .montage: "montage"
    case .heatmap: "heatmap"
    case .bars: "bar chart"
    case .grid: "figures side by side"
    }
  }

}

/// What an axis says.
public struct AxisLabel: Hashable, Sendable {
  public var name: String
  /// "s", "%" …; stands in brackets after the name.
  public var unit: String?

  public init(_ name: String, unit: String? = nil) {
    self.name = name
    self.unit = unit
  }

  var text: String { unit.map { "\(name) (\($0))" } ?? name }

  /// With something to say of what the picture leaves out, in the brackets after the name.
  public func noting(_ note: String) -> AxisLabel {
    if name.isEmpty { return AxisLabel(note) }
    return AxisLabel(name, unit: unit.map { "\($0); \(note)" } ?? note)
  }
}

/// One or more curves y(x), as the loss by epoch.
public struct LinePlot: Hashable, Sendable {
  public struct Series: Hashable, Sendable {
    public var name: String
    public var x: [Double]
    public var y: [Double]
    /// A marker on every point; nil lets the number of points decide (up to 60 get one).
    public var markers: Bool?

    /// `x` defaults to 0, 1, 2 …; of two lengths the shorter counts. Points of which a number is not finite leave a gap,
    /// and the legend says how many there were.
    public init(_ name: String, x: [Double]? = nil, y: [Double], markers: Bool? = nil) {
      self.name = name
      let x = x ?? y.indices.map(Double.init)
      let count = min(x.count, y.count)
      self.x = Array(x.prefix(count))
      self.y = Array(y.prefix(count))
      self.markers = markers
    }
  }

  /// A point or a place that is marked with words, as the best epoch.
  public struct Mark: Hashable, Sendable {
    public var x: Double
    public var label: String

    public init(x: Double, label: String) {
      self.x = x
      self.label = label
    }
  }

  public var series: [Series]
  public var xLabel: AxisLabel
  public var yLabel: AxisLabel
  public var logarithmicY: Bool
  public var marks: [Mark]

  public init(
    _ series: [Series], xLabel: AxisLabel, yLabel: AxisLabel, logarithmicY: Bool = false, marks: [Mark] = []
  ) {
    self.series = series
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.logarithmicY = logarithmicY
    self.marks = marks
  }
}

/// How often values fall where; several groups over the same bins.
public struct HistogramPlot: Hashable, Sendable {
  public struct Group: Hashable, Sendable {
    public var name: String
    public var values: [Double]

    public init(_ name: String, _ values: [Double]) {
      self.name = name
      self.values = values
    }
  }

  public struct Threshold: Hashable, Sendable {
    public var value: Double
    public var label: String

    public init(_ value: Double, label: String) {
      self.value = value
      self.label = label
    }
  }

  public var groups: [Group]
  /// nil: chosen from the data (Freedman and Diaconis, 8 to 60).
  public var bins: Int?
  /// Where bins begin and end, ascending, in place of `bins`; values outside are not counted.
  public var edges: [Double]?
  public var threshold: Threshold?
  /// Each group as a share of itself in per cent, so that a small group stands beside a large one; else counts.
  public var shares: Bool
  public var xLabel: AxisLabel
  /// What is counted: "pairs", "values".
  public var noun: String

  public init(
    _ groups: [Group], bins: Int? = nil, edges: [Double]? = nil, threshold: Threshold? = nil, shares: Bool? = nil,
    xLabel: AxisLabel = AxisLabel("value"), noun: String = "values"
  ) {
    self.groups = groups
    self.bins = bins
    self.edges = edges
    self.threshold = threshold
    self.shares = shares ?? (groups.count > 1)
    self.xLabel = xLabel
    self.noun = noun
  }
}

/// Right acceptance over false acceptance.
public struct ROCPlot: Hashable, Sendable {
  public struct Curve: Hashable, Sendable {
    public var name: String
    /// False and true acceptance rates, 0…1, in order of the threshold.
    public var far: [Double]
    public var tar: [Double]
    public var eer: Double?
    public var auc: Double?

    public init(_ name: String, far: [Double], tar: [Double], eer: Double? = nil, auc: Double? = nil) {
      self.name = name
      let count = min(far.count, tar.count)
      self.far = Array(far.prefix(count))
      self.tar = Array(tar.prefix(count))
      self.eer = eer
      self.auc = auc
    }
  }

  public var curves: [Curve]
  /// False acceptance on a logarithmic axis, where small rates matter.
  public var logarithmic: Bool

  public init(_ curves: [Curve], logarithmic: Bool = false) {
    self.curves = curves
    self.logarithmic = logarithmic
  }
}

/// Points in the plane, coloured by label.
public struct ScatterPlot: Hashable, Sendable {
  public var x: [Double]
  public var y: [Double]
  /// One for each point, or empty.
  public var labels: [String]
  /// Pictures in place of points: one for each, or empty.
  public var thumbnails: [MontagePlot.Tile] = []
  public var xLabel: AxisLabel
  public var yLabel: AxisLabel

  public init(
    x: [Double], y: [Double], labels: [String] = [], xLabel: AxisLabel = AxisLabel("x"),
    yLabel: AxisLabel = AxisLabel("y")
  ) {
    self.x = x
    self.y = y
    self.labels = labels
    self.xLabel = xLabel
    self.yLabel = yLabel
  }
}

/// A grid of pictures with a word under each.
public struct MontagePlot: Hashable, Sendable {
  public struct Tile: Hashable, Sendable {
    public var width: Int
    public var height: Int
    /// 1 (gray) or 3 (red, green, blue).
    public var channels: Int
    /// Row after row from the top, channels together; `width * height * channels` bytes.
    public var pixels: [UInt8]
    public var label: String?

    public init(width: Int, height: Int, channels: Int, pixels: [UInt8], label: String? = nil) {
      self.width = width
      self.height = height
      self.channels = channels
      self.pixels = pixels
      self.label = label
    }

    var isValid: Bool {
      guard width > 0, height > 0, channels == 1 || channels == 3 else { return false }
      let (area, over) = width.multipliedReportingOverflow(by: height)
      guard !over, area <= 1 << 28 else { return false }
      return pixels.count == area * channels
    }
  }

  public var tiles: [Tile]
  /// nil: as many as make the montage about as wide as the page.
  public var columns: Int?
  /// How many pictures there are: more than `tiles` where a limit cut them. A session's records do not hold it.
  public var total: Int

  /// - Parameter total: nil: the tiles are all there are.
  public init(_ tiles: [Tile], columns: Int? = nil, total: Int? = nil) {
    self.tiles = tiles
    self.columns = columns
    self.total = max(tiles.count, total ?? 0)
  }

  /// How many of all are shown, in words; nil where all are.
  var cut: String? { total > tiles.count ? "\(tiles.count) of \(Words.count(total)); limit= shows more" : nil }
}

/// A matrix as colours.
public struct HeatmapPlot: Hashable, Sendable {
  public var rows: Int
  public var columns: Int
  /// Row after row, the first on top.
  public var values: [Double]
  /// Names of rows and columns, or empty: then numbers from 0.
  public var rowNames: [String]
  public var columnNames: [String]
  public var xLabel: AxisLabel
  public var yLabel: AxisLabel
  public var valueLabel: AxisLabel?

  public init(
    rows: Int, columns: Int, values: [Double], rowNames: [String] = [], columnNames: [String] = [],
    xLabel: AxisLabel = AxisLabel("column"), yLabel: AxisLabel = AxisLabel("row"), valueLabel: AxisLabel? = nil
  ) {
    self.rows = rows
    self.columns = columns
    self.values = values
    self.rowNames = rowNames
    self.columnNames = columnNames
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.valueLabel = valueLabel
  }
}

/// A value for each name.
public struct BarPlot: Hashable, Sendable {
  public var names: [String]
  public var values: [Double]
  public var yLabel: AxisLabel
  public var xLabel: AxisLabel?

  public init(names: [String], values: [Double], yLabel: AxisLabel = AxisLabel("value"), xLabel: AxisLabel? = nil) {
    let count = min(names.count, values.count)
    self.names = Array(names.prefix(count))
    self.values = Array(values.prefix(count))
    self.yLabel = yLabel
    self.xLabel = xLabel
  }
}

/// Several figures in rows, from the left to the right, one row under another.
public struct FigureGrid: Hashable, Sendable {
  public var figures: [Figure]
  /// nil: as many as make rows about as many as columns, three at most.
  public var columns: Int?

  public init(_ figures: [Figure], columns: Int? = nil) {
    self.figures = figures
    self.columns = columns
  }

  /// How many stand in a row.
  var columnCount: Int {
    let count = max(1, figures.count)
    return columns.map { max(1, min($0, count)) } ?? (count <= 3 ? count : count == 4 ? 2 : 3)
  }

  var rowCount: Int { (max(1, figures.count) + columnCount - 1) / columnCount }
}
