import Diagnostics

/// What can go wrong with a figure.
public enum PlottingError: ExplainedError, Hashable {
  case gnuplotMissing
  case gnuplotNotStarted(program: String, reason: String)
  case gnuplotRefused(messages: String)
  case gnuplotDied(messages: String)
  case timeout(seconds: Int)
  case interrupted
  case tooLarge
  /// Nothing to show.
  case empty(kind: String, what: String)
  case notFinite(kind: String, what: String)
  case counts(kind: String, what: String, expected: Int, got: Int)
  case badTile(index: Int, width: Int, height: Int, channels: Int, bytes: Int)
  case badBins(Int)
  case badEdges(reason: String)
  case gridInGrid
  case badSize(FigureSize, bounds: FigureSize.Bounds)
  case tooMany(kind: String, what: String, count: Int, most: Int)
  case notPositive(series: String)
  case unknownFormat(fileName: String)
}
