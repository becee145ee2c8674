/// How an item's numbers stand in memory.
enum NodeLayout {
  /// [channels, height, width], or [n].
  case planes
  /// [height, width, channels], channels filled up to a multiple of 8 with numbers that nobody may read.
  case channelsLast
}

/// Numbers between two layers, and their gradient.
struct PlanNode {
  /// Of an item, channels first whatever the layout.
  var shape: [Int]
  var layout = NodeLayout.planes
  let value: FloatBuffer
  let gradient: FloatBuffer?
  /// Whether a following activation may write its result here (nobody needs this value any more).
  var mayBeOverwritten = false

  /// Floats that an item takes.
  var count: Int { Self.count(shape, layout) }

  static func count(_ shape: [Int], _ layout: NodeLayout) -> Int {
    guard layout == .channelsLast, let channels = shape.first else { return shape.reduce(1, *) }
    return shape.dropFirst().reduce(roundedUp(channels, to: 8), *)
  }

  init(shape: [Int], layout: NodeLayout = .planes, value: FloatBuffer, gradient: FloatBuffer?) {
    self.shape = shape
    self.layout = layout
    self.value = value
    self.gradient = gradient
  }

  init(shape: [Int], layout: NodeLayout = .planes, batch: Int, gradient: Bool, mayBeOverwritten: Bool = false) {
    let count = Self.count(shape, layout) * batch
    self.init(
      shape: shape, layout: layout, value: FloatBuffer(count), gradient: gradient ? FloatBuffer(count) : nil)
    self.mayBeOverwritten = mayBeOverwritten
  }
}
