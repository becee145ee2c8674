import Foundation
import PlotBindings

/// What a figure looks like, by MIME type, for notebooks and pages.
extension SessionFigure {
  /// SVG as text and PNG in base 64; at the first that cannot be drawn, why.
  public func media() throws -> [String: String] {
    guard let figure = object as? FigureObject else { return [:] }
    return [
      "image/svg+xml": String(decoding: try figure.bytes(as: .svg, interrupt: context.interrupt), as: UTF8.self),
      "image/png": Data(try figure.bytes(as: .png, interrupt: context.interrupt)).base64EncodedString(),
    ]
  }
}
