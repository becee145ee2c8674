import Diagnostics
import Testing

@testable import Tensors

@Test(arguments: cases) func gradientAgreesWithCentralDifferences(_ item: Case) throws {
  let inputs = try item.shapes.enumerated().map { try sample($1, UInt64($0) + 7, shift: item.shift) }
  try checkGradient(inputs, item.run)
}

@Test func philoxGivesTheVectorsOfRandom123() {
  #expect(
    RandomStream.philox(counter: .zero, key: .zero) == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
  #expect(
    RandomStream.philox(counter: SIMD4(repeating: .max), key: SIMD2(repeating: .max))
      == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
  #expect(
    RandomStream.philox(
      counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), key: SIMD2(0xa409_3822, 0x299f_31d0))
      == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
}

@Test func secondDerivatives() throws {
  let cube = try gradient(
    of: { x in try gradient(of: { try $0 * $0 * $0 }, at: x).sum() }, at: Tensor(scalar: 2))
  #expect(cube.item == 12)
  // Of the inner function y is a constant, of the outer a variable: d/dy (d/dx x·y) = 1.
  let tape = Tape()
  let mixed = try gradient(
    of: { y in try gradient(of: { x in try x * y }, at: Tensor(scalar: 3), on: tape) }, at: Tensor(scalar: 2), on: tape)
  #expect(mixed.item == 1)
}

@Test func distanceZeroHasAGradientOfZero() throws {
  let x = try sample([2, 3])
  let found = try gradient(of: { try ($0 - x).norm([-1]).sum() }, at: x)
  #expect(found.values.allSatisfy { $0 == 0 })
}

@Test func customOperationsHaveOneDerivative() throws {
  let square: (Tensor) throws -> Tensor = { x in
    guard let tape = x.trace?.tape else { return try x * x }
    let plain = x.detached
    return tape.record(custom: "square", inputs: [x], output: try plain * plain) { [try $0 * plain * 2] }
  }
  #expect(try gradient(of: square, at: Tensor(scalar: 3)).item == 6)
  #expect(throws: TensorError.secondDerivative(function: "square")) {
    try gradient(of: { x in try gradient(of: square, at: x) }, at: Tensor(scalar: 3))
  }
}

@Test(arguments: [1, 2, 3, 7]) func productsHaveTheSameBitsForAnyThreads(threads: Int) throws {
  let (a, b) = (try sample([200, 150], 1), try sample([150, 170], 2))
  func product(_ workers: Workers) -> [Float] {
    var out = [Float](repeating: 0, count: 200 * 170)
    a.withUnsafeBuffer { x in
      b.withUnsafeBuffer { y in
        if let x = x.baseAddress, let y = y.baseAddress { sgemm(x, y, &out, m: 200, n: 170, k: 150, workers: workers) }
      }
    }
    return out
  }
  #expect(product(Workers(threads: threads)) == product(Workers(threads: 1)))
}

@Test func nestedParallelWorkRunsInPlace() {
  let workers = Workers(threads: 3)
  for _ in 0..<200 {
    var sums = [Int](repeating: 0, count: 16)
    sums.withUnsafeMutableBufferPointer { sums in
      workers.parallel(slices: 16) { slice in workers.parallel(slices: 5) { sums[slice] += $0 } }
    }
    #expect(sums.allSatisfy { $0 == 10 })
  }
}

@Test func errorsInWords() throws {
  func words(_ body: () throws -> Tensor) -> String {
    do { return "\(try body().shape)" } catch { return (error as? any ExplainedError)?.explanation.message ?? "?" }
  }
  let x = try Tensor.zeros([3, 4])
  #expect(
    words { try x + Tensor.zeros([5]) }
      == "cannot add tensors of shapes [3, 4] and [5]: axis -1 has length 4 on the left and 5 on the right")
  #expect(words { try x.matmul(x) } == "cannot multiply matrices of shapes [3, 4] and [3, 4]: 4 columns meet 3 rows")
  #expect(words { try x.reshaped([5, -1]) } == "cannot reshape [3, 4] (12 numbers) to [5, -1]")
  #expect(words { try x.sum([2]) } == "sum: axis 2 does not exist in a tensor of shape [3, 4]")
  #expect(words { try x.subscripted([.at(3)]) } == "index 3 is out of range for axis 0 of length 3")
  #expect(
    words { try Tensor.zeros([1_000_000, 1_000_000]) }
      == "a tensor of shape [1000000, 1000000] would hold 1000000000000 numbers (4 TB)")
  #expect(words { try Tensor.zeros([2_000_000_000_000_001]) }.contains(" hold 2000000000000001 numbers "))
  #expect(words { try Tensor.zeros([.max, .max, 8]) }.hasPrefix("a tensor of shape"))
  #expect(words { try Tensor.zeros([0, .max, .max]) } == "[0, \(Int.max), \(Int.max)]")
}

@Test func emptyTensorsWork() throws {
  let none = try Tensor.zeros([0, 3])
  #expect(try none.sum().item == 0)
  #expect(try none.mean().item?.isNaN == true)
  #expect(try (none + none).shape == [0, 3])
  #expect(try none.matmul(Tensor.zeros([3, 2])).shape == [0, 2])
  #expect(try Tensor.zeros([2, 0]).matmul(Tensor.zeros([0, 2])).values == [0, 0, 0, 0])
  #expect(try none.sorted().shape == [0, 3])
  #expect(throws: TensorError.empty(function: "max")) { try none.max() }
  #expect(try Tensor.zeros([2, 0]).max([0]).shape == [0])
}

/// A place that falls on a number is that number, and between two finite numbers lies one, however far apart they are.
@Test(
  arguments: [
    ([-Float.infinity, 1, 2], 0, -Float.infinity), ([1, .infinity], 0, 1), ([1, 2, .infinity], 0.5, 2),
    ([1, .infinity, .infinity], 0.5, .infinity), ([1, .infinity], 1, .infinity), ([-3e38, 3e38], 0.5, 0),
    ([-3e38, 3e38], 0.75, 1.5e38), ([0, 1], 0.25, 0.25),
  ] as [([Float], Double, Float)])
func quantilesOfInfinities(_ numbers: [Float], _ share: Double, _ expected: Float) throws {
  let found = try Tensor(numbers, shape: [numbers.count]).quantiles([share]).values[0]
  #expect(found == expected || abs(found - expected) <= 1e-6 * abs(expected), "\(numbers), \(share): \(found)")
}
