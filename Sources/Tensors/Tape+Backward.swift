extension Tape {
  /// Walks from `loss` back and gives the gradient at each of `places`; zeros where the loss does not depend on it.
  ///
  /// Inside another gradient computation (`depth` above 1) the walk is recorded, so that it can be differentiated again.
  func backward(from loss: Tensor, to places: [Int], function: String) throws -> [Tensor] {
    guard loss.count == 1 else { throw TensorError.notScalar(function: function, shape: loss.shape) }
    let recorded = depth > 1
    func zeros(_ place: Int) throws -> Tensor {
      guard entries.indices.contains(place) else { return Tensor(scalar: 0) }
      return try Tensor.full(entries[place].output.shape, 0)
    }
    guard let trace = loss.trace, trace.tape === self, let lowest = places.min(), trace.index >= lowest,
      trace.index < entries.count
    else { return try places.map(zeros) }

    // Only entries that a place leads to need a gradient.
    var wanted = [Bool](repeating: false, count: trace.index + 1 - lowest)
    for place in places where place >= lowest && place <= trace.index { wanted[place - lowest] = true }
    let goals = wanted
    for index in lowest...trace.index where !wanted[index - lowest] {
      wanted[index - lowest] = entries[index].sources.contains { $0 >= lowest && wanted[$0 - lowest] }
    }

    var gradients = [Tensor?](repeating: nil, count: wanted.count)
    gradients[trace.index - lowest] = try Tensor.full(loss.shape, 1)
    for index in stride(from: trace.index, through: lowest, by: -1) where wanted[index - lowest] {
      guard let upstream = gradients[index - lowest] else { continue }
      let entry = entries[index]
      let needed = entry.sources.map { $0 >= lowest && wanted[$0 - lowest] }
      if !goals[index - lowest] { gradients[index - lowest] = nil }
      guard needed.contains(true) else { continue }
      let inputs =
        recorded ? zip(entry.inputs, entry.sources).map { $1 >= 0 ? traced($0, $1) : $0 } : entry.inputs
      let output = recorded ? traced(entry.output, index) : entry.output
      let parts = try entry.operation.gradients(
        inputs: inputs, output: output, upstream: upstream, needed: needed, recorded: recorded)
      for (slot, source) in entry.sources.enumerated() where needed[slot] && slot < parts.count {
        guard let part = parts[slot] else { continue }
        if let sum = gradients[source - lowest] {
          gradients[source - lowest] = try sum + part
        } else {
          gradients[source - lowest] = part
        }
      }
    }
    return try places.map { place in
      guard place >= lowest, place <= trace.index, let found = gradients[place - lowest] else {
        return try zeros(place)
      }
      return found
    }
  }
}

/// The gradient of a function of one tensor at a place: the same shape as `input`.
/// - Parameters:
///   - tape: the tape of an outer gradient computation, for gradients of a higher order; a fresh one where nil.
/// - Throws: `TensorError.notScalar` if `function` gives more than one number.
public func gradient(
  of function: (Tensor) throws -> Tensor, at input: Tensor, on tape: Tape? = nil
) throws -> Tensor {
  try valueAndGradients(of: { try function($0[0]) }, at: [input], on: tape).gradients[0]
}

/// The gradients of a function of several tensors.
public func gradients(
  of function: ([Tensor]) throws -> Tensor, at inputs: [Tensor], on tape: Tape? = nil
) throws -> [Tensor] {
  try valueAndGradients(of: function, at: inputs, on: tape).gradients
}

/// A function's value together with its gradients.
public func valueAndGradients(
  of function: ([Tensor]) throws -> Tensor, at inputs: [Tensor], on tape: Tape? = nil
) throws -> (value: Tensor, gradients: [Tensor]) {
  let tape = tape ?? inputs.lazy.compactMap(\.trace?.tape).first ?? Tape()
  tape.depth += 1
  defer { tape.depth -= 1 }
  let first = tape.count
  let variables = inputs.map(tape.variable)
  let value = try function(variables)
  let places = Array(first..<first + inputs.count)
  let found = try tape.backward(from: value, to: places, function: "gradient")
  return (tape.depth > 1 ? value : value.detached, found)
}
