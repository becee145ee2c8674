import Ranks
import TestSupport
import Tensors
import Testing

@testable import NeuralNetworks

/// A plan that ranks share against one that nobody shares: every layer's values and gradients, bit for bit.
@Suite struct RankPlanTests {
  struct Outcome: Equatable, Sendable {
    var outputs: [[UInt32]] = []
    var gradients: [[UInt32]] = []
    var statistics: [[UInt32]] = []
  }

  /// Two passes, the second over fewer items, with gradients added to the first's.
  static func passes(_ each: PlanCase, _ ranks: Ranks?) throws -> Outcome {
    let network = try Network(each.layers)
    try network.build(inputShape: each.shape, seed: 3)
    let plan = try Plan(network, batch: each.batch, training: true, ranks: ranks)
    let (size, width) = (each.shape.reduce(1, *), plan.outputShape.reduce(1, *))
    var outcome = Outcome()
    for (pass, items) in [each.batch, max(1, each.batch * 2 / 3)].enumerated() {
      var numbers = TestNumbers(UInt64(pass) + 11)
      let values = (0..<items * size).map { _ in numbers.float() - 0.5 }
      let upstream = (0..<items * width).map { _ in numbers.float() - 0.5 }
      let own = plan.ownItems(of: items)
      plan.withInput { input in
        // What other ranks fill is wrong here until they have sent it.
        for place in 0..<items * size { input[place] = own.contains(place / size) ? values[place] : .nan }
      }
      plan.forward(items: items, dropoutSeed: UInt64(pass) + 5)
      try plan.checkRanks()
      plan.withOutput { output, gradient in
        outcome.outputs.append((0..<items * width).map { output[$0].bitPattern })
        for place in upstream.indices { gradient[place] = upstream[place] }
      }
      plan.backward(accumulate: pass > 0)
      try plan.checkRanks()
      outcome.gradients += network.trained.map { $0.gradients.map(\.bitPattern) }
    }
    outcome.statistics = network.weights.map { $0.values.map(\.bitPattern) }
    return outcome
  }

  @Test(arguments: PlanTests.cases.filter { $0.batch > 1 })
  func bitsAreThoseOfOneProcess(each: PlanCase) throws {
    let alone = try Self.passes(each, nil)
    let slices = (each.batch + max((each.batch + 15) / 16, min(4, (each.batch + 7) / 8)) - 1)
    let most = slices / max((each.batch + 15) / 16, min(4, (each.batch + 7) / 8))
    for count in [2, 3, 4, 8] where count <= most {
      for (rank, result) in onRanks(count, { try Self.passes(each, $0) }).enumerated() {
        #expect(try result.get() == alone, "rank \(rank) of \(count)")
      }
    }
  }

  /// Ranks embed some batches each: the same bits, and an interruption of one is one of all.
  @Test(arguments: [1, 65, 300]) func embeddingIsShared(items: Int) throws {
    @Sendable func embedded(_ isInterrupted: Bool = false) throws -> [UInt32] {
      let network = try Network([.conv(4, 3), .batchNorm(), .relu, .maxPool(2), .flatten, .dense(units: 7)])
      try network.build(inputShape: [1, 9, 9], seed: 3)
      var out = [Float](repeating: .nan, count: items * 7)
      try out.withUnsafeMutableBufferPointer { out in
        try network.embed(count: items, into: out, width: 7, interrupted: { isInterrupted }) { range, target in
          for (place, item) in range.enumerated() {
            var numbers = TestNumbers(UInt64(item))
            for k in 0..<81 { target[place * 81 + k] = numbers.float() }
          }
        }
      }
      return out.map(\.bitPattern)
    }
    let alone = try embedded()
    for count in [2, 3, 7] {
      for result in onRanks(count, { ranks in try Ranks.share(ranks) { try embedded() } }) {
        #expect(try result.get() == alone)
      }
    }
    guard items > 64 else { return }
    for result in onRanks(2, { ranks in try Ranks.share(ranks) { try embedded(ranks.rank == 1) } }) {
      #expect(throws: NetworkError.interrupted) { try result.get() }
    }
  }

  @Test func moreRanksThanSlicesAreRefused() throws {
    let each = PlanCase(layers: [.flatten, .dense(units: 2)], shape: [1, 2, 2], batch: 2)
    for result in onRanks(3, { try Self.passes(each, $0) }) {
      #expect(throws: RankError.tooMany(ranks: 3, slices: 2, batch: 2)) { try result.get() }
    }
  }
}
