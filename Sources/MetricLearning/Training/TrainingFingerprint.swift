import Diagnostics
import NeuralNetworks
import Tensors

/// What a trainer learns from, in a few words that can be compared: a checkpoint goes on only with the same data.
struct TrainingFingerprint: Codable, Hashable, Sendable {
  /// "pairs" or "images".
  var kind: String
  /// Pairs, or images.
  var count: Int
  /// Images that the pairs are of.
  var images: Int
  /// Of one image: [channels, height, width].
  var shape: [Int]
  /// FNV-1a over labels, pairs, every pixel, how the pixels are scaled and how the images are augmented, in hexadecimal.
  var hash: String

  init(_ data: TrainingData) throws {
    let source = data.source
    var hash = FNVHash()
    for label in source.labels { hash.add(bytesOf: UInt64(truncatingIfNeeded: label)) }
    if case .pairs(let pairs) = data {
      kind = "pairs"
      for index in 0..<pairs.count {
        if index % 262_144 == 0 { try LongWork.check() }
        let (first, second) = (UInt32(bitPattern: pairs.first[index]), UInt32(bitPattern: pairs.second[index]))
        hash.add(bytesOf: UInt64(first) << 32 | UInt64(second))
        hash.add(bytesOf: pairs.same[index] ? 1 : 0)
      }
    } else {
      kind = "images"
    }
    count = data.count
    images = source.count
    shape = source.shape
    for fingerprint in try LearningRecord.fingerprints(of: source) { hash.add(bytesOf: fingerprint) }
    hash.add(widened: source.augmentationText)
    // As a network sees them: the same pixels may be scaled in another way.
    let chosen = Set((0..<16).map { $0 * max(1, source.count) / 16 }).filter { $0 < source.count }.sorted()
    if !chosen.isEmpty {
      var pixels = [Float](repeating: 0, count: chosen.count * shape.reduce(1, *))
      try pixels.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        try source.fill(base, items: chosen, draw: nil)
      }
      for pixel in pixels { hash.add(bytesOf: UInt64(pixel.bitPattern)) }
    }
    self.hash = String(hash.value, radix: 16)
  }

  /// "4000 pairs of 400 images of shape [1, 112, 92]".
  var words: String {
    let seen = "\(counted(images, "image")) of shape \(shape)"
    return kind == "pairs" ? "\(counted(count, "pair")) of \(seen)" : seen
  }
}

extension FNVHash {
  /// Each byte of a text as eight, as in all checkpoints that were written so far.
  mutating func add(widened text: String) { for byte in text.utf8 { add(bytesOf: UInt64(byte)) } }
}

extension Network {
  /// What a training on it begins from: "drawn", where its weights are drawn by the trainer's seed; else those it has,
  /// in hexadecimal.
  func trainingStart() -> String {
    guard hasLearnt else { return "drawn" }
    var hash = FNVHash()
    for array in isBuilt ? weights.map(\.values) : learntArrays {
      hash.add(bytesOf: UInt64(array.count))
      for value in array { hash.add(bytesOf: UInt64(value.bitPattern)) }
    }
    return String(hash.value, radix: 16)
  }
}
