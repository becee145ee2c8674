@testable import FaceDetection
@testable import Faces

/// The networks' layers as loops over [channels, height, width], to test the fast ones against.
struct Maps {
  var channels, height, width: Int
  var values: [Double]

  init(_ channels: Int, _ height: Int, _ width: Int, _ value: (Int, Int, Int) -> Double) {
    (self.channels, self.height, self.width) = (channels, height, width)
    values = []
    for c in 0..<channels { for y in 0..<height { for x in 0..<width { values.append(value(c, y, x)) } } }
  }

  subscript(c: Int, y: Int, x: Int) -> Double { values[(c * height + y) * width + x] }

  func convolved(_ w: [Float], _ bias: [Float], filters: Int, side: Int) -> Maps {
    Maps(filters, height - side + 1, width - side + 1) { f, y, x in
      var sum = Double(bias[f])
      for c in 0..<channels {
        for i in 0..<side {
          for j in 0..<side { sum += self[c, y + i, x + j] * Double(w[((f * channels + c) * side + i) * side + j]) }
        }
      }
      return sum
    }
  }

  func prelu(_ slope: [Float]) -> Maps {
    Maps(channels, height, width) { c, y, x in self[c, y, x] > 0 ? self[c, y, x] : self[c, y, x] * Double(slope[c]) }
  }

  /// Ceil mode, two pixels apart.
  func pooled(_ window: Int) -> Maps {
    let side = { (n: Int) in (n - window + 1) / 2 + 1 }
    return Maps(channels, side(height), side(width)) { c, y, x in
      var most = -Double.infinity
      for i in 2 * y..<min(height, 2 * y + window) {
        for j in 2 * x..<min(width, 2 * x + window) { most = max(most, self[c, i, j]) }
      }
      return most
    }
  }

  /// By column, row and channel, as facenet-pytorch flattens.
  var flat: [Double] {
    (0..<width).flatMap { x in (0..<height).flatMap { y in (0..<channels).map { self[$0, y, x] } } }
  }
}

func linear(_ x: [Double], _ w: [Float], _ bias: [Float]) -> [Double] {
  bias.indices.map { row in
    x.indices.reduce(Double(bias[row])) { $0 + x[$1] * Double(w[row * x.count + $1]) }
  }
}
