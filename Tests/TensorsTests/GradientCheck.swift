import Testing

@testable import Tensors

/// A repeatable tensor of normal numbers.
func sample(_ shape: [Int], _ seed: UInt64 = 1, shift: Float = 0) throws -> Tensor {
  var random = RandomStream(seed: seed)
  return try Tensor.randn(shape, &random) + shift
}

/// Checks the gradient of Σ w·f(x) for fixed random w against central differences, for each number of each input.
func checkGradient(
  _ inputs: [Tensor], step: Float = 1e-2, tolerance: Float = 2e-2, _ operation: @escaping ([Tensor]) throws -> Tensor,
  at location: SourceLocation = #_sourceLocation
) throws {
  let weights = try sample(operation(inputs).shape, 99)
  func loss(_ values: [Tensor]) throws -> Double {
    zip(try operation(values).values, weights.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
  let found = try gradients(of: { try (operation($0) * weights).sum() }, at: inputs)
  for (slot, input) in inputs.enumerated() {
    #expect(found[slot].shape == input.shape, sourceLocation: location)
    for place in 0..<input.count {
      func moved(_ by: Float) throws -> Double {
        var values = input.values
        values[place] += by
        var all = inputs
        all[slot] = try Tensor(values, shape: input.shape)
        return try loss(all)
      }
      let expected = Float((try moved(step) - moved(-step)) / Double(2 * step))
      let got = found[slot].values[place]
      #expect(
        abs(got - expected) <= tolerance * max(1, abs(expected)), "input \(slot), number \(place)",
        sourceLocation: location)
    }
  }
}

/// A named operation with the shapes of its inputs.
struct Case: CustomTestStringConvertible, Sendable {
  var name: String
  var shapes: [[Int]]
  /// Added to normal numbers, to keep off corners and out of forbidden ranges.
  var shift: Float = 0
  var run: @Sendable ([Tensor]) throws -> Tensor
  var testDescription: String { "\(name) \(shapes)" }
}

let cases: [Case] = [
  Case(name: "add", shapes: [[2, 3], [3]]) { try $0[0] + $0[1] },
  Case(name: "subtract", shapes: [[2, 1], [1, 3]]) { try $0[0] - $0[1] },
  Case(name: "multiply", shapes: [[2, 3], [2, 1]]) { try $0[0] * $0[1] },
  Case(name: "multiply", shapes: [[2, 3], []]) { try $0[0] * $0[1] },
  Case(name: "divide", shapes: [[2, 3], [3]], shift: 5) { try $0[0] / $0[1] },
  Case(name: "power", shapes: [[4], [4]], shift: 4) { try $0[0].power($0[1] * 0.3) },
  Case(name: "square", shapes: [[2, 2]]) { try $0[0].power(Tensor(scalar: 2)) },
  Case(name: "maximum", shapes: [[2, 3], [3]]) { try $0[0].maximum($0[1]) },
  Case(name: "minimum", shapes: [[2, 3], [2, 3]]) { try $0[0].minimum($0[1] + 0.5) },
  Case(name: "exp", shapes: [[5]]) { try $0[0].exp() },
  Case(name: "log", shapes: [[5]], shift: 5) { try $0[0].log() },
  Case(name: "sqrt", shapes: [[5]], shift: 5) { try $0[0].sqrt() },
  Case(name: "abs", shapes: [[5]], shift: 5) { try $0[0].abs() },
  Case(name: "tanh", shapes: [[5]]) { try $0[0].tanh() },
  Case(name: "sigmoid", shapes: [[5]]) { try $0[0].sigmoid() },
  Case(name: "relu", shapes: [[5]], shift: 0.1) { try $0[0].relu() },
  Case(name: "sin", shapes: [[5]]) { try $0[0].sin() },
  Case(name: "cos", shapes: [[5]]) { try $0[0].cos() },
  Case(name: "clip", shapes: [[6]]) { try $0[0].clip(-0.5, 0.55) },
  Case(name: "sum", shapes: [[2, 3, 2]]) { try $0[0].sum([1]) },
  Case(name: "sum", shapes: [[2, 3, 2]]) { try $0[0].sum([0, 2], keepDims: true) },
  Case(name: "mean", shapes: [[2, 3]]) { try $0[0].mean([0]) },
  Case(name: "var", shapes: [[2, 3]]) { try $0[0].variance([-1]) },
  Case(name: "std", shapes: [[4]]) { try $0[0].deviation() },
  Case(name: "max", shapes: [[2, 4]]) { try $0[0].max([1]) },
  Case(name: "min", shapes: [[2, 4]]) { try $0[0].min() },
  Case(name: "prod", shapes: [[2, 3, 2]]) { try $0[0].product([0, 2]) },
  Case(name: "prod", shapes: [[5]], shift: 1) { try $0[0].product() },
  Case(name: "prod of zeros", shapes: [[2, 3]]) {
    try ($0[0] * Tensor([1, 0, 1, 0, 0, 1], shape: [2, 3])).product([1])
  },
  Case(name: "median", shapes: [[3, 5]]) { try $0[0].median([1]) },
  Case(name: "median", shapes: [[2, 2, 3]]) { try $0[0].median([0, 2], keepDims: true) },
  Case(name: "cumsum", shapes: [[2, 3]]) { try $0[0].cumsum(1) },
  Case(name: "sort", shapes: [[2, 4]]) { try $0[0].sorted() },
  Case(name: "matmul", shapes: [[2, 3], [3, 4]]) { try $0[0].matmul($0[1]) },
  Case(name: "matmul", shapes: [[2, 2, 3], [3, 2]]) { try $0[0].matmul($0[1]) },
  Case(name: "matmul", shapes: [[3], [3, 2]]) { try $0[0].matmul($0[1]) },
  Case(name: "transpose", shapes: [[2, 3, 2]]) { try $0[0].transposed([2, 0, 1]) },
  Case(name: "concat", shapes: [[2, 1], [2, 2]]) { try Tensor.concat($0, axis: 1) },
  Case(name: "stack", shapes: [[2], [2]]) { try Tensor.stack($0, axis: 1) },
  Case(name: "broadcast", shapes: [[2, 1]]) { try $0[0].broadcast(to: [3, 2, 2]) },
  Case(name: "index", shapes: [[3, 4]]) { try $0[0].subscripted([.slice(start: nil, stop: nil, step: -2), .at(-1)]) },
  Case(name: "slice of rows", shapes: [[4, 3]]) { try $0[0].subscripted([.slice(start: 1, stop: 3, step: 1)]) },
  Case(name: "slice of planes", shapes: [[3, 2, 3]]) { try $0[0].subscripted([.slice(start: 1, stop: nil, step: 1)]) },
  Case(name: "slice of a plane's rows", shapes: [[2, 4, 3]]) {
    try $0[0].subscripted([.all, .slice(start: 1, stop: 3, step: 1)])
  },
  Case(name: "slice of rows backwards", shapes: [[4, 3]]) {
    try $0[0].subscripted([.slice(start: nil, stop: nil, step: -1)])
  },
  Case(name: "slice of columns", shapes: [[3, 5]]) {
    try $0[0].subscripted([.all, .slice(start: 1, stop: 4, step: 1)])
  },
  Case(name: "slice of every second column", shapes: [[3, 5]]) {
    try $0[0].subscripted([.all, .slice(start: nil, stop: nil, step: 2)])
  },
  Case(name: "slice of mirrored rows", shapes: [[2, 2, 4]]) {
    try $0[0].subscripted([.slice(start: 0, stop: nil, step: 1), .all, .slice(start: nil, stop: nil, step: -1)])
  },
  Case(name: "take", shapes: [[3, 2]]) { try $0[0].taken([2, 0, 2]) },
  Case(name: "where", shapes: [[4], [4]]) {
    try $0[0].selected(where: Tensor([1, 0, 1, 0], shape: [4]), else: $0[1])
  },
  Case(name: "conv2d", shapes: [[1, 2, 4, 5], [2, 2, 3, 2], [2]]) {
    try $0[0].conv2d($0[1], bias: $0[2], stride: (1, 2), padding: (1, 0))
  },
  Case(name: "maxpool", shapes: [[1, 2, 4, 4]]) { try ($0[0] * 3).maxPool((2, 2)) },
  Case(name: "avgpool", shapes: [[1, 1, 5, 4]]) { try $0[0].averagePool((3, 2), stride: (2, 1)) },
  Case(name: "dense", shapes: [[2, 3], [4, 3], [4]]) { try $0[0].dense($0[1], bias: $0[2]) },
  Case(name: "normalize", shapes: [[2, 3]]) { try $0[0].l2Normalized() },
  Case(name: "cdist", shapes: [[2, 3], [3, 3]]) { try $0[0].pairwiseDistances($0[1] + 2) },
  Case(name: "softmax", shapes: [[2, 3]]) { try $0[0].softmax() },
  Case(name: "negate", shapes: [[3]]) { try -$0[0] },
  Case(name: "fraction power", shapes: [[4]], shift: 4) { try $0[0].power(Tensor(scalar: -0.7)) },
  Case(name: "reciprocal", shapes: [[4]], shift: 4) { try $0[0].power(Tensor(scalar: -1)) },
  Case(name: "cube", shapes: [[4]]) { try $0[0].power(Tensor(scalar: 3)) },
  Case(name: "remainder", shapes: [[4]], shift: 0.21) { try $0[0].remainder(Tensor(scalar: 3)) },
  // Far from where the quotient is whole, and the remainder jumps.
  Case(name: "remainder by both", shapes: [[4], [4]]) { try ($0[0] * 0.1 + 7).remainder($0[1] * 0.1 + 3) },
  Case(name: "padded", shapes: [[1, 2, 2, 3]]) { try $0[0].padded(top: 1, left: 0, bottom: 2, right: 1) },
  Case(name: "padded with a value", shapes: [[1, 1, 2, 3]]) {
    try $0[0].padded(top: 1, left: 1, bottom: 0, right: 0, with: 5).maxPool((2, 2))
  },
  Case(name: "scatter", shapes: [[3, 2]]) {
    try $0[0].scatterAdded(TakePlan(axis: 0, size: 4, indexes: [1, 3, 1]))
  },
  Case(name: "fold", shapes: [[1, 4, 4]]) {
    try $0[0].folded(
      WindowPlan("fold", image: [1, 1, 3, 3], kernel: (2, 2), stride: (1, 1), padding: (0, 0)))
  },
  Case(name: "reversed cumsum", shapes: [[3, 2]]) { try $0[0].cumsum(0, reversed: true) },
  Case(name: "several lists", shapes: [[3, 4, 2]]) { try $0[0].subscripted([.list([0, 2, 0]), .list([1, 3, 1])]) },
  Case(name: "lists apart", shapes: [[3, 2, 4]]) { try $0[0].subscripted([.list([0, 2]), .all, .list([3, 3])]) },
  Case(name: "number beside a list", shapes: [[2, 3, 4]]) { try $0[0].subscripted([.all, .at(1), .list([3, 0])]) },
  Case(name: "table of places", shapes: [[4, 2]]) { try $0[0].subscripted([.places([0, 3, 3, 1], shape: [2, 2])]) },
  Case(name: "mask", shapes: [[2, 3]]) {
    try $0[0].masked(Tensor([1, 0, 1, 0, 0, 1], shape: [2, 3]).asMask())
  },
  Case(name: "tan", shapes: [[4]]) { try ($0[0] * 0.4).tan() },
  Case(name: "asin", shapes: [[4]]) { try ($0[0] * 0.2).asin() },
  Case(name: "acos", shapes: [[4]]) { try ($0[0] * 0.2).acos() },
  Case(name: "atan", shapes: [[4]]) { try $0[0].atan() },
  Case(name: "sinh", shapes: [[4]]) { try $0[0].sinh() },
  Case(name: "erf", shapes: [[4]]) { try $0[0].erf() },
  Case(name: "cosh", shapes: [[4]]) { try $0[0].cosh() },
  Case(name: "log1p", shapes: [[4]], shift: 4) { try $0[0].log1p() },
  Case(name: "expm1", shapes: [[4]]) { try $0[0].expm1() },
  Case(name: "log2", shapes: [[4]], shift: 4) { try $0[0].log2() },
  Case(name: "log10", shapes: [[4]], shift: 4) { try $0[0].log10() },
  Case(name: "atan2", shapes: [[2, 3], [3]], shift: 3) { try $0[0].atan2($0[1]) },
  Case(name: "quantile", shapes: [[2, 5]]) { try $0[0].quantiles([0.1, 0.7], [1]) },
  Case(name: "logsumexp", shapes: [[2, 3]]) { try $0[0].logSumExp([0, 1]) },
  Case(name: "cumprod", shapes: [[2, 4]], shift: 1) { try $0[0].cumprod(1) },
  Case(name: "cumprod of zeros", shapes: [[5]]) {
    try ($0[0] * Tensor([1, 0, 1, 0, 1], shape: [5])).cumprod(0)
  },
  Case(name: "diff", shapes: [[2, 4]]) { try $0[0].differences(2) },
  Case(name: "flip", shapes: [[2, 3]]) { try $0[0].flipped([1]) },
  Case(name: "roll", shapes: [[2, 3]]) { try $0[0].rolled([1, -2], [0, 1]) },
  Case(name: "tile", shapes: [[2, 3]]) { try $0[0].tiled([2, 1, 2]) },
  Case(name: "repeat", shapes: [[2, 3]]) { try $0[0].repeated([2, 0, 1], axis: 1) },
  Case(name: "diag", shapes: [[3]]) { try $0[0].diagonal(1) },
  Case(name: "diagonal", shapes: [[3, 4]]) { try $0[0].diagonal(-1) },
  Case(name: "trace", shapes: [[3, 3]]) { try $0[0].trace() },
  Case(name: "triu", shapes: [[2, 3, 3]]) { try $0[0].triangle(upper: true, 1) },
  Case(name: "pad", shapes: [[2, 3], []]) { try $0[0].padded([(1, 0), (2, 1)], value: $0[1]) },
  Case(name: "reflect", shapes: [[2, 3]]) { try $0[0].padded([(3, 0), (2, 1)], .reflect) },
  Case(name: "topk", shapes: [[2, 5]]) { try $0[0].top(2).values },
  Case(name: "take along", shapes: [[2, 3]]) {
    try $0[0].takenAlong(Tensor([2, 0, 1, 1], shape: [2, 2]), axis: 1)
  },
  Case(name: "setitem", shapes: [[3, 4], [2]]) { try $0[0].replacing([.list([0, 2]), .at(1)], with: $0[1]) },
  Case(name: "setitem by mask", shapes: [[2, 2], []]) {
    try $0[0].replacing(where: Tensor([1, 0, 0, 1], shape: [2, 2]), with: $0[1])
  },
  Case(name: "einsum", shapes: [[2, 3], [3, 2], [2, 2]]) { try Tensor.einsum("ij,jk,kk->ik", $0) },
  Case(name: "new axis", shapes: [[3]]) { try $0[0].subscripted([.newAxis, .all]) * $0[0].expanded(1) },
  Case(name: "where broadcasts", shapes: [[2, 3], []]) {
    try $0[0].selected(where: Tensor([1, 0, 1], shape: [3]), else: $0[1])
  },
  Case(name: "matmul broadcasts", shapes: [[2, 1, 2, 3], [3, 3, 2]]) { try $0[0].matmul($0[1]) },
  Case(name: "matmul of a matrix and a vector", shapes: [[2, 3], [3]]) { try $0[0].matmul($0[1]) },
  Case(name: "dot", shapes: [[3], [3]]) { try $0[0].dot($0[1]) },
  Case(name: "norm", shapes: [[2, 3]]) { try $0[0].norm([1], keepDims: true) },
  Case(name: "logsumexp", shapes: [[2, 3]]) { try $0[0].logSumExp([-1]) },
  Case(name: "max of all", shapes: [[2, 3]]) { try $0[0].max() },
  Case(name: "used twice", shapes: [[3]]) { try $0[0] * $0[0].exp() + $0[0].sum() * $0[0] },
  Case(name: "of no numbers", shapes: [[0, 3]]) { try $0[0].exp().sum([0]) },
]
