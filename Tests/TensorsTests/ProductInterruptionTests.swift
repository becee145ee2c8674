import Synchronization
import Testing

@testable import Tensors

/// A large product looks up between its parts, whichever way it is asked for.
@Suite struct ProductInterruptionTests {
  private func asked(_ work: () throws -> Tensor) throws -> Int {
    let count = Atomic(0)
    _ = try LongWork.run(until: {
      count.add(1, ordering: .relaxed)
      return false
    }) { try work() }
    return count.load(ordering: .relaxed)
  }

  /// Shown before: one matrix in a stack, and so `einsum`, was not interrupted until it was done.
  @Test func stacksAskAsOftenAsMatrices() throws {
    let side = 700
    let a = try Tensor(shape: [side, side]) { out in for i in 0..<out.count { out[i] = Float(i % 7) } }
    let stack = try a.reshaped([1, side, side])
    let plain = try asked { try a.matmul(a) }
    #expect(plain > 8)
    #expect(try asked { try stack.matmul(stack) } >= plain)
    #expect(try asked { try Tensor.einsum("ij,jk->ik", [a, a]) } >= plain)
    #expect(try stack.matmul(stack).values == a.matmul(a).values)
    #expect(throws: TensorError.interrupted) { try LongWork.run(until: { true }) { try stack.matmul(stack) } }
  }
}
