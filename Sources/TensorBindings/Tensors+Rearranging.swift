import CoreLibrary
import Diagnostics
import Interpreter
import Tensors

extension TensorBindings {
  /// What puts numbers to other places: gradients go back the same way.
  static func registerTensorRearranging(_ registry: inout BuiltinRegistry) {
    func add(
      _ name: String, _ parameters: [BuiltinParameter], _ summary: String, _ example: String, details: String = "",
      errors: [String] = [], seeAlso: [String] = [], _ body: @escaping (Arguments) throws -> Tensor
    ) {
      registry.add(
        Builtin(
          name, [BuiltinParameter].of(x) + parameters, area: .tensors, summary: summary, details: details,
          example: example, errors: errors, seeAlso: seeAlso, alsoMethodOf: ["tensor"]
        ) { args, _ in TensorOperators.value(try body(args)) })
    }
    let axes = TypedParameter.axes()
    add(
      "flip", .of(axes), "Backwards along an axis, or along all of them.",
      "flip(tensor([1, 2, 3]))\n#> tensor([3, 2, 1])", seeAlso: ["roll"]
    ) { try $0[x].flipped($0[axes]) }
    let shift = TypedParameter.ints("shift")
    add(
      "roll", .of(shift, axes),
      "Moved along an axis; what leaves at the end comes in at the beginning.",
      "roll(tensor([1, 2, 3, 4]), 1)\n#> tensor([4, 1, 2, 3])",
      details: "Without axis all numbers in row-major order. Lists move along several axes.", seeAlso: ["flip"]
    ) { try $0[x].rolled($0[shift], $0[axes]) }
    let reps = TypedParameter.ints("reps")
    add(
      "tile", .of(reps), "Repeated as a whole along each axis.",
      "tile(tensor([1, 2]), 2)\n#> tensor([1, 2, 1, 2])", errors: ["a result beyond the memory limit"],
      seeAlso: ["repeat"]
    ) { try $0[x].tiled($0[reps]) }
    let repeats = TypedParameter.ints("repeats")
    let axis = TypedParameter.int("axis", in: -64...64, or: "none")
    add(
      "repeat", .of(repeats, axis),
      "Each item so often, one after the other.", "repeat(tensor([1, 2]), 2)\n#> tensor([1, 1, 2, 2])",
      details: "A list of repeats has one number for each item of the axis; without axis all numbers count.",
      errors: ["a result beyond the memory limit"], seeAlso: ["tile"]
    ) { try $0[x].repeated($0[repeats], axis: $0[axis]) }
    let diagonal = TypedParameter.int("k", in: -(1 << 31)...1 << 31, default: 0)
    add(
      "diag", .of(diagonal), "A vector as the diagonal of a matrix, or a matrix's diagonal.",
      "diag(tensor([1, 2]))\n#> tensor([[1, 0],\n#>         [0, 2]])",
      details: "k above 0 is a diagonal above the middle one, k below 0 one below it.", seeAlso: ["trace", "eye"]
    ) { try $0[x].diagonal($0[diagonal]) }
    let offset = TypedParameter.int("offset", in: -(1 << 31)...1 << 31, default: 0)
    add(
      "trace", .of(offset), "The sum of the diagonal.",
      "trace(tensor([[1, 2], [3, 4]]))\n#> 5", details: "Of the first two axes, where there are more.",
      seeAlso: ["diag"]
    ) { try $0[x].trace($0[offset]) }
    for (name, upper, words, result) in [
      ("triu", true, "below", "[1, 2],\n#>         [0, 4]"), ("tril", false, "above", "[1, 0],\n#>         [3, 4]"),
    ] {
      add(
        name, .of(diagonal), "With zeros \(words) the diagonal.",
        "\(name)(tensor([[1, 2], [3, 4]]))\n#> tensor([\(result)])",
        details: "k says which diagonal; further axes come first, as in NumPy.",
        seeAlso: [name == "triu" ? "tril" : "triu", "diag"]
      ) { try $0[x].triangle(upper: upper, $0[diagonal]) }
    }
    let mode = TypedParameter.word("mode", default: Tensor.Padding.constant)
    let filling = TypedParameter.value("constant_values", "number", default: 0)
    add(
      "pad", .of(padWidth, mode, filling),
      "So many numbers more before and behind along each axis.",
      "pad(tensor([1, 2]), [1, 2])\n#> tensor([0, 1, 2, 0, 0])",
      details: """
        A number is for both sides of every axis, a pair [before, behind] for every axis, a list of pairs for each. \
        mode is "constant", "edge" (the last number goes on), "reflect" (mirrored without the last), "symmetric" \
        (mirrored with it) or "wrap", as in NumPy.
        """, errors: ["a result beyond the memory limit"], seeAlso: ["concat", "tile"]
    ) { args in
      let x = try args[x]
      let mode = try args[mode]
      let value = args.isGiven(filling) ? try args.tensor(filling) : Tensor(scalar: 0)
      guard value.count == 1 else { throw args.mismatch(filling, expected: "a number") }
      return try x.padded(padWidths(args, rank: x.rank), mode, value: value.reshaped([]))
    }
    registerProducts(&registry)
  }

