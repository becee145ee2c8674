import Testing

@testable import Tensors

/// No operation of the table goes without a gradient check.
@Suite struct OperationTableTests {
  @Test func everyOperationIsChecked() throws {
    var met: Set<Operation.Kind> = []
    for one in cases {
      let tape = Tape()
      let inputs = try one.shapes.enumerated().map { try sample($1, UInt64($0 + 1), shift: one.shift) }
      _ = try one.run(inputs.map(tape.variable))
      met.formUnion(tape.entries.map(\.operation.kind))
    }
    // A custom operation brings its own gradient; whoever makes one checks it.
    let missing = Operation.Kind.allCases.filter { $0 != .custom && !met.contains($0) }
    for function in ElementFunction.allCases {
      #expect(cases.contains { $0.name == function.rawValue }, "without a gradient check: \(function)")
    }
    #expect(missing.isEmpty, "without a gradient check: \(missing.map(\.rawValue))")
  }

  /// Where a rule could divide by 0 or take its logarithm.
  @Test func slopesAtZero() throws {
    func slope(_ of: (Tensor) throws -> Tensor) throws -> Float {
      try gradient(of: of, at: Tensor(scalar: 0)).values[0]
    }
    #expect(try slope { try $0.power(Tensor(scalar: 0)) } == 0)
    #expect(try slope { try $0.power(Tensor(scalar: 1)) } == 1)
    #expect(try slope { try $0.power(Tensor(scalar: 2)) } == 0)
    #expect(try slope { try Tensor(scalar: 0).power($0) } == 0)
    #expect(try slope { try $0.atan2($0) } == 0)
    #expect(try slope { try $0.atan2(Tensor(scalar: 2)) } == 0.5)
    #expect(try slope { try $0.sqrt() } == 0)
    #expect(try slope { try Tensor.concat([$0.reshaped([1]), Tensor([-.infinity], shape: [1])]).logSumExp(nil) } == 1)
    #expect(
      try slope { x in
        try gradient(of: { try $0.power(Tensor(scalar: 0)) }, at: x)
      } == 0)
  }

  /// A custom gradient of the wrong shape, and a second derivative through one, are errors in words.
  @Test func customOperations() throws {
    let tape = Tape()
    let x = tape.variable(try Tensor([1, 2], shape: [2]))
    let y = tape.record(custom: "double", inputs: [x], output: try x.detached * 2) { [try $0 * 2] }
    #expect(y.values == [2, 4])
    #expect(
      try gradient(
        of: { input in
          guard let tape = input.trace?.tape else { return input }
          return try tape.record(custom: "double", inputs: [input], output: input.detached * 2) { [try $0 * 2] }.sum()
        }, at: Tensor([1, 2], shape: [2])
      ).values == [2, 2])
    #expect(throws: TensorError.customGradient(function: "bad", expected: [2], got: [])) {
      try gradient(
        of: { input in
          guard let tape = input.trace?.tape else { return input }
          return try tape.record(custom: "bad", inputs: [input], output: input.detached) { _ in [Tensor(scalar: 1)] }
            .sum()
        }, at: Tensor([1, 2], shape: [2]))
    }
  }

  /// Second derivatives by central differences of first ones, for smooth operations.
  @Test(arguments: [
    "exp", "tanh", "sigmoid", "sin", "cos", "divide", "multiply", "matmul", "several lists", "padded", "prod",
    "tan", "atan", "atan2", "log1p", "cumprod", "cumprod of zeros", "einsum", "setitem", "logsumexp",
  ])
  func secondDerivatives(name: String) throws {
    let one = try #require(cases.first { $0.name == name })
    let inputs = try one.shapes.enumerated().map { try sample($1, UInt64($0 + 1), shift: one.shift) }
    let at = inputs[0]
    func slope(_ x: Tensor) throws -> Tensor {
      try gradient(
        of: { v in
          let y = try one.run([v] + inputs.dropFirst())
          return try (y * y).sum()
        }, at: x)
    }
    let second = try gradient(of: { try (slope($0) * slope($0)).sum() }, at: at)
    for place in 0..<min(4, at.count) {
      func moved(_ by: Float) throws -> Double {
        var values = at.values
        values[place] += by
        let s = try slope(Tensor(values, shape: at.shape))
        return s.values.reduce(0) { $0 + Double($1) * Double($1) }
      }
      let expected = Float((try moved(1e-2) - moved(-1e-2)) / 2e-2)
      #expect(abs(second.values[place] - expected) <= 3e-2 * max(1, abs(expected)), "\(name) \(place)")
    }
  }
}
