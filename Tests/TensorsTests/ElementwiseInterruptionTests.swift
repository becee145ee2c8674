import Synchronization
import Testing

@testable import Tensors

/// Whoever gives up waits for the pieces that have begun, not for the whole tensor.
@Suite struct ElementwiseInterruptionTests {
  /// Given up at the third question: how often it was asked before the end, where a tensor has hundreds of pieces.
  private func questions(_ work: () throws -> Tensor) -> Int {
    let asked = Atomic(0)
    #expect(throws: TensorError.interrupted) {
      try LongWork.run(until: { asked.wrappingAdd(1, ordering: .relaxed).newValue > 2 }, work)
    }
    return asked.load(ordering: .relaxed)
  }

  /// What walks alone asks now and then.
  @Test func longLoopsAsk() throws {
    let x = try Tensor.arange(0, 300_000)
    let large = try Tensor.arange(16_777_217, 16_777_217 + 300_000)
    let places = Array((0..<300_000).reversed())
    let works: [(name: String, work: () throws -> Tensor)] = [
      ("take", { try x.taken(places) }), ("wide take", { try large.taken(places) }),
      ("rows", { try x.reshaped([150_000, 2]).taken(places.map { $0 / 2 }) }),
      ("repeat", { try x.repeated([2]) }), ("repeat one", { try Tensor([7], shape: [1]).repeated([300_000]) }),
      ("pad", { try x.padded([(200_000, 200_000)], .reflect) }), ("roll", { try x.rolled([5], nil) }),
      ("arange", { try Tensor.arange(16_777_217, 16_777_217 + 300_000) }),
      ("short arange", { try Tensor.arange(0, 300_000) }), ("argsort", { try x.argsort() }),
      ("places", { try Tensor(places: places, shape: [300_000]) }), ("cumprod", { try x.cumprod(0) }),
      ("sort", { try x.sorted() }), ("set", { try x.replacing([.list(places)], with: Tensor(scalar: 1)) }),
      ("draw", { try Tensor(shape: [300_000], wholeNumbersFrom: 0, upTo: 9) { 3 } }),
      ("wide draw", { try Tensor(shape: [300_000], wholeNumbersFrom: 0, upTo: 1 << 40) { 3 } }),
      (
        "permutation",
        {
          var random = RandomStream(seed: 1)
          return try Tensor(places: random.interruptiblePermutation(300_000), shape: [300_000])
        }
      ),
    ]
    for (name, work) in works {
      #expect(questions(work) > 2, "\(name) asks nobody")
      #expect(try LongWork.run(until: { false }, work).exactValues == work().exactValues, "\(name)")
    }
    var (one, other) = (RandomStream(seed: 7), RandomStream(seed: 7))
    #expect(try one.interruptiblePermutation(100_000) == other.permutation(100_000))
    #expect(try one.interruptiblePermutation(0) == [])
  }

  @Test func piecesAreLeftOut() throws {
    let a = try Tensor.ones([4096, 2048])
    let column = try Tensor.ones([4096, 1])
    let row = try Tensor.ones([2048])
    let works: [(name: String, work: () throws -> Tensor)] = [
      ("map", { try -a }), ("pair", { try a + a }), ("number", { try a * 2 }), ("row", { try a + row }),
      ("outer", { try column * row }), ("function", { try a.exp() }), ("sum", { try a.sum([1]) }),
      ("transpose", { try a.transposed([1, 0]) }), ("broadcast", { try row.broadcast(to: [4096, 2048]) }),
    ]
    for (name, work) in works {
      #expect(questions(work) > 2, "\(name) asks nobody")
      // Nobody gives up: the same as without anybody who could.
      #expect(try LongWork.run(until: { false }, work).values == work().values, "\(name)")
    }
  }
}
