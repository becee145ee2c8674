/// Advice about images [height, width, channels], as Keras has them, where [channels, height, width] are wanted.
package enum ChannelsLast {
  /// "x.transpose(0, 3, 1, 2) puts the channels first"; nil unless the last axis looks like that of channels (1 or 3) and
  /// the two before it like those of an image.
  package static func wayOut(_ shape: [Int]) -> String? {
    let rank = shape.count
    guard rank >= 3, [1, 3].contains(shape[rank - 1]), shape[rank - 2] > 3, shape[rank - 3] > 3 else { return nil }
    let axes = Array(0..<rank - 3) + [rank - 1, rank - 3, rank - 2]
    return "x.transpose(\(axes.map(String.init).joined(separator: ", "))) puts the channels first"
  }
}
