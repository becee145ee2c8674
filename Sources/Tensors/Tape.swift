/// A tensor's place on a tape.
public final class Trace: Sendable {
  public let tape: Tape
  let index: Int

  init(tape: Tape, index: Int) {
    self.tape = tape
    self.index = index
  }
}

/// The record of a computation, to be walked backwards for gradients: a flat array, so that no graph is ever released
/// or walked by recursion. Used from one thread at a time.
///
/// A tape keeps detached tensors, so that it holds no reference to itself and goes when the last traced tensor goes.
public final class Tape: @unchecked Sendable {
  struct Entry {
    var operation: Operation
    /// Detached.
    var inputs: [Tensor]
    /// Place of each input on this tape; -1 for constants.
    var sources: [Int]
    var output: Tensor
  }

  private(set) var entries: [Entry] = []
  /// How many gradient computations are under way on it: beyond the first, backward passes are recorded too.
  var depth = 0

  public init() {}

  /// How many operations stand on it, variables among them.
  public var count: Int { entries.count }

  /// A tensor whose gradient can be asked for. Where `tensor` itself stands on this tape, gradients of a higher order
  /// go on through it.
  public func variable(_ tensor: Tensor) -> Tensor {
    let source = tensor.trace.flatMap { $0.tape === self ? $0.index : nil } ?? -1
    return append(.identity, [tensor.detached], [source], tensor.detached)
  }

  /// An operation of your own: `output` was computed from `inputs`, and `backward` gives, from the gradient of the
  /// output, one gradient for each input; nil where it is 0.
  ///
  /// A second derivative through it is an error in words.
  public func record(
    custom name: String, inputs: [Tensor], output: Tensor, backward: @escaping @Sendable (Tensor) throws -> [Tensor?]
  ) -> Tensor {
    let sources = inputs.map { input in input.trace.flatMap { $0.tape === self ? $0.index : nil } ?? -1 }
    let operation = CustomOperation(name: name, backward: .fused(backward))
    return append(.custom(operation), inputs.map(\.detached), sources, output.detached)
  }

  func traced(_ tensor: Tensor, _ index: Int) -> Tensor {
    Tensor(shape: tensor.shape, storage: tensor.storage, trace: Trace(tape: self, index: index))
  }

  func append(_ operation: Operation, _ inputs: [Tensor], _ sources: [Int], _ output: Tensor) -> Tensor {
    entries.append(Entry(operation: operation, inputs: inputs, sources: sources, output: output))
    return traced(output, entries.count - 1)
  }
}

/// An operation of a module above, with a backward pass of its own.
public final class CustomOperation: Sendable {
  enum Backward: Sendable {
    /// By a kernel: no second derivative.
    case fused(@Sendable (_ upstream: Tensor) throws -> [Tensor?])
    /// Written with traced operations, from the inputs, the output and its gradient.
    case traced(@Sendable (_ inputs: [Tensor], _ output: Tensor, _ upstream: Tensor) throws -> [Tensor?])
  }

  let name: String
  let backward: Backward

  init(name: String, backward: Backward) {
    self.name = name
    self.backward = backward
  }
}

extension Tensor {
  /// Puts this tensor on the inputs' tape as the output of an operation of your own. `rule` gives one gradient for each
  /// input, nil where it is 0; it is written with traced operations, so that it can be differentiated again.
  public func recorded(
    differentiable name: String, from inputs: [Tensor],
    _ rule: @escaping @Sendable (_ inputs: [Tensor], _ output: Tensor, _ upstream: Tensor) throws -> [Tensor?]
  ) throws -> Tensor {
    try recorded(.custom(CustomOperation(name: name, backward: .traced(rule))), inputs)
  }
}
