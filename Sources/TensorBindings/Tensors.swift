import CoreLibrary
import Diagnostics
import Interpreter
import Tensors

extension TensorBindings {
  static func registerTensors(_ registry: inout BuiltinRegistry) {
    registerTensorCreation(&registry)
    registerTensorDraws(&registry)
    registerTensorFunctions(&registry)
    registerTensorMathematics(&registry)
    registerTensorStatistics(&registry)
    registerTensorRearranging(&registry)
    registerTensorChoosing(&registry)
    registerTensorReductions(&registry)
    registerTensorShapes(&registry)
    registerTensorProperties(&registry)
  }

  private static func registerTensorCreation(_ registry: inout BuiltinRegistry) {
    func add(
      _ name: String, _ parameters: [BuiltinParameter], _ summary: String, _ example: String, details: String = "",
      errors: [String] = [], seeAlso: [String], _ body: @escaping (Arguments, ExecutionContext) throws -> Tensor
    ) {
      registry.add(
        Builtin(
          name, parameters, area: .tensors, returns: "tensor", summary: summary, details: details, example: example,
          errors: errors,
          seeAlso: seeAlso
        ) { args, context in Value(try body(args, context)) })
    }
    let lengths = TypedParameter.values("shape", "lengths, or a list of them")
    let values = TypedParameter.tensor("values", "nested lists of numbers, a range, a number or a tensor")
    add(
      "tensor", .of(values),
      "A tensor of the given numbers.", "tensor([[1, 2], [3, 4]])\n#> tensor([[1, 2],\n#>         [3, 4]])",
      details: "32-bit floats, row-major, immutable. The rows of one axis have equal lengths.",
      errors: ["rows of different lengths"], seeAlso: ["zeros", "arange", "shape"]
    ) { args, _ in try args[values] }
    for (name, value, summary) in [("zeros", Float(0), "A tensor of zeros."), ("ones", 1, "A tensor of ones.")] {
      add(
        name, .of(lengths), summary, "\(name)([2, 3]).shape\n#> [2, 3]",
        errors: ["a shape beyond the memory limit"], seeAlso: ["full", "tensor"]
      ) { args, _ in try Tensor.full(CoreLibrary.shapeOrLengths(args, lengths), value) }
    }
    let shape = TypedParameter.value("shape", "list of lengths, or one length")
    let value = TypedParameter.value("value", "number")
    add(
      "full", .of(shape, value),
      "A tensor of one number everywhere.",
      "full([3], 7)\n#> tensor([7, 7, 7])", seeAlso: ["zeros", "ones"]
    ) { args, _ in
      // A number that a gradient is taken for goes on being one.
      if let traced = try args[value].asTensor, traced.trace != nil, traced.count == 1 {
        return try traced.reshaped([]).broadcast(to: CoreLibrary.shape(args, shape))
      }
      // A bool makes a mask.
      if case .bool = try args[value] { return try args.tensor(value).broadcast(to: CoreLibrary.shape(args, shape)) }
      return try Tensor(number: args.number(value)).broadcast(to: CoreLibrary.shape(args, shape))
    }
    let start = TypedParameter.value("start", "number")
    let stop = TypedParameter.value("stop", "number", or: "none")
    let step = TypedParameter.value("step", "number", default: 1)
    add(
      "arange", .of(start, stop, step),
      "Numbers from start in steps, before stop.", "arange(4)\n#> tensor([0, 1, 2, 3])",
      details: "With one argument from 0 up to it.", errors: ["a step of 0"], seeAlso: ["linspace"]
    ) { args, _ in
      let hasStop = args.isGiven(stop)
      if try [start, stop, step].contains(where: { try args[$0].asTensor?.trace != nil }) {
        // How many there are changes in steps; the numbers themselves go with the start and the step.
        let first = hasStop ? try args.tensor(start) : Tensor(scalar: 0)
        let by = args.isGiven(step) ? try args.tensor(step) : Tensor(scalar: 1)
        guard first.count == 1, by.count == 1 else { throw args.mismatch(start, expected: "a number") }
        let count = try Tensor.arange(first.number ?? 0, args.constant(hasStop ? stop : start), by.number ?? 1).count
        return try first.reshaped([]) + Tensor.arange(0, Double(count)) * by.reshaped([])
      }
      let first = try args.number(start)
      let by = try args.number(step)
      return hasStop ? try Tensor.arange(first, args.number(stop), by) : try Tensor.arange(0, first, by)
    }
    let last = TypedParameter.value("stop", "number")
    let count = TypedParameter.int("count", in: 0...(1 << 40), default: 50)
    add(
      "linspace", .of(start, last, count),
      "Numbers at equal distances, both ends included.", "linspace(0, 1, 5)\n#> tensor([0, 0.25, 0.5, 0.75, 1])",
      seeAlso: ["arange"]
    ) { args, _ in
      let count = try args[count]
      if try [start, last].contains(where: { try args[$0].asTensor?.trace != nil }) {
        let (first, last) = (try args.tensor(start), try args.tensor(last))
        guard first.count == 1, last.count == 1 else { throw args.mismatch(start, expected: "a number") }
        let shares = try Tensor.linspace(0, 1, count)
        return try first.reshaped([]) * (Tensor(scalar: 1) - shares) + last.reshaped([]) * shares
      }
      return try Tensor.linspace(args.number(start), args.number(last), count)
    }
    let rows = TypedParameter.int("rows", in: 0...(1 << 40))
    let columns = TypedParameter.int("columns", in: 0...(1 << 40), or: "rows")
    add(
      "eye", .of(rows, columns), "Ones on the diagonal, else zeros.",
      "eye(2)\n#> tensor([[1, 0],\n#>         [0, 1]])", seeAlso: ["zeros"]
    ) { args, _ in
      let rows = try args[rows]
      return try Tensor.eye(rows, args[columns] ?? rows)
    }
    for (name, summary) in [
      ("rand", "Random numbers, uniform from 0 up to 1."), ("randn", "Random numbers, normal: mean 0, variance 1."),
    ] {
      add(
        name, .of(lengths, seed), summary, "\(name)([2, 3], seed=1).shape\n#> [2, 3]",
        details: "Philox4x32-10 (Salmon et al. 2011): the same seed gives the same bits.", seeAlso: ["seed", "zeros"]
      ) { args, context in
        var random = RandomStream(seed: try args[seed].value(context))
        let lengths = try CoreLibrary.shapeOrLengths(args, lengths)
        return try name == "rand" ? Tensor.rand(lengths, &random) : Tensor.randn(lengths, &random)
      }
    }
  }

