import Images
import Interpreter
import PlotBindings
import Plotting

/// Some pictures of a dataset, or an image, as a terminal can show them under a value's text. No part of the result.
public struct SessionThumbnails {
  private let object: any TileConvertible

  /// The same without holding the pictures in memory.
  struct Held {
    fileprivate weak var object: HostObject?

    /// Nil where nothing has the value any more.
    var thumbnails: SessionThumbnails? { object.flatMap { SessionThumbnails($0) } }
  }

  var held: Held { Held(object: object) }

  init?(_ object: HostObject) {
    guard let tiles = object as? any TileConvertible else { return nil }
    self.object = tiles
  }

  /// As PNG files with their labels; none where a picture cannot be read.
  func pictures(limit: Int) -> [(png: [UInt8], width: Int, height: Int, label: String?)] {
    guard let tiles = try? object.thumbnailTiles(limit: limit) else { return [] }
    return tiles.compactMap { tile in
      let image = PixelImage(width: tile.width, height: tile.height, channels: tile.channels, pixels: tile.pixels)
      return (try? image?.encodePNG()).flatMap { $0 }.map { ($0, tile.width, tile.height, tile.label) }
    }
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
