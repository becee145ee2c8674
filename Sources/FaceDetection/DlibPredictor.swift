/// dlib's `shape_predictor`, out of its own file.
extension ShapePredictor {
  /// - Parameter file: what errors call it.
  public init(dlib bytes: [UInt8], file: String) throws(FacesError) {
    var reader = DlibReader(bytes, file: file)
    try reader.expect(1, "its version")
    let initial = try reader.column()
    guard (4...512).contains(initial.count), initial.count % 2 == 0 else { throw reader.broken("its shape is none") }
    self.initial = initial
    var levels: [Level] = []
    for _ in 0..<(try reader.count(of: 2)) {
      guard levels.count < 64 else { throw reader.broken("it has too many levels") }
      levels.append(try Self.level(&reader, size: initial.count))
    }
    try reader.expect(levels.count, "the number of levels")
    for index in levels.indices {
      let count = try reader.count()
      for _ in 0..<count {
        let anchor = try reader.integer()
        guard (0..<initial.count / 2).contains(anchor) else {
          throw reader.broken("it names a point that is not there")
        }
        levels[index].anchors.append(anchor)
      }
      let pixels = levels[index].first + levels[index].second
      guard pixels.allSatisfy({ $0 < count }) else { throw reader.broken("it compares pixels that are not there") }
    }
    try reader.expect(levels.count, "the number of levels")
    for index in levels.indices {
      let count = levels[index].anchors.count
      try reader.expect(count, "the number of pixels")
      for _ in 0..<2 * count { levels[index].offsets.append(try reader.float()) }
    }
    guard reader.isAtEnd else { throw reader.broken("something stands after its end") }
    guard !levels.isEmpty else { throw reader.broken("it has no levels") }
    self.levels = levels
  }

  private static func level(_ reader: inout DlibReader, size: Int) throws(FacesError) -> Level {
    var level = Level(anchors: [], offsets: [], first: [], second: [], thresholds: [], leaves: [], nodes: 0)
    let trees = try reader.count(of: 4)
    for tree in 0..<trees {
      let nodes = try reader.count(of: 4)
      if tree == 0 { level.nodes = nodes }
      // A full tree has 2ⁿ − 1 nodes, and all of a level are of one depth.
      guard nodes == level.nodes, nodes > 0, (nodes + 1) & nodes == 0 else {
        throw reader.broken("a tree in it is none")
      }
      for _ in 0..<nodes {
        let (first, second) = (try reader.integer(), try reader.integer())
        guard first >= 0, second >= 0 else { throw reader.broken("it compares pixels that are not there") }
        level.first.append(first)
        level.second.append(second)
        level.thresholds.append(try reader.float())
      }
      try reader.expect(nodes + 1, "the number of leaves")
      for _ in 0...nodes {
        let leaf = try reader.column()
        guard leaf.count == size else { throw reader.broken("a leaf of a tree has another length than its shape") }
        level.leaves += leaf
      }
    }
    return level
  }
}