  private static let seed = TypedParameter.seed(or: "from the session", namedOnly: true)

  private static func registerTensorDraws(_ registry: inout BuiltinRegistry) {
    let count = TypedParameter<Int>(.required("count", "number")) { args, place in
      if args[place].asItems != nil || args[place].asTensor.map({ $0.rank > 0 }) == true {
        throw args.mismatch(
          place, expected: "a whole number",
          help: "x[permutation(len(x))] brings a tensor into an order that is drawn, [xs[i] for i in "
            + "permutation(len(xs))] a list")
      }
      return try args.int(place, in: 0...Tensor.largestCount)
    }
    registry.add(
      Builtin(
        "permutation", .of(count, seed), area: .tensors, returns: "tensor",
        summary: "The whole numbers from 0 up to count, in an order that is drawn.",
        details: "Between brackets it brings a tensor or a dataset into that order: x[permutation(len(x))].",
        example: "sort(permutation(4, seed=1))\n#> tensor([0, 1, 2, 3])", seeAlso: ["randint", "dataset.shuffle"]
      ) { args, context in
        let count = try args[count]
        try context.checkRoom(for: count, each: 32)
        var random = RandomStream(seed: try args[seed].value(context))
        return Value(try Tensor(places: random.interruptiblePermutation(count), shape: [count]))
      })
    let low = TypedParameter.int("low")
    let high = TypedParameter.int("high")
    let shape = TypedParameter.value("shape", "list of lengths, or one", or: "[]")
    registry.add(
      Builtin(
        "randint", .of(low, high, shape, seed), area: .tensors,
        summary: "Random whole numbers from low up to, not including, high.",
        example: "randint(0, 10, [2, 3], seed=1).shape\n#> [2, 3]", errors: ["high is not above low"],
        seeAlso: ["rand", "permutation"]
      ) { args, context in
        let (least, end) = (try args[low], try args[high])
        guard end > least else { throw args.mismatch(high, expected: "above low") }
        let lengths = args.isGiven(shape) ? try CoreLibrary.shape(args, shape) : []
        var random = RandomStream(seed: try args[seed].value(context))
        return TensorOperators.value(
          try Tensor(shape: lengths, wholeNumbersFrom: least, upTo: end) { least + random.int(below: end - least) })
      })
  }

