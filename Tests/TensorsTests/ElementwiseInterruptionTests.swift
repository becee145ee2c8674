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
