/// How pixels of a smaller row are made of those of a larger one: each is the mean of what lies under it, pixels at its
/// ends by the share that does. TensorFlow's `ResizeMethod.AREA`, along one axis.
struct AreaWeights: Sendable {
  /// Taps kept for each pixel.
  let stride: Int
  private(set) var starts: [Int] = []
  private(set) var counts: [Int] = []
  /// [pixels, stride]; they sum to old / new where nothing is cut off: the caller multiplies by new / old.
  private(set) var values: [Float]

  init(from old: Int, to new: Int) {
    let scale = Float(old) / Float(new)
    stride = Int(scale.rounded(.up)) + 2
    values = [Float](repeating: 0, count: new * stride)
    for pixel in 0..<new {
      let (begin, end) = (Float(pixel) * scale, Float(pixel + 1) * scale)
      let first = min(old - 1, Int(begin.rounded(.down)))
      let last = min(old, max(first + 1, Int(end.rounded(.up))))
      let count = min(stride, last - first)
      for tap in 0..<count {
        let position = Float(first + tap)
        let share = min(position + 1, end) - max(position, begin)
        values[pixel * stride + tap] = max(0, min(1, share))
      }
      starts.append(first)
      counts.append(count)
    }
  }
}
