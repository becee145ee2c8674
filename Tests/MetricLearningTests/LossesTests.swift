import MetricLearning
import Tensors
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Each loss against its formula as loops over doubles, and its gradient against central differences of that loop.
@Suite struct LossesTests {
  static let labels = [0, 0, 0, 1, 1, 2, 2, 2, 3]
  static let width = 5

  static func rows(_ x: [Double]) -> [[Double]] {
    stride(from: 0, to: x.count, by: width).map { Array(x[$0..<$0 + width]) }
  }
  static func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
  static func distance(_ a: [Double], _ b: [Double]) -> Double {
    max(1e-7, zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }).squareRoot()
  }
  static func cosine(_ a: [Double], _ b: [Double]) -> Double { dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot() }

  static func naive(_ loss: EmbeddingLoss, _ x: [Double]) -> Double {
    let e = rows(x)
    let n = e.count
    func others(_ a: Int, same: Bool) -> [Int] { (0..<n).filter { $0 != a && (labels[$0] == labels[a]) == same } }
    let anchors = (0..<n).filter { !others($0, same: true).isEmpty }
    func mean(_ list: [Double]) -> Double { list.isEmpty ? 0 : list.reduce(0, +) / Double(list.count) }
    switch loss {
    case .contrastive: return .nan
    case .crossEntropy(let s):
      return mean(
        (0..<n).map { i in
          let logSum = log(e[i].map { exp($0) }.reduce(0, +))
          return -(0..<width).reduce(0.0) {
            $0 + (s / Double(width) + ($1 == labels[i] ? 1 - s : 0)) * (e[i][$1] - logSum)
          }
        })
    case .triplet(let margin, .all):
      var list: [Double] = []
      for a in anchors {
        for p in others(a, same: true) {
          for q in others(a, same: false) {
            let v = distance(e[a], e[p]) - distance(e[a], e[q]) + margin
            if v > 0 { list.append(v) }
          }
        }
      }
      return mean(list)
    case .triplet(let margin, .semihard):
      var list: [Double] = []
      for a in anchors {
        for p in others(a, same: true) {
          let reach = distance(e[a], e[p])
          let all = others(a, same: false).map { distance(e[a], e[$0]) }
          let chosen = all.filter { $0 > reach }.min() ?? all.max() ?? 0
          list.append(max(0, reach - chosen + margin))
        }
      }
      return mean(list)
    case .triplet(let margin, .hard):
      return mean(
        anchors.map { a in
          let p = others(a, same: true).map { distance(e[a], e[$0]) }.max() ?? 0
          let q = others(a, same: false).map { distance(e[a], e[$0]) }.min() ?? 0
          return max(0, p - q + margin)
        })
    case .nPair:
      return mean(
        anchors.map { a in
          mean(
            others(a, same: true).map { p in
              log(1 + others(a, same: false).reduce(0.0) { $0 + exp(dot(e[a], e[$1]) - dot(e[a], e[p])) })
            })
        })
    case .supervisedContrastive(let t):
      return mean(
        anchors.map { a in
          let sum = (0..<n).filter { $0 != a }.reduce(0.0) { $0 + exp(cosine(e[a], e[$1]) / t) }
          return mean(others(a, same: true).map { -log(exp(cosine(e[a], e[$0]) / t) / sum) })
        })
    case .multiSimilarity(let alpha, let beta, let base):
      return mean(
        anchors.map { a in
          let p = others(a, same: true).reduce(0.0) { $0 + exp(-alpha * (cosine(e[a], e[$1]) - base)) }
          let q = others(a, same: false).reduce(0.0) { $0 + exp(beta * (cosine(e[a], e[$1]) - base)) }
          return log(1 + p) / alpha + log(1 + q) / beta
        })
    }
  }

  @Test(arguments: [
    EmbeddingLoss.crossEntropy(smoothing: 0), .crossEntropy(smoothing: 0.1), .triplet(margin: 0.5, mining: .all),
    .triplet(margin: 0.7, mining: .semihard), .triplet(margin: 0.4, mining: .hard), .nPair,
    .supervisedContrastive(temperature: 0.1), .supervisedContrastive(temperature: 1),
    .multiSimilarity(alpha: 2, beta: 50, base: 0.5),
  ])
  func agreesWithItsFormula(loss: EmbeddingLoss) throws {
    var numbers = TestNumbers(11)
    let x = numbers.floats(Self.labels.count * Self.width)
    var gradient = [Float](repeating: .nan, count: x.count)
    let value = try gradient.withUnsafeMutableBufferPointer { g in
      try x.withUnsafeBufferPointer { v in
        try loss.batchLoss(
          #require(v.baseAddress), width: Self.width, labels: Self.labels, gradient: #require(g.baseAddress))
      }
    }
    let wide = x.map(Double.init)
    let expected = Self.naive(loss, wide)
    #expect(abs(value - expected) < 1e-5 * max(1, abs(expected)))
    for i in 0..<x.count {
      var up = wide
      var down = wide
      up[i] += 1e-6
      down[i] -= 1e-6
      let slope = (Self.naive(loss, up) - Self.naive(loss, down)) / 2e-6
      #expect(abs(Double(gradient[i]) - slope) < 2e-4 * max(1, abs(slope)), "\(loss.text), number \(i)")
    }
  }

  @Test(arguments: [0.5, 1, 3])
  func contrastive(margin: Double) throws {
    var numbers = TestNumbers(5)
    let a = numbers.floats(6 * 5)
    var b = numbers.floats(6 * 5)
    for k in 0..<10 { b[k] = a[k] }  // two pairs at distance 0
    let same = [true, false, true, false, true, false]
    func naive(_ a: [Double], _ b: [Double]) -> Double {
      (0..<6).reduce(0.0) { sum, i in
        let square = (0..<5).reduce(0.0) { $0 + (a[i * 5 + $1] - b[i * 5 + $1]) * (a[i * 5 + $1] - b[i * 5 + $1]) }
        let short = max(0, margin - max(1e-7, square).squareRoot())
        return sum + (same[i] ? square : short * short) / 6
      }
    }
    var gradientA = [Float](repeating: .nan, count: 30)
    var gradientB = gradientA
    let value = try EmbeddingLoss.contrastive(margin: margin).pairLoss(
      a, b, width: 5, same: same, gradientA: &gradientA, gradientB: &gradientB)
    let (x, y) = (a.map(Double.init), b.map(Double.init))
    #expect(abs(value - naive(x, y)) < 1e-5)
    for i in 0..<30 {
      var up = x
      var down = x
      up[i] += 1e-6
      down[i] -= 1e-6
      #expect(abs(Double(gradientA[i]) - (naive(up, y) - naive(down, y)) / 2e-6) < 1e-4)
      #expect(gradientB[i] == -gradientA[i])
    }
  }

  @Test func wrongDataInWords() throws {
    var out: [Float] = [0, 0]
    #expect(throws: MetricError.needsPairs(loss: "contrastive(margin=1)")) {
      try EmbeddingLoss.contrastive(margin: 1).batchLoss([0, 0], width: 1, labels: [0, 1], gradient: &out)
    }
    #expect(throws: MetricError.noPositives(function: "supcon(temperature=0.1)")) {
      try EmbeddingLoss.supervisedContrastive(temperature: 0.1).batchLoss(
        [1, 2], width: 1, labels: [0, 1], gradient: &out)
    }
    #expect(throws: MetricError.labelBeyondOutputs(label: 7, outputs: 2)) {
      try EmbeddingLoss.crossEntropy(smoothing: 0).batchLoss([1, 2], width: 2, labels: [7], gradient: &out)
    }
  }
}

