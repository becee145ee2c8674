import Diagnostics
import Interpreter
import Tensors

extension TensorBindings {
  /// Taking numbers by their places, and putting others there.
  static func registerTensorChoosing(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "where",
        [
          .required("condition", "tensor"), .optional("a", "tensor", "none"), .optional("b", "tensor", "none"),
        ],
        area: .tensors, summary: "a where the condition is not 0, b elsewhere; all three broadcast.",
        details: "With the condition alone: the places where it is not 0, as nonzero gives them.",
        example: "x = tensor([-1, 2])\nwhere(x > 0, x, 0)\n#> tensor([0, 2])\nwhere(x > 0)[0]\n#> tensor([1])",
        errors: ["a without b"], seeAlso: ["nonzero", "clip", "setitem"]
      ) { args, _ in
        let condition = try TensorOperators.operand(args[0]) ?? args.tensor(0)
        if !args.has(1), !args.has(2) { return try places(condition) }
        guard args.has(1), args.has(2) else {
          throw ArgumentError(
            args.has(1) ? 1 : 2, "where: a and b are given together, or neither",
            help: "where(c, a, b) chooses; where(c) gives the places where c holds")
        }
        return TensorOperators.value(try args.tensor(1).selected(where: condition, else: args.tensor(2)))
      })
    registry.add(
      Builtin(
        "nonzero", [.required("x", "tensor")], area: .tensors, returns: "list",
        summary: "The places of the numbers that are not 0: for each axis a tensor of them.",
        details: "As NumPy has it: x[i, j] with i, j = nonzero(m) takes what the mask m takes.",
        example: "i, j = nonzero(tensor([[0, 5], [6, 0]]))\ni\n#> tensor([0, 1])", seeAlso: ["where", "argsort"],
        alsoMethodOf: ["tensor"]
      ) { args, _ in try places(args.tensor(0)) })
    registry.add(
      Builtin(
        "take",
        [
          .required("x", "tensor"), .required("indices", "number, list or tensor of whole numbers"),
          .optional("axis", "number", "none"),
        ], area: .tensors, summary: "The items at places along an axis.",
        details: "Without axis among all numbers in row-major order. The axis becomes those of the places.",
        example: "take(tensor([4, 5, 6]), [2, 0])\n#> tensor([6, 4])", errors: ["a place that does not exist"],
        seeAlso: ["take_along_axis", "topk"], alsoMethodOf: ["tensor"]
      ) { args, _ in
        var x = try args.tensor(0)
        let axis = args.isGiven(2) ? try args.int(2, in: -64...64) : nil
        if axis == nil { x = try x.flattened() }
        let rank = x.rank
        let place = axis ?? 0
        guard place >= -rank, place < rank else {
          throw TensorError.axis(function: "take", axis: place, shape: x.shape)
        }
        var subscripts = [IndexValue](repeating: .slice(start: nil, stop: nil, step: nil), count: rank)
        subscripts[place < 0 ? place + rank : place] = .value(args[1])
        return try TensorOperators.index(x, subscripts)
      })
    registry.add(
      Builtin(
        "take_along_axis",
        [
          .required("x", "tensor"), .required("indices", "tensor of whole numbers"), .required("axis", "number"),
        ], area: .tensors, summary: "For each line along an axis the items at places of its own.",
        details: "What argsort and topk give fits: take_along_axis(x, argsort(x), -1) is sort(x).",
        example:
          "x = tensor([[3, 1], [2, 4]])\ntake_along_axis(x, argsort(x), -1)\n#> tensor([[1, 3],\n#>         [2, 4]])",
        errors: ["a place that does not exist", "shapes that do not fit"], seeAlso: ["take", "argsort"],
        alsoMethodOf: ["tensor"]
      ) { args, _ in
        TensorOperators.value(try args.tensor(0).takenAlong(args.tensor(1), axis: args.int(2, in: -64...64)))
      })
    registry.add(
      Builtin(
        "setitem",
        [
          .required("x", "tensor"), .variadic("places", "what stands between the brackets, and the new values last"),
        ], area: .tensors, returns: "tensor",
        summary: "A tensor like x with other values at some places: what x[…] = values is in NumPy.",
        details: """
          A tensor never changes, so that this gives a new one: x = setitem(x, x < 0, 0). The places are what may stand \
          between brackets: a mask, whole numbers, lists or tensors of them, ranges, one for each axis; slices as text, \
          ":" or "1:3" or "...". The values are a number, or what has (or broadcasts to) the shape of x[…]; for a mask \
          also one for each place in row-major order. Where a place is named twice, the last value counts. Gradients go \
          to the values, and to what is left of x.
          """,
        example: """
          x = tensor([1, -2, 3])
          setitem(x, x < 0, 0)
          #> tensor([1, 0, 3])
          setitem(zeros(2, 3), ":", 1, [7, 8])
          #> tensor([[0, 7, 0],
          #>         [0, 8, 0]])
          """, errors: ["values that do not fit the places"], seeAlso: ["where", "clip"], alsoMethodOf: ["tensor"]
      ) { args, _ in
        let x = try args.tensor(0)
        let given = try args.list(1)
        guard given.count >= 2, let last = given.last, let values = try TensorOperators.operand(last) else {
          throw ArgumentError(
            1, "setitem takes places and then the values",
            help: "setitem(x, x < 0, 0), setitem(x, 0, [7, 8]), setitem(x, \":\", 1, 9)")
        }
        let subscripts = try given.dropLast().map { place -> IndexValue in
          if case .string(let box) = place { return try slice(box.text) }
          if case .range(let range) = place, range.count > 0 || range.start == range.start.rounded() {
            return .slice(start: Int(range.start), stop: Int(range.start) + range.count, step: 1)
          }
          return .value(place)
        }
        return Value(try TensorOperators.replacing(x, subscripts, with: values))
      })
  }

  private static func places(_ condition: Tensor) throws -> Value {
    Value(try condition.detached.nonzero().map { Value($0) })
  }

  /// ":", "1:3", "::2", "...".
  private static func slice(_ text: String) throws -> IndexValue {
    if text == "..." { return .ellipsis }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      .map { $0.filter { !$0.isWhitespace } }
    guard parts.count == 2 || parts.count == 3, parts.allSatisfy({ $0.isEmpty || Int($0) != nil }) else {
      throw ArgumentError(1, "setitem: a slice as text is \":\", \"1:3\" or \"::2\", got \(quoted(text))")
    }
    let numbers = parts.map { Int($0) }
    return .slice(start: numbers[0], stop: numbers[1], step: numbers.count == 3 ? numbers[2] : nil)
  }
}
