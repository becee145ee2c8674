import Foundation
import TestSupport
import Testing

@testable import MetricLearning

/// Losses with numbers of their own.
extension LossesTests {
  /// Losses with numbers of their own: value, gradient by the embeddings and by each of those numbers.
  static func naive(_ loss: EmbeddingLoss, _ x: [Double], _ own: [[Double]]) -> Double {
    let e = rows(x)
    func table(_ index: Int) -> [[Double]] { rows(own[index]) }
    func entropy(_ logits: [Double], _ label: Int) -> Double {
      log(logits.reduce(0) { $0 + exp($1) }) - logits[label]
    }
    func mean(_ list: [Double]) -> Double { list.isEmpty ? 0 : list.reduce(0, +) / Double(list.count) }
    switch loss.kind {
    case let loss as ProxyNCA:
      return mean(
        e.indices.map { i in
          entropy(table(0).map { -loss.scale * 2 * (1 - cosine(e[i], $0)) }, labels[i])
        })
    case let loss as NormSoftmax:
      return mean(
        e.indices.map { i in entropy(table(0).map { cosine(e[i], $0) / loss.temperature }, labels[i]) })
    case let loss as CosFace:
      let (margin, scale) = (loss.margin, loss.scale)
      return mean(
        e.indices.map { i in
          entropy(
            table(0).enumerated().map { scale * (cosine(e[i], $0.element) - ($0.offset == labels[i] ? margin : 0)) },
            labels[i])
        })
    case let loss as ArcFace:
      let (margin, scale) = (loss.margin, loss.scale)
      return mean(
        e.indices.map { i in
          entropy(
            table(0).enumerated().map { c, proxy in
              let s = cosine(e[i], proxy)
              guard c == labels[i] else { return scale * s }
              let angle = acos(s)
              return scale * (angle + margin <= .pi ? cos(angle + margin) : s - margin * sin(margin))
            }, labels[i])
        })
    case let loss as ProxyAnchor:
      let (margin, alpha) = (loss.margin, loss.alpha)
      let proxies = table(0)
      let near = proxies.indices.filter { labels.contains($0) }.map { c in
        log(
          1
            + e.indices.filter { labels[$0] == c }.reduce(0.0) {
              $0 + exp(-alpha * (cosine(e[$1], proxies[c]) - margin))
            })
      }
      let far = proxies.indices.map { c in
        log(
          1
            + e.indices.filter { labels[$0] != c }.reduce(0.0) {
              $0 + exp(alpha * (cosine(e[$1], proxies[c]) + margin))
            })
      }
      return mean(near) + mean(far)
    case let loss as CentreLoss:
      let weight = loss.weight
      return mean(
        e.indices.map { i in
          let logits = table(0).enumerated().map { dot($0.element, e[i]) + own[1][$0.offset] }
          let centre = table(2)[labels[i]]
          return entropy(logits, labels[i])
            + weight / 2 * zip(e[i], centre).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        })
    case let loss as MarginLoss:
      return naive(.margin(margin: loss.margin, beta: own[0][0], mining: loss.mining), x)
    default: return .nan
    }
  }

  @Test(arguments: [
    EmbeddingLoss.proxyNCA(scale: 3), .normSoftmax(temperature: 0.1), .cosFace(margin: 0.35, scale: 8),
    .arcFace(margin: 0.5, scale: 8), .arcFace(margin: 1.4, scale: 4), .proxyAnchor(margin: 0.1, alpha: 8),
    .centre(weight: 0.5),
    .margin(margin: 0.2, beta: 1.3, mining: .all),
  ])
  func learntNumbersAgreeWithTheirFormula(loss: EmbeddingLoss) throws {
    var numbers = TestNumbers(23)
    let x = numbers.floats(Self.labels.count * Self.width)
    // One class more than the batch shows.
    let parameters = try #require(try loss.parameters(classes: 5, width: Self.width, seed: 3))
    if loss.kind is CentreLoss {
      var snapshot = parameters.snapshot()
      for index in snapshot.arrays.indices { snapshot.arrays[index] = numbers.floats(snapshot.arrays[index].count) }
      #expect(parameters.restore(snapshot))
    }
    var gradient = [Float](repeating: .nan, count: x.count)
    let value = try loss.batchLoss(
      x, width: Self.width, labels: Self.labels, parameters: parameters, gradient: &gradient)
    let wide = x.map(Double.init)
    let own = parameters.snapshot().arrays.map { $0.map(Double.init) }
    let expected = Self.naive(loss, wide, own)
    #expect(abs(value - expected) < 1e-5 * max(1, abs(expected)))
    func check(_ found: Float, _ change: (Double) -> Double, _ what: String) {
      let slope = (change(1e-6) - change(-1e-6)) / 2e-6
      #expect(abs(Double(found) - slope) < 2e-4 * max(1, abs(slope)), "\(loss.text), \(what)")
    }
    for i in x.indices {
      check(
        gradient[i],
        {
          var moved = wide
          moved[i] += $0
          return Self.naive(loss, moved, own)
        }, "number \(i)")
    }
    for (index, array) in parameters.arrays.enumerated() {
      for i in 0..<array.count {
        check(
          array.gradients[i],
          {
            var moved = own
            moved[index][i] += $0
            return Self.naive(loss, wide, moved)
          }, "\(array.name) \(i)")
      }
    }
  }
}