  private static let x = TypedParameter.tensor("x")
  private static let padWidth = TypedParameter.tensor("pad_width", "number, pair, or a pair for each axis")

  private static func registerProducts(_ registry: inout BuiltinRegistry) {
    let a = TypedParameter.tensor("a")
    let b = TypedParameter.tensor("b")
    registry.add(
      Builtin(
        "outer", .of(a, b), area: .tensors, returns: "tensor",
        summary: "Each number of a times each of b: [n] and [m] → [n, m].",
        example: "outer(tensor([1, 2]), tensor([3, 4]))\n#> tensor([[3, 4],\n#>         [6, 8]])",
        seeAlso: ["einsum", "dot"]
      ) { args, _ in
        let (a, b) = (try args[a], try args[b])
        return Value(try a.reshaped([a.count, 1]).exactly(.multiply, b.reshaped([1, b.count])))
      })
    let subscripts = TypedParameter.string("subscripts")
    let operands = TypedParameter.values("operands", "tensors")
    registry.add(
      Builtin(
        "einsum", .of(subscripts, operands), area: .tensors,
        summary: "Sums of products, written by the letters of the axes.",
        details: """
          "ij,jk->ik" is the matrix product: axes that share a letter are multiplied, those that the result does not name \
          are summed. Without an arrow the result has the letters that stand once, in the order of the alphabet; "..." \
          stands for axes that broadcast, and a result has to name them; an axis of length 1 fits any length, as in NumPy.
          """,
        example: "a = tensor([[1, 2], [3, 4]])\neinsum(\"ii\", a)\n#> 5\neinsum(\"ij->j\", a)\n#> tensor([4, 6])",
        errors: ["letters that do not fit the tensors"], seeAlso: ["matmul", "outer", "trace"]
      ) { args, _ in
        let tensors = try args[operands].map { item in
          guard let tensor = try TensorOperators.operand(item) else {
            throw args.mismatch(operands, expected: "tensors")
          }
          return tensor
        }
        return TensorOperators.value(try Tensor.einsum(args[subscripts], tensors))
      })
  }

  /// `pad_width=`: 1, [1, 2] or [[1, 2], [0, 0]].
  private static func padWidths(_ args: Arguments, rank: Int) throws -> [(Int, Int)] {
    let widths = try args[padWidth]
    let numbers = try widths.exactValues.map { number in
      guard let whole = Int(exactly: number), whole >= 0 else {
        throw args.mismatch(padWidth, expected: "whole numbers of 0 or more")
      }
      return whole
    }
    switch (widths.rank, numbers.count) {
    case (0...1, 1): return Array(repeating: (numbers[0], numbers[0]), count: rank)
    case (1, 2): return Array(repeating: (numbers[0], numbers[1]), count: rank)
    case (2, 2) where widths.shape == [1, 2]: return Array(repeating: (numbers[0], numbers[1]), count: rank)
    case (2, rank) where widths.shape == [rank, 1]: return numbers.map { ($0, $0) }
    case (2, 2 * rank) where widths.shape == [rank, 2]:
      return (0..<rank).map { (numbers[2 * $0], numbers[2 * $0 + 1]) }
    default:
      throw args.mismatch(
        padWidth, expected: "a number, a pair, or a pair for each of the \(rank) axes",
        help: "pad(x, 1), pad(x, [1, 2]), pad(x, [[1, 2], [0, 0]])")
    }
  }
}