@Suite struct LossTensorTests {
  /// Central differences on each number, against the gradient that the tape gives.
  private func check(_ x: Tensor, _ loss: (Tensor) throws -> Tensor) throws {
    let found = try valueAndGradients(of: { try loss($0[0]) }, at: [x])
    #expect(found.value.item == (try loss(x)).item)
    let step: Float = 1e-2
    for index in x.values.indices {
      var values = x.values
      values[index] += step
      let up = try #require(loss(Tensor(values, shape: x.shape)).item)
      values[index] -= 2 * step
      let down = try #require(loss(Tensor(values, shape: x.shape)).item)
      #expect(abs((up - down) / (2 * step) - found.gradients[0].values[index]) < 5e-3)
    }
  }

  @Test func contrastiveOnTensors() throws {
    let a = try Tensor([0.1, 0.4, -0.3, 0.2, 0.5, 0.3], shape: [3, 2])
    let b = try Tensor([0.3, 0.1, 0.2, -0.1, 0.4, 0.9], shape: [3, 2])
    let loss = EmbeddingLoss.contrastive(margin: 1)
    try check(a) { try loss.pairLoss($0, b, same: [true, false, false]) }
    try check(b) { try loss.pairLoss(a, $0, same: [true, false, false]) }
  }

  @Test func labelLossesOnTensors() throws {
    let x = try Tensor([0.9, 0.4, -0.3, 0.8, 0.5, -0.7, -0.2, -0.6], shape: [4, 2])
    for loss in [EmbeddingLoss.supervisedContrastive(temperature: 0.5), .nPair, .crossEntropy(smoothing: 0)] {
      try check(x) { try loss.batchLoss($0, labels: [0, 0, 1, 1]) }
    }
  }

  @Test func shapesInWords() throws {
    let x = try Tensor([1, 2, 3, 4], shape: [2, 2])
    #expect(throws: MetricError.lossShapes(loss: "npair()", shapes: [[2, 2], [3]])) {
      try EmbeddingLoss.nPair.batchLoss(x, labels: [0, 0, 1])
    }
  }
}
