/// Where the names of curves stand: where there is room for them without taking the plot's.
struct Legend: Hashable, Sendable {
  enum Place: Hashable, Sendable {
    /// In one row over the plot.
    case above
    /// In a column beside it.
    case right
    case below(columns: Int, rows: Int)
  }

  /// Pixels that a character takes on the average, and a line.
  static let character = 8
  static let line = 20
  /// More lines would crowd the picture.
  private static let most = 20

  let place: Place
  /// How many captions are shown; the rest is counted.
  let shown: Int
  /// Characters of each.
  let limit: Int

  init(_ captions: [String], width: Int, height: Int) {
    let longest = captions.map(\.count).max() ?? 0
    // gnuplot makes all columns of a legend as wide as the widest.
    if captions.count * (longest * Self.character + 52) <= width - 70 {
      (place, shown, limit) = (.above, captions.count, max(1, longest))
    } else if captions.count > 3, longest * Self.character + 60 <= width * 3 / 10,
      captions.count * Self.line <= min(height, 460) - 90
    {
      (place, shown, limit) = (.right, captions.count, longest)
    } else {
      limit = max(8, min(longest, (width - 130) / Self.character))
      let columns = max(1, min(captions.count, (width - 60) / (limit * Self.character + 60)))
      let rows = max(1, min((captions.count + columns - 1) / columns, Self.most, height * 2 / 5 / Self.line))
      place = .below(columns: columns, rows: rows)
      shown = captions.count <= rows * columns ? captions.count : rows * columns - 1
    }
  }

  /// Pixels that a picture grows by, so that the plot in it stays as large.
  var extraHeight: Int { if case .below(_, let rows) = place { rows * Self.line } else { 0 } }
}

extension ROCPlot {
  var captions: [String] { curves.map(caption) + ["chance"] }

  /// The lower right corner is empty under the line of chance: whoever is better than chance has no curve there.
  func hasLegendInside(width: Int) -> Bool {
    let taken = (captions.map(\.count).max() ?? 0) * Legend.character + 60
    return !logarithmic && captions.count * Legend.line + 15 <= width - 100 - taken
  }
}
