import Foundation

@testable import MetricLearning

extension LossesTests {
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
}
