import Diagnostics
import Foundation
import PlotBindings

/// What a figure or value looks like where there is more than text, by MIME type, for notebooks and pages.
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

extension SessionThumbnails {
  /// At most so many pictures stand under a value.
  static let limit = 16

  /// The value's text with some of its pictures under it, as HTML; empty where no picture can be read.
  public func media(text: String) -> [String: String] {
    let pictures = pictures(limit: Self.limit)
    guard !pictures.isEmpty else { return [:] }
    var html = "<pre>\(text.escapedForHTML)</pre>\n<div>"
    for picture in pictures {
      // Small characters and faces are shown in whole multiples of their pixels.
      let scale = max(1, 64 / max(picture.width, picture.height, 1))
      let label = (picture.label ?? "").escapedForHTML
      html +=
        "<img alt=\"\(label)\" title=\"\(label)\" width=\"\(min(256, picture.width * scale))\" "
        + "style=\"image-rendering:pixelated;margin:2px\" "
        + "src=\"data:image/png;base64,\(Data(picture.png).base64EncodedString())\">"
    }
    return ["text/html": html + "</div>"]
  }
}
