import Foundation
import Tensors
import TestSupport
import Testing

@testable import MetricLearning

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

  static func far(_ metric: Metric, _ a: [Double], _ b: [Double]) -> Double {
    func variance(_ x: [Double]) -> Double {
      let mean = x.reduce(0, +) / Double(x.count)
      return x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    }
    let differences = zip(a, b).map { $0 - $1 }
    switch metric {
    case .euclidean: return differences.reduce(0) { $0 + $1 * $1 }.squareRoot()
    case .squared: return differences.reduce(0) { $0 + $1 * $1 }
    case .cosine: return 1 - cosine(a, b)
    case .l1: return differences.reduce(0) { $0 + abs($1) }
    case .snr: return variance(differences) / 2 * (1 / variance(a) + 1 / variance(b))
    case .weightedL1(let weights, let bias):
      let sum = zip(weights, differences).reduce(Double(bias)) { $0 + Double($1.0) * abs($1.1) }
      return 1 - 1 / (1 + exp(-sum))
    }
  }

  /// - Parameter chosen: each row's positives and negatives, where they are not all of its class and all others.
  static func naive(
    _ loss: EmbeddingLoss, _ x: [Double], frozen: [Double]? = nil,
    chosen: (positives: [[Int]], negatives: [[Int]])? = nil
  ) -> Double {
    let e = rows(x)
    let n = e.count
    func others(_ a: Int, same: Bool) -> [Int] {
      if let chosen { return same ? chosen.positives[a] : chosen.negatives[a] }
      return (0..<n).filter { $0 != a && (labels[$0] == labels[a]) == same }
    }
    let lonely = (0..<min(n, labels.count)).filter { a in
      labels.indices.contains { $0 != a && labels[$0] == labels[a] } || chosen?.positives[a].isEmpty == false
    }
    let anchors = (0..<n).filter { !others($0, same: true).isEmpty }
    func mean(_ list: [Double]) -> Double { list.isEmpty ? 0 : list.reduce(0, +) / Double(list.count) }
    switch loss.kind {
    case let loss as CrossEntropy:
      let s = loss.smoothing
      return mean(
        (0..<n).map { i in
          let logSum = log(e[i].map { exp($0) }.reduce(0, +))
          return -(0..<width).reduce(0.0) {
            $0 + (s / Double(width) + ($1 == labels[i] ? 1 - s : 0)) * (e[i][$1] - logSum)
          }
        })
    case let loss as Triplet where loss.mining == .all:
      var list: [Double] = []
      for a in anchors {
        for p in others(a, same: true) {
          for q in others(a, same: false) {
            let reach = { loss.metric == .euclidean ? distance(e[a], e[$0]) : far(loss.metric, e[a], e[$0]) }
            let v = reach(p) - reach(q) + loss.margin
            if v > 0 { list.append(v) }
          }
        }
      }
      return mean(list)
    case let loss as Triplet where loss.mining == .semihard:
      var list: [Double] = []
      for a in anchors {
        for p in others(a, same: true) {
          let reach = distance(e[a], e[p])
          let all = others(a, same: false).map { distance(e[a], e[$0]) }
          let chosen = all.filter { $0 > reach }.min() ?? all.max() ?? 0
          list.append(max(0, reach - chosen + loss.margin))
        }
      }
      return mean(list)
    case let loss as Triplet where loss.mining == .hard:
      return mean(
        anchors.map { a in
          let p = others(a, same: true).map { distance(e[a], e[$0]) }.max() ?? 0
          let q = others(a, same: false).map { distance(e[a], e[$0]) }.min() ?? 0
          return max(0, p - q + loss.margin)
        })
    case is NPair:
      return mean(
        anchors.map { a in
          mean(
            others(a, same: true).map { p in
              log(1 + others(a, same: false).reduce(0.0) { $0 + exp(dot(e[a], e[$1]) - dot(e[a], e[p])) })
            })
        })
    case let loss as SupervisedContrastive:
      let t = loss.temperature
      return mean(
        anchors.map { a in
          let all = others(a, same: true) + others(a, same: false)
          let sum = all.reduce(0.0) { $0 + exp(cosine(e[a], e[$1]) / t) }
          return mean(others(a, same: true).map { -log(exp(cosine(e[a], e[$0]) / t) / sum) })
        })
    case let loss as NTXent:
      let t = loss.temperature
      return mean(
        anchors.map { a in
          mean(
            others(a, same: true).map { p in
              let own = exp(cosine(e[a], e[p]) / t)
              return -log(own / (own + others(a, same: false).reduce(0.0) { $0 + exp(cosine(e[a], e[$1]) / t) }))
            })
        })
    case let loss as MarginLoss where loss.mining == .all || loss.mining == .hard:
      let (margin, beta, mining) = (loss.margin, loss.beta, loss.mining)
      var list: [Double] = []
      for a in 0..<n {
        for p in others(a, same: true) { list.append(max(0, distance(e[a], e[p]) - beta + margin)) }
        let far = others(a, same: false).map { distance(e[a], e[$0]) }.sorted()
        for d in mining == .hard ? Array(far.prefix(1)) : far { list.append(max(0, beta - d + margin)) }
      }
      return mean(list.filter { $0 > 0 })
    case let loss as LiftedStructure:
      let margin = loss.margin
      var list: [Double] = []
      for i in 0..<n {
        for j in others(i, same: true) where j > i || !others(j, same: true).contains(i) {
          let sum = [i, j].reduce(0.0) { sum, a in
            others(a, same: false).reduce(sum) { $0 + exp(margin - distance(e[a], e[$1])) }
          }
          if sum == 0 {
            list.append(0)
            continue
          }
          let value = max(0, distance(e[i], e[j]) + log(sum))
          list.append(value * value / 2)
        }
      }
      return mean(list)
    case let loss as Circle:
      let (m, gamma) = (loss.margin, loss.gamma)
      // The weights count as constants: taken at `frozen`, not at x.
      let fixed = rows(frozen ?? x)
      return mean(
        anchors.map { a in
          let p = others(a, same: true).reduce(0.0) {
            $0 + exp(-gamma * max(1 + m - cosine(fixed[a], fixed[$1]), 0) * (cosine(e[a], e[$1]) - 1 + m))
          }
          let q = others(a, same: false).reduce(0.0) {
            $0 + exp(gamma * max(cosine(fixed[a], fixed[$1]) + m, 0) * (cosine(e[a], e[$1]) - m))
          }
          return log(1 + p * q)
        })
    case let loss as SmoothAP:
      func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x / loss.temperature)) }
      return mean(
        anchors.map { a in
          let (near, far) = (others(a, same: true), others(a, same: false))
          func beyond(_ p: Int, _ items: [Int]) -> Double {
            items.filter { $0 != p }.reduce(0.0) { $0 + sigmoid(cosine(e[a], e[$1]) - cosine(e[a], e[p])) }
          }
          return 1 - mean(near.map { p in (1 + beyond(p, near)) / (1 + beyond(p, near) + beyond(p, far)) })
        })
    case let loss as AllPairs:
      func value(_ i: Int, _ j: Int, _ same: Bool) -> Double {
        guard let pair = loss.loss.kind as? Contrastive else { return .nan }
        let short = max(0, pair.margin - distance(e[i], e[j]))
        return same ? distance(e[i], e[j]) * distance(e[i], e[j]) : short * short
      }
      let kinds = [true, false].compactMap { same -> Double? in
        var list: [Double] = []
        for i in 0..<n {
          for j in others(i, same: same) where j > i || !others(j, same: same).contains(i) {
            list.append(value(i, j, same))
          }
        }
        return list.isEmpty ? nil : mean(list)
      }
      return mean(kinds)
    case let loss as Prototypical:
      let shots = loss.shots
      var list: [Double] = []
      var prototypes: [Int: [Double]] = [:]
      let classes = Set(labels).sorted()
      func members(_ c: Int) -> [Int] { labels.indices.filter { labels[$0] == c } }
      for c in classes {
        let support = members(c).prefix(shots)
        prototypes[c] = (0..<width).map { k in mean(support.map { e[$0][k] }) }
      }
      for c in classes {
        for q in members(c).dropFirst(shots) {
          let logits = classes.map { c in
            -zip(e[q], prototypes[c] ?? []).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
          }
          let own = logits[classes.firstIndex(of: c) ?? 0]
          list.append(log(logits.reduce(0) { $0 + exp($1) }) - own)
        }
      }
      return mean(list)
    case let loss as MultiSimilarity where loss.epsilon != nil:
      let (alpha, beta, base, epsilon) = (loss.alpha, loss.beta, loss.base, loss.epsilon ?? 0)
      return mean(
        anchors.map { a in
          let (near, far) = (others(a, same: true), others(a, same: false))
          let least = near.map { cosine(e[a], e[$0]) }.min() ?? 0
          let greatest = far.map { cosine(e[a], e[$0]) }.max() ?? 0
          let p = near.filter { cosine(e[a], e[$0]) < greatest + epsilon }
            .reduce(0.0) { $0 + exp(-alpha * (cosine(e[a], e[$1]) - base)) }
          let q = far.filter { cosine(e[a], e[$0]) > least - epsilon }
            .reduce(0.0) { $0 + exp(beta * (cosine(e[a], e[$1]) - base)) }
          return log(1 + p) / alpha + log(1 + q) / beta
        })
    case let loss as MultiSimilarity:
      let (alpha, beta, base) = (loss.alpha, loss.beta, loss.base)
      // Of what a miner chose an anchor may have negatives alone.
      return mean(
        (chosen == nil ? anchors : lonely).map { a in
          let p = others(a, same: true).reduce(0.0) { $0 + exp(-alpha * (cosine(e[a], e[$1]) - base)) }
          let q = others(a, same: false).reduce(0.0) { $0 + exp(beta * (cosine(e[a], e[$1]) - base)) }
          return log(1 + p) / alpha + log(1 + q) / beta
        })
    default: return .nan
    }
  }

  @Test(arguments: [
    EmbeddingLoss.crossEntropy(smoothing: 0), .crossEntropy(smoothing: 0.1), .triplet(margin: 0.5, mining: .all),
    .triplet(margin: 0.7, mining: .semihard), .triplet(margin: 0.4, mining: .hard), .nPair,
    .supervisedContrastive(temperature: 0.1), .supervisedContrastive(temperature: 1),
    .multiSimilarity(alpha: 2, beta: 50, base: 0.5), .multiSimilarity(alpha: 2, beta: 20, base: 0.4, epsilon: 0.1),
    .ntXent(temperature: 0.5), .circle(margin: 0.25, gamma: 8), .circle(margin: 0.4, gamma: 32), .lifted(margin: 1),
    .margin(margin: 0.2, beta: 1.2, mining: .all), .margin(margin: 0.4, beta: 1, mining: .hard),
    .prototypical(shots: 1), .prototypical(shots: 2), .triplet(margin: 0.5, mining: .all, metric: .squared),
    .triplet(margin: 0.5, mining: .all, metric: .cosine), .triplet(margin: 0.5, mining: .all, metric: .l1),
    .triplet(margin: 0.5, mining: .all, metric: .snr),
  ])
  func agreesWithItsFormula(loss: EmbeddingLoss) throws {
    var numbers = TestNumbers(11)
    let x = numbers.floats(Self.labels.count * Self.width)
    var gradient = [Float](repeating: .nan, count: x.count)
    let value = try loss.batchLoss(x, width: Self.width, labels: Self.labels, gradient: &gradient)
    let wide = x.map(Double.init)
    let expected = Self.naive(loss, wide)
    #expect(abs(value - expected) < 1e-5 * max(1, abs(expected)))
    for i in 0..<x.count {
      var up = wide
      var down = wide
      up[i] += 1e-6
      down[i] -= 1e-6
      let slope = (Self.naive(loss, up, frozen: wide) - Self.naive(loss, down, frozen: wide)) / 2e-6
      #expect(abs(Double(gradient[i]) - slope) < 2e-4 * max(1, abs(slope)), "\(loss.text), number \(i)")
    }
  }

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

  @Test func weightedL1AgreesWithItsFormula() throws {
    var numbers = TestNumbers(7)
    let (a, b) = (numbers.floats(6 * 5), numbers.floats(6 * 5))
    let same = [true, false, true, false, false, true]
    let loss = EmbeddingLoss.weightedL1
    let parameters = try #require(try loss.parameters(classes: 2, width: 5, seed: 3))
    var gradientA = [Float](repeating: .nan, count: 30)
    var gradientB = gradientA
    let value = try loss.pairLoss(
      a, b, width: 5, same: same, parameters: parameters, gradientA: &gradientA, gradientB: &gradientB)
    let (x, y) = (a.map(Double.init), b.map(Double.init))
    let own = parameters.snapshot().arrays.map { $0.map(Double.init) }
    func naive(_ x: [Double], _ y: [Double], _ own: [[Double]]) -> Double {
      (0..<6).reduce(0.0) { sum, i in
        let z = (0..<5).reduce(own[1][0]) { $0 + own[0][$1] * abs(x[i * 5 + $1] - y[i * 5 + $1]) }
        let p = 1 / (1 + exp(-z))
        return sum - log(same[i] ? p : 1 - p) / 6
      }
    }
    #expect(abs(value - naive(x, y, own)) < 1e-6)
    for i in 0..<30 {
      var (up, down) = (x, x)
      up[i] += 1e-6
      down[i] -= 1e-6
      #expect(abs(Double(gradientA[i]) - (naive(up, y, own) - naive(down, y, own)) / 2e-6) < 1e-4)
      #expect(gradientB[i] == -gradientA[i])
    }
    for (index, array) in parameters.arrays.enumerated() {
      for i in 0..<array.count {
        var (up, down) = (own, own)
        up[index][i] += 1e-6
        down[index][i] -= 1e-6
        #expect(abs(Double(array.gradients[i]) - (naive(x, y, up) - naive(x, y, down)) / 2e-6) < 1e-4)
      }
    }
    // The distance to judge by is one minus the chance of being the same.
    let metric = try #require(loss.learntMetric(parameters))
    let z = (0..<5).reduce(own[1][0]) { $0 + own[0][$1] * abs(x[$1] - y[$1]) }
    #expect(abs(Double(metric.distance(Array(a[..<5]), Array(b[..<5])) ?? .nan) - (1 - 1 / (1 + exp(-z)))) < 1e-6)
  }

  /// Each distance against its formula, and its gradient (through contrastive loss on pairs) against differences.
  @Test(arguments: [Metric.squared, .cosine, .l1, .snr])
  func contrastiveWithOtherDistances(metric: Metric) throws {
    var numbers = TestNumbers(9)
    let (a, b) = (numbers.floats(4 * 6), numbers.floats(4 * 6))
    let same = [true, false, true, false]
    func naive(_ x: [Double], _ y: [Double]) -> Double {
      (0..<4).reduce(0.0) { sum, i in
        let d = Self.far(metric, Array(x[i * 6..<i * 6 + 6]), Array(y[i * 6..<i * 6 + 6]))
        return sum + (same[i] ? d * d : max(0, 2 - d) * max(0, 2 - d)) / 4
      }
    }
    var gradientA = [Float](repeating: .nan, count: 24)
    var gradientB = gradientA
    let value = try EmbeddingLoss.contrastive(margin: 2, metric: metric).pairLoss(
      a, b, width: 6, same: same, gradientA: &gradientA, gradientB: &gradientB)
    let (x, y) = (a.map(Double.init), b.map(Double.init))
    #expect(abs(value - naive(x, y)) < 1e-4 * max(1, value))
    for i in 0..<24 {
      var (up, down) = (x, x)
      up[i] += 1e-6
      down[i] -= 1e-6
      let slope = (naive(up, y) - naive(down, y)) / 2e-6
      #expect(abs(Double(gradientA[i]) - slope) < 1e-3 * max(1, abs(slope)), "a \(i)")
      (up, down) = (y, y)
      up[i] += 1e-6
      down[i] -= 1e-6
      let other = (naive(x, up) - naive(x, down)) / 2e-6
      #expect(abs(Double(gradientB[i]) - other) < 1e-3 * max(1, abs(other)), "b \(i)")
    }
  }

  /// Drawn negatives: far ones as often as near ones, where distances of random points would all be near √2.
  @Test func distanceWeightedMinerSpreadsItsNegatives() throws {
    // Anchor 0 and its positive, then one negative at each of some distances on the unit circle.
    let angles: [Double] = [0, 0.05, 0.55, 0.8, 1.0, 1.2, 1.4]
    let x = angles.flatMap { [Float(cos($0)), Float(sin($0))] }
    var counts = [Int](repeating: 0, count: angles.count)
    for draw in 0..<400 {
      var gradient = [Float](repeating: 0, count: x.count)
      _ = try EmbeddingLoss.triplet(margin: 3, mining: .distance).batchLoss(
        x, width: 2, labels: [0, 0, 1, 2, 3, 4, 5], draw: UInt64(draw), gradient: &gradient)
      // A negative that was chosen has a gradient.
      for item in 2..<angles.count where gradient[2 * item] != 0 || gradient[2 * item + 1] != 0 { counts[item] += 1 }
    }
    for item in 2..<angles.count { #expect(counts[item] > 60, "negative \(item)") }
    // The same draw, the same bits.
    var (one, two) = ([Float](repeating: 0, count: x.count), [Float](repeating: 0, count: x.count))
    let loss = EmbeddingLoss.triplet(margin: 3, mining: .distance)
    let labels = [0, 0, 1, 2, 3, 4, 5]
    #expect(
      try loss.batchLoss(x, width: 2, labels: labels, draw: 5, gradient: &one)
        == loss.batchLoss(x, width: 2, labels: labels, draw: 5, gradient: &two))
    #expect(one == two)
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
    #expect(throws: MetricError.needsParameters(loss: "cosface(margin=0.35, scale=64)", shape: [-1, 1])) {
      try EmbeddingLoss.cosFace(margin: 0.35, scale: 64).batchLoss([0, 0], width: 1, labels: [0, 1], gradient: &out)
    }
    let proxies = try EmbeddingLoss.proxyNCA(scale: 1).parameters(classes: 2, width: 1, seed: 0)
    #expect(throws: MetricError.labelBeyondProxies(loss: "proxynca(scale=1)", label: 2, classes: 2)) {
      try EmbeddingLoss.proxyNCA(scale: 1).batchLoss([1], width: 1, labels: [2], parameters: proxies, gradient: &out)
    }
    #expect(throws: MetricError.proxiesTooLarge(loss: "proxynca(scale=1)", classes: 1 << 20, width: 1024)) {
      try EmbeddingLoss.proxyNCA(scale: 1).parameters(classes: 1 << 20, width: 1024, seed: 0)
    }
    let many = [Int](repeating: 0, count: EmbeddingLoss.batchLimit + 1)
    #expect(throws: MetricError.batchTooLarge(function: "npair()", items: 4097, limit: 4096)) {
      try EmbeddingLoss.nPair.batchLoss([0], width: 1, labels: many, gradient: &out)
    }
    #expect(throws: MetricError.labelBeyondOutputs(label: 7, outputs: 2)) {
      try EmbeddingLoss.crossEntropy(smoothing: 0).batchLoss([1, 2], width: 2, labels: [7], gradient: &out)
    }
  }
}

@Suite struct LossKindTests {
  /// A file of the folder whose loss is not in the list would be a loss that no program can make.
  @Test func everyLossOfTheFolderIsInTheList() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/MetricLearning/Losses")
    let type = #/struct (\w+): (?:\w+, )*LossKind /#
    var declared: Set<String> = []
    for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
      for match in try String(contentsOf: file, encoding: .utf8).matches(of: type) {
        declared.insert(String(match.1))
      }
    }
    #expect(declared.count > 10)
    #expect(declared == Set(EmbeddingLoss.kinds.map { "\($0)" }))
  }

  @Test func buffersThatAreTooShortAreRefused() throws {
    var out: [Float] = [0]
    #expect(throws: MetricError.embeddingShape(function: "npair()", values: 1, count: 2, width: 1)) {
      try EmbeddingLoss.nPair.batchLoss([1, 2], width: 1, labels: [0, 0], gradient: &out)
    }
    #expect(throws: MetricError.embeddingShape(function: "contrastive(margin=1)", values: 3, count: 2, width: 2)) {
      try EmbeddingLoss.contrastive(margin: 1).pairLoss([1, 2, 3, 4], [1, 2, 3], width: 2, same: [true, false])
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
