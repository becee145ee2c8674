import Interpreter
import PlotBindings
import Plotting

/// Some pictures of a dataset, or an image, as a terminal can show them under a value's text. No part of the result.
public struct SessionThumbnails {
  private let object: any TileConvertible

  init?(_ object: HostObject) {
    guard let tiles = object as? any TileConvertible else { return nil }
    self.object = tiles
  }

  /// Lines of half blocks with colour codes; "" where the window has no room for them or a picture cannot be read.
  public func text(columns: Int, isTrueColor: Bool) -> String {
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
}
