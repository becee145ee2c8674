import Diagnostics
import Interpreter
import Tensors

extension TensorBindings {
  /// Taking numbers by their places, and putting others there.
  static func registerTensorChoosing(_ registry: inout BuiltinRegistry) {
    let condition = TypedParameter.value("condition", "tensor")
    let a = TypedParameter.value("a", "tensor or number", or: "none")
    let b = TypedParameter.value("b", "tensor or number", or: "none")
    registry.add(
      Builtin(
        "where", .of(condition, a, b), area: .tensors,
        summary: "a where the condition is not 0, b elsewhere; all three broadcast.",
        details: "With the condition alone: the places where it is not 0, as nonzero gives them.",
        example: "x = tensor([-1, 2])\nwhere(x > 0, x, 0)\n#> tensor([0, 2])\nwhere(x > 0)[0]\n#> tensor([1])",
        errors: ["a without b"], seeAlso: ["nonzero", "clip", "setitem"]
      ) { args, _ in
        let choosing = try TensorOperators.operand(args[condition]) ?? args.tensor(condition)
        if !args.has(a), !args.has(b) { return try places(choosing) }
        guard args.has(a), args.has(b) else {
          throw ArgumentError(
            args.has(a) ? a : b, "where: a and b are given together, or neither",
            help: "where(c, a, b) chooses; where(c) gives the places where c holds")
        }
        if choosing.rank == 0, choosing.trace == nil, case .number(let one) = try args[a],
          case .number(let other) = try args[b]
        {
          // A number that float32 rounds to 0 is not 0.
          return .number(try (args[condition].asNumber ?? choosing.number) == 0 ? other : one)
        }
        return TensorOperators.value(try args.tensor(a).selected(where: choosing, else: args.tensor(b)))
      })
    let x = TypedParameter.tensor("x")
    registry.add(
      Builtin(
        "nonzero", .of(x), area: .tensors, returns: "list",
        summary: "The places of the numbers that are not 0: for each axis a tensor of them.",
        details: "As NumPy has it: x[i, j] with i, j = nonzero(m) takes what the mask m takes.",
        example: "i, j = nonzero(tensor([[0, 5], [6, 0]]))\ni\n#> tensor([0, 1])", seeAlso: ["where", "argsort"],
        alsoMethodOf: ["tensor"]
      ) { args, _ in try places(args[x]) })
    registerTaking(&registry)
    registerPutting(&registry)
  }

  private static func registerTaking(_ registry: inout BuiltinRegistry) {
    let x = TypedParameter.tensor("x")
    let indices = TypedParameter.value("indices", "number, list or tensor of whole numbers")
    let axis = TypedParameter.int("axis", in: -64...64, or: "none")
    registry.add(
      Builtin(
        "take", .of(x, indices, axis), area: .tensors,
        summary: "The items at places along an axis.",
        details: "Without axis among all numbers in row-major order. The axis becomes those of the places.",
        example: "take(tensor([4, 5, 6]), [2, 0])\n#> tensor([6, 4])", errors: ["a place that does not exist"],
        seeAlso: ["take_along_axis", "topk"], alsoMethodOf: ["tensor"]
      ) { args, _ in
        let given = try args[x]
        let axis = try args[axis]
        let items = axis == nil ? try given.flattened() : given
        let rank = items.rank
        let place = axis ?? 0
        guard place >= -rank, place < rank else {
          throw TensorError.axis(function: "take", axis: place, shape: items.shape)
        }
        var subscripts = [IndexValue](repeating: .slice(start: nil, stop: nil, step: nil), count: rank)
        subscripts[place < 0 ? place + rank : place] = .value(try args[indices])
        return try TensorOperators.index(items, subscripts)
      })
    let places = TypedParameter.tensor("indices", "tensor of whole numbers")
    let along = TypedParameter.int("axis", in: -64...64)
    registry.add(
      Builtin(
        "take_along_axis", .of(x, places, along), area: .tensors,
        summary: "For each line along an axis the items at places of its own.",
        details: "What argsort and topk give fits: take_along_axis(x, argsort(x), -1) is sort(x).",
        example:
          "x = tensor([[3, 1], [2, 4]])\ntake_along_axis(x, argsort(x), -1)\n#> tensor([[1, 3],\n#>         [2, 4]])",
        errors: ["a place that does not exist", "shapes that do not fit"], seeAlso: ["take", "argsort"],
        alsoMethodOf: ["tensor"]
      ) { args, _ in
        TensorOperators.value(try args[x].takenAlong(args[places], axis: args[along]))
      })
  }

  private static func registerPutting(_ registry: inout BuiltinRegistry) {
    let x = TypedParameter.tensor("x")
    registry.add(
      Builtin(
        "setitem", .of(x, put), area: .tensors, returns: "tensor",
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
        let x = try args[x]
        let given = try args[put]
        guard given.count >= 2, let last = given.last, let values = try TensorOperators.operand(last) else {
          throw ArgumentError(
            put, "setitem takes places and then the values",
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

  private static let put = TypedParameter.values(
    "places", "what stands between the brackets, and the new values last")

  private static func places(_ condition: Tensor) throws -> Value {
    Value(try condition.detached.nonzero().map { Value($0) })
  }

  /// ":", "1:3", "::2", "...".
  private static func slice(_ text: String) throws -> IndexValue {
    if text == "..." { return .ellipsis }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      .map { $0.filter { !$0.isWhitespace } }
    guard parts.count == 2 || parts.count == 3, parts.allSatisfy({ $0.isEmpty || Int($0) != nil }) else {
      throw ArgumentError(put, "setitem: a slice as text is \":\", \"1:3\" or \"::2\", got \(quoted(text))")
    }
    let numbers = parts.map { Int($0) }
    return .slice(start: numbers[0], stop: numbers[1], step: numbers.count == 3 ? numbers[2] : nil)
  }
}