  private static func registerTensorProperties(_ registry: inout BuiltinRegistry) {
    func add(
      _ name: String, returns: String? = nil, _ summary: String, _ example: String,
      _ body: @escaping (Tensor) throws -> Value
    ) {
      registry.add(
        Builtin(property: name, of: "tensor", area: .tensors, returns: returns, summary: summary, example: example) {
          args, _ in
          try body(TensorOperators.operand(args.receiver) ?? Tensor(scalar: 0))
        })
    }
    add("shape", returns: "list", "The length of each axis.", "zeros([2, 3]).shape\n#> [2, 3]") {
      Value(numbers: $0.shape.map(Double.init))
    }
    add("size", "How many numbers it holds.", "zeros([2, 3]).size\n#> 6") { Value($0.count) }
    add("rank", "How many axes it has.", "zeros([2, 3]).rank\n#> 2") { Value($0.rank) }
    add("ndim", "How many axes it has, by NumPy's name.", "zeros([2, 3]).ndim\n#> 2") { Value($0.rank) }
    add("T", returns: "tensor", "With the axes in reverse order.", "zeros([2, 3]).T.shape\n#> [3, 2]") {
      Value(try $0.transposed())
    }
    let x = TypedParameter.tensor("x")
    registry.add(
      Builtin(
        "shape", .of(x), area: .tensors, returns: "list", summary: "The length of each axis.",
        example: "shape(zeros([2, 3]))\n#> [2, 3]", seeAlso: ["reshape"]
      ) { args, _ in Value(numbers: try args[x].shape.map(Double.init)) })
    registry.add(
      Builtin(
        method: "tolist", of: "tensor", [], area: .tensors, returns: "list", summary: "The numbers as nested lists.",
        example: "tensor([[1, 2]]).tolist()\n#> [[1, 2]]"
      ) { args, context in
        if let tensor = args.receiver.asTensor { try context.checkRoom(for: tensor.count, each: 32) }
        return try nested(try TensorOperators.operand(args.receiver) ?? Tensor(scalar: 0))
      })
    registry.add(
      Builtin(
        method: "flatten", of: "tensor", [], area: .tensors, returns: "tensor",
        summary: "All numbers in row-major order, on one axis.",
        details: "flatten(x) without a dot is the layer, which keeps the first axis.",
        example: "tensor([[1, 2], [3, 4]]).flatten()\n#> tensor([1, 2, 3, 4])", seeAlso: ["reshape", "flatten"]
      ) { args, _ in Value(try (TensorOperators.operand(args.receiver) ?? Tensor(scalar: 0)).flattened()) })
    for type in ["tensor", "number"] {
      registry.add(
        Builtin(
          method: "item", of: type, [], area: .tensors, summary: "The number of a tensor that holds one.",
          details: "A gradient that is being taken goes through it.",
          example: type == "tensor" ? "tensor([5]).item()\n#> 5" : "mean([4, 6]).item()\n#> 5"
        ) { args, _ in
          guard let tensor = try TensorOperators.operand(args.receiver), tensor.count == 1 else {
            throw ArgumentError(-1, "item: expected a tensor that holds one number, got \(args.receiver.inWords)")
          }
          return tensor.trace == nil && args.receiver.asNumber != nil
            ? args.receiver : TensorOperators.value(try tensor.reshaped([]))
        })
    }
  }

  private static func nested(_ tensor: Tensor) throws -> Value {
    if tensor.trace != nil {
      // Numbers that a gradient goes through, one by one.
      guard let rows = tensor.shape.first else { return Value(tensor) }
      return Value(try (0..<rows).map { try nested(try tensor.subscripted([.at($0)])) })
    }
    let values = tensor.exactValues
    let isWide = tensor.wide != nil
    func list(_ axis: Int, _ offset: Int, _ size: Int) throws -> Value {
      guard axis < tensor.rank else {
        return .number(isWide ? values[offset] : TensorOperators.number(Float(values[offset])))
      }
      let step = tensor.shape[axis] == 0 ? 0 : size / tensor.shape[axis]
      return Value(
        try (0..<tensor.shape[axis]).map { place in
          if place & 0xFFFF == 0 { try LongWork.check() }
          return try list(axis + 1, offset + place * step, step)
        })
    }
    return try list(0, 0, values.count)
  }
}
