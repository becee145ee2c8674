import Images
import Tensors

extension Dataset {
  /// Images that stand in a tensor, [n, channels, height, width] or [n, height, width], of values from 0 to 1. They are kept
  /// in 256 steps, and what is outside counts as the nearer end.
  ///
  /// - Parameter labels: the name of each one's class.
  public init(pixels: Tensor, labels: [String], name: String = "images") throws {
    var shape = pixels.shape
    if shape.count == 3 { shape.insert(1, at: 1) }
    guard shape.count == 4, shape[1] == 1 || shape[1] == 3, shape.allSatisfy({ $0 > 0 }) else {
      throw DatasetError.badNumber(
        function: name, argument: "a tensor", value: "\(pixels.shape)", expected: "[n, channels, height, width]")
    }
    guard labels.count == shape[0] else {
      throw DatasetError.badNumber(
        function: name, argument: "labels", value: "\(labels.count)", expected: "one for each of \(shape[0]) images")
    }
    let values = pixels.values
    let size = shape[1] * shape[2] * shape[3]
    let store = try PixelStore.build(
      count: shape[0], channels: shape[1], height: shape[2], width: shape[3], name: name
    ) { index, out in
      for at in 0..<size { out[at] = Self.sample(values[index * size + at]) }
    }
    let classNames = Set(labels).sorted(by: naturallyBefore)
    let numbers = Dictionary(classNames.enumerated().map { ($1, Int32($0)) }) { first, _ in first }
    self.init(
      name: name, store: store,
      items: labels.enumerated().map { Item(image: Int32($0), label: numbers[$1] ?? 0) }, classNames: classNames)
  }

  private static func sample(_ value: Float) -> UInt8 {
    value.isFinite ? UInt8(max(0, min(255, (value * 255).rounded()))) : 0
  }
}
