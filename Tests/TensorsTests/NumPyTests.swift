import Foundation
import Testing

@testable import Tensors

/// Figures made by Tests/References/tensors.py.
private let references: [String: (shape: [Int], values: [Float])] = {
  let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("References/tensors.txt")
  guard let text = try? String(contentsOf: path, encoding: .utf8) else { return [:] }
  var found: [String: (shape: [Int], values: [Float])] = [:]
  for line in text.split(separator: "\n") {
    let words = line.split(separator: " ")
    let shape = words[1] == "-" ? [] : words[1].split(separator: ",").compactMap { Int($0) }
    found[String(words[0])] = (shape, words[2...].compactMap { Float($0) })
  }
  return found
}()

private let operations: [(String, @Sendable (Tensor) throws -> Tensor)] = [
  ("sum1", { try $0.sum([1]) }), ("mean02", { try $0.mean([0, 2]) }), ("std2", { try $0.deviation([2]) }),
  ("var", { try $0.variance() }), ("argmax1", { try $0.argmax(1) }), ("argmin", { try $0.argmin() }),
  ("sort1", { try $0.sorted(axis: 1) }),
  ("argsort0", { try $0.subscripted([.at(0), .all, .at(0)]).argsort() }), ("cumsum1", { try $0.cumsum(1) }),
  ("transpose", { try $0.transposed([2, 0, 1]) }),
  (
    "slice",
    {
      try $0.subscripted([
        .slice(start: nil, stop: nil, step: -1), .slice(start: 1, stop: nil, step: 1),
        .slice(start: nil, stop: nil, step: -2),
      ])
    }
  ),
  ("rows", { try $0.subscripted([.all, .list([2, 0])]) }),
  ("mask", { try $0.masked($0.compared(.greater, Tensor(scalar: 1))) }),
  ("matmul", { try $0.matmul($0.transposed([0, 2, 1])) }), ("exp", { try $0.exp() }), ("tanh", { try $0.tanh() }),
  ("clip", { try $0.clip(-1, 1.5) }), ("round", { try $0.round() }),
  ("remainder", { try $0.remainder(Tensor(scalar: 1.5)) }), ("norm2", { try $0.norm([2]) }),
  ("broadcast", { try $0 * Tensor.arange(0, 3).expanded(1) }),
]

@Test func everyReferenceIsUsed() {
  #expect(Set(references.keys) == Set(operations.map(\.0)))
}

@Test(arguments: operations.indices) func agreesWithNumPy(index: Int) throws {
  let (name, operation) = operations[index]
  let x = try Tensor((0..<24).map { Float((7 * $0 + 3) % 11 - 5) / 2 }, shape: [2, 3, 4])
  let expected = try #require(references[name])
  let got = try operation(x)
  #expect(got.shape == expected.shape, "\(name)")
  try #require(got.values.count == expected.values.count)
  for (a, b) in zip(got.values, expected.values) { #expect(abs(a - b) <= 1e-5 * max(1, abs(b)), "\(name)") }
}
