/// The places of elements that do not stand one after the other, in order: the last axis runs fastest.
///
/// As `numpy.nditer` goes through a view: a stride is how many elements lie between neighbours along its axis.
struct StridedPlaces {
  /// Without the last axis, which runs on its own.
  private let outer: [(length: Int, stride: Int)]
  private let inner: (length: Int, stride: Int)
  private var index: [Int]
  /// How many of the last axis are left.
  private var left: Int
  private var place: Int
  private var start: Int

  /// - Parameters:
  ///   - shape: none of its lengths is 0 where `next` is called.
  ///   - first: the place of the first element.
  init(shape: [Int], strides: [Int], first: Int = 0) {
    let axes = Array(zip(shape, strides)).map { (length: $0.0, stride: $0.1) }
    outer = Array(axes.dropLast())
    inner = axes.last ?? (1, 0)
    index = [Int](repeating: 0, count: outer.count)
    (left, place, start) = (inner.length, first, first)
  }

  /// The strides of elements that do stand one after the other.
  static func rowMajor(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * max(1, shape[axis + 1]) }
    return strides
  }

  /// The next place; after the last one it begins anew.
  @inline(__always)
  mutating func next() -> Int {
    let current = place
    left -= 1
    if left > 0 {
      place += inner.stride
    } else {
      turn()
    }
    return current
  }

  /// The last axis is at its end: the one before goes on.
  private mutating func turn() {
    for axis in outer.indices.reversed() {
      index[axis] += 1
      start += outer[axis].stride
      if index[axis] < outer[axis].length { break }
      start -= outer[axis].stride * outer[axis].length
      index[axis] = 0
    }
    (left, place) = (inner.length, start)
  }
}
