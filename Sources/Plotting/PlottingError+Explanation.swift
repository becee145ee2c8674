import Diagnostics

extension PlottingError {
  public var explanation: Explanation {
    switch self {
    case .gnuplotMissing:
      Explanation(
        "a plot needs gnuplot, which is not installed here",
        help: "install it (Debian, Ubuntu: sudo apt-get install gnuplot-nox); all but plots works without it")
    case .gnuplotNotStarted(let program, let reason):
      Explanation("gnuplot (\(program)) could not be started: \(reason)")
    case .gnuplotRefused(let messages) where messages.contains("plot boundary"):
      Explanation(
        "this figure's words leave no room for the plot at this size",
        help: "make it larger, as in x.save(\"x.png\", width=760, height=460), or shorten its names")
    case .gnuplotRefused(let messages):
      Explanation("gnuplot could not draw this figure: \(messages)")
    case .gnuplotDied(let messages):
      Explanation("gnuplot ended before the figure was drawn" + (messages.isEmpty ? "" : ": \(messages)"))
    case .timeout(let seconds):
      Explanation(
        "gnuplot took more than \(seconds) s for this figure and was stopped",
        help: "plot fewer points, or a smaller picture")
    case .interrupted:
      Explanation("the plot was interrupted")
    case .tooLarge:
      Explanation("this figure is too large to draw", help: "plot fewer points, or a smaller picture")
    case .empty(let kind, let what):
      Explanation("\(kind) has nothing to show: \(what)")
    case .notFinite(let kind, let what):
      Explanation(
        "\(kind) has nothing to show: \(what) are all NaN or infinite",
        help: "look at where they come from; a loss that is NaN often means that the learning rate is too high")
    case .counts(let kind, let what, let expected, let got):
      Explanation("\(kind) expects \(expected) \(what), one for each, got \(got)")
    case .badTile(let index, let width, let height, let channels, let bytes):
      Explanation(
        "image \(index) of a montage says \(width)×\(height) with \(channels) channels, but has \(bytes) bytes; "
          + "1 channel (gray) or 3 (RGB) can be shown")
    case .badBins(let bins):
      Explanation("histogram expects 1 to 1000 bins, got \(bins)")
    case .badEdges(let reason):
      Explanation("the edges of a histogram's bins ascend: \(reason)", help: "as in bins=[0, 0.5, 1, 2]")
    case .gridInGrid:
      Explanation("figures that stand side by side cannot be put beside others", help: "give all of them at once")
    case .badSize(let size, let bounds):
      Explanation(
        "a figure's width is \(bounds.width.lowerBound) to \(bounds.width.upperBound) and its height "
          + "\(bounds.height.lowerBound) to \(bounds.height.upperBound), got \(size.width)×\(size.height)")
    case .tooMany(let kind, let what, let count, let most):
      Explanation("\(kind) shows at most \(most) \(what), got \(count)", help: "plot a part of them")
    case .notPositive(let series):
      Explanation("a logarithmic axis shows only values above 0, and \(series) has none")
    case .unknownFormat(let fileName):
      Explanation(
        "“\(fileName)” does not say how to draw the figure", help: "end the name in .svg, .png, .pdf or .txt")
    }
  }
}
