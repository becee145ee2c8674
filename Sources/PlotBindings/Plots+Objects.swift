import Diagnostics
import Files
import Interpreter
import Plotting

/// An object that can show itself as a figure: a trainer as loss curves, distances as histograms or a ROC curve.
public protocol FigureConvertible: HostObject {
  /// - Parameter kind: nil is the usual one; else a word such as "roc", "histogram". An object throws in words for a
  ///   kind that it does not know (`PlotError.unknownKind`).
  func figure(kind: String?) throws -> Figure
}

/// An object that consists of pictures: an image, a dataset.
public protocol TileConvertible: HostObject {
  /// At most `limit` of them, gray or RGB, labelled where they have labels.
  func montageTiles(limit: Int) throws -> [MontagePlot.Tile]
  /// How many `montageTiles` gives without a limit.
  var tileCount: Int { get }
  /// At most `limit` of them that give an impression of the whole.
  func thumbnailTiles(limit: Int) throws -> [MontagePlot.Tile]
}

extension TileConvertible {
  public var tileCount: Int { length ?? 1 }
  public func thumbnailTiles(limit: Int) throws -> [MontagePlot.Tile] { try montageTiles(limit: limit) }
}

extension FigureConvertible {
  /// The first of its figures that is what is wanted: a heatmap of whatever has one.
  func firstFigure(where isWanted: (Figure) -> Bool) throws -> Figure? {
    for kind in [nil, "matrix", "confusion"] {
      do {
        let figure = try self.figure(kind: kind)
        if isWanted(figure) { return figure }
      } catch is PlotError {
        // It has none of this kind.
      }
    }
    return nil
  }
}

/// A figure as a value of the language.
public final class FigureObject: HostObject {
  public let figure: Figure

  public init(_ figure: Figure) {
    self.figure = figure
    super.init()
  }

  public override var typeName: String { "figure" }
  public override var summary: String { "a \(figure.kindName)" }
  public override func describe(_ style: DisplayStyle) -> String { figure.fingerprintText }
  public override func isEqual(to other: HostObject) -> Bool { (other as? FigureObject)?.figure == figure }

  /// Bytes to write to a terminal as they are: a picture where it can show one, else characters.
  public func inlineBytes(in terminal: TerminalGraphics, interrupt: InterruptFlag) throws -> [UInt8] {
    try Renderer(isInterrupted: { interrupt.isRaised }).inline(figure, in: terminal)
  }

  /// Writes the figure whole or not at all; the name's ending says the format.
  public func write(to path: String, size: FigureSize? = nil, interrupt: InterruptFlag) throws {
    guard let format = FigureFormat(fileName: path) else { throw PlottingError.unknownFormat(fileName: path) }
    try FileSystem.write(try bytes(as: format, size: size, interrupt: interrupt), to: path)
  }

  public func bytes(as format: FigureFormat, size: FigureSize? = nil, interrupt: InterruptFlag) throws -> [UInt8] {
    try Renderer(isInterrupted: { interrupt.isRaised }).render(figure, as: format, size: size)
  }
}

/// What is wrong with the arguments of a plot.
public enum PlotError: ExplainedError, Hashable {
  case unknownKind(String, object: String, known: [String])
  case notPlottable(function: String, got: String, help: String? = nil)
  case noMatrix(got: String)
  case noBins(kind: String)

  public var explanation: Explanation {
    switch self {
    case .unknownKind(let kind, let object, let known):
      Explanation(
        "a \(object) has no figure of the kind \"\(kind)\"",
        help: nearName(kind, among: known).map { "did you mean \"\($0)\"?" }
          ?? "it has " + known.map { "\"\($0)\"" }.joined(separator: ", "))
    case .notPlottable(let function, let got, let help):
      Explanation(
        "\(function) cannot show \(got)",
        help: help
          ?? "it shows numbers (a list, a range, a tensor), a record of lists, and what trainer, sweep, distances, "
          + "retrieval, identification, confusion, explain and report give")
    case .noMatrix(let got):
      Explanation(
        "heatmap cannot show \(got): there is no matrix in it",
        help: "it shows a tensor of two axes, a list of rows, or a confusion; plot(x) shows other objects")
    case .noBins(let kind):
      Explanation("a \(kind) has no bins", help: "counts and edges are a histogram's: histogram(x, bins=10).counts")
    }
  }
}
