import Tensors

/// Height and width made of another size, each pixel of the result a sum of one, two or four of each axis.
struct ResizeLayer: TracedLayer {
  enum Mode: String, Hashable, Sendable, Codable {
    case nearest, linear, cubic
  }

  /// Where a pixel of the result lies in the input.
  enum Places: String, Hashable, Sendable, Codable {
    case halfPixel, asymmetric, alignCorners
    /// Half a pixel, but of one pixel the first, as PyTorch does it.
    case halfPixelOfSeveral
  }

  let height: Int
  let width: Int
  let mode: Mode
  let places: Places
  /// Of the nearest mode: how a place between two pixels is rounded; `toNearestOrEven`: half goes down.
  let rounds: FloatingPointRoundingRule
  /// Of height and width, where they are not the ratio of the sizes: 7 pixels by 1.5 are 10, 1/1.5 pixels apart.
  var scales: [Float]?
  /// Of the cubic mode (Keys 1981): the slope −1/2 or, as PyTorch has it, −3/4.
  var slope: Float = -0.75
  /// Whether pixels outside of the image count for nothing there, where the border's are repeated otherwise.
  var leavesOut = false

  static let fileName = "resize"
  static let declarations: [LayerDeclaration] = []
  var text: String { "resize(\(height), \(width), \(mode.rawValue))" }

  init(
    height: Int, width: Int, mode: Mode, places: Places, rounds: FloatingPointRoundingRule, scales: [Float]? = nil,
    slope: Float = -0.75, leavesOut: Bool = false
  ) {
    (self.height, self.width, self.mode, self.places, self.rounds) = (height, width, mode, places, rounds)
    (self.scales, self.slope, self.leavesOut) = (scales, slope, leavesOut)
  }

  func checkArguments() throws(NetworkError) {
    try check(height, "height", in: 1...16384)
    try check(width, "width", in: 1...16384)
    if let scales {
      guard scales.count == 2, scales.allSatisfy({ $0.isFinite && $0 > 0 }) else {
        throw .argument(
          layer: "resize", what: "the scales", got: "\(scales.prefix(4))", expected: "to be two numbers above 0")
      }
    }
    guard slope.isFinite else {
      throw .argument(layer: "resize", what: "the slope", got: "\(slope)", expected: "to be finite")
    }
  }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] {
    try checkImages(input)
    return try checkSize([input[0], height, width])
  }

  /// Where a pixel of the result lies, in pixels of an axis of `from`.
  private func place(_ index: Int, _ from: Int, _ to: Int, _ given: Float?) -> Double {
    // The nearest pixel may hang on the last bit: then, as onnxruntime and PyTorch, by a division of floats.
    if mode == .nearest, let given {
      switch places {
      case .halfPixelOfSeveral where to == 1: return 0
      case .halfPixel, .halfPixelOfSeveral: return Double((Float(index) + 0.5) / given - 0.5)
      case .asymmetric: return Double(Float(index) / given)
      case .alignCorners: break
      }
    }
    let scale = given.map { 1 / Double($0) } ?? Double(from) / Double(to)
    switch places {
    case .halfPixel: return (Double(index) + 0.5) * scale - 0.5
    case .halfPixelOfSeveral: return to > 1 ? (Double(index) + 0.5) * scale - 0.5 : 0
    case .asymmetric: return Double(index) * scale
    case .alignCorners: return to > 1 ? Double(index) * Double(from - 1) / Double(to - 1) : 0
    }
  }

  private func nearest(_ place: Double) -> Int {
    switch rounds {
    case .down: Int(place.rounded(.down))
    case .up: Int(place.rounded(.up))
    case .toNearestOrAwayFromZero: Int((place + 0.5).rounded(.down))
    // Half goes down, as ONNX prefers.
    default: Int((place - 0.5).rounded(.up))
    }
  }

  /// Of four pixels around a place, `part` behind the second.
  private func cubicShares(_ part: Double) -> [Double] {
    let a = Double(slope)
    func near(_ t: Double) -> Double { ((a + 2) * t - (a + 3)) * t * t + 1 }
    func far(_ t: Double) -> Double { ((a * t - 5 * a) * t + 8 * a) * t - 4 * a }
    return [far(1 + part), near(part), near(1 - part), far(2 - part)]
  }

  /// [to, from]: the shares of an axis's pixels.
  private func shares(_ from: Int, _ to: Int, _ given: Float?) throws -> Tensor {
    var matrix = [Float](repeating: 0, count: to * from)
    for index in 0..<to {
      let free = place(index, from, to, given)
      let place = max(0, min(Double(from - 1), free))
      let row = index * from
      switch mode {
      case .nearest: matrix[row + max(0, min(from - 1, nearest(place)))] = 1
      case .linear:
        let low = Int(place.rounded(.down))
        let part = Float(place - Double(low))
        matrix[row + low] += 1 - part
        if low + 1 < from { matrix[row + low + 1] += part }
      case .cubic:
        // Far outside of the image it is the border alone.
        let base = max(-4, min(Double(from) + 4, free)).rounded(.down)
        var parts = cubicShares(max(0, min(1, free - base)))
        if leavesOut {
          for tap in 0..<4 where !(0..<from).contains(Int(base) + tap - 1) { parts[tap] = 0 }
          let sum = parts.reduce(0, +)
          if sum != 0 { parts = parts.map { $0 / sum } }
        }
        for tap in 0..<4 { matrix[row + max(0, min(from - 1, Int(base) + tap - 1))] += Float(parts[tap]) }
      }
    }
    return try Tensor(matrix, shape: [to, from])
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    let narrow = try x.matmul(shares(x.shape[3], width, scales?.last).transposed())
    return try shares(x.shape[2], height, scales?.first).matmul(narrow)
  }
}

extension ResizeLayer {
  private enum CodingKeys: String, CodingKey {
    case height, width, mode, places, down, rounds, scales, slope, leavesOut
  }

  /// The two that older files tell by `down` have no word.
  private static let words: [String: FloatingPointRoundingRule] = ["up": .up, "halfUp": .toNearestOrAwayFromZero]

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let word = try container.decodeIfPresent(String.self, forKey: .rounds)
    let isDown = try container.decode(Bool.self, forKey: .down)
    self.init(
      height: try container.decode(Int.self, forKey: .height), width: try container.decode(Int.self, forKey: .width),
      mode: try container.decode(Mode.self, forKey: .mode), places: try container.decode(Places.self, forKey: .places),
      rounds: word.flatMap { Self.words[$0] } ?? (isDown ? .down : .toNearestOrEven),
      scales: try container.decodeIfPresent([Float].self, forKey: .scales),
      slope: try container.decodeIfPresent(Float.self, forKey: .slope) ?? -0.75,
      leavesOut: try container.decodeIfPresent(Bool.self, forKey: .leavesOut) ?? false)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(height, forKey: .height)
    try container.encode(width, forKey: .width)
    try container.encode(mode, forKey: .mode)
    try container.encode(places, forKey: .places)
    try container.encode(rounds == .down, forKey: .down)
    try container.encodeIfPresent(Self.words.first { $0.value == rounds }?.key, forKey: .rounds)
    try container.encodeIfPresent(scales, forKey: .scales)
    guard mode == .cubic else { return }
    try container.encode(slope, forKey: .slope)
    try container.encode(leavesOut, forKey: .leavesOut)
  }
}
