import Tensors

/// Sizes of a convolution by transforms of tiles, and where tiles and channels stand in a chunk of them.
struct TiledSizes {
  let realChannels: Int
  let realFilters: Int
  /// Filled up to a multiple of 8.
  let channels: Int
  let filters: Int
  /// Of an item.
  let tiles: Int
  /// Numbers of an item that comes in, and of one that goes out.
  let inCount: Int
  let outCount: Int
  /// Tiles that are transformed at a time.
  let chunk: Int
  /// Items that are best done together.
  let group: Int
  let inputRows: PlaneBuffer<Int>
  let outputRows: PlaneBuffer<Int>
  let taps: PlaneBuffer<Int>
  /// Panels of the weights, and of those for the input's gradient.
  let panels: (forward: Int, backward: Int)

  /// - Parameters:
  ///   - chunk: how many tiles, by the channels and filters that are filled up.
  ///   - inputGradient: whether the gradient of the input will be asked for.
  init(
    _ s: SlidingShape, filters: Int, tiles: Int, inputGradient: Bool, chunk: (_ channels: Int, _ filters: Int) -> Int
  ) {
    realChannels = s.channels
    realFilters = filters
    let rows = roundedUp(s.channels, to: 8)
    let columns = roundedUp(filters, to: 8)
    channels = rows
    self.filters = columns
    self.tiles = tiles
    inCount = s.height * s.width * rows
    outCount = s.outHeight * s.outWidth * columns
    let size = chunk(rows, columns)
    self.chunk = size
    group = max(1, size / tiles)
    inputRows = placeTable((0..<size).map { $0 * rows })
    outputRows = placeTable((0..<size).map { $0 * columns })
    taps = placeTable(Array(0..<rows))
    panels = (panelsOf(columns), inputGradient ? panelsOf(rows) : 0)
  }

  /// Numbers from one of a chunk's planes of input to the next, a plane for each point of the transform.
  var inputStride: Int { Self.spread(chunk * channels) }
  var outputStride: Int { Self.spread(chunk * filters) }
  var weightStride: Int { Self.spread(channels * filters) }
  var forwardPanelStride: Int { Self.spread(roundedUp(filters, to: kernels.panelWidth) * channels) }
  var backwardPanelStride: Int { Self.spread(roundedUp(channels, to: kernels.panelWidth) * filters) }

  /// At least `count` numbers, in an odd number of the cache's lines: a transform writes to all planes in turn, and an even
  /// number, above all a power of two, would put their lines into a few sets of the cache.
  static func spread(_ count: Int) -> Int {
    let lines = (count + 15) / 16
    return (lines | 1) * 16
  }

  /// Calls `body` for each item that has tiles in a chunk: those from `start` on of all items' tiles. `place` is where in
  /// the chunk the item's tiles first ..< first + count begin.
  @inline(__always)
  func pieces(
    _ start: Int, _ count: Int, _ body: (_ item: Int, _ first: Int, _ count: Int, _ place: Int) -> Void
  ) {
    var place = 0
    while place < count {
      let (item, first) = ((start + place) / tiles, (start + place) % tiles)
      let length = min(tiles - first, count - place)
      body(item, first, length, place)
      place += length
    }
  }
}
