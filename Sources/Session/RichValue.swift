import Diagnostics
import Foundation
import Images
import Interpreter
import PlotBindings
import Plotting

/// What a front end can show of a value beside its text: some pictures of a dataset, an image, the table that a network's
/// or a sweep's text spells out. No part of the result.
public struct RichValue {
  private enum Content {
    case pictures(any TileConvertible)
    /// As it was when it was shown: a network may be trained before the session is saved.
    case table(ValueTable)
  }

  private let content: Content

  /// The same without holding the value in memory.
  struct Held {
    fileprivate weak var pictures: (any TileConvertible)?
    fileprivate var table: ValueTable?

    /// Nil where nothing has the value any more.
    var value: RichValue? {
      if let table { return RichValue(content: .table(table)) }
      return pictures.map { RichValue(content: .pictures($0)) }
    }
  }

  var held: Held {
    switch content {
    case .pictures(let object): Held(pictures: object, table: nil)
    case .table(let table): Held(pictures: nil, table: table)
    }
  }

  private init(content: Content) { self.content = content }

  /// Nil: its text is all.
  init?(_ object: HostObject) {
    if let table = (object as? any TableConvertible)?.table {
      content = .table(table)
    } else if let tiles = object as? any TileConvertible {
      content = .pictures(tiles)
    } else {
      return nil
    }
  }

  /// At most so many pictures stand under a value.
  static let limit = 16

  /// By MIME type, for notebooks and pages; empty where no picture can be read.
  public func media(text: String) -> [String: String] {
    switch content {
    case .pictures(let object):
      guard let tiles = try? object.thumbnailTiles(limit: Self.limit) else { return [:] }
      let pictures = tiles.compactMap(Self.picture)
      guard !pictures.isEmpty else { return [:] }
      // JupyterLab moves a <pre> to the right: it stands where text stands.
      return [
        "text/html":
          "<pre style=\"margin:0;padding:0\">\(text.escapedForHTML)</pre>\n<div>\(pictures.joined())</div>"
      ]
    case .table(let table): return ["text/html": Self.html(table)]
    }
  }

  /// Lines of half blocks with colour codes; "" where there are no pictures, the window has no room for them or one cannot
  /// be read.
  public func text(columns: Int, isTrueColor: Bool) -> String {
    guard case .pictures(let object) = content else { return "" }
    let columns = min(columns, 100)
    let count = max(1, (columns + 1) / 13)
    guard columns >= 24, let tiles = try? object.thumbnailTiles(limit: count), !tiles.isEmpty else { return "" }
    let shown = tiles.map { tile in
      var tile = tile
      tile.label = nil
      return tile
    }
    return TextGraphics.thumbnails(shown, columns: columns, rows: 20, colors: isTrueColor ? .full : .table256)
  }

  // MARK: HTML

  /// Small characters and faces are shown in whole multiples of their pixels.
  private static func picture(_ tile: MontagePlot.Tile) -> String? {
    let image = PixelImage(width: tile.width, height: tile.height, channels: tile.channels, pixels: tile.pixels)
    guard let png = (try? image?.encodePNG()).flatMap({ $0 }) else { return nil }
    let scale = max(1, 64 / max(tile.width, tile.height, 1))
    let label = (tile.label ?? "").escapedForHTML
    return "<img alt=\"\(label)\" title=\"\(label)\" width=\"\(min(256, tile.width * scale))\" "
      + "style=\"image-rendering:pixelated;margin:2px\" "
      + "src=\"data:image/png;base64,\(Data(png).base64EncodedString())\">"
  }

  private static func html(_ table: ValueTable) -> String {
    let pictures = table.rows.map { $0.tile.flatMap(picture) }
    let hasPictures = pictures.contains { $0 != nil }
    func text(_ text: String) -> String { text.withVisibleControls.escapedForHTML }
    func cell(_ tag: String, _ content: String, _ isNumeric: Bool) -> String {
      "<\(tag) style=\"text-align:\(isNumeric ? "right" : "left");white-space:pre-wrap\">\(content)</\(tag)>"
    }
    var html = "<table>\n"
    if !table.caption.isEmpty { html += "<caption style=\"text-align:left\">\(text(table.caption))</caption>\n" }
    html += "<thead><tr>" + (hasPictures ? "<th></th>" : "")
    html += table.columns.map { cell("th", text($0.title), $0.isNumeric) }.joined() + "</tr></thead>\n<tbody>\n"
    for (row, picture) in zip(table.rows, pictures) {
      html += "<tr>" + (hasPictures ? "<td>\(picture ?? "")</td>" : "")
      html += zip(row.entries, table.columns).map { cell("td", text($0), $1.isNumeric) }.joined() + "</tr>\n"
    }
    html += "</tbody>\n</table>"
    return html + table.notes.map { "\n<p>\(text($0))</p>" }.joined()
  }
}
